//! For a twentieth of a second twice as many ask as a server can answer. When
//! they are gone, is all well again?
//!
//! Run:  cargo run --example overload_storm
//! See:  yes, where who gives up does not ask again. Who gives up and asks
//!       again keeps the server busy with what nobody waits for any more, also
//!       after a short pause, and also after one that is drawn by chance. What
//!       helps is a pause that is long beside the surge, a budget for asking
//!       again, or a server that turns away, or leaves out, what it cannot
//!       answer in time. Two hundred who ask at the same
//!       moment get done sooner where chance draws their pauses.
//!
//! A request takes a quarter of a millisecond, by a timer. Clients are tasks,
//! and the server is a thread.

use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lab::random::{Random, fresh_seed};
use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run};
use overload::limit::{Limit, Pass};
use overload::server::{Desk, Request, serve};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

const SERVICE_NS: u64 = 250_000;
const MS: u64 = 1_000_000;
/// So long a client waits for one answer, and until it asks no more.
const PATIENCE: Duration = Duration::from_millis(10);
const ALL_PATIENCE: Duration = Duration::from_millis(50);
/// Then it is over. Who makes long pauses waits until then.
const END_NS: u64 = 400 * MS;
const ATTEMPTS: u32 = 4;
/// So many are served within the patience for one.
const MOST: usize = 32;
/// So many ask at the same moment.
const HERD: usize = 200;

/// Who asks: when, and how often in percent of what the server can answer.
const PHASES: [(u64, u64, u64); 3] =
    [(0, 40 * MS, 60), (40 * MS, 80 * MS, 200), (80 * MS, 350 * MS, 60)];
/// By then all should be well; of those who ask in between it is counted.
const AFTER: Range<u64> = 240 * MS..300 * MS;

fn main() -> ExitCode {
    let plain = Scene { again: Again::AtOnce, most: usize::MAX, skips: false };
    let with = |again| Scene { again, ..plain };
    let mut experiment = Experiment::new(
        "overload_storm",
        "Too many asked for a moment: when they are gone, is all well?",
    )
    .baseline("once")
    .case("surge", "60 % of the capacity, and 200 % for 40 ms");
    for (name, label, scene) in [
        ("once", "gives up", with(Again::Never)),
        ("again", "asks again at once", plain),
        ("backoff", "after 5, 10, 20 ms", with(Again::Backoff)),
        ("jitter", "the same, by chance", with(Again::Jitter)),
        ("far", "by chance, up to 640 ms", with(Again::Far)),
        ("budget", "at once, one in ten", with(Again::Budget)),
        ("limit", "at once; 32 in flight", Scene { most: MOST, ..plain }),
        ("skips", "at once; skips who left", Scene { skips: true, ..plain }),
    ] {
        experiment = experiment
            .variant(Kind::Task, name, label, move |run| surge(run, scene));
    }
    experiment = experiment.case("herd", "200 at once, and room for 32");
    for (name, label, again) in [
        ("fixed", "after 10 ms", Again::Fixed),
        ("backoff", "after 5, 10, 20 … 80 ms", Again::Backoff),
        ("jitter", "the same, by chance", Again::Jitter),
    ] {
        experiment = experiment.variant(Kind::Task, name, label, move |run| {
            herd(run, Scene { again, most: MOST, skips: false })
        });
    }
    experiment.run()
}

/// When a client asks again.
#[derive(Clone, Copy)]
enum Again {
    Never,
    AtOnce,
    Fixed,
    Backoff,
    Jitter,
    Far,
    Budget,
}

#[derive(Clone, Copy)]
struct Scene {
    again: Again,
    /// In flight.
    most: usize,
    /// The server leaves out who has given up.
    skips: bool,
}

/// Where an answer goes to, and the place that it takes meanwhile.
type Answer = (oneshot::Sender<()>, Pass);

/// What all clients share.
struct Site {
    scene: Scene,
    ask: Sender<Request<Answer>>,
    limit: Arc<Limit>,
    calls: AtomicUsize,
    /// A tenth of a call each.
    tokens: AtomicUsize,
    random: Mutex<Random>,
}

impl Site {
    fn new(scene: Scene, ask: Sender<Request<Answer>>) -> Arc<Site> {
        Arc::new(Site {
            scene,
            ask,
            limit: Limit::of(scene.most),
            calls: AtomicUsize::new(0),
            tokens: AtomicUsize::new(0),
            random: Mutex::new(Random::new(fresh_seed())),
        })
    }

    /// What the answer will come by, or nothing where one is refused.
    fn call(&self) -> Option<oneshot::Receiver<()>> {
        self.calls.fetch_add(1, Relaxed);
        let pass = Limit::enter(&self.limit)?;
        let (to, from) = oneshot::channel();
        let request = Request { came_ns: now_ns(), answer: (to, pass) };
        self.ask.send(request).expect("the server is there");
        Some(from)
    }

