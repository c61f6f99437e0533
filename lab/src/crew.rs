//! Child processes that are this very program, started again.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::{Counters, os};

/// The program itself, set to run the [`Experiment::child`](crate::Experiment::child) `name`
/// with `args`.
///
/// # Errors
/// When the system cannot say where this program lies.
pub fn again(name: &str, args: &[String]) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--child").arg(name).args(args);
    Ok(command)
}

/// Processes that were started, each kept on a hardware thread of its own, and wait for the
/// word: what a machine can do in parallel when nothing is shared.
///
/// Their work is an [`Experiment::child`](crate::Experiment::child), which [`Crew::report`]
/// turns into a member of the crew.
pub struct Crew(Vec<(Child, BufReader<ChildStdout>)>);

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
            let mut child =
                again(name, &args)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let out = child.stdout.take().expect("stdout is piped");
            crew.0.push((child, BufReader::new(out)));
        }
        for (_, out) in &mut crew.0 {
            if read_line(out)? != "ready" {
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
        for (child, _) in &mut self.0 {
            let stdin = child.stdin.as_mut().expect("stdin is piped");
            stdin.write_all(b"go\n")?;
        }
        let mut counters =
            Counters { cpu_ns: Some(0), voluntary: Some(0), involuntary: Some(0) };
        let mut answers = Vec::new();
        for (_, out) in &mut self.0 {
            let line = read_line(out)?;
            let mut fields = line.splitn(4, '\t');
            let mut count = || fields.next().and_then(|field| field.parse().ok());
            counters = counters.plus(Counters {
                cpu_ns: count(),
                voluntary: count(),
                involuntary: count(),
            });
            let answer =
                fields.next().ok_or_else(|| io::Error::other("a child fell silent"))?;
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
        let text = |count: Option<u64>| count.map_or("absent".into(), |n| n.to_string());
        println!(
            "{}\t{}\t{}\t{answer}",
            text(used.cpu_ns),
            text(used.voluntary),
            text(used.involuntary)
        );
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for (child, _) in &mut self.0 {
            drop(child.stdin.take()); // a child still waiting for the word ends at this
            let _ = child.wait();
        }
    }
}

fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}
