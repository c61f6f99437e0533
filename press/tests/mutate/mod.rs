//! Changes records as a stranger could: any field, by what numbers and texts are known to go
//! wrong with, and a few fields together, so that what comes out is often possible.

use lab::random::Random;
use serde_json::{Map, Value, json};

/// Texts that would be markup, a directive, a path, an escape, or too much.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "a\n\nb",
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    "{{#include ../../../etc/passwd}}",
    "{{#title x}}",
    "[a](javascript:alert(1))",
    "![a](https://example.org/x.png)",
    "`a` *b* __c__ ~~d~~ | e \\* f &lt;",
    "# a",
    "\u{1b}[2J\u{1b}]0;x\u{7}",
    "\0",
    "\u{202e}txt.exe",
    "\u{2028}",
    "日本 🦀 é",
    "../../x",
    "a/b",
    "*",
    "nan",
    "1e308",
    "-0.0",
];

/// Numbers at the ends of what some type holds.
fn number(random: &mut Random) -> Value {
    let numbers = [
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(0.5),
        json!(-0.0),
        json!(5e-324),
        json!(1e-300),
        json!(1e-30),
        json!(1e30),
        json!(1e300),
        json!(-1e300),
        json!(i64::MIN),
        json!(u32::MAX),
        json!(u64::from(u32::MAX) + 1),
        json!((1_u64 << 53) - 1),
        json!(1_u64 << 53),
        json!(u64::MAX),
    ];
    numbers[random.below(numbers.len())].clone()
}

fn text(random: &mut Random) -> String {
    match random.below(TEXTS.len() + 2) {
        0 => "x".repeat(1 << random.below(16)),
        1 => format!("a{}", random.below(1_000)),
        i => TEXTS[i - 2].to_owned(),
    }
}

fn anything(random: &mut Random) -> Value {
    match random.below(6) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => number(random),
        3 => json!(text(random)),
        4 => json!([number(random)]),
        _ => json!({ text(random): number(random) }),
    }
}

/// Changes a record in one to three places; says where and how.
pub(crate) fn mutate(record: &mut Value, random: &mut Random) -> String {
    let count = 1 + random.below(3);
    let said: Vec<String> = (0..count)
        .map(|_| match random.below(2) {
            0 => together(record, random),
            _ => somewhere(record, random),
        })
        .collect();
    said.join("; ")
}

/// One place, each field as likely as another however many samples there are.
fn somewhere(record: &mut Value, random: &mut Random) -> String {
    let mut at = String::new();
    let mut here = &*record;
    loop {
        let keys: Vec<String> = match here {
            Value::Object(all) => all.keys().cloned().collect(),
            Value::Array(all) => (0..all.len()).map(|i| i.to_string()).collect(),
            _ => break,
        };
        // Now and then it is the list or the object itself.
        if keys.is_empty() || (!at.is_empty() && random.below(6) == 0) {
            break;
        }
        let key = &keys[random.below(keys.len())];
        at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        here = record.pointer(&at).expect("it is one of the keys");
    }
    let here = record.pointer_mut(&at).expect("it was found");
    change(here, random);
    let became: String = here.to_string().chars().take(80).collect();
    format!("{at} = {became}")
}

fn change(value: &mut Value, random: &mut Random) {
    if random.below(12) == 0 {
        *value = anything(random);
        return;
    }
    match value {
        Value::Null => *value = anything(random),
        Value::Bool(is) => *is = !*is,
        Value::Number(n) => {
            *value = match (n.as_u64(), random.below(3)) {
                (Some(n), 0) => json!(n.saturating_add(1)),
                (Some(n), 1) => json!(n / 2),
                _ => number(random),
            }
        }
        Value::String(said) => *said = text(random),
        Value::Array(all) => change_list(all, random),
        Value::Object(all) => change_object(all, random),
    }
}

fn change_list(all: &mut Vec<Value>, random: &mut Random) {
    let at = (!all.is_empty()).then(|| random.below(all.len().max(1)));
    match (random.below(6), at) {
        (0, _) => all.clear(),
        (1, Some(at)) => drop(all.remove(at)),
        (2, Some(at)) => all.push(all[at].clone()),
        (3, Some(at)) => {
            let with = random.below(all.len());
            all.swap(at, with);
        }
        (4, Some(at)) => all.resize(1_001 + random.below(10), all[at].clone()),
        _ => all.push(anything(random)),
    }
}

fn change_object(all: &mut Map<String, Value>, random: &mut Random) {
    let keys: Vec<String> = all.keys().cloned().collect();
    let key = (!keys.is_empty()).then(|| keys[random.below(keys.len())].clone());
    match (random.below(4), key) {
        (0, Some(key)) => drop(all.remove(&key)),
        (1, Some(key)) => {
            let value = all.remove(&key).expect("it is there");
            all.insert(text(random), value);
        }
        (2, Some(key)) => {
            let value = all[&key].clone();
            all.insert(text(random), value);
        }
        _ => drop(all.insert(text(random), anything(random))),
    }
}