    // ANCHOR: client
    /// Whether there is an answer in the end.
    async fn client(&self) -> bool {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 && !self.again(attempt).await {
                return false;
            }
            if let Some(answer) = self.call() {
                // Who gives up tells nobody.
                if timeout(PATIENCE, answer).await.is_ok() {
                    return true;
                }
            }
        }
        false
    }

    /// Waits until it is time to ask again. Or is it not to be?
    async fn again(&self, attempt: u32) -> bool {
        let most_ms = (5 << (attempt - 1)).min(80);
        let pause_ms = match self.scene.again {
            Again::Never => return false,
            Again::AtOnce => return true,
            Again::Budget => return self.has_token(),
            Again::Fixed => 10,
            Again::Backoff => most_ms,
            Again::Jitter => self.chance(most_ms),
            Again::Far => self.chance(640),
        };
        sleep(Duration::from_millis(pause_ms as u64)).await;
        true
    }
    // ANCHOR_END: client

    fn chance(&self, most: usize) -> usize {
        self.random.lock().unwrap().below(most + 1)
    }

    /// Each first call brings a tenth of a token; to ask again takes one.
    fn has_token(&self) -> bool {
        let less = |tenths: usize| tenths.checked_sub(10);
        self.tokens.fetch_update(Relaxed, Relaxed, less).is_ok()
    }

    fn earn(&self) {
        let more = |tenths: usize| (tenths < 100).then_some(tenths + 1);
        let _full = self.tokens.fetch_update(Relaxed, Relaxed, more);
    }

    /// Asks until it is let in, and waits for the answer.
    async fn insists(&self) {
        let mut attempt = 0;
        loop {
            if let Some(answer) = self.call() {
                return answer.await.expect("an answer");
            }
            attempt = (attempt + 1).min(8);
            self.again(attempt).await;
        }
    }
}

/// What the server did: for whom somebody waited, and for whom nobody.
#[derive(Default)]
struct Served {
    wanted: usize,
    wasted: usize,
}

fn server(
    asked: Receiver<Request<Answer>>,
    skips: bool,
    over: &AtomicBool,
) -> Served {
    let mut served = Served::default();
    let wanted = |answer: &Answer| {
        !(over.load(Relaxed) || skips && answer.0.is_closed())
    };
    let done = |(answer, pass): Answer| {
        drop(pass);
        match answer.send(()) {
            Ok(()) => served.wanted += 1,
            Err(()) => served.wasted += 1,
        }
    };
    serve(Desk::new(SERVICE_NS), asked, wanted, done);
    served
}

/// When requests are due.
fn arrivals() -> Vec<u64> {
    let phase = |(from, to, percent): (u64, u64, u64)| {
        (from..to).step_by((SERVICE_NS * 100 / percent) as usize)
    };
    PHASES.into_iter().flat_map(phase).collect()
}

fn surge(run: &mut Run, scene: Scene) -> &'static str {
    let (ask, asked) = channel();
    let site = Site::new(scene, ask);
    let over = AtomicBool::new(false);
    let gate = &run.gate(2);
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("tokio");
    let (answered, calls, served) = thread::scope(|scope| {
        let server = scope.spawn(|| {
            gate.wait();
            server(asked, scene.skips, &over)
        });
        gate.wait();
        let answered = runtime.block_on(async {
            let began = gate.began_ns();
            let mut clients = Vec::new();
            for after in arrivals() {
                let left = (began + after).saturating_sub(now_ns());
                if left > 0 {
                    sleep(Duration::from_nanos(left)).await;
                }
                site.earn();
                let patience = match scene.again {
                    Again::Far => Duration::from_nanos(END_NS - after),
                    _ => ALL_PATIENCE,
                };
                let site = Arc::clone(&site);
                clients.push(tokio::spawn(async move {
                    let got = timeout(patience, site.client()).await;
                    (after, got == Ok(true))
                }));
            }
            let mut answered = Vec::new();
            for client in clients {
                answered.push(client.await.expect("no client panics"));
            }
            answered
        });
        over.store(true, Relaxed);
        let calls = site.calls.load(Relaxed);
        drop(site);
        (answered, calls, server.join().unwrap())
    });
    run.stop_clock();
    let share = |range: Range<u64>| {
        let those = answered.iter().filter(|(at, _)| range.contains(at));
        let got = those.clone().filter(|(_, got)| *got).count();
        got as f64 / those.count() as f64
    };
    run.metric("before_share", share(0..30 * MS));
    run.metric("after_share", share(AFTER));
    run.metric("calls", calls as f64 / answered.len() as f64);
    let all = served.wanted + served.wasted;
    run.metric("wasted_share", served.wasted as f64 / all as f64);
    "each had an answer or gave up"
}

fn herd(run: &mut Run, scene: Scene) -> &'static str {
    let (ask, asked) = channel();
    let site = Site::new(scene, ask);
    let over = AtomicBool::new(false);
    let gate = &run.gate(2);
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("tokio");
    let (calls, served) = thread::scope(|scope| {
        let server = scope.spawn(|| {
            gate.wait();
            server(asked, false, &over)
        });
        gate.wait();
        runtime.block_on(async {
            let one = |_| {
                let site = Arc::clone(&site);
                tokio::spawn(async move { site.insists().await })
            };
            for client in (0..HERD).map(one).collect::<Vec<_>>() {
                client.await.expect("no client panics");
            }
        });
        let calls = site.calls.load(Relaxed);
        drop(site);
        (calls, server.join().unwrap())
    });
    run.stop_clock();
    assert_eq!(served.wanted, HERD, "one is lost");
    run.metric("calls", calls as f64 / HERD as f64);
    run.metric("done_ms", run.elapsed().as_secs_f64() * 1e3);
    "all had their answer"
}
