//! The models a job can be run in.

use crate::Language;

/// A way to run a job. The order goes from the simple to the involved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// One item after another.
    InTurn,
    /// A thread for each item that may be under way.
    Threads,
    /// rayon's pool, a thread for each core, which waits, too.
    Rayon,
    /// tokio with a worker for each core; items compute where they wait.
    Tokio,
    /// tokio waits, rayon computes, and a oneshot channel leads back.
    TokioRayon,
    /// A pool of processes, one for each core, that are sent items.
    Processes,
    /// Python, one item after another.
    PyInTurn,
    /// `ThreadPoolExecutor`, a thread for each item that may be under way.
    PyThreads,
    /// One event loop; items compute where they wait.
    PyAsyncio,
    /// An event loop waits; `to_thread` computes.
    PyToThread,
    /// `ProcessPoolExecutor`, a process for each core.
    PyProcesses,
    /// A process for each core, in each an event loop.
    PyProcessesAsyncio,
    /// A process for each core, in each a pool of threads.
    PyProcessesThreads,
    /// `InterpreterPoolExecutor`, an interpreter for each core.
    PyInterpreters,
    /// [`Model::PyThreads`] in a Python without the global lock.
    PyFreeThreads,
    /// [`Model::PyToThread`] in a Python without the global lock.
    PyFreeToThread,
}

impl Model {
    /// All of them, the simple ones first.
    pub const ALL: [Model; 16] = [
        Model::InTurn,
        Model::Threads,
        Model::Rayon,
        Model::Tokio,
        Model::TokioRayon,
        Model::Processes,
        Model::PyInTurn,
        Model::PyThreads,
        Model::PyAsyncio,
        Model::PyToThread,
        Model::PyProcesses,
        Model::PyProcessesAsyncio,
        Model::PyProcessesThreads,
        Model::PyInterpreters,
        Model::PyFreeThreads,
        Model::PyFreeToThread,
    ];

    /// Its name in records and files: that of the variant of `choose_jobs`.
    pub fn id(self) -> &'static str {
        match self {
            Model::InTurn => "in_turn",
            Model::Threads => "threads",
            Model::Rayon => "rayon",
            Model::Tokio => "tokio",
            Model::TokioRayon => "tokio_rayon",
            Model::Processes => "processes",
            Model::PyInTurn => "py_in_turn",
            Model::PyThreads => "py_threads",
            Model::PyAsyncio => "py_asyncio",
            Model::PyToThread => "py_to_thread",
            Model::PyProcesses => "py_processes",
            Model::PyProcessesAsyncio => "py_processes_asyncio",
            Model::PyProcessesThreads => "py_processes_threads",
            Model::PyInterpreters => "py_interpreters",
            Model::PyFreeThreads => "py_free_threads",
            Model::PyFreeToThread => "py_free_to_thread",
        }
    }

    /// The model of this name.
    pub fn find(id: &str) -> Option<Model> {
        Model::ALL.into_iter().find(|model| model.id() == id)
    }

    /// As a page calls it.
    pub fn label(self) -> &'static str {
        match self {
            Model::InTurn | Model::PyInTurn => "in turn",
            Model::Threads | Model::PyThreads => "threads",
            Model::Rayon => "rayon",
            Model::Tokio => "tokio",
            Model::TokioRayon => "tokio with rayon",
            Model::Processes | Model::PyProcesses => "processes",
            Model::PyAsyncio => "asyncio",
            Model::PyToThread => "asyncio with to_thread",
            Model::PyProcessesAsyncio => "processes × asyncio",
            Model::PyProcessesThreads => "processes × threads",
            Model::PyInterpreters => "sub-interpreters",
            Model::PyFreeThreads => "threads, no global lock",
            Model::PyFreeToThread => "asyncio with to_thread, no global lock",
        }
    }

    /// The language it belongs to.
    pub fn language(self) -> Language {
        if self.id().starts_with("py_") {
            Language::Python
        } else {
            Language::Rust
        }
    }
}
