//! Two threads that wait: is the lock let go?
//!
//! Run:  cargo run --example gil_io
//! See:  two waits take as long as one: for a sleep, for an answer over a
//!       socket, for a line through a pipe, for a lock that a third thread
//!       has. `kept` differs by a word in the program: the function is called
//!       and not waited for. It takes two.
//!
//! In `cached` nothing is waited for. The file is in memory, and to read it is
//! to copy it: two cores copy twice as much, unless a lock is kept meanwhile.
//!
//! The socket's other end and the pipe's are processes of their own.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{LazyLock, Mutex};
use std::thread::{self, sleep};
use std::time::Duration;

use global_lock::arrangement::{alone, locked};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Job, Team};
use global_lock::object::{Plain, Value};
use global_lock::program::Program;
use lab::server::Server;
use lab::{Experiment, Gate, Helper, Kind, Run, rerun_self};

const WAIT_MS: u64 = 30;
/// Small enough to stay in memory.
const FILE_BYTES: usize = 4 << 20;
const READS: usize = 120;

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

/// Waits for something, gets a number and gives its square.
type Wait = Box<dyn Fn(i64) -> i64 + Sync>;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "gil_io",
        "Two threads wait for something: one after the other, or both at once?",
    );
    for (case, about, wait) in [
        ("sleep", "a sleep of 30 ms", nap as fn() -> Wait),
        ("socket", "an answer after 30 ms", ask_server),
        ("pipe", "a line through a pipe after 30 ms", read_pipes),
        ("lock", "a lock that is let go after 30 ms", take_lock),
        ("cached", "a file in memory, read 120 times", read_files),
    ] {
        let twice =
            move |text, way| move |run: &mut Run| both(run, text, &wait(), way);
        let in_turn = twice(RELEASED, alone::<Plain>);
        let (threads, kept) = (twice(RELEASED, lock), twice(KEPT, lock));
        experiment = experiment
            .case(case, about)
            .variant(Kind::Alone, "sequential", "one after the other", in_turn)
            .variant(Kind::Thread, "threads", "2 threads", threads)
            .variant(Kind::Thread, "kept", "2 threads, the lock kept", kept);
    }
    experiment.child("late", |_| late()).run()
}

/// Two jobs that wait for the same kind of thing.
fn both(
    run: &mut Run,
    text: &str,
    something: &Wait,
    way: fn(&Team<'_>) -> Vec<Value>,
) -> String {
    let program = Program::parse(text).expect("a program");
    let job = |which| Job {
        program: &program,
        own: vec![Value::Int(which)],
        foreign: vec![something],
    };
    let (jobs, gate) = (vec![job(0), job(1)], run.gate(2));
    let team = Team { shared: vec![], jobs, gate };
    run.start_clock();
    let answers = way(&team);
    run.stop_clock();
    format!("{} {}", answers[0], answers[1])
}

fn lock(team: &Team<'_>) -> Vec<Value> {
    locked(team, &GlobalLock::new(Duration::from_millis(5)))
}

fn nap() -> Wait {
    Box::new(|which| {
        sleep(Duration::from_millis(WAIT_MS));
        which * which
    })
}

fn ask_server() -> Wait {
    // One for all runs; it ends when we do.
    static SERVER: LazyLock<Server> =
        LazyLock::new(|| Server::start().expect("a server"));
    let address = SERVER.address;
    Box::new(move |which| fetch(address, which).expect("an answer"))
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

/// Two processes that write a line, late.
fn read_pipes() -> Wait {
    let pipes = [0, 1].map(|_| {
        let late = rerun_self("late", &[]).and_then(Helper::start);
        Mutex::new(late.expect("a child process"))
    });
    Box::new(move |which| {
        let mut pipe = pipes[which as usize].lock().unwrap();
        let line = pipe.ask(&which.to_string()).expect("a line");
        line.parse().expect("a number")
    })
}

/// A thread has it, and lets it go late.
fn take_lock() -> Wait {
    Box::new(|which| {
        let (lock, taken) = (Mutex::new(which * which), Gate::of(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                let _held = lock.lock().unwrap();
                taken.wait();
                sleep(Duration::from_millis(WAIT_MS));
            });
            taken.wait();
            *lock.lock().unwrap()
        })
    })
}

/// Two regular files, written a moment ago: the kernel still has them.
fn read_files() -> Wait {
    let files = [0, 1].map(Kept::write);
    Box::new(move |which| {
        let mut file = files[which as usize].0.lock().unwrap();
        let (file, buffer) = &mut *file;
        for _ in 0..READS {
            file.rewind().expect("a file");
            file.read_exact(buffer).expect("all of the file");
        }
        i64::from(buffer[FILE_BYTES - 1])
    })
}

/// A file full of one number, and where to read it to. It goes with its name.
struct Kept(Mutex<(File, Vec<u8>)>, PathBuf);

impl Kept {
    fn write(which: u8) -> Kept {
        let name = format!("gil_io-{}-{which}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // The buffer is written, too, or its first use would cost more.
        let buffer = vec![which * which; FILE_BYTES];
        fs::write(&path, &buffer).expect("a temporary file");
        let file = File::open(&path).expect("the file");
        Kept(Mutex::new((file, buffer)), path)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.1);
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
