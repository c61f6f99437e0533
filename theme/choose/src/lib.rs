//! The cost model as the form on the page *Choosing* asks it: numbers in, text out. For the
//! browser it is compiled to `book/choose.wasm` (`npm run engine` in `tests/browser`), and
//! `theme/src/engine.ts` is its other side. What it says is [`cost`]'s, as in a terminal.

#[cfg(target_arch = "wasm32")]
mod arena;

use std::cell::RefCell;

use cost::{Costs, Dimension, Job, Language, quoted};

/// A digest of the sources of all this, by which a `choose.wasm` that is older is found out.
pub const SOURCES: &str = env!("CHOOSE_SOURCES");

/// What the other side needs to know: of what this was made, and in which order it takes a
/// machine's constants, by name.
pub fn about() -> String {
    let mut text = format!("{{\"sources\":\"{SOURCES}\",\"fields\":[");
    list(&mut text, Dimension::ALL.iter().map(|field| field.id()));
    text.push_str("],\"costs\":[");
    list(&mut text, Costs::NAMES.iter().map(|(name, ..)| *name));
    text.push_str("]}");
    text
}

fn list<'n>(text: &mut String, names: impl Iterator<Item = &'n str>) {
    for (i, name) in names.enumerate() {
        text.push_str(if i > 0 { "," } else { "" });
        text.push_str(&quoted(name));
    }
}

/// What the model says of a job. `numbers` are the job's, in the order of `about`, then its
/// memory, 0 or 1 for Rust or Python, and a machine's constants; what it lacks is no number.
pub fn answered(numbers: &[f64]) -> String {
    let number = |at: usize| numbers.get(at).copied().unwrap_or(f64::NAN);
    let fields = Dimension::ALL.len();
    let nothing = Job {
        items: f64::NAN,
        cpu_ns: f64::NAN,
        wait_ns: f64::NAN,
        at_once: f64::NAN,
        bytes_in: f64::NAN,
        bytes_out: f64::NAN,
        cores: f64::NAN,
        memory_bytes: number(fields),
        language: if number(fields + 1) == 0.0 { Language::Rust } else { Language::Python },
    };
    let each = Dimension::ALL.into_iter().enumerate();
    let job = each.fold(nothing, |job, (i, field)| field.with(&job, number(i)));
    if let Some((field, says)) = wrong(&job) {
        return refused(field, &says);
    }
    let costs = Costs::from(|name| {
        let at = Costs::NAMES.iter().position(|(known, ..)| *known == name)?;
        Some(number(fields + 2 + at)).filter(|value| !value.is_nan())
    });
    let costs = match costs {
        Ok(costs) => costs,
        Err(missing) => {
            let mut says = String::from("this machine has no record of ");
            list(&mut says, missing.into_iter());
            return refused("machine", &says);
        }
    };
    match cost::answer(&job, &costs) {
        Ok(answer) => answer.to_json(),
        // All else was looked at above.
        Err(_) => {
            let most = cost::bytes(MOST_MEMORY_BYTES);
            refused("memory_bytes", &format!("from 0 B to {most}"))
        }
    }
}

/// As [`Job::check`] has it.
const MOST_MEMORY_BYTES: f64 = 1e15;

/// The first number that cannot be, and what it can be, in the units that a field shows.
fn wrong(job: &Job) -> Option<(&'static str, String)> {
    let is_in = |value: f64, (least, most): (f64, f64)| (least..=most).contains(&value);
    let field =
        Dimension::ALL.into_iter().find(|field| !is_in(field.of(job), field.bounds()))?;
    let (least, most) = field.bounds();
    Some((field.id(), format!("from {} to {}", field.say(least), field.say(most))))
}

fn refused(field: &str, says: &str) -> String {
    format!("{{\"refused\":{},\"field\":{}}}", quoted(says), quoted(field))
}

thread_local! {
    static NUMBERS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Room for so many numbers, where the caller writes them.
// SAFETY: No other symbol of the program that this is linked into has this name.
#[unsafe(no_mangle)]
pub extern "C" fn room(count: usize) -> *mut f64 {
    // Both are gone before there is anything new, so that memory begins anew.
    TEXT.take();
    NUMBERS.take();
    NUMBERS.with_borrow_mut(|numbers| {
        numbers.resize(count, f64::NAN);
        numbers.as_mut_ptr()
    })
}

/// Answers to what was written there. Returns the length of the text.
// SAFETY: As above.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    say(NUMBERS.with_borrow(|numbers| answered(numbers)))
}

