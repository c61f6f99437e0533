//! What was measured: the constants that an estimate is made of.

use crate::Model;

/// Steps of an item where `choose_costs` has it compute a little.
pub const BUSY_STEPS: u32 = 1_500;

/// What a model costs beside the work. A constant that a model does not have is
/// zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Beside {
    /// A worker started until it is there, and ended.
    pub start_ns: f64,
    /// One more item that may be under way: its thread, or its task.
    pub flow_ns: f64,
    /// An item of [`BUSY_STEPS`] steps, while the cores are busy.
    pub busy_ns: f64,
    /// The same item, while no other is under way.
    pub alone_ns: f64,
    /// An item of as many steps that waits between them, while the cores are
    /// busy.
    pub full_ns: f64,
    /// How late a wait ends, while the cores are idle.
    pub late_ns: f64,
    /// Waits end at whole multiples of this.
    pub grain_ns: f64,
    /// A byte that goes into an item, or comes out of it.
    pub byte_ns: f64,
}

/// What a machine was measured to take: the work, and what is beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// A step of the work in Rust, which does it twenty times.
    pub step_ns: f64,
    /// The same, while all cores compute.
    pub crowd_step_ns: f64,
    /// A step of the work in Python.
    pub py_step_ns: f64,
    /// A step in a Python without the global lock.
    pub py_free_step_ns: Option<f64>,
    /// The same, while all cores compute.
    pub py_free_crowd_step_ns: Option<f64>,
    /// The memory of a thread that waits.
    pub thread_bytes: f64,
    /// The memory of a task that waits.
    pub task_bytes: f64,
    /// The memory of a process that waits.
    pub process_bytes: f64,
    /// The memory of a thread of Python's.
    pub py_thread_bytes: f64,
    /// The memory of a task of asyncio's.
    pub py_task_bytes: f64,
    /// The memory of a forked process of Python's.
    pub py_process_bytes: f64,
    /// The memory of a sub-interpreter.
    pub py_interpreter_bytes: Option<f64>,
    /// A small message from one host to another: what it takes without a link.
    pub host_message_ns: Option<f64>,
    /// A byte of a large one.
    pub host_ns_per_byte: Option<f64>,
    /// The same small message over a link of half a millisecond.
    pub host_delay_ns: Option<f64>,
    beside: [Option<Beside>; Model::ALL.len()],
}

