//! What may be done to a text: of any kind, and to JSON, whose tree is edited.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// Text that means something to somebody: HTML, Markdown, mdBook, a terminal, a spreadsheet.
const HOSTILE: [&str; 44] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "</details></table></div>",
    "<b>",
    "</p><iframe src=\"https://elsewhere.example/\">",
    "<!--",
    "-->",
    "<![CDATA[",
    "<style>*{display:none}</style>",
    "[a](javascript:alert(1))",
    "<javascript:alert(1)>",
    "https://elsewhere.example/",
    "![a](https://elsewhere.example/a.png)",
    "[a]: https://elsewhere.example/",
    "{{#include ../secret.txt}}",
    "{{#include secret.txt}}",
    "\\{{#include ../secret.txt}}",
    "{{#measured demo: 10/threads.wall}}",
    "{{#title another}}",
    "{{",
    "}}",
    "}",
    "|",
    "\n\n",
    "\n\n# another heading\n\n",
    "\n```\n",
    "```",
    "`",
    "~~~\n",
    "\n    ",
    "\n> - ",
    "__init__",
    "**",
    "\u{1b}]0;title\u{7}\u{1b}[2J",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    "\r\n",
    "&amp;&#60;&lt;",
    "..",
    "/",
    "=1+1",
];

/// Numbers at which counting or drawing may end.
const NUMBERS: [&str; 24] = [
    "0",
    "1",
    "2",
    "-1",
    "-0.0",
    "3",
    "100",
    "255",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e-7",
    "0.1",
    "1.5",
    "5e-324",
    "2.2250738585072014e-308",
    "1e18",
    "1e300",
    "1.7976931348623157e308",
    "-1e300",
];

/// One thing that is done. What each number means depends on what it is done to.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    what: What,
    at: Index,
    to: Index,
    length: usize,
}

