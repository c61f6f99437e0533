//! One to sixteen threads compute, in jobs of a millisecond, and may have half
//! of the machine: as a quota of CPU time, or as half of the cores. When does a
//! quota stop them, for how long, and who feels it?
//!
//! Run:  cargo run --example quota_lanes
//! See:  with as many busy threads as the quota has cores, hardly a stop. With
//!       more, the quota is used up early in each period of 100 ms, and all
//!       threads stand still until the next one; so does a neighbor that hardly
//!       runs at all. As much work is done as with half of the cores, where
//!       nobody waits that long. A short period makes short stops.
//!
//! Needs Linux and the right to make a control group (root, mostly). Without it
//! only the cores are measured.

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use lab::timeline::{Lane, Recorder, now_ns};
use lab::{Experiment, Gate, Helper, Kind, Run, os, rerun_self};
use quota::cgroup::{self, Group};
use quota::step;

// What a group may have saved is used up before anything is noted.
const WARM_NS: u64 = 100_000_000;
const LENGTH_NS: u64 = 300_000_000;
const PERIOD_US: u64 = 100_000; // the kernel's own choice, and Kubernetes'
const SHORT_US: u64 = 10_000;
const STEPS: u64 = 1_000; // of a microsecond each: a job
const TICK_NS: u64 = 5_000_000;

/// What the threads may have.
#[derive(Clone, Copy)]
enum May {
    All,
    HalfOfTheCores,
    HalfOfTheTime { period_us: u64 },
}

fn main() -> ExitCode {
    let groups = cgroup::allowed("quota_lanes");
    let quota = May::HalfOfTheTime { period_us: PERIOD_US };
    let short = May::HalfOfTheTime { period_us: SHORT_US };
    let mut experiment = Experiment::new(
        "quota_lanes",
        "What does a CPU quota do to more threads than it has cores?",
    )
    .baseline("none")
    .observed();
    for threads in [1, 2, 4, 16] {
        let ways = [
            ("quota", "half of the time", quota, groups),
            ("short", "in a tenth of the period", short, groups),
            ("cores", "half of the cores", May::HalfOfTheCores, true),
            ("all", "all of the machine", May::All, true),
        ];
        experiment = experiment.case(&threads.to_string(), "busy threads");
        for (name, label, may, _) in ways.into_iter().filter(|way| way.3) {
            let is_asked = match name {
                "short" => [2, 16].contains(&threads),
                "all" => threads == 2,
                _ => true,
            };
            if is_asked {
                experiment =
                    experiment.variant(Kind::Thread, name, label, move |run| {
                        in_a_child(run, threads, may)
                    });
            }
        }
    }
    experiment.child("lanes", lanes).run()
}

/// The threads are a child's, so that the quota is not ours.
fn in_a_child(run: &mut Run, threads: usize, may: May) -> String {
    run.elsewhere();
    let half = run.threads() as f64 / 2.0;
    let group = match may {
        May::HalfOfTheTime { period_us } => {
            Some(Group::with(half, period_us).expect("a control group"))
        }
        May::All | May::HalfOfTheCores => None,
    };
    let cores = match may {
        May::HalfOfTheCores => (run.threads() / 2).max(1),
        May::All | May::HalfOfTheTime { .. } => 0,
    };
    let args = [threads.to_string(), cores.to_string()];
    let child = rerun_self("lanes", &args).expect("our path");
    let mut child = Helper::start(child).expect("a child");
    if let Some(group) = &group {
        group.take(child.pid()).expect("a child in its group");
    }
    let counted = || Some(group.as_ref()?.stat().expect("cpu.stat"));
    child.write_line("go").expect("a child that listens");
    assert_eq!(child.read_line().expect("a child that works"), "begins");
    run.start_clock();
    let before = counted();
    assert_eq!(child.read_line().expect("a child that works"), "is over");
    run.stop_clock();
    let stat = counted().zip(before).map(|(after, b)| after.since(b));
    let lanes = listen(run, &mut child);
    if threads <= 4 {
        run.timeline(lanes);
    }
    let Some(stat) = stat else { return "no quota".into() };
    let share = stat.throttled as f64 / stat.periods.max(1) as f64;
    run.metric("throttled_share", share);
    run.metric("stopped_ms", stat.throttled_ns as f64 / 1e6);
    format!("throttled in {} of {} periods", stat.throttled, stat.periods)
}

