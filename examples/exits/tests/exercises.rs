//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use lab::testing::fails;

#[cfg(target_os = "linux")]
#[path = "../exercises/limit_solution.rs"]
mod limit_solution;
#[cfg(target_os = "linux")]
#[path = "../exercises/limit_starter.rs"]
mod limit_starter;
#[path = "../exercises/records_solution.rs"]
mod records_solution;
#[path = "../exercises/records_starter.rs"]
mod records_starter;
#[path = "../exercises/save_solution.rs"]
mod save_solution;
#[path = "../exercises/save_starter.rs"]
mod save_starter;

#[cfg(unix)]
fn a_file(name: &str) -> std::path::PathBuf {
    let name = format!("taking-turns-{name}-{}", std::process::id());
    std::env::temp_dir().join(name)
}

/// Windows does not give a file the name of one that somebody reads.
#[cfg(unix)]
macro_rules! save {
    ($exercise:ident) => {
        || {
            let path = a_file(stringify!($exercise));
            let versions = ["a", "b"].map(|text| text.repeat(1 << 20));
            std::fs::write(&path, &versions[0]).unwrap();
            let is_whole = std::thread::scope(|scope| {
                let saves = scope.spawn(|| {
                    for version in versions.iter().cycle().take(100) {
                        $exercise::save(&path, version).unwrap();
                    }
                });
                let mut is_whole = true;
                while is_whole && !saves.is_finished() {
                    let found = std::fs::read_to_string(&path).unwrap();
                    is_whole = versions.contains(&found);
                }
                is_whole
            });
            std::fs::remove_file(&path).unwrap();
            assert!(is_whole, "a part was found");
        }
    };
}

#[cfg(unix)]
#[test]
fn whoever_reads_a_file_finds_the_old_or_the_new() {
    fails(save!(save_starter));
    save!(save_solution)();
}

#[cfg(target_os = "linux")]
macro_rules! limit {
    ($exercise:ident) => {
        || {
            let script = "echo begun; (sleep 1; echo late) & wait";
            let limit = std::time::Duration::from_millis(300);
            let said = $exercise::said_within(script, limit).unwrap();
            assert_eq!(said, "begun\n");
        }
    };
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_said_after_the_limit() {
    fails(limit!(limit_starter));
    limit!(limit_solution)();
}

macro_rules! records {
    ($exercise:ident) => {
        || {
            let log = b"7\n1234\n56\n";
            for cut in 0..=log.len() {
                let (numbers, good) = $exercise::read(&log[..cut]);
                let (count, whole) = match cut {
                    0..2 => (0, 0),
                    2..7 => (1, 2),
                    7..10 => (2, 7),
                    _ => (3, 10),
                };
                assert_eq!(numbers, [7, 1234, 56][..count], "cut at {cut}");
                assert_eq!(good, whole, "cut at {cut}");
            }
        }
    };
}

#[test]
fn a_log_that_is_cut_off_anywhere_has_its_whole_records() {
    fails(records!(records_starter));
    records!(records_solution)();
}
