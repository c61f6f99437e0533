//! Two threads that wait: is the lock let go?
//!
//! Run:  cargo run --example gil_io
//! See:  two waits take as long as one: for a sleep, for an answer over a
//!       socket and for a line from a file. `kept` differs by a word in the
//!       program: the function is called and not waited for. It takes two.
//!
//! The socket's other end and the file's are processes of their own.

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, ExitCode, Stdio};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use global_lock::arrangement::{alone, locked};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::{Plain, Value};
use global_lock::program::Program;
use lab::server::Server;
use lab::{Experiment, Kind, Run, rerun_self};

const WAIT_MS: u64 = 30;

// ANCHOR: programs
const RELEASED: &str = "
    args which
    foreign something
    load which  wait something  store x
    load x  return";

const KEPT: &str = "
    args which
    foreign something
    load which  call something  store x
    load x  return";
// ANCHOR_END: programs

fn main() -> ExitCode {
    let server = RefCell::new(None);
    let ask_server = move |_: &mut Run| {
        let mut server = server.borrow_mut();
        let server =
            server.get_or_insert_with(|| Server::start().expect("a server"));
        let address = server.address;
        Box::new(move |which| fetch(address, which).expect("an answer")) as Wait
    };
    let nap = |_: &mut Run| {
        Box::new(|which| {
            sleep(Duration::from_millis(WAIT_MS));
            which * which
        }) as Wait
    };
    let read_files = |_: &mut Run| {
        let files = [0, 1].map(|_| Mutex::new(Late::start().expect("a child")));
        Box::new(move |which: i64| {
            let mut file = files[which as usize].lock().unwrap();
            file.read(which).expect("a line")
        }) as Wait
    };
    let experiment = Experiment::new(
        "gil_io",
        "Two threads wait for something: one after the other, or both at once?",
    );
    let experiment = experiment.case("sleep", "a sleep of 30 ms");
    let experiment = variants(experiment, nap);
    let experiment = experiment.case("socket", "an answer after 30 ms");
    let experiment = variants(experiment, ask_server);
    let experiment = experiment.case("file", "a line in a file after 30 ms");
    variants(experiment, read_files).child("late", |_| late()).run()
}

/// Waits for something, gets a number and gives its square.
type Wait = Box<dyn Fn(i64) -> i64 + Sync>;

fn variants(
    experiment: Experiment,
    wait: impl Fn(&mut Run) -> Wait + 'static,
) -> Experiment {
    let wait = std::rc::Rc::new(wait);
    let with = |text: &str, arrangement: fn(&Team<'_>) -> Vec<Value>| {
        let program = Program::parse(text).expect("a program");
        let wait = std::rc::Rc::clone(&wait);
        move |run: &mut Run| {
            let something = wait(run);
            let job = |which| Job {
                program: &program,
                own: vec![Value::Int(which)],
                foreign: vec![&*something],
            };
            let team = Team { shared: vec![], jobs: vec![job(0), job(1)] };
            run.start_clock();
            let answers = arrangement(&team);
            run.stop_clock();
            format!("{} {}", answers[0], answers[1])
        }
    };
    experiment
        .variant(
            Kind::Alone,
            "sequential",
            "one after the other",
            with(RELEASED, alone::<Plain>),
        )
        .variant(Kind::Thread, "threads", "2 threads", with(RELEASED, lock))
        .variant(
            Kind::Thread,
            "kept",
            "2 threads, the lock kept",
            with(KEPT, lock),
        )
}

fn lock(team: &Team<'_>) -> Vec<Value> {
    locked(team, &GlobalLock::new(Duration::from_millis(5)))
}

/// Asks for the square of `n`.
fn fetch(server: SocketAddr, n: i64) -> io::Result<i64> {
    let mut connection = TcpStream::connect(server)?;
    write!(
        connection,
        "GET /{n}?delay_ms={WAIT_MS} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    )?;
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    let body = response.rsplit("\r\n\r\n").next().unwrap_or_default();
    body.parse().map_err(|_| io::Error::other(response.clone()))
}

/// A process that writes a line, late; to us a file to read from.
struct Late(Child, BufReader<ChildStdout>);

impl Late {
    fn start() -> io::Result<Late> {
        let mut child = rerun_self("late", &[])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut file = BufReader::new(child.stdout.take().expect("piped"));
        file.read_line(&mut String::new())?; // it is there
        Ok(Late(child, file))
    }

    fn read(&mut self, n: i64) -> io::Result<i64> {
        let Late(child, file) = self;
        writeln!(child.stdin.as_mut().expect("piped"), "{n}")?;
        let mut line = String::new();
        file.read_line(&mut line)?;
        line.trim().parse().map_err(io::Error::other)
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn late() {
    println!("ready");
    for line in io::stdin().lines().map_while(Result::ok) {
        sleep(Duration::from_millis(WAIT_MS));
        let n: i64 = line.trim().parse().expect("a number");
        println!("{}", n * n);
    }
}
