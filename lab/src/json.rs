//! Just enough JSON to print the runner lines; reading them is the press's business.

use std::fmt::Write;

/// A JSON object under construction.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Object {
        Object(String::from("{"))
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: impl std::fmt::Display) -> Object {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        let _ = write!(self.0, "{}:{json}", quoted(name));
        self
    }

    pub(crate) fn text(self, name: &str, value: &str) -> Object {
        self.raw(name, quoted(value))
    }

    /// Leaves the name out when there is no value: absent, never zero.
    pub(crate) fn some(self, name: &str, value: Option<u64>) -> Object {
        match value {
            Some(value) => self.raw(name, value),
            None => self,
        }
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(","))
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_absent_values_are_left_out() {
        let line = Object::new()
            .text("a\"b", "line\nbreak \\ \u{1}")
            .some("none", None)
            .some("one", Some(1))
            .end();
        assert_eq!(line, r#"{"a\"b":"line\nbreak \\ \u0001","one":1}"#);
    }
}
