//! What each tool must tell of each ill to count as seeing it, and what came of
//! it.

use std::thread::sleep;
use std::time::Duration;

use lab::{Helper, Run, rerun_self};

use crate::quota::Quota;
use crate::tool::ask;

/// Until it is ill.
const SETTLE: Duration = Duration::from_millis(80);
/// What the throttled program may use of one core.
const PERCENT: u32 = 30;

// ANCHOR: cells
/// By ill and tool: the line that shows the ill, and a line that points
/// elsewhere; nothing where a tool has none. A line must have all the parts,
/// with `+` in between, and after `2 x` there must be two such lines.
const CELLS: &[(&str, &str, &str, &str)] = &[
    ("blocked", "wchan", "tokio-rt + nanosleep", ""),
    ("blocked", "strace", "clock_nanosleep", ""),
    ("blocked", "gdb", "tokio-rt + sleep + reads_a_file", ""),
    ("blocked", "metrics", "busy over 70 %", ""),
    ("blocked", "polls", "reads_a_file + over 30 ms", ""),
    ("deadlock", "gdb", "2 x lock_contended + takes_both", ""),
    ("convoy", "top", "", "20 to 70 % CPU"),
    ("convoy", "switches", "2 x  voluntary over 500", ""),
    ("convoy", "strace", "futex + over 500 a second", ""),
    ("convoy", "gdb", "2 x lock_slow + takes_turns", ""),
    ("convoy", "perf", "lock_slow", ""),
    ("convoy", "stacks", "futex < lock_slow + 00 a second", ""),
    ("throttled", "top", "", "20 to 70 % CPU"),
    ("throttled", "schedstat", "waited for a core 20 to 70 %", ""),
    ("throttled", "cgroup", "nr_throttled grows", ""),
    ("sharing", "top", "", "2 x over 70 % CPU"),
    ("sharing", "perf", "", "counts + over 70 %"),
    ("sharing", "c2c", "Shared Cache Lines", ""),
    ("pool", "wchan", "2 x tokio-rt + nanosleep", ""),
    ("pool", "gdb", "2 x sleep + asks_the_database", ""),
    ("pool", "polls", "2 x serves + none for 200 ms", ""),
    ("lost", "gdb", "waits_for_an_answer", ""),
    ("lost", "polls", "waits_for_an_answer + none for 200 ms", ""),
    ("live", "top", "", "over 70 % CPU"),
    ("live", "gdb", "tokio-rt + is_there", ""),
    ("live", "perf", "", "works + over 70 %"),
    ("live", "metrics", "busy over 70 %", "busy under 5 %"),
    ("live", "polls", "waits_for_a_flag + over 20 000", ""),
    ("storm", "switches", "2 x  voluntary over 500", ""),
    ("storm", "strace", "", "futex + over 500 a second, errors"),
    ("storm", "gdb", "spawn_blocking", ""),
    ("storm", "perf", "blocking::pool", ""),
    ("storm", "metrics", "parked over 500 a second", ""),
    ("storm", "stacks", "futex < spawn_task + 00 a second", ""),
];
// ANCHOR_END: cells

/// The line with all the parts; the second of them where two are asked for.
pub fn find<'l>(lines: &'l [String], words: &str) -> Option<&'l str> {
    let (needed, words) = match words.strip_prefix("2 x ") {
        Some(words) => (2, words),
        None => (1, words),
    };
    let has_all =
        |line: &&String| words.split(" + ").all(|part| line.contains(part));
    let mut found = lines.iter().filter(has_all);
    found.nth(needed - 1).map(String::as_str).filter(|_| !words.is_empty())
}

// ANCHOR: verdict
/// Has the program fall ill, asks the tool, and says what came of it.
pub fn looked_at(run: &mut Run, ill: &str, tool: &str) -> String {
    run.elsewhere();
    let child = rerun_self("ill", &[ill.to_owned(), tool.to_owned()])
        .expect("our path");
    let mut child = Helper::start(child).expect("a child that is ready");
    let is_throttled = ill == "throttled";
    let quota = is_throttled.then(|| Quota::of(PERCENT, child.pid())).flatten();
    if is_throttled && quota.is_none() {
        return "absent: we may not make a control group here".into();
    }
    sleep(SETTLE);
    run.start_clock();
    let told = ask(tool, &mut child, quota.as_ref());
    run.stop_clock();
    child.kill().expect("a child to kill"); // before its group goes
    match told {
        Err(why) => format!("absent: {why}"),
        Ok(lines) if ill == "well" => false_alarm(run, tool, &lines),
        Ok(lines) => verdict(run, ill, tool, &lines),
    }
}

fn verdict(run: &mut Run, ill: &str, tool: &str, lines: &[String]) -> String {
    let cell = CELLS.iter().find(|cell| (cell.0, cell.1) == (ill, tool));
    let (sees, misleads) = cell.map_or(("", ""), |cell| (cell.2, cell.3));
    let (sees, misleads) = (find(lines, sees), find(lines, misleads));
    run.metric("sees", f64::from(sees.is_some()));
    run.metric("misleads", f64::from(misleads.is_some()));
    match (sees, misleads) {
        (Some(line), _) => format!("sees: {line}"),
        (None, Some(line)) => format!("misleads: {line}"),
        (None, None) => "misses".into(),
    }
}
// ANCHOR_END: verdict

/// Whether a tool sees an ill in a program that is well.
fn false_alarm(run: &mut Run, tool: &str, lines: &[String]) -> String {
    let of_it = CELLS.iter().filter(|cell| cell.1 == tool);
    let alarm = of_it.filter_map(|cell| Some((cell.0, find(lines, cell.2)?)));
    let alarms: Vec<_> = alarm.collect();
    run.metric("alarms", alarms.len() as f64);
    match alarms[..] {
        [] => "no alarm".into(),
        [(ill, line), ..] => format!("as if {ill}: {line}"),
    }
}
