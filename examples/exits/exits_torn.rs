//! A writer is killed at a moment that nobody has chosen. What do its files
//! hold?
//!
//! Run:  cargo run --example exits_torn
//! See:  a file that was being emptied and written, or written over, is torn
//!       after most kills. Written beside and renamed it never is; a file with
//!       another name may be left. Of records that were acknowledged, those in
//!       a buffer are lost, and those that were written are there, synced or
//!       not: the kernel has them, and the kernel was not killed.
//!
//! Ten writers a run, each a child process that is killed with SIGKILL at most
//! 4 ms after its first write. Nothing here takes the power away.

use std::env::current_exe;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use exits::broken::in_place::{emptied, written_over};
use exits::save::{Save, renamed, renamed_synced};
use lab::random::{Random, fresh_seed};
use lab::{Experiment, Kind, Run, rerun_self};

const KILLS: usize = 10;
const LATEST_US: usize = 4_000;
const BYTES: usize = 256 << 10;
/// What it costs is told by so many.
const TIMED: u32 = 3;
/// By then a writer ends by itself.
const LONG: Duration = Duration::from_secs(10);

const FILES: [(&str, &str, Save); 4] = [
    ("emptied", "emptied and written", emptied),
    ("over", "written over", written_over),
    ("renamed", "written beside, renamed", renamed),
    ("synced", "the same, with fsync", renamed_synced),
];
type Append = fn(File);

const RECORDS: [(&str, &str, Append); 3] = [
    ("buffered", "into a BufWriter", buffered),
    ("written", "and flushed", written),
    ("synced", "and synced", synced),
];

fn main() -> ExitCode {
    let question = "A writer is killed: what do its files hold?";
    let mut experiment = Experiment::new("exits_torn", question)
        .baseline("none")
        .observed()
        .case("files", "a file is replaced again and again");
    for (name, label, _) in FILES {
        experiment =
            experiment.variant(Kind::Process, name, label, move |run| {
                torn(run, name)
            });
    }
    experiment = experiment.case("records", "records are acknowledged");
    for (name, label, _) in RECORDS {
        experiment =
            experiment.variant(Kind::Process, name, label, move |run| {
                lost(run, name)
            });
    }
    experiment
        .child("replace", |args| replace(&args[0], Path::new(&args[1])))
        .child("append", |args| append(&args[0], Path::new(&args[1])))
        .run()
}

// ANCHOR: writer
/// Replaces the file until it is killed. All bytes of one version are alike.
fn replace(way: &str, path: &Path) {
    let (.., save) = FILES.iter().find(|known| known.0 == way).unwrap();
    let began = Instant::now();
    for version in 1.. {
        save(path, &vec![version as u8; BYTES], &mut || ()).unwrap();
        if version == TIMED {
            // From now on we may be killed.
            println!("{}", (began.elapsed() / TIMED).as_nanos());
        }
        if began.elapsed() > LONG {
            return;
        }
    }
}

fn is_torn(path: &Path) -> bool {
    let bytes = fs::read(path).expect("a file, whatever it holds");
    bytes.len() != BYTES || bytes.iter().any(|&byte| byte != bytes[0])
}
// ANCHOR_END: writer

fn torn(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let folder = Folder::new();
    let path = folder.0.join("file");
    let beside = path.with_extension("new");
    let (mut torn, mut empty, mut beside_left, mut each_us) = (0, 0, 0, 0.0);
    for _ in 0..KILLS {
        fs::write(&path, vec![0; BYTES]).expect("a file to begin with");
        let said = killed_while(run, "replace", way, &path);
        each_us += said[0].parse::<f64>().expect("a duration") / 1e3;
        torn += usize::from(is_torn(&path));
        empty += usize::from(fs::metadata(&path).unwrap().len() == 0);
        beside_left += usize::from(fs::remove_file(&beside).is_ok());
    }
    let share = |count: usize| count as f64 / KILLS as f64;
    run.metric("torn_share", share(torn));
    run.metric("empty_share", share(empty));
    run.metric("beside_share", share(beside_left));
    run.metric("each_us", each_us / KILLS as f64);
    format!("{torn} of {KILLS} torn")
}

// ANCHOR: records
fn buffered(file: File) {
    let mut file = BufWriter::new(file);
    acknowledged(|record| file.write_all(record));
}

fn written(file: File) {
    let mut file = BufWriter::new(file);
    acknowledged(|record| {
        file.write_all(record)?;
        file.flush() // now the kernel has it
    });
}

fn synced(file: File) {
    let mut file = BufWriter::new(file);
    acknowledged(|record| {
        file.write_all(record)?;
        file.flush()?;
        file.get_ref().sync_data() // now the disk has it
    });
}

/// Writes a record, says that it is written, and so on until it is killed.
fn acknowledged(mut write: impl FnMut(&[u8]) -> io::Result<()>) {
    let began = Instant::now();
    for number in 0.. {
        let record = format!("{number:07}\n");
        write(record.as_bytes()).unwrap();
        io::stdout().write_all(record.as_bytes()).unwrap();
        if began.elapsed() > LONG {
            return;
        }
    }
}
// ANCHOR_END: records

fn append(way: &str, path: &Path) {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let (.., work) = RECORDS.iter().find(|known| known.0 == way).unwrap();
    work(file.expect("a file to append to"));
}

fn lost(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let folder = Folder::new();
    let path = folder.0.join("records");
    let (mut lost, mut all) = (0, 0);
    for _ in 0..KILLS {
        let said = killed_while(run, "append", way, &path).len();
        let kept = fs::read(&path).expect("records");
        let kept = kept.iter().filter(|&&byte| byte == b'\n').count();
        lost += said.saturating_sub(kept);
        all += said;
        fs::remove_file(&path).expect("a file to remove");
    }
    run.metric("lost", lost as f64 / KILLS as f64);
    run.metric("acknowledged", all as f64 / KILLS as f64);
    run.metric("lost_share", lost as f64 / all as f64);
    if lost == 0 { "all are there" } else { "some are lost" }.into()
}

// ANCHOR: kill
/// Kills a writer some time after its first line. All that it has said.
fn killed_while(
    run: &mut Run,
    work: &str,
    way: &str,
    path: &Path,
) -> Vec<String> {
    let path = path.to_str().expect("a path of ours").to_owned();
    let mut writer = rerun_self(work, &[way.into(), path])
        .and_then(|mut writer| writer.stdout(Stdio::piped()).spawn())
        .expect("a writer");
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let first = lines.next().expect("a first write").expect("text");
    let moment = Random::new(fresh_seed()).below(LATEST_US);
    sleep(Duration::from_micros(moment as u64));
    writer.kill().expect("ours to kill"); // SIGKILL
    writer.wait().expect("a child that ends");
    run.stop_clock();
    let rest = lines.map_while(Result::ok);
    std::iter::once(first).chain(rest).collect()
}
// ANCHOR_END: kill

/// Beside this program, since a folder for temporary files may be in memory.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let us = current_exe().expect("our path");
        let name = format!("exits_torn-{}", std::process::id());
        let folder = us.with_file_name(name);
        fs::create_dir_all(&folder).expect("a folder of our own");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
