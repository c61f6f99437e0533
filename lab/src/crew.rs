//! What a machine can do in parallel when nothing is shared.

use std::io;

use crate::{Counters, Helper, Run, os, rerun_self};

/// Processes that were started, each kept on a hardware thread of its own, and wait for the
/// word: what a machine can do in parallel when nothing is shared.
///
/// Their work is an [`Experiment::child`](crate::Experiment::child), which [`Crew::report`]
/// turns into a member of the crew.
pub struct Crew(Vec<Helper>);

impl Crew {
    /// Starts `size` children called `name`. Returns when all of them are ready.
    ///
    /// # Errors
    /// When a child cannot be started or does not say that it is ready.
    pub fn start(name: &str, size: usize) -> io::Result<Crew> {
        let mut crew = Crew(Vec::new());
        for i in 0..size {
            crew.0.push(Helper::spawn(rerun_self(name, &[i.to_string()])?)?);
        }
        for helper in &mut crew.0 {
            if helper.read_line()? != "ready" {
                return Err(io::Error::other(format!("a child called {name} is not ready")));
            }
        }
        Ok(crew)
    }

    /// Starts the clock, gives the word, which is `args`, stops the clock when every child
    /// has answered, and returns the answers. What the kernel counted for the children is
    /// counted as ours.
    ///
    /// # Errors
    /// When a child ends without an answer.
    pub fn go(&mut self, run: &mut Run, args: &[String]) -> io::Result<Vec<String>> {
        let word = [&["go".to_owned()], args].concat().join("\t");
        run.start_clock();
        for helper in &mut self.0 {
            helper.write_line(&word)?;
        }
        let lines: io::Result<Vec<String>> = self.0.iter_mut().map(Helper::read_line).collect();
        run.stop_clock();
        let mut answers = Vec::new();
        for line in lines? {
            let (used, answer) =
                line.split_once('\t').ok_or_else(|| io::Error::other("a child fell silent"))?;
            run.add_counters(Counters::from_text(used));
            answers.push(answer.to_owned());
        }
        Ok(answers)
    }

    /// The child's side: takes its place on hardware thread `i`, says that it is ready, and
    /// at the word runs `work` and reports its answer.
    pub fn report(i: usize, work: impl FnOnce(&[String]) -> String) {
        if let Some(cpus) = os::allowed_cpus() {
            // Where there is no affinity, the scheduler is left to find the free core.
            os::pin_to(&[cpus[i % cpus.len()]]);
        }
        println!("ready");
        let mut word = String::new();
        if io::stdin().read_line(&mut word).is_err() || word.is_empty() {
            return; // the parent is gone
        }
        let args: Vec<String> =
            word.trim_end().split('\t').skip(1).map(str::to_owned).collect();
        let before = os::counters();
        let answer = work(&args);
        let used = os::counters().since(before);
        println!("{}\t{answer}", used.to_text());
    }
}
