//! The chapter's own parts: the barrier, and the control group.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use quota::barrier::{Barrier, Way};
use quota::cgroup::Group;

#[test]
fn nobody_goes_on_before_all_have_come_whichever_way_they_wait() {
    for way in [Way::Spin, Way::Yield, Way::Briefly(100), Way::Sleep] {
        let (threads, rounds) = (3, 20);
        let (barrier, came) = (&Barrier::new(threads), &AtomicUsize::new(0));
        let opened = &AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(move || {
                    for round in 1..=rounds {
                        came.fetch_add(1, Ordering::SeqCst);
                        barrier.meet(way, || {
                            opened.fetch_add(1, Ordering::SeqCst);
                        });
                        let all = came.load(Ordering::SeqCst);
                        assert!(all >= round * threads, "{way:?}: {all}");
                    }
                });
            }
        });
        assert_eq!(opened.load(Ordering::SeqCst), rounds, "{way:?}");
    }
}

/// Passes where no group can be made: who may is a matter of the machine.
#[test]
fn a_process_in_a_group_is_stopped_and_the_group_goes_when_it_has_ended() {
    let Ok(group) = Group::with(0.1, 100_000) else { return };
    let mut child = Command::new("sh")
        .args(["-c", "read word; while :; do :; done"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    group.take(child.id()).unwrap();
    drop(child.stdin.take()); // `read` ends
    let mut stat = group.stat().unwrap();
    for _ in 0..100 {
        // The time is added when a stop is over.
        if stat.throttled > 0 && stat.throttled_ns > 0 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
        stat = group.stat().unwrap();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(stat.throttled > 0 && stat.throttled_ns > 0, "{stat:?}");
    let path = group.path().to_owned();
    assert!(path.exists());
    drop(group);
    assert!(!path.exists());
}

#[test]
fn a_group_that_cannot_be_limited_is_not_left_behind() {
    // A period is a second at most.
    let Err(_) = Group::with(0.5, 10_000_000) else {
        panic!("a period of ten seconds");
    };
    let ours = format!("taking-turns-{}-", std::process::id());
    let left = walk("/sys/fs/cgroup", &ours, 3);
    assert!(left.is_empty(), "{left:?}");
}

/// Folders below `top` whose name begins like this and that stay.
fn walk(top: &str, name: &str, deep: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(top).into_iter().flatten().flatten() {
        let (path, is_dir) = (entry.path(), entry.path().is_dir());
        let entry = entry.file_name().to_string_lossy().into_owned();
        if is_dir && entry.starts_with(name) {
            // The other test's, which is there for a moment.
            thread::sleep(Duration::from_secs(1));
            if path.exists() {
                found.push(entry);
            }
        } else if is_dir && deep > 0 {
            found.extend(walk(&path.to_string_lossy(), name, deep - 1));
        }
    }
    found
}
