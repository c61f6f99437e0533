//! One to sixteen threads compute, in jobs of a millisecond, and may have half
//! of the machine: as a quota of CPU time, or as half of the cores. When does a
//! quota stop them, for how long, and who feels it?
//!
//! Run:  cargo run --example quota_lanes
//! See:  with as many busy threads as the quota has cores, hardly a stop. With
//!       more, the quota is used up early in each period of 100 ms, and all
//!       threads stand still until the next one; so does a neighbor that hardly
//!       runs at all. As much work is done as with half of the cores, where
//!       nobody waits that long. A short period makes short stops. Bursts that
//!       use half of the quota are stopped, too, and yet are over sooner than
//!       with fewer threads.
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
use quota::cgroup::{self, Group, Stat};
use quota::{step, work};

// What a group may have saved is used up before anything is noted.
const WARM_NS: u64 = 100_000_000;
const LENGTH_NS: u64 = 300_000_000;
const PERIOD_US: u64 = 100_000; // the kernel's own choice, and Kubernetes'
const SHORT_US: u64 = 10_000;
const STEPS: u64 = 1_000; // of a microsecond each: a job
const TICK_NS: u64 = 5_000_000;
const BURSTS: u64 = 2;
const BETWEEN_NS: u64 = 300_000_000;
const BURST_STEPS: u64 = 80_000; // for each core

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
    experiment = experiment.case("burst", "0.3 s apart, half of the quota");
    let ways = [
        ("quota", "a thread for each core", quota, groups),
        ("fewer", "a thread for each two cores", quota, groups),
        ("all", "all of the machine", May::All, true),
    ];
    for (name, label, may, _) in ways.into_iter().filter(|way| way.3) {
        let work = move |run: &mut Run| {
            let half = (run.threads() / 2).max(1);
            let few = name == "fewer";
            bursts_in_a_child(run, if few { half } else { run.threads() }, may)
        };
        experiment = experiment.variant(Kind::Thread, name, label, work);
    }
    experiment.child("lanes", lanes).child("bursts", bursts).run()
}

/// A child that may have no more than it is allowed, and its group.
fn start(run: &Run, may: May, name: &str, args: &[usize]) -> (Helper, Counted) {
    let group = match may {
        May::HalfOfTheTime { period_us } => {
            let half = run.threads() as f64 / 2.0;
            Some(Group::with(half, period_us).expect("a control group"))
        }
        May::All | May::HalfOfTheCores => None,
    };
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let child = rerun_self(name, &args).expect("our path");
    let mut child = Helper::start(child).expect("a child");
    if let Some(group) = &group {
        group.take(child.pid()).expect("a child in its group");
    }
    child.write_line("go").expect("a child that listens");
    (child, Counted { group, before: None })
}

/// What the kernel counts for a group, from one moment to another.
struct Counted {
    group: Option<Group>,
    before: Option<Stat>,
}

impl Counted {
    fn now(&self) -> Option<Stat> {
        Some(self.group.as_ref()?.stat().expect("cpu.stat"))
    }

    fn tell(&self, run: &mut Run) -> String {
        let Some((now, before)) = self.now().zip(self.before) else {
            return "no quota".into();
        };
        let stat = now.since(before);
        let share = stat.throttled as f64 / stat.periods.max(1) as f64;
        run.metric("throttled_share", share);
        run.metric("stopped_ms", stat.throttled_ns as f64 / 1e6);
        format!("throttled in {} of {} periods", stat.throttled, stat.periods)
    }
}

fn in_a_child(run: &mut Run, threads: usize, may: May) -> String {
    run.elsewhere();
    let cores = match may {
        May::HalfOfTheCores => (run.threads() / 2).max(1),
        May::All | May::HalfOfTheTime { .. } => 0,
    };
    let (mut child, mut counted) = start(run, may, "lanes", &[threads, cores]);
    assert_eq!(child.read_line().expect("a child that works"), "begins");
    run.start_clock();
    counted.before = counted.now();
    assert_eq!(child.read_line().expect("a child that works"), "is over");
    run.stop_clock();
    let answer = counted.tell(run);
    let lanes = listen(run, &mut child);
    if threads <= 4 {
        run.timeline(lanes);
    }
    answer
}

fn bursts_in_a_child(run: &mut Run, threads: usize, may: May) -> String {
    run.elsewhere();
    let args = [threads, run.threads()];
    let (mut child, mut counted) = start(run, may, "bursts", &args);
    counted.before = counted.now();
    run.start_clock();
    listen(run, &mut child);
    run.stop_clock();
    counted.tell(run)
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

/// Two numbers, when the parent has given the word; `None` when it is gone.
fn wait_for_the_word(args: &[String]) -> Option<(usize, usize)> {
    let number = |i: usize| args[i].parse().expect("a number");
    println!("ready");
    let mut word = String::new();
    let read = io::stdin().read_line(&mut word).unwrap_or(0);
    (read > 0).then(|| (number(0), number(1)))
}

fn lanes(args: &[String]) {
    let Some((threads, cores)) = wait_for_the_word(args) else { return };
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

// ANCHOR: bursts
/// Bursts of work, and pauses. How long does a burst take, and how much of half
/// the machine is used?
fn bursts(args: &[String]) {
    let Some((threads, cores)) = wait_for_the_word(args) else { return };
    let share = BURST_STEPS * cores as u64 / threads as u64;
    let (began, mut total_ns) = (now_ns(), 0);
    for number in 1..=BURSTS {
        let burst = now_ns();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(move || work(share));
            }
        });
        total_ns += now_ns() - burst;
        let due = began + number * BETWEEN_NS;
        thread::sleep(Duration::from_nanos(due.saturating_sub(now_ns())));
    }
    println!("burst_ms {}", total_ns as f64 / BURSTS as f64 / 1e6);
    if let Some(used_ns) = os::counters().cpu_ns {
        let half_ns = (now_ns() - began) as f64 * cores as f64 / 2.0;
        println!("used_share {}", used_ns as f64 / half_ns);
    }
    println!("end");
}
// ANCHOR_END: bursts

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