#[derive(Clone, Debug)]
enum What {
    Delete,
    Repeat(usize),
    Move,
    Hostile(&'static str),
    Number(&'static str),
    Word,
    Character(char),
    Other(Index),
}

impl Edit {
    /// A number that chance gave it.
    pub(crate) fn number(&self) -> usize {
        self.at.index(1 << 16)
    }
}

pub(crate) fn any_edit() -> impl Strategy<Value = Edit> {
    let what = prop_oneof![
        2 => Just(What::Delete),
        1 => (1_usize..4).prop_map(What::Repeat),
        1 => (4_usize..3000).prop_map(What::Repeat),
        2 => Just(What::Move),
        4 => select(&HOSTILE[..]).prop_map(What::Hostile),
        4 => select(&NUMBERS[..]).prop_map(What::Number),
        3 => Just(What::Word),
        1 => any::<char>().prop_map(What::Character),
        2 => any::<Index>().prop_map(What::Other),
    ];
    (what, any::<Index>(), any::<Index>(), prop_oneof![3 => 1_usize..12, 1 => 12_usize..400])
        .prop_map(|(what, at, to, length)| Edit { what, at, to, length })
}

/// Longer texts take longer, and say no more.
const LONGEST: usize = 200_000;

/// A text after `edits`. `words` are its target's own.
pub(crate) fn text(text: &str, edits: &[Edit], others: &[String], words: &[&str]) -> String {
    let mut text = text.to_owned();
    for edit in edits {
        let (from, end) = part(&text, edit.at, edit.length);
        let piece = text[from..end].to_owned();
        match &edit.what {
            What::Delete => text.replace_range(from..end, ""),
            What::Repeat(times) if piece.len() * times < LONGEST => {
                text.insert_str(end, &piece.repeat(*times));
            }
            What::Repeat(_) => {}
            What::Move => {
                text.replace_range(from..end, "");
                let (to, _) = part(&text, edit.to, 0);
                text.insert_str(to, &piece);
            }
            What::Hostile(hostile) => text.insert_str(from, hostile),
            What::Number(number) => {
                let (from, end) = nearest_number(&text, from);
                text.replace_range(from..end, number);
            }
            What::Word => text.replace_range(from..end, edit.to.get::<&str>(words)),
            What::Character(c) => text.insert(from, *c),
            What::Other(other) => {
                let other = other.get(others);
                let (from_there, to_there) = part(other, edit.to, edit.length * 4);
                text.insert_str(from, &other[from_there..to_there]);
            }
        }
    }
    text
}

/// A piece of a text, from one character to another.
fn part(text: &str, at: Index, length: usize) -> (usize, usize) {
    let boundary = |mut i: usize| {
        while !text.is_char_boundary(i) {
            i -= 1;
        }
        i
    };
    let from = boundary(at.index(text.len() + 1));
    (from, boundary((from + length).min(text.len())))
}

/// The digits after `from`, or before; the place itself where there are none.
fn nearest_number(text: &str, from: usize) -> (usize, usize) {
    let is_digit = |c: char| c.is_ascii_digit();
    let Some(start) =
        text[from..].find(is_digit).map(|i| from + i).or_else(|| text.find(is_digit))
    else {
        return (from, from);
    };
    let length = text[start..].find(|c| !is_digit(c)).unwrap_or(text.len() - start);
    (start, start + length)
}

/// A JSON text whose tree was edited. What is no JSON is edited as a text.
pub(crate) fn json(from: &str, edits: &[Edit], others: &[String], words: &[&str]) -> String {
    let Ok(mut tree) = serde_json::from_str::<Value>(from) else {
        return text(from, edits, others, words);
    };
    for edit in edits {
        let mut all = BTreeSet::new();
        paths(&tree, &mut Vec::new(), &mut all);
        let path = all.iter().nth(edit.at.index(all.len())).unwrap();
        // Some faults need two, or all, of a kind.
        let which = (edit.length % 2 == 0).then_some(edit.to);
        at(&mut tree, path, which, &mut |node| change(node, edit, others, words));
    }
    serde_json::to_string_pretty(&tree).unwrap()
}

/// The names on the way to a node; none for an element of a list, so that what is there once is
/// drawn as often as what is there in thousands.
type Path = Vec<Option<String>>;

fn paths(node: &Value, here: &mut Path, found: &mut BTreeSet<Path>) {
    found.insert(here.clone());
    let children: Vec<(Option<String>, &Value)> = match node {
        Value::Array(list) => list.iter().map(|one| (None, one)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (Some(name.clone()), field)).collect()
        }
        _ => Vec::new(),
    };
    for (name, child) in children {
        here.push(name);
        paths(child, here, found);
        here.pop();
    }
}

/// Changes the nodes at the end of a path: of each list on it one element, or all.
fn at(
    node: &mut Value,
    path: &[Option<String>],
    which: Option<Index>,
    change: &mut impl FnMut(&mut Value),
) {
    let Some((step, rest)) = path.split_first() else { return change(node) };
    match (step, node) {
        (Some(name), Value::Object(fields)) => {
            if let Some(field) = fields.get_mut(name) {
                at(field, rest, which, change);
            }
        }
        (None, Value::Array(list)) => match which {
            Some(which) if !list.is_empty() => {
                let one = which.index(list.len());
                at(&mut list[one], rest, Some(which), change);
            }
            _ => list.iter_mut().for_each(|one| at(one, rest, which, change)),
        },
        _ => {}
    }
}

fn change(node: &mut Value, edit: &Edit, others: &[String], words: &[&str]) {
    match (&edit.what, node) {
        (What::Delete, Value::Array(list)) if !list.is_empty() => {
            list.remove(edit.to.index(list.len()));
        }
        (What::Delete, Value::Object(fields)) if !fields.is_empty() => {
            let key = name(fields, edit.to);
            fields.remove(&key);
        }
        (What::Repeat(times), Value::Array(list)) if !list.is_empty() => {
            let one = edit.to.get(list).clone();
            // Samples are as many as rounds, so mostly all are made like one.
            match times % 2 {
                0 => list.fill(one),
                _ => list.push(one),
            }
        }
        (What::Move, Value::Array(list)) if !list.is_empty() => {
            let (from, to) = (edit.to.index(list.len()), edit.length % list.len());
            list.swap(from, to);
        }
        (What::Move, Value::Object(fields)) if fields.len() > 1 => {
            let (one, two) = (name(fields, edit.to), name(fields, edit.at));
            let (first, second) = (fields[&one].clone(), fields[&two].clone());
            fields.insert(one, second);
            fields.insert(two, first);
        }
        (What::Number(number), Value::Array(list)) if list.iter().all(Value::is_number) => {
            list.fill(serde_json::from_str(number).unwrap_or(Value::Null));
        }
        (What::Number(number), node @ Value::Number(_)) => {
            *node = serde_json::from_str(number).unwrap_or(Value::Null);
        }
        // Names of fields are text, too: answers, metrics, states.
        (What::Hostile(_) | What::Word | What::Character(_), Value::Object(fields))
            if !fields.is_empty() =>
        {
            let key = name(fields, edit.to);
            let value = fields.remove(&key).unwrap();
            fields.insert(text(&key, std::slice::from_ref(edit), &[], words), value);
        }
        (What::Other(_), Value::String(_)) if others.is_empty() => {}
        (_, Value::String(old)) => {
            *old = text(old, std::slice::from_ref(edit), others, words);
        }
        (What::Word, node) => *node = Value::String((*edit.to.get::<&str>(words)).into()),
        (What::Delete, node) => *node = Value::Null,
        _ => {}
    }
}

fn name(fields: &Map<String, Value>, which: Index) -> String {
    fields.keys().nth(which.index(fields.len())).unwrap().clone()
}