/// Tells what [`about`] does. Returns the length of the text.
// SAFETY: As above.
#[unsafe(no_mangle)]
pub extern "C" fn tell_about() -> usize {
    say(about())
}

/// Where the text lies that was said last, until the next is.
// SAFETY: As above.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    TEXT.with_borrow(|text| text.as_ptr())
}

fn say(text: String) -> usize {
    let length = text.len();
    TEXT.set(text);
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// A job that can be, and constants of one each.
    fn numbers() -> Vec<f64> {
        let job = [100.0, 1e6, 1e7, 10.0, 100.0, 100.0, 2.0];
        let costs = Costs::NAMES.iter().map(|_| 1.0);
        job.into_iter().chain([0.0, 1.0]).chain(costs).collect()
    }

    fn said(numbers: &[f64]) -> Value {
        serde_json::from_str(&answered(numbers)).unwrap()
    }

    #[test]
    fn a_job_is_answered_as_the_model_answers_it() {
        let said = said(&numbers());
        let job = Job {
            items: 100.0,
            cpu_ns: 1e6,
            wait_ns: 1e7,
            at_once: 10.0,
            bytes_in: 100.0,
            bytes_out: 100.0,
            cores: 2.0,
            memory_bytes: 0.0,
            language: Language::Python,
        };
        let costs = Costs::from(|_| Some(1.0)).unwrap();
        let expected = cost::answer(&job, &costs).unwrap().to_json();
        assert_eq!(said, serde_json::from_str::<Value>(&expected).unwrap());
        assert!(!said["models"].as_array().unwrap().is_empty());
    }

    #[test]
    fn a_number_that_cannot_be_is_refused_by_its_field() {
        for (i, field) in Dimension::ALL.iter().enumerate() {
            for bad in [-1.0, f64::NAN, f64::INFINITY] {
                let mut numbers = numbers();
                numbers[i] = bad;
                let said = said(&numbers);
                assert_eq!(said["field"], field.id(), "{bad}: {said}");
                assert!(said["refused"].as_str().unwrap().starts_with("from "), "{said}");
            }
        }
        let with_memory = |bytes: f64| {
            let mut numbers = numbers();
            numbers[Dimension::ALL.len()] = bytes;
            said(&numbers)["field"].clone()
        };
        assert_eq!(with_memory(MOST_MEMORY_BYTES), Value::Null);
        assert_eq!(with_memory(MOST_MEMORY_BYTES * 1.01), "memory_bytes");
    }

    #[test]
    fn a_machine_that_lacks_a_constant_is_refused_by_its_name() {
        let mut numbers = numbers();
        let of_job = numbers.len() - Costs::NAMES.len();
        let needed = Costs::NAMES.iter().position(|(name, ..)| !Costs::may_lack(name)).unwrap();
        numbers[of_job + needed] = f64::NAN;
        let said = said(&numbers);
        assert_eq!(said["field"], "machine");
        assert!(said["refused"].as_str().unwrap().contains(Costs::NAMES[needed].0), "{said}");
        // One that is too short lacks them all.
        assert_eq!(self::said(&numbers[..of_job])["field"], "machine");
        assert_eq!(self::said(&[])["field"], "items");
    }

    #[test]
    fn what_is_written_into_the_room_is_answered() {
        let numbers = numbers();
        let at = room(numbers.len());
        // SAFETY: So much room was just made there, for this thread alone.
        unsafe { std::slice::from_raw_parts_mut(at, numbers.len()) }.copy_from_slice(&numbers);
        let length = answer();
        // SAFETY: The text has this length, and lies there until something else is said.
        let bytes = unsafe { std::slice::from_raw_parts(text(), length) };
        assert_eq!(std::str::from_utf8(bytes).unwrap(), answered(&numbers));
        assert_eq!(tell_about(), about().len());
        let about: Value = serde_json::from_str(&about()).unwrap();
        assert_eq!(about["costs"].as_array().unwrap().len(), Costs::NAMES.len());
    }
}
