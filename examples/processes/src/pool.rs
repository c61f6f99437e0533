//! A pool of processes that do jobs. A job is a line of text and so is its
//! answer.
//!
//! The parent keeps a thread for each worker, which waits for it. A worker that
//! dies is replaced, and its job is done again: so a job must be one that may
//! be done twice. A real pool would also give up on a worker that is silent for
//! too long.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread;

use lab::os;

/// How often a job may lose its worker before we believe that it is the job.
const TRIES: u32 = 2;

/// A job without an answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost(pub String);

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lost: {}", self.0)
    }
}

/// Worker processes, started once and handed one job after another.
pub struct Pool<C> {
    workers: Vec<Worker>,
    command: C,
    replaced: AtomicU32,
}

impl<C: Fn() -> io::Result<Command> + Sync> Pool<C> {
    /// Starts `size` workers, each by a command of its own.
    ///
    /// # Errors
    /// When one does not start.
    pub fn start(size: usize, command: C) -> io::Result<Pool<C>> {
        let workers = (0..size)
            .map(|_| Worker::start(command()?))
            .collect::<Result<_, _>>()?;
        Ok(Pool { workers, command, replaced: AtomicU32::new(0) })
    }

    // ANCHOR: map
    /// Has every job done by whichever worker is free; the answers come in the
    /// order of the jobs.
    pub fn map(&mut self, jobs: &[String]) -> Vec<Result<String, Lost>> {
        let (next, command) = (&AtomicUsize::new(0), &self.command);
        let replaced = &self.replaced;
        let serve = |worker: &mut Worker| {
            let mut done = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(n) else { return done };
                done.push((n, worker.finish(job, command, replaced)));
            }
        };
        let mut answers = thread::scope(|scope| {
            let all: Vec<_> = (self.workers.iter_mut())
                .map(|worker| scope.spawn(|| serve(worker)))
                .collect();
            let joined = all.into_iter().map(|thread| thread.join().unwrap());
            joined.flatten().collect::<Vec<_>>()
        });
        answers.sort_by_key(|(n, _)| *n);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
    // ANCHOR_END: map

    /// Kills a worker, as the system might, and does not wait for its end.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn kill_one(&mut self) -> io::Result<()> {
        self.workers.first_mut().map_or(Ok(()), |worker| worker.child.kill())
    }

    /// How many workers died and were replaced.
    pub fn replaced(&self) -> u32 {
        self.replaced.load(Ordering::Relaxed)
    }
}

/// One worker and the two pipes to it.
struct Worker {
    child: Child,
    jobs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    fn start(mut command: Command) -> io::Result<Worker> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let jobs = child.stdin.take();
        let answers = child.stdout.take().expect("stdout is piped");
        Ok(Worker { child, jobs, answers: BufReader::new(answers) })
    }

    // ANCHOR: finish
    /// Does the job, with a new worker in this place if the old one dies of it.
    fn finish<C: Fn() -> io::Result<Command>>(
        &mut self,
        job: &str,
        command: &C,
        replaced: &AtomicU32,
    ) -> Result<String, Lost> {
        let mut how = String::new();
        for _ in 0..TRIES {
            if let Some(answer) = self.ask(job) {
                return Ok(answer);
            }
            // It no longer talks to us, so it must not go on either.
            let _ = self.child.kill();
            how = self.child.wait().map_or("unknown".into(), os::ending);
            *self = command()
                .and_then(Worker::start)
                .map_err(|e| Lost(format!("{how}, and no other: {e}")))?;
            replaced.fetch_add(1, Ordering::Relaxed);
        }
        Err(Lost(format!("{TRIES} workers died of it, the last of {how}")))
    }

    /// `None`: the worker is dead, or as good as.
    fn ask(&mut self, job: &str) -> Option<String> {
        let mut answer = String::new();
        self.jobs.as_mut()?.write_all(format!("{job}\n").as_bytes()).ok()?;
        self.answers.read_line(&mut answer).ok()?;
        // Without an end of line it is the beginning of an answer.
        Some(answer.strip_suffix('\n')?.to_owned())
    }
    // ANCHOR_END: finish
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take()); // at the end of its input, a worker ends
        let _ = self.child.wait();
    }
}

