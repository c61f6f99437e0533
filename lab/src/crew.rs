//! What a machine can do in parallel when nothing is shared.

use std::io;

use crate::{Counters, Helper, os, rerun_self};

/// Processes that were started, each kept on a hardware thread of its own, and wait for the
/// word: what a machine can do in parallel when nothing is shared.
///
/// Their work is an [`Experiment::child`](crate::Experiment::child), which [`Crew::report`]
/// turns into a member of the crew.
pub struct Crew(Vec<Helper>);

impl Crew {
    /// Starts `size` children called `name`; child `i` gets `i` and then `args`. Returns
    /// when all of them are ready.
    ///
    /// # Errors
    /// When a child cannot be started or does not say that it is ready.
    pub fn start(name: &str, size: usize, args: &[String]) -> io::Result<Crew> {
        let mut crew = Crew(Vec::new());
        for i in 0..size {
            let args: Vec<String> = [&[i.to_string()], args].concat();
            crew.0.push(Helper::spawn(rerun_self(name, &args)?)?);
        }
        for helper in &mut crew.0 {
            if helper.read_line()? != "ready" {
                return Err(io::Error::other(format!("a child called {name} is not ready")));
            }
        }
        Ok(crew)
    }

    /// Gives the word and waits until every child has answered. Returns the answers, and
    /// what the kernel counted for all children meanwhile.
    ///
    /// # Errors
    /// When a child ends without an answer.
    pub fn go(&mut self) -> io::Result<(Vec<String>, Counters)> {
        for helper in &mut self.0 {
            helper.write_line("go")?;
        }
        let mut counters =
            Counters { cpu_ns: Some(0), voluntary: Some(0), involuntary: Some(0) };
        let mut answers = Vec::new();
        for helper in &mut self.0 {
            let line = helper.read_line()?;
            let (used, answer) =
                line.split_once('\t').ok_or_else(|| io::Error::other("a child fell silent"))?;
            counters = counters.plus(Counters::from_text(used));
            answers.push(answer.to_owned());
        }
        Ok((answers, counters))
    }

    /// The child's side: takes its place on hardware thread `i`, says that it is ready, and
    /// at the word runs `work` and reports its answer.
    pub fn report(i: usize, work: impl FnOnce() -> String) {
        if let Some(cpus) = os::allowed_cpus() {
            // Where there is no affinity, the scheduler is left to find the free core.
            os::pin_to(&[cpus[i % cpus.len()]]);
        }
        println!("ready");
        let mut word = String::new();
        if io::stdin().read_line(&mut word).is_err() || word.is_empty() {
            return; // the parent is gone
        }
        let before = os::counters();
        let answer = work();
        let used = os::counters().since(before);
        println!("{}\t{answer}", used.to_text());
    }
}
