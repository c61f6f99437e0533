//! Text of strangers, where characters may act: a terminal obeys an escape, and a mark of
//! direction turns around what stands beside it.

use std::borrow::Cow;

/// Whether a character acts instead of being seen: controls, ends of lines and paragraphs, and
/// what turns the direction of the text that follows.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}')
}

/// A stranger's text for a terminal: in one line, and what would act is written out, as
/// `\u{1b}`.
pub fn plain(text: &str) -> Cow<'_, str> {
    written_out(text, acts)
}

/// Lines for a terminal that have strangers' text in them. Line ends stay, and nothing else
/// acts.
pub fn lines(text: &str) -> Cow<'_, str> {
    written_out(text, |c| acts(c) && c != '\n')
}

fn written_out(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        match acts(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_strangers_text_acts_on_a_terminal() {
        let evil = "a\u{1b}[2Jb\u{9b}1m\r\nc\td\u{7}\u{202e}e";
        assert_eq!(plain(evil), "a\\u{1b}[2Jb\\u{9b}1m\\r\\nc\\td\\u{7}\\u{202e}e");
        assert_eq!(lines("a\u{1b}\nb"), "a\\u{1b}\nb");
        // What is only seen stays, borrowed.
        for seen in ["", "1.97\u{202f}× · µs – Ü", "日本 🦀"] {
            assert!(matches!(plain(seen), Cow::Borrowed(same) if same == seen));
        }
    }
}
