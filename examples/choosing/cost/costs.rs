//! What was measured: the constants that an estimate is made of.

macro_rules! costs {
    ($($kind:ident $name:ident $unit:literal $what:literal)*) => {
        /// One number for each thing that costs: its unit is the end of its
        /// name. What a machine may lack, such as a Python without the global
        /// lock, is `None` there, and so are the models that need it.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct Costs {
            $(#[doc = $what] pub $name: costs!(type $kind),)*
        }

        impl Costs {
            /// Each constant's name, its unit and what it is.
            pub const NAMES: &'static [(
                &'static str,
                &'static str,
                &'static str,
            )] = &[$((stringify!($name), $unit, $what)),*];

            /// Takes each constant from `value`.
            ///
            /// # Errors
            /// The names of those that are needed and not there.
            pub fn from(
                value: impl Fn(&str) -> Option<f64>,
            ) -> Result<Costs, Vec<&'static str>> {
                let mut missing = Vec::new();
                let costs = Costs {
                    $($name: costs!(
                        take $kind value(stringify!($name)), missing,
                        stringify!($name)
                    ),)*
                };
                if missing.is_empty() { Ok(costs) } else { Err(missing) }
            }

            /// Whether a machine may lack this constant.
            pub fn may_lack(name: &str) -> bool {
                match name {
                    $(stringify!($name) => costs!(lacks $kind),)*
                    _ => false,
                }
            }
        }
    };
    (type needed) => { f64 };
    (type maybe) => { Option<f64> };
    (take needed $value:expr, $missing:ident, $name:expr) => {
        $value.unwrap_or_else(|| {
            $missing.push($name);
            0.0
        })
    };
    (take maybe $value:expr, $missing:ident, $name:expr) => { $value };
    (lacks needed) => { false };
    (lacks maybe) => { true };
}

costs! {
    needed step_ns "ns" "a step of the work in Rust, which does it 20 times"
    needed py_step_ns "ns" "a step of the work in Python"
    needed thread_start_ns "ns" "a thread started and joined"
    needed thread_wake_ns "ns" "the CPU of a thread's sleep and wake-up"
    needed thread_late_ns "ns" "how late a thread's sleep ends"
    needed thread_bytes "bytes" "the memory of a thread that waits"
    needed rayon_start_ns "ns" "rayon's pool made, with a thread per core"
    needed rayon_item_ns "ns" "an item of a parallel iterator"
    needed tokio_start_ns "ns" "tokio's runtime made, with a worker per core"
    needed task_start_ns "ns" "a task spawned and awaited"
    needed task_wake_ns "ns" "the CPU of a task's timer and its wake-up"
    needed task_late_ns "ns" "how late a task's sleep ends"
    needed task_bytes "bytes" "the memory of a task that waits"
    needed oneshot_ns "ns" "a computation handed to rayon and back"
    needed process_start_ns "ns" "a process started until it is there"
    needed process_item_ns "ns" "the CPU of an item sent to a process and back"
    needed process_ns_per_byte "ns/byte" "a byte written to a pipe and read"
    needed process_bytes "bytes" "the memory of a process that waits"
    needed py_thread_start_ns "ns" "Python: a thread started and joined"
    needed py_thread_item_ns "ns" "ThreadPoolExecutor: an item and its future"
    needed py_thread_wake_ns "ns" "Python: the CPU of a sleep and a wake-up"
    needed py_thread_late_ns "ns" "Python: how late a thread's sleep ends"
    needed py_thread_bytes "bytes" "Python: the memory of a thread that waits"
    needed py_switch_ns "ns" "the interval after which the lock is asked for"
    needed py_loop_start_ns "ns" "an event loop made and closed"
    needed py_task_start_ns "ns" "asyncio: a task made and awaited"
    needed py_task_wake_ns "ns" "asyncio: the CPU of a sleep and a wake-up"
    needed py_task_late_ns "ns" "asyncio: how late a task's sleep ends"
    needed py_task_bytes "bytes" "asyncio: the memory of a task that waits"
    needed py_to_thread_ns "ns" "a computation by to_thread and back"
    needed py_process_start_ns "ns" "Python: a pool's process started and ended"
    needed py_process_item_ns "ns" "ProcessPoolExecutor: an item and its future"
    needed py_process_ns_per_byte "ns/byte" "Python: a byte pickled and piped"
    needed py_process_bytes "bytes" "Python: the memory of a process"
    maybe py_interpreter_start_ns "ns" "a sub-interpreter started and ended"
    maybe py_interpreter_item_ns "ns" "InterpreterPoolExecutor: an item"
    maybe py_interpreter_ns_per_byte "ns/byte" "a byte to another interpreter"
    maybe py_interpreter_bytes "bytes" "the memory of a sub-interpreter"
    maybe py_free_steps "×" "no global lock: a step, over the same with it"
    maybe py_free_thread_start_ns "ns" "no global lock: a thread"
    maybe py_free_thread_item_ns "ns" "no global lock: ThreadPoolExecutor"
    maybe py_free_thread_wake_ns "ns" "no global lock: a sleep and a wake-up"
    maybe py_free_task_start_ns "ns" "no global lock: a task"
    maybe py_free_task_wake_ns "ns" "no global lock: a task's sleep"
    maybe py_free_to_thread_ns "ns" "no global lock: to_thread and back"
}
