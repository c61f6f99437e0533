//! Flows that are compared have met before the clock starts: they are started by `lab`, or it
//! is written here why not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use taking_turns::root;

/// What makes a thread, and what it may wait at until the start.
const THREADS: [&str; 4] =
    ["thread::spawn(", "scope.spawn(", "spawn_scoped(", "threading.Thread("];
const GATES: [&str; 4] = [".gate(", "Gate::of(", "Gate(", "gate.then("];
/// Who sleeps here wakes up one by one.
const BARRIERS: [&str; 2] = ["Barrier::new(", "Barrier("];

/// Files that make threads without a gate, or have a barrier, below `examples/`.
const OTHERWISE: [(&str, &str); 75] = [
    ("cancelling/cancel_leaves.py", "what is left is looked at, and nothing timed"),
    ("cancelling/cancel_leaves.rs", "what is left is looked at, and nothing timed"),
    ("cancelling/cancel_siblings.rs", "who goes on is counted, in steps of 10 ms"),
    ("cancelling/cancel_timeout.py", "the server, which is asked when it listens"),
    ("cancelling/cancel_timeout.rs", "the server, which is asked when it listens"),
    ("cancelling/common/frames.py", "the sender, which is what one waits for"),
    ("cancelling/src/frames.rs", "the sender, which is what one waits for"),
    ("choosing/src/crew.rs", "making them is part of what a job takes"),
    ("choosing/src/models.rs", "making them is part of what a job takes"),
    ("circles/circles.py", "who waits for whom is the question"),
    ("circles/circles.rs", "who waits for whom is the question"),
    ("ending/ending_blocked.py", "one call is left behind, and says when it has begun"),
    ("ending/ending_blocked.rs", "one call is left behind, and says when it has begun"),
    ("ending/ending_interrupts.py", "what main waits for, before anything is timed"),
    ("ending/ending_term.py", "the server, in whose process nothing is timed"),
    ("ending/ending_term.rs", "the server, in whose process nothing is timed"),
    ("event_loop/common/crowd.py", "it only watches"),
    ("event_loop/loop_bell.py", "the sender waits until the loop sleeps"),
    ("event_loop/loop_bell.rs", "the sender waits until the loop sleeps"),
    ("event_loop/loop_echo.rs", "the asker, which is asked when it listens"),
    ("event_loop/src/clients.rs", "a thread for each request is made for it"),
    ("event_loop/src/crowd.rs", "it only watches"),
    ("event_loop/src/server.rs", "the server, before anything is timed"),
    ("exits/exits_first.rs", "it waits for a signal, and nothing is timed"),
    ("exits/exits_orphans.rs", "that it ends is the question"),
    ("exits/exits_ways.py", "what is left of it is the question"),
    ("exits/exits_ways.rs", "what is left of it is the question"),
    ("fair/src/realtime.rs", "it only asks whether it may"),
    ("hidden/hidden_ways.py", "which way works is the question"),
    ("hidden/hidden_ways.rs", "which way works is the question"),
    ("limits/limits_accept.py", "a thread for each connection is made for it"),
    ("limits/limits_accept.rs", "a thread for each connection is made for it"),
    ("limits/limits_meet.py", "how many there can be is the question"),
    ("limits/limits_meet.rs", "how many there can be is the question"),
    ("machines/common/dask_hosts.py", "it only sees whether the parent is there"),
    ("machines/machines_fail.rs", "they listen to hosts that are connected"),
    ("machines/src/hosts.rs", "it only sees whether the parent is there"),
    ("machines/src/links.rs", "links, before anything is timed"),
    ("mixing/common/service.py", "the service, before anything is timed"),
    ("mixing/mix_call.py", "the actor, which is called before anything is timed"),
    ("mixing/src/pools.rs", "they do jobs, as a part of the pool"),
    ("overload/overload_queue.py", "who only looks, beside what is timed"),
    ("preemptive/preempt_over.rs", "the variant `barrier` is about it"),
    ("processes/common/ipc_work.py", "the other side says when it is there"),
    ("processes/process_break_even.py", "what making them costs is the question"),
    ("processes/process_break_even.rs", "what making them costs is the question"),
    ("processes/process_memory.py", "memory is counted, and nothing timed"),
    ("processes/process_memory.rs", "memory is counted, and nothing timed"),
    ("processes/process_start.py", "what making them costs is the question"),
    ("processes/process_start.rs", "what making them costs is the question"),
    ("processes/src/pool.rs", "they hand out jobs, as a part of the pool"),
    ("quota/quota_barrier.rs", "they meet before, and again and again"),
    ("sharing/sharing_hand_over.py", "the receiver sleeps long before the clock starts"),
    ("sharing/sharing_hand_over.rs", "the receiver says that it is there, and sleeps"),
    ("sharing/sharing_lost.py", "the receiver is there before the senders meet"),
    ("sharing/sharing_lost.rs", "the receiver is there before the senders meet"),
    ("switching/common/pingpong.py", "the partner says when it is there"),
    ("switching/src/echo.rs", "the server, before anything is timed"),
    ("switching/src/pipes.rs", "the partner says when it is there"),
    ("switching/src/rung.rs", "one thread, to be kept on a core"),
    ("switching/switch_saves.rs", "registers are looked at, and nothing timed"),
    ("threads/common/barrier.py", "for threads_many"),
    ("threads/thread_list.py", "threads are counted, and nothing timed"),
    ("threads/thread_list.rs", "threads are counted, and nothing timed"),
    ("threads/threads_arenas.py", "memory is counted, and nothing timed"),
    ("threads/threads_arenas.rs", "memory is counted, and nothing timed"),
    ("threads/threads_crash.py", "how they end is the question"),
    ("threads/threads_crash.rs", "how they end is the question"),
    ("threads/threads_many.py", "what making them costs is the question"),
    ("threads/threads_many.rs", "what making them costs is the question"),
    ("tools/common/ills.py", "how they look from outside is the question"),
    ("tools/src/ills.rs", "how they look from outside is the question"),
    ("tools/tools_cost.rs", "the partner is there before the first message is answered"),
    ("work/work_kinds.py", "the rival says when it is there"),
    ("work/work_kinds.rs", "the rival says when it is there"),
];

