//! Helper processes, and this program started again as one of them.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The program itself, set to run the [`Experiment::child`](crate::Experiment::child) `name`
/// with `args`.
///
/// # Errors
/// When the system cannot say where this program lies.
pub fn rerun_self(name: &str, args: &[String]) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--child").arg(name).args(args);
    Ok(command)
}

/// How long a helper whose input has ended may take to end, too.
const PATIENCE: Duration = Duration::from_secs(2);

/// A process that helps this one, with a pipe to its input and one from its output. It is to
/// end when its input does, so none outlives us; dropping this sees to it.
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// let mut squares = lab::Helper::start(lab::rerun_self("squares", &[])?)?;
/// assert_eq!(squares.first_line(), "ready");
/// assert_eq!(squares.ask("7")?, "49");
/// # Ok(())
/// # }
/// ```
pub struct Helper {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    first_line: String,
}

impl Helper {
    /// Starts a helper and waits for its first line, by which it says that it is there.
    ///
    /// # Errors
    /// When it does not start, or ends without a line.
    pub fn start(command: Command) -> io::Result<Helper> {
        let mut helper = Helper::spawn(command)?;
        helper.first_line = helper.read_line()?;
        Ok(helper)
    }

    /// Starts a helper and does not wait.
    ///
    /// # Errors
    /// When it does not start.
    pub fn spawn(mut command: Command) -> io::Result<Helper> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Ok(Helper { child, to, from, first_line: String::new() })
    }

    /// What it said when it was started.
    pub fn first_line(&self) -> &str {
        &self.first_line
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its output, without the end of line.
    ///
    /// # Errors
    /// When there is none to come.
    pub fn read_line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match line.strip_suffix('\n') {
            Some(line) => Ok(line.trim_end_matches('\r').to_owned()),
            // Without an end of line it is the beginning of a line.
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a helper fell silent")),
        }
    }

    /// Gives it a line.
    ///
    /// # Errors
    /// When nobody is there to read it.
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.pipes().0.write_all(format!("{line}\n").as_bytes())
    }

    /// Gives it a line and waits for the next one of its own.
    ///
    /// # Errors
    /// When it is gone.
    pub fn ask(&mut self, line: &str) -> io::Result<String> {
        self.write_line(line)?;
        self.read_line()
    }

    /// The pipes to it and from it, for what does not go by lines.
    pub fn pipes(&mut self) -> (&mut ChildStdin, &mut BufReader<ChildStdout>) {
        (self.to.as_mut().expect("open until the helper is ended"), &mut self.from)
    }

    /// Ends its input, waits until it ends, and tells how it did.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        self.wait_or_kill()
    }

    /// Kills it, and waits until it is gone.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn kill(mut self) -> io::Result<ExitStatus> {
        self.child.kill()?;
        self.child.wait()
    }

    fn wait_or_kill(&mut self) -> io::Result<ExitStatus> {
        drop(self.to.take());
        let (began, mut pause) = (Instant::now(), Duration::from_micros(100));
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(10));
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.wait_or_kill();
    }
}

/// Shell scripts, to be had on every Unix.
#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_helper_says_that_it_is_there_answers_and_ends_with_its_input() {
        let script = "echo ready; while read -r n; do echo $((n * n)); done; exit 3";
        let mut helper = Helper::start(shell(script)).unwrap();
        assert_eq!(helper.first_line(), "ready");
        assert_eq!(helper.ask("7").unwrap(), "49");
        assert_eq!(helper.end().unwrap().code(), Some(3));
    }

    #[test]
    fn a_helper_that_ends_without_a_line_has_not_started() {
        for script in ["exit 0", "printf half"] {
            let Err(e) = Helper::start(shell(script)) else { panic!("{script}: it is there") };
            assert_eq!(e.kind(), io::ErrorKind::UnexpectedEof, "{script}");
        }
    }

    #[test]
    fn a_helper_that_does_not_mind_its_input_is_killed() {
        let began = Instant::now();
        let helper = Helper::start(shell("echo ready; exec sleep 60")).unwrap();
        let status = helper.end().unwrap();
        assert_eq!(crate::os::ending(status), "SIGKILL");
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }

    #[test]
    fn a_dropped_helper_is_gone() {
        let helper = Helper::start(shell("echo ready; cat")).unwrap();
        let pid = helper.pid();
        drop(helper);
        // It was waited for, so not even a zombie is left.
        let there = Command::new("kill").args(["-0", &pid.to_string()]).output().unwrap();
        assert!(!there.status.success());
    }
}
