//! A job, as somebody has it in mind.

use crate::say;

/// The language a job is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Compiled, and no lock around it.
    Rust,
    /// CPython, with its global lock or without.
    Python,
}

impl Language {
    /// Both.
    pub const ALL: [Language; 2] = [Language::Rust, Language::Python];

    /// As it stands in files and on command lines.
    pub fn id(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
        }
    }

    /// As it is called.
    pub fn label(self) -> &'static str {
        match self {
            Language::Rust => "Rust",
            Language::Python => "Python",
        }
    }
}

/// So many items, all there at the start. Each computes half of its CPU, waits,
/// and computes the other half.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Job {
    /// How many items.
    pub items: f64,
    /// What one computes, on one core, in the job's language.
    pub cpu_ns: f64,
    /// What one waits.
    pub wait_ns: f64,
    /// How many may be under way at the same time.
    pub at_once: f64,
    /// What goes into one.
    pub bytes_in: f64,
    /// What comes out of one.
    pub bytes_out: f64,
    /// How many cores there are; may be a part of one, as a quota is.
    pub cores: f64,
    /// The memory there is for it; 0 for whatever it takes.
    pub memory_bytes: f64,
    /// The language it is written in.
    pub language: Language,
}

impl Job {
    /// Whether every number can be.
    ///
    /// # Errors
    /// One message that names the field and its bounds.
    pub fn check(&self) -> Result<(), String> {
        let memory = ("memory_bytes", self.memory_bytes, 0.0, 1e15);
        let fields = Dimension::ALL.map(|dimension| {
            let (least, most) = dimension.bounds();
            (dimension.id(), dimension.of(self), least, most)
        });
        for (name, value, least, most) in fields.into_iter().chain([memory]) {
            // Not a number is in no range.
            if !(least..=most).contains(&value) {
                let (least, most) = (say::count(least), say::count(most));
                return Err(format!(
                    "{name} is {value}, and can be from {least} to {most}"
                ));
            }
        }
        Ok(())
    }
}

/// A number of a job that can be turned up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// [`Job::items`]
    Items,
    /// [`Job::cpu_ns`]
    Cpu,
    /// [`Job::wait_ns`]
    Wait,
    /// [`Job::at_once`]
    AtOnce,
    /// [`Job::bytes_in`]
    BytesIn,
    /// [`Job::bytes_out`]
    BytesOut,
    /// [`Job::cores`]
    Cores,
}

impl Dimension {
    /// All of them, in the order of a job's fields.
    pub const ALL: [Dimension; 7] = [
        Dimension::Items,
        Dimension::Cpu,
        Dimension::Wait,
        Dimension::AtOnce,
        Dimension::BytesIn,
        Dimension::BytesOut,
        Dimension::Cores,
    ];

    /// The field's name.
    pub fn id(self) -> &'static str {
        match self {
            Dimension::Items => "items",
            Dimension::Cpu => "cpu_ns",
            Dimension::Wait => "wait_ns",
            Dimension::AtOnce => "at_once",
            Dimension::BytesIn => "bytes_in",
            Dimension::BytesOut => "bytes_out",
            Dimension::Cores => "cores",
        }
    }

    /// As a sentence names it: “from 3 ms of …”.
    pub fn label(self) -> &'static str {
        match self {
            Dimension::Items => "items",
            Dimension::Cpu => "CPU per item",
            Dimension::Wait => "waiting per item",
            Dimension::AtOnce => "items at once",
            Dimension::BytesIn => "bytes into an item",
            Dimension::BytesOut => "bytes out of an item",
            Dimension::Cores => "cores",
        }
    }

    /// The least and the most that it can be.
    pub fn bounds(self) -> (f64, f64) {
        match self {
            Dimension::Items => (1.0, 1e9),
            Dimension::Cpu | Dimension::Wait => (0.0, 3.6e12),
            Dimension::AtOnce => (1.0, 1e6),
            Dimension::BytesIn | Dimension::BytesOut => (0.0, 1e12),
            Dimension::Cores => (0.01, 1024.0),
        }
    }

    /// What it is in this job.
    pub fn of(self, job: &Job) -> f64 {
        match self {
            Dimension::Items => job.items,
            Dimension::Cpu => job.cpu_ns,
            Dimension::Wait => job.wait_ns,
            Dimension::AtOnce => job.at_once,
            Dimension::BytesIn => job.bytes_in,
            Dimension::BytesOut => job.bytes_out,
            Dimension::Cores => job.cores,
        }
    }

    /// The same job with another value of it.
    pub fn with(self, job: &Job, value: f64) -> Job {
        let mut job = *job;
        *match self {
            Dimension::Items => &mut job.items,
            Dimension::Cpu => &mut job.cpu_ns,
            Dimension::Wait => &mut job.wait_ns,
            Dimension::AtOnce => &mut job.at_once,
            Dimension::BytesIn => &mut job.bytes_in,
            Dimension::BytesOut => &mut job.bytes_out,
            Dimension::Cores => &mut job.cores,
        } = value;
        job
    }

    /// A value of it, in words.
    pub fn say(self, value: f64) -> String {
        match self {
            Dimension::Cpu | Dimension::Wait => say::time(value),
            Dimension::BytesIn | Dimension::BytesOut => say::bytes(value),
            Dimension::Items | Dimension::AtOnce | Dimension::Cores => {
                say::count(value)
            }
        }
    }
}