/// What runs under a clock, below `examples/`: the programs of each chapter, and what they
/// share.
fn measured(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !["exercises", "broken", "model", "tests", "__pycache__"].contains(&name) {
                measured(&path, found);
            }
        } else if name.ends_with(".rs") || name.ends_with(".py") {
            let below = path.strip_prefix(root().join("examples")).unwrap();
            let below = below.to_str().unwrap().replace('\\', "/");
            found.insert(below, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Whether the flows that a file makes start otherwise than by `lab`.
fn starts_otherwise(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&BARRIERS) || has(&THREADS) && !has(&GATES)
}

#[test]
fn flows_that_are_compared_start_by_the_lab() {
    let mut files = BTreeMap::new();
    measured(&root().join("examples"), &mut files);
    files.retain(|_, text| starts_otherwise(text));
    let otherwise: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        otherwise,
        OTHERWISE.map(|(file, _why)| file),
        "use `run.gate`, `run.together` or a `Crew`, or say in OTHERWISE why not"
    );
}

#[test]
fn a_bare_barrier_and_bare_threads_are_noticed() {
    assert!(starts_otherwise("let ready = Barrier::new(2);"));
    assert!(starts_otherwise("gate = run.gate(2); ready = threading.Barrier(2)"));
    assert!(starts_otherwise("thread::spawn(piece)"));
    assert!(!starts_otherwise("let gate = run.gate(2); thread::spawn(gate.then(piece))"));
    assert!(!starts_otherwise("run.together(2, piece)"));
}