/// A constant's name, its unit, and what it is.
type Name = (&'static str, &'static str, &'static str);

macro_rules! names {
    (
        { $($alone:ident $unit:literal $what:literal;)* }
        { $($model:ident: $($part:ident)+;)* }
    ) => {
        &[
            $((stringify!($alone), $unit, $what),)*
            $($((
                concat!(stringify!($model), "_", stringify!($part)),
                names!(unit $part),
                names!(what $part),
            ),)+)*
        ]
    };
    (unit $part:ident) => { "ns" };
    (what start_ns) => { "a worker started and ended" };
    (what flow_ns) => { "one more item under way" };
    (what busy_ns) => { "an item of 1500 steps" };
    (what alone_ns) => { "the same, one at a time" };
    (what full_ns) => { "the same, if it waits between them" };
    (what late_ns) => { "how late a wait ends" };
    (what grain_ns) => { "waits end at multiples of this" };
    (what byte_ns) => { "a byte into an item, or out of it" };
}

impl Costs {
    /// Each constant's name, its unit and what it is.
    pub const NAMES: &'static [Name] = names! { {
        step_ns "ns" "a step of the work in Rust, which does it 20 times";
        crowd_step_ns "ns" "the same, while all cores compute";
        py_step_ns "ns" "a step of the work in Python";
        py_free_step_ns "ns" "a step without the global lock";
        py_free_crowd_step_ns "ns" "the same, while all cores compute";
        thread_bytes "bytes" "a thread that waits";
        task_bytes "bytes" "a task that waits";
        process_bytes "bytes" "a process that waits";
        py_thread_bytes "bytes" "a thread of Python's";
        py_task_bytes "bytes" "a task of asyncio's";
        py_process_bytes "bytes" "a forked process of Python's";
        py_interpreter_bytes "bytes" "a sub-interpreter";
        host_message_ns "ns" "a small message to another host";
        host_ns_per_byte "ns per byte" "a byte of a large one";
        host_delay_ns "ns" "the small one, over a link of 0.5 ms";
    } {
        in_turn: late_ns;
        threads: flow_ns busy_ns full_ns late_ns;
        rayon: start_ns busy_ns late_ns;
        tokio: start_ns flow_ns busy_ns full_ns late_ns grain_ns;
        tokio_rayon: start_ns flow_ns busy_ns alone_ns full_ns late_ns grain_ns;
        processes: start_ns busy_ns late_ns byte_ns;
        py_in_turn: late_ns;
        py_threads: flow_ns busy_ns alone_ns full_ns late_ns;
        py_asyncio: start_ns flow_ns busy_ns full_ns late_ns grain_ns;
        py_to_thread:
            start_ns flow_ns busy_ns alone_ns full_ns late_ns grain_ns;
        py_processes: start_ns busy_ns late_ns byte_ns;
        py_processes_asyncio:
            start_ns flow_ns busy_ns full_ns late_ns grain_ns byte_ns;
        py_processes_threads:
            start_ns flow_ns busy_ns full_ns late_ns byte_ns;
        py_interpreters: start_ns busy_ns late_ns byte_ns;
        py_free_threads: flow_ns busy_ns alone_ns full_ns late_ns;
        py_free_to_thread:
            start_ns flow_ns busy_ns alone_ns full_ns late_ns grain_ns;
    } };

    /// Takes each constant from `value`.
    ///
    /// # Errors
    /// The names of those that are needed and not there.
    pub fn from(
        value: impl Fn(&str) -> Option<f64>,
    ) -> Result<Costs, Vec<&'static str>> {
        let there = |name: &str| value(name).filter(|value| value.is_finite());
        let missing: Vec<&str> = Costs::NAMES
            .iter()
            .map(|(name, ..)| *name)
            .filter(|name| there(name).is_none() && !Costs::may_lack(name))
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        let get = |name: &str| there(name).unwrap_or(0.0);
        Ok(Costs {
            step_ns: get("step_ns"),
            crowd_step_ns: get("crowd_step_ns"),
            py_step_ns: get("py_step_ns"),
            py_free_step_ns: there("py_free_step_ns"),
            py_free_crowd_step_ns: there("py_free_crowd_step_ns"),
            thread_bytes: get("thread_bytes"),
            task_bytes: get("task_bytes"),
            process_bytes: get("process_bytes"),
            py_thread_bytes: get("py_thread_bytes"),
            py_task_bytes: get("py_task_bytes"),
            py_process_bytes: get("py_process_bytes"),
            py_interpreter_bytes: there("py_interpreter_bytes"),
            host_message_ns: there("host_message_ns"),
            host_ns_per_byte: there("host_ns_per_byte"),
            host_delay_ns: there("host_delay_ns"),
            beside: Model::ALL.map(|model| beside(model, there)),
        })
    }

    /// What a model costs; `None` where the machine has no such model.
    pub fn of(&self, model: Model) -> Option<Beside> {
        let at = Model::ALL.iter().position(|one| *one == model)?;
        self.beside[at]
    }

    /// Whether a machine may lack this constant: it may be without a Python
    /// that has sub-interpreters, or one without the global lock, and nobody
    /// may have asked it for hosts.
    pub fn may_lack(name: &str) -> bool {
        ["py_free_", "py_interpreter", "host_"]
            .iter()
            .any(|begin| name.starts_with(begin))
    }
}

/// All that the list has for this model, or nothing.
fn beside(model: Model, value: impl Fn(&str) -> Option<f64>) -> Option<Beside> {
    let mut found = Beside::default();
    let parts = [
        ("start_ns", &mut found.start_ns),
        ("flow_ns", &mut found.flow_ns),
        ("busy_ns", &mut found.busy_ns),
        ("alone_ns", &mut found.alone_ns),
        ("full_ns", &mut found.full_ns),
        ("late_ns", &mut found.late_ns),
        ("grain_ns", &mut found.grain_ns),
        ("byte_ns", &mut found.byte_ns),
    ];
    for (part, place) in parts {
        let name = format!("{}_{part}", model.id());
        if Costs::NAMES.iter().any(|(known, ..)| *known == name) {
            *place = value(&name)?;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_the_newest_pythons_has_the_other_models() {
        let costs = Costs::from(|name| {
            (!Costs::may_lack(name)).then_some(name.len() as f64)
        });
        let costs = costs.unwrap();
        for model in Model::ALL {
            let lacks = model.id().starts_with("py_free_")
                || model == Model::PyInterpreters;
            assert_eq!(costs.of(model).is_none(), lacks, "{model:?}");
        }
        let threads = costs.of(Model::Threads).unwrap();
        assert_eq!(threads.flow_ns, "threads_flow_ns".len() as f64);
        assert_eq!(threads.start_ns, 0.0, "a thread's start is a flow's");
    }

    #[test]
    fn what_is_needed_and_missing_is_named() {
        let but_one = |name: &str| (name != "rayon_busy_ns").then_some(1.0);
        assert_eq!(Costs::from(but_one), Err(vec!["rayon_busy_ns"]));
        assert!(Costs::from(|_| Some(f64::NAN)).is_err());
    }
}