/// What the child says of itself: a number a line, or a lane.
fn listen(run: &mut Run, child: &mut Helper) -> Vec<Lane> {
    let mut lanes = Vec::new();
    loop {
        let line = child.read_line().expect("a child that answers");
        match line.split_once(' ') {
            Some(("lane", text)) => lanes.extend(Lane::from_text(text)),
            Some((name, value)) => {
                run.metric(name, value.parse().expect("a number"));
            }
            None => return lanes,
        }
    }
}

fn lanes(args: &[String]) {
    let number = |i: usize| args[i].parse::<usize>().expect("a number");
    let (threads, cores) = (number(0), number(1));
    println!("ready");
    let mut word = String::new();
    if io::stdin().read_line(&mut word).unwrap_or(0) == 0 {
        return; // the parent is gone
    }
    if let Some(cpus) = os::allowed_cpus().filter(|_| cores > 0) {
        os::pin_to(&cpus[..cores.min(cpus.len())]); // and so its threads
    }
    let gate = &Gate::of(threads + 1);
    let (workers, late) = thread::scope(|scope| {
        let all: Vec<_> = (1..=threads)
            .map(|i| scope.spawn(move || busy(&format!("thread {i}"), gate)))
            .collect();
        let late = ticks(gate);
        let all = all.into_iter().map(|worker| worker.join().unwrap());
        (all.collect::<Vec<_>>(), late)
    });
    tell(&workers, &late);
}

struct Worker {
    lane: Lane,
    job_ns: Vec<u64>,
    in_time: u64,
}

// ANCHOR: busy
/// Does one job after the other, and notes when it has a core.
fn busy(name: &str, gate: &Gate) -> Worker {
    gate.wait();
    let from_ns = gate.began_ns() + WARM_NS;
    let (mut x, mut job_ns, mut in_time) = (black_box(7), Vec::new(), 0);
    while now_ns() < from_ns {
        x = step(x);
    }
    let mut recorder = Recorder::start(name, from_ns);
    loop {
        let begun = recorder.note();
        if begun >= from_ns + LENGTH_NS {
            black_box(x);
            return Worker { lane: recorder.finish(), job_ns, in_time };
        }
        for _ in 0..STEPS {
            x = step(x); // a microsecond
            in_time += u64::from(recorder.note() <= from_ns + LENGTH_NS);
        }
        job_ns.push(recorder.note() - begun);
    }
}

/// Wakes up every 5 ms, and notes how late. It hardly needs a core.
fn ticks(gate: &Gate) -> Vec<u64> {
    gate.wait();
    let from_ns = gate.began_ns() + WARM_NS;
    let (mut due, mut late) = (from_ns, Vec::new());
    while due < from_ns + LENGTH_NS {
        thread::sleep(Duration::from_nanos(due.saturating_sub(now_ns())));
        late.push(now_ns().saturating_sub(due));
        if due == from_ns {
            println!("begins");
        }
        due = now_ns().max(due) + TICK_NS;
    }
    println!("is over");
    late
}
// ANCHOR_END: busy

fn tell(workers: &[Worker], late: &[u64]) {
    let mut jobs: Vec<u64> =
        workers.iter().flat_map(|w| w.job_ns.iter().copied()).collect();
    jobs.sort_unstable();
    let at = |share: f64| {
        jobs[((jobs.len() - 1) as f64 * share) as usize] as f64 / 1e6
    };
    let in_time: u64 = workers.iter().map(|worker| worker.in_time).sum();
    let gaps = workers.iter().flat_map(|worker| {
        worker
            .lane
            .spans
            .windows(2)
            .map(|pair| pair[1].from_ns.saturating_sub(pair[0].to_ns))
    });
    let jobs_done = in_time as f64 / STEPS as f64;
    println!("each_ms {}", LENGTH_NS as f64 / 1e6 / jobs_done);
    println!("job_p50_ms {}", at(0.5));
    println!("job_p99_ms {}", at(0.99));
    println!("job_worst_ms {}", at(1.0));
    println!("gap_worst_ms {}", gaps.max().unwrap_or(0) as f64 / 1e6);
    println!("late_worst_ms {}", worst_ms(late));
    for worker in workers {
        println!("lane {}", worker.lane.to_text());
    }
    println!("end");
}

fn worst_ms(late: &[u64]) -> f64 {
    late.iter().max().copied().unwrap_or(0) as f64 / 1e6
}
