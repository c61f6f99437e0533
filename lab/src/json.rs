//! Just enough JSON to print the runner lines, and to read them in tests; the press reads
//! them by serde.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

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

/// A value that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// Exact for whole numbers up to 2^53 only: 104 days in nanoseconds.
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// Reads a text that is one value and nothing more.
    pub(crate) fn read(text: &str) -> Option<Value> {
        let mut chars = text.chars().peekable();
        let read = value(&mut chars)?;
        blanks(&mut chars);
        chars.next().is_none().then_some(read)
    }

    /// A field of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Value]> {
        if let Value::List(list) = self { Some(list) } else { None }
    }
}

type Text<'a> = Peekable<Chars<'a>>;

fn blanks(chars: &mut Text<'_>) {
    while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
}

fn value(chars: &mut Text<'_>) -> Option<Value> {
    blanks(chars);
    match *chars.peek()? {
        '"' => text(chars).map(Value::Text),
        '[' => items(chars, ']', value).map(Value::List),
        '{' => {
            let field = |chars: &mut Text<'_>| {
                blanks(chars);
                let name = text(chars)?;
                blanks(chars);
                chars.next_if_eq(&':')?;
                Some((name, value(chars)?))
            };
            let fields = items(chars, '}', field)?;
            Some(Value::Object(fields.into_iter().collect()))
        }
        _ => {
            let mut word = String::new();
            while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !",]}".contains(*c)) {
                word.push(c);
            }
            match word.as_str() {
                "null" => Some(Value::Null),
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                // Rust reads `NaN` and `inf` too, which JSON does not have.
                number if !number.contains(['n', 'N']) => {
                    number.parse().ok().map(Value::Number)
                }
                _ => None,
            }
        }
    }
}

/// What stands between commas, up to `end`.
fn items<T>(
    chars: &mut Text<'_>,
    end: char,
    item: impl Fn(&mut Text<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    chars.next();
    let mut items = Vec::new();
    blanks(chars);
    if chars.next_if_eq(&end).is_some() {
        return Some(items);
    }
    loop {
        items.push(item(chars)?);
        blanks(chars);
        match chars.next()? {
            ',' => {}
            c if c == end => return Some(items),
            _ => return None,
        }
    }
}

fn text(chars: &mut Text<'_>) -> Option<String> {
    chars.next_if_eq(&'"')?;
    let mut out = String::new();
    loop {
        out.push(match chars.next()? {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                c @ ('"' | '\\' | '/') => c,
                _ => return None,
            },
            c => c,
        });
    }
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

    #[test]
    fn what_is_printed_can_be_read_and_what_is_no_json_cannot() {
        let printed = Object::new().text("a\"b", "line\nbreak \\ \u{1} é").end();
        let read = Value::read(&printed).unwrap();
        assert_eq!(read.get("a\"b").and_then(Value::text), Some("line\nbreak \\ \u{1} é"));
        let read = Value::read(r#" {"x": [1, -2.5e3, null, true, {}], "y" : [] } "#).unwrap();
        let x = read.get("x").and_then(Value::list).unwrap();
        assert_eq!((x[0].number(), x[1].number()), (Some(1.0), Some(-2500.0)));
        assert_eq!(x[2..4], [Value::Null, Value::Bool(true)]);
        for bad in ["", "{", "[1,]", "{\"a\" 1}", "nul", "NaN", "inf", "1 2", "\"a", "{a:1}"] {
            assert_eq!(Value::read(bad), None, "{bad}");
        }
    }
}