/// Several places at once, as a whole record could have them.
fn together(record: &mut Value, random: &mut Random) -> String {
    let (said, amount) = (text(random), number(random));
    let many = |record: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)| {
        for list in ["variants", "controls"] {
            let all = record.get_mut(list).and_then(Value::as_array_mut);
            all.into_iter().flatten().filter_map(Value::as_object_mut).for_each(&mut *change);
        }
    };
    let which = random.below(14);
    match which {
        0 => many(record, &mut |variant| drop(variant.insert("label".into(), json!(said)))),
        1 => many(record, &mut |variant| {
            if let Some(answers) = variant.get_mut("answers").and_then(Value::as_object_mut) {
                let counts: u64 = answers.values().filter_map(Value::as_u64).sum();
                *answers = Map::from_iter([(said.clone(), json!(counts))]);
            }
        }),
        2 => {
            many(record, &mut |variant| drop(variant.insert("case_label".into(), json!(said))))
        }
        3 | 4 => {
            let names = ["wall_ns", "cpu_ns", "voluntary", "involuntary", "peak_bytes"];
            let name = names[random.below(names.len())];
            many(record, &mut |variant| {
                let all = variant.get_mut("samples").into_iter().flat_map(each);
                for samples in all.filter_map(Value::as_object_mut) {
                    match which {
                        3 => samples.get_mut(name).into_iter().flat_map(each).for_each(|one| {
                            *one = amount.clone();
                        }),
                        _ => {
                            let metrics = samples.get_mut("metrics");
                            let lists = metrics.and_then(Value::as_object_mut);
                            let lists = lists.into_iter().flat_map(|all| all.values_mut());
                            lists.flat_map(each).for_each(|one| *one = amount.clone());
                        }
                    }
                }
            });
        }
        5 => many(record, &mut |variant| {
            let lanes = variant.get_mut("timeline").into_iter().flat_map(each);
            for lane in lanes.filter_map(Value::as_object_mut) {
                lane.insert("lane".into(), json!(said));
                let last = lane.get_mut("spans").into_iter().flat_map(each).last();
                if let Some(end) = last.and_then(|span| span.get_mut(1)) {
                    *end = amount.clone();
                }
            }
        }),
        6 => {
            for sitting in record.get_mut("sittings").into_iter().flat_map(each) {
                set(sitting, "/warnings", &json!([{ "kind": "noisy", "text": said }]));
                set(sitting, "/modified", &json!(true));
            }
        }
        // Somebody who says something else.
        7 => {
            let variants = record.get_mut("variants").and_then(Value::as_array_mut);
            let len = variants.as_ref().map_or(0, |all| all.len());
            let one = variants.filter(|_| len > 0).map(|all| &mut all[random.below(len)]);
            let answers = one.and_then(|one| one.get_mut("answers")?.as_object_mut());
            if let Some(answers) = answers {
                let counts: u64 = answers.values().filter_map(Value::as_u64).sum();
                *answers = Map::from_iter([(said.clone(), json!(counts))]);
            }
        }
        8 => {
            for sitting in record.get_mut("sittings").into_iter().flat_map(each) {
                set(sitting, "/rounds/kept", &amount);
            }
            many(record, &mut |variant| {
                let answers = variant.get_mut("answers").and_then(Value::as_object_mut);
                for count in answers.into_iter().flat_map(|all| all.values_mut()) {
                    *count = amount.clone();
                }
            });
        }
        // One sitting more, which is the last once again.
        9 => {
            let sittings = record.get_mut("sittings").and_then(Value::as_array_mut);
            let Some((all, mut last)) =
                sittings.and_then(|all| all.last().cloned().map(|last| (all, last)))
            else {
                return "no sitting".into();
            };
            let kept = last["rounds"]["kept"].as_u64().unwrap_or(0);
            if random.below(2) == 0 {
                set(&mut last, "/seed", &json!(random.below(1_000_000)));
            }
            all.push(last);
            many(record, &mut |variant| {
                if let Some(all) = variant.get_mut("samples").and_then(Value::as_array_mut) {
                    all.extend(all.last().cloned());
                }
                let answers = variant.get_mut("answers").and_then(Value::as_object_mut);
                for count in answers.into_iter().flat_map(|all| all.values_mut()).take(1) {
                    *count = json!(count.as_u64().unwrap_or(0).saturating_add(kept));
                }
            });
        }
        10 => {
            for sitting in record.get_mut("sittings").into_iter().flat_map(each) {
                let known = sitting.get_mut("known").and_then(Value::as_object_mut);
                let known = known.into_iter().flat_map(|all| all.values_mut());
                known.take(2).for_each(|one| *one = amount.clone());
            }
        }
        11 => {
            let mut cases = Map::new();
            many(record, &mut |variant| {
                if let Some(case) = variant.get_mut("case") {
                    let next = ["1e308", "nan", "-0", "0", "inf", "1e-320", "5"];
                    let next = json!(next[cases.len() % next.len()]);
                    *case = cases.entry(case.to_string()).or_insert(next).clone();
                }
            });
        }
        12 => many(record, &mut |variant| {
            for samples in variant.get_mut("samples").into_iter().flat_map(each) {
                let metrics = samples.get_mut("metrics").and_then(Value::as_object_mut);
                if let Some(metrics) = metrics {
                    *metrics = std::mem::take(metrics)
                        .into_iter()
                        .map(|(name, list)| (format!("{}_bytes", name.len()), list))
                        .collect();
                }
            }
        }),
        _ => {
            if let Some(machine) = record.get_mut("machine").and_then(Value::as_object_mut) {
                for name in ["cpu", "kernel", "vendor"] {
                    machine.insert(name.into(), json!(said));
                }
            }
        }
    }
    format!("several ({which}) = {} or {amount}", said.chars().take(40).collect::<String>())
}

fn each(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}

/// What an earlier change took away is not there to be set.
fn set(value: &mut Value, at: &str, to: &Value) {
    if let Some(there) = value.pointer_mut(at) {
        *there = to.clone();
    }
}
