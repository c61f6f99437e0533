//! A ticker that is due every 10 ms, and how late its ticks are.

use std::future::Future;
use std::time::{Duration, Instant};

use lab::Run;
use lab::timeline::{Lane, Span, State, now_ns};

const PERIOD: Duration = Duration::from_millis(10);
const TICKS: u32 = 40;

/// A tick that has come.
pub struct Tick {
    late: Duration,
    at_ns: u64,
}

/// Ticks on any loop that can sleep.
pub async fn ticker<S: Future>(
    began: Instant,
    sleep_until: impl Fn(Instant) -> S,
) -> Vec<Tick> {
    let mut ticks = Vec::new();
    for n in 1..=TICKS {
        let due = began + n * PERIOD;
        sleep_until(due).await;
        ticks.push(Tick { late: due.elapsed(), at_ns: now_ns() });
    }
    ticks
}

/// Notes how late they were, and returns how many.
pub fn note(run: &mut Run, ticks: &[Tick]) -> usize {
    let mut late: Vec<f64> =
        ticks.iter().map(|tick| tick.late.as_secs_f64() * 1e3).collect();
    late.sort_by(f64::total_cmp);
    run.metric("worst_late_ms", late[late.len() - 1]);
    run.metric("median_late_ms", late[late.len() / 2]);
    ticks.len()
}

/// Draws the ticks, and beneath them what the neighbor did. Both tell the time
/// since `epoch_ns`.
pub fn draw(run: &mut Run, epoch_ns: u64, ticks: &[Tick], calls: Vec<Span>) {
    // A tick takes no time to speak of; a hundredth of one can be seen.
    let seen_ns = (PERIOD / 100).as_nanos() as u64;
    let mut spans: Vec<Span> = Vec::new();
    for tick in ticks {
        let from_ns = tick.at_ns - epoch_ns;
        if spans.last().is_none_or(|last| last.to_ns <= from_ns) {
            let (state, to_ns) = (State::Running, from_ns + seen_ns);
            spans.push(Span { state, from_ns, to_ns, core: None });
        }
    }
    let lane = |name: &str, spans| Lane {
        name: name.into(),
        spans,
        ..Lane::default()
    };
    run.timeline(vec![lane("ticker", spans), lane("neighbor", calls)]);
}