/// The worker's side: answers every job until there are no more.
pub fn serve(work: impl Fn(&str) -> String) {
    for job in io::stdin().lines().map_while(Result::ok) {
        // One write for each answer. If nobody reads it, we are not needed.
        if writeln!(io::stdout(), "{}", work(&job)).is_err() {
            return;
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Workers that are shell scripts, to be had on every Unix.
    fn pool(
        size: usize,
        script: &str,
    ) -> Pool<impl Fn() -> io::Result<Command> + Sync> {
        let script = script.to_owned();
        let command = move || {
            let mut shell = Command::new("sh");
            shell.args(["-c", &script]);
            Ok(shell)
        };
        Pool::start(size, command).unwrap()
    }

    fn jobs(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    const ECHO: &str = "while read job; do echo \"$job done\"; done";

    #[test]
    fn answers_come_in_the_order_of_the_jobs() {
        // The first job is done last.
        let script = "while read job; do sleep $job; echo $job; done";
        let mut pool = pool(2, script);
        let jobs = jobs("0.3 0 0.1 0");
        let answers: Vec<String> =
            pool.map(&jobs).into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, jobs);
        assert_eq!(pool.replaced(), 0);
    }

    #[test]
    fn a_pool_serves_more_than_once_and_no_jobs_give_no_answers() {
        let mut pool = pool(2, ECHO);
        assert_eq!(pool.map(&[]), []);
        for _ in 0..3 {
            assert_eq!(pool.map(&jobs("a")), [Ok("a done".to_owned())]);
        }
    }

    #[test]
    fn a_worker_killed_in_mid_job_is_replaced_and_the_job_done_again() {
        let skin = tempfile("skin");
        std::fs::write(&skin, "").unwrap();
        // Whoever steps on it first takes it away, answers half, and dies.
        let script = format!(
            "while read job; do if [ $job = b ] && rm {skin} 2>/dev/null; then \
             printf half; kill -9 $$; fi; echo \"$job done\"; done"
        );
        let mut pool = pool(2, &script);
        let answers = pool.map(&jobs("a b c d"));
        let expected = ["a done", "b done", "c done", "d done"];
        assert_eq!(answers, expected.map(|text| Ok(text.to_owned())));
        assert_eq!(pool.replaced(), 1);
    }

    #[test]
    fn a_job_that_kills_every_worker_is_reported_and_the_others_are_done() {
        let script = "while read job; do [ $job = bad ] && kill -9 $$; \
                      echo \"$job done\"; done";
        let mut pool = pool(1, script);
        let answers = pool.map(&jobs("a bad c"));
        assert_eq!(answers[0], Ok("a done".to_owned()));
        let lost = answers[1].clone().unwrap_err().to_string();
        assert_eq!(lost, "lost: 2 workers died of it, the last of SIGKILL");
        assert_eq!(answers[2], Ok("c done".to_owned()));
        assert_eq!(pool.replaced(), 2);
    }

    #[test]
    fn a_worker_that_dies_while_it_waits_is_replaced_at_its_next_job() {
        let mut pool = pool(1, ECHO);
        pool.map(&jobs("a"));
        pool.kill_one().unwrap();
        assert_eq!(pool.map(&jobs("b")), [Ok("b done".to_owned())]);
        assert_eq!(pool.replaced(), 1);
    }

    #[test]
    fn no_worker_is_left_behind() {
        let mut pool = pool(2, ECHO);
        pool.map(&jobs("a b"));
        let ids: Vec<u32> =
            pool.workers.iter().map(|worker| worker.child.id()).collect();
        drop(pool);
        for id in ids {
            // SAFETY: signal 0 only asks whether the process is there.
            assert_eq!(unsafe { libc::kill(id as i32, 0) }, -1);
        }
    }

    fn tempfile(name: &str) -> String {
        let name = format!("taking-turns-{}-{name}", std::process::id());
        std::env::temp_dir().join(name).display().to_string()
    }
}
