//! A runner that hangs, sends an invalid reply, dies or answers wrongly is named, within a time
//! limit, and the measurement goes on without it. Nothing that it started stays.
//!
//! The fakes are shell scripts that speak the runner lines more or less well.
#![cfg(unix)]

use std::process::Command;
use std::time::{Duration, Instant};

use lab::noise::Ignore;
use lab::rounds::{Entry, Failure, Plan, Runner, measure};
use press::outside::runner::ChildRunner;

const LISTING: &str = r#"{"protocol":2,"experiment":"demo","question":"Why?","baseline":"sequential","implementation":"fake","version":"1","profile":"none","threads":2,"variants":[{"name":"sequential","label":"one","kind":"alone","observed":false}]}"#;

/// A script that answers `list` with a listing and each `run` with what `run` does.
fn fake(name: &str, run: &str) -> ChildRunner {
    script(
        name,
        &format!(
            "while read -r verb rest; do case $verb in \
             list) echo '{LISTING}';; run) {run};; *) exit 0;; esac; done"
        ),
    )
}

fn script(name: &str, script: &str) -> ChildRunner {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    ChildRunner::start(name, command, Duration::from_secs(3)).unwrap()
}

const GOOD: &str = r#"echo '{"answer":"42","wall_ns":1000}'"#;

/// Measures a good runner beside a bad one; returns why the bad one was dropped, and how many
/// samples the good one has.
fn beside(bad: &mut ChildRunner) -> (String, usize) {
    let mut good = fake("good", GOOD);
    let lane = |runner| Entry {
        runner,
        variant: "sequential".into(),
        group: Some("all".into()),
        baseline: true,
    };
    let plan = Plan {
        rounds: 3,
        budget: Duration::MAX,
        least: 3,
        block: Duration::ZERO,
        seed: Some(1),
        control: true,
    };
    let runners: &mut [&mut dyn Runner] = &mut [&mut good, bad];
    let measured = measure(runners, &[lane(0), lane(1)], plan, &mut Ignore, &mut ()).unwrap();
    let dropped = measured.outcomes[1].dropped.clone();
    (dropped.expect("the bad one is dropped"), measured.outcomes[0].samples.len())
}

#[test]
fn a_good_runner_lists_and_runs() {
    let mut runner = fake("good", GOOD);
    assert_eq!(runner.list().unwrap().variants[0].id(), "good/sequential");
    assert_eq!(runner.run("sequential").unwrap().answer, "42");
}

#[test]
fn a_runner_that_hangs_is_given_up_within_the_limit() {
    let began = Instant::now();
    let (reason, kept) = beside(&mut fake("sleepy", "exec sleep 30"));
    assert!(reason.contains("sleepy hung: no answer to `run sequential` within"), "{reason}");
    assert_eq!(kept, 3);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_runner_that_sends_an_invalid_reply_is_quoted() {
    let (reason, kept) = beside(&mut fake("drunk", "echo 'Traceback (most recent call last)'"));
    assert!(reason.contains("drunk sent an invalid reply: `Traceback"), "{reason}");
    assert_eq!(kept, 3);
}

#[test]
fn a_runner_that_answers_wrongly_is_named_with_both_answers() {
    let (reason, kept) = beside(&mut fake("liar", r#"echo '{"answer":"41","wall_ns":1000}'"#));
    assert!(
        reason.contains("liar sequential says 41, but good sequential says 42"),
        "{reason}"
    );
    assert_eq!(kept, 3);
}

#[test]
fn a_runner_that_dies_half_way_is_named_with_how_it_ended() {
    let dies =
        r#"n=$((n+1)); [ $n -lt 3 ] || kill -9 $$; echo '{"answer":"42","wall_ns":1000}'"#;
    let (reason, kept) = beside(&mut fake("mortal", dies));
    assert!(reason.contains("mortal died at `run sequential` (SIGKILL)"), "{reason}");
    assert_eq!(kept, 3);
}

#[test]
fn a_variant_that_fails_costs_only_itself() {
    let mut runner = fake("weak", r#"echo '{"error":"OSError: no such thing"}'"#);
    let Err(Failure::Variant(text)) = runner.run("sequential") else { panic!("it passed") };
    assert_eq!(text, "weak sequential: OSError: no such thing");
}

#[test]
fn a_negative_time_is_an_invalid_reply() {
    let mut runner = fake("odd", r#"echo '{"answer":"42","wall_ns":-1000}'"#);
    assert!(matches!(runner.run("sequential"), Err(Failure::Runner(_))));
}

#[test]
fn a_runner_of_another_version_is_refused() {
    let listing = LISTING.replace("\"protocol\":2", "\"protocol\":9");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("read -r line; echo '{listing}'; read -r line")]);
    let mut runner = ChildRunner::start("future", command, Duration::from_secs(5)).unwrap();
    let Err(Failure::Runner(text)) = runner.list() else { panic!("it passed") };
    assert_eq!(text, "future speaks version 9 of the runner lines, not 2");
}

/// Why the script is no runner, which must be told within this time.
fn fault(text: &str) -> String {
    let began = Instant::now();
    let mut runner = script("odd", text);
    let failure = runner.list().and_then(|_| runner.run("sequential"));
    drop(runner);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}: {text}", began.elapsed());
    match failure {
        Err(Failure::Runner(text)) => text,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_runner_that_closes_its_output_or_its_input_and_lives_is_ended() {
    for text in ["exec >&-; exec sleep 60", "exec >&-; while :; do :; done"] {
        assert_eq!(fault(text), "odd closed its output at `list` and went on; it was ended");
    }
    let deaf = format!("read -r line; exec <&-; echo '{LISTING}'; exec sleep 60");
    assert_eq!(fault(&deaf), "odd does not take `run sequential`");
}

#[test]
fn text_that_is_not_utf_8_is_not_an_answer() {
    assert_eq!(
        fault(r"read -r line; printf '{\377}\n'; exec cat"),
        "odd said what is not UTF-8"
    );
}

#[test]
fn a_line_without_end_is_given_up_before_it_fills_the_memory() {
    let said = fault("exec yes $(head -c 100000 /dev/zero | tr '\\0' x) | tr -d '\\n'");
    assert_eq!(said, "odd said more than 16 MiB without an end of line");
    let said = fault(&format!("head -c 100000 /dev/zero; echo '{LISTING}'; exec cat"));
    assert!(said.starts_with("odd sent an invalid reply: `") && said.len() < 300, "{said}");
    let said = fault("read -r line; printf half; exec sleep 60");
    assert_eq!(said, "odd hung: no answer to `list` within 3 s");
    let said = fault("read -r line; printf half");
    assert_eq!(said, "odd died at `list` (exit 0)");
}

#[test]
fn lines_without_end_do_not_fill_the_memory() {
    let said = fault(&format!("read -r line; exec yes '{LISTING}'"));
    // The second may come before the next request or be taken for its answer.
    let begins = ["odd said `{\"protocol\":2", "odd sent an invalid reply: `{\"protocol\":2"];
    let told = begins.iter().any(|begin| said.starts_with(begin));
    assert!(told && said.len() < 300, "{said}");
}

#[test]
fn a_runner_that_does_not_read_cannot_keep_us_writing() {
    let listed = format!("read -r line; echo '{LISTING}'; exec sleep 60");
    assert_eq!(fault(&listed), "odd hung: no answer to `run sequential` within 3 s");
}

#[test]
fn an_answer_that_is_sent_ahead_does_not_count_for_a_later_request() {
    let twice = format!("{GOOD}; {GOOD}");
    let (reason, kept) = beside(&mut fake("hasty", &twice));
    assert!(reason.starts_with("hasty said `{\"answer\":\"42\""), "{reason}");
    assert!(reason.ends_with("without being asked"), "{reason}");
    assert_eq!(kept, 3);
    // At the very end there is no later request, but the answers before are in doubt as well.
    let mut late = fake("late", GOOD);
    assert!(late.run("sequential").is_ok());
    assert!(!late.part().surplus);
    let mut late =
        script("late", &format!("{GOOD}; read -r line; {GOOD}; read -r line; {GOOD}"));
    std::thread::sleep(Duration::from_millis(300));
    let Err(Failure::Runner(text)) = late.run("sequential") else { panic!("it passed") };
    assert!(text.contains("without being asked"), "{text}");
    let last = format!("read -r line; {GOOD}; read -r line; {GOOD}");
    let mut late = script("late", &last);
    assert!(late.run("sequential").is_ok());
    assert!(late.part().surplus);
}

#[test]
fn an_impossible_sample_costs_its_variant_and_says_why() {
    for (sample, says) in [
        (r#"{"answer":"42","wall_ns":0}"#, "wall_ns: no time at all"),
        (r#"{"answer":"","wall_ns":1000}"#, "it gave no answer"),
        (
            r#"{"answer":"42","wall_ns":9000000000000}"#,
            "wall_ns: 9000.000 s, and it was waited",
        ),
        (
            r#"{"answer":"42","wall_ns":1000,"cpu_ns":99000000000}"#,
            "cpu_ns: 99000000000 in 1000 ns",
        ),
        (
            r#"{"answer":"42","wall_ns":1000,"timeline":[{"lane":"T","false_gaps":0,"spans":[[5,5,null,"running"]]}]}"#,
            "timeline[0].spans[0]: it ends before it begins",
        ),
    ] {
        let (reason, kept) = beside(&mut fake("odd", &format!("echo '{sample}'")));
        assert!(reason.starts_with(&format!("odd sequential: {says}")), "{reason}");
        assert_eq!(kept, 3);
    }
}

#[test]
fn a_number_that_json_does_not_have_costs_the_runner() {
    for number in ["NaN", "Infinity", "1e999", "-1e999"] {
        let sample = format!(r#"{{"answer":"42","wall_ns":1000,"metrics":{{"x":{number}}}}}"#);
        let (reason, kept) = beside(&mut fake("odd", &format!("echo '{sample}'")));
        assert!(reason.starts_with("odd sent an invalid reply: `"), "{number}: {reason}");
        assert_eq!(kept, 3);
    }
}

#[test]
fn an_error_of_any_length_is_told_in_short() {
    let long = "echo '{\"error\":\"'$(head -c 100000 /dev/zero | tr '\\0' x)'\"}'";
    let mut runner = fake("loud", long);
    let Err(Failure::Variant(text)) = runner.run("sequential") else { panic!("it passed") };
    assert!(text.starts_with("loud sequential: xxx") && text.len() < 400, "{}", text.len());
}

#[test]
fn a_list_of_what_cannot_be_is_refused() {
    let variant = r#"{"name":"sequential","label":"one","kind":"alone","observed":false}"#;
    for (was, becomes, says) in [
        ("\"threads\":2", "\"threads\":0", "it has 0 workers"),
        (variant, &format!("{variant},{variant}"), "`sequential` is listed twice"),
        (variant, "", "it has no variants"),
        ("\"one\"", r#""a\n\nb""#, "label: `a  b` is not one line"),
    ] {
        let listing = LISTING.replace(was, becomes);
        assert_ne!(listing, LISTING);
        let said = fault(&format!("read -r line; printf '%s\\n' '{listing}'; exec cat"));
        let says = format!("odd offers something impossible: {says}");
        assert!(said.starts_with(&says), "{said}");
    }
}

/// What stays of a runner is known by `/proc`.
#[cfg(target_os = "linux")]
mod left_behind {
    use super::*;
    use std::fs;
    use std::path::Path;

    /// Whether there is such a process that has not ended.
    fn is_there(pid: &str) -> bool {
        let stat = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
        stat.is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.starts_with(" Z"))
    }

    /// What a runner leaves behind that leaves so: the numbers of those that were there.
    fn left_by(leave: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("pid");
        let text = format!(
            "read -r line; {}\n while [ ! -s {note} ]; do :; done; echo '{LISTING}'; read -r line",
            leave.replace("NOTE", &note.display().to_string()),
            note = note.display()
        );
        let mut runner = script("messy", &text);
        runner.list().unwrap();
        let pid = fs::read_to_string(&note).unwrap();
        assert!(is_there(&pid), "{leave}");
        assert_eq!(runner.part().strays, expected, "{leave}");
        assert!(!is_there(&pid), "{leave}: {pid}");
    }

    #[test]
    fn what_a_runner_leaves_behind_is_found_ended_and_named() {
        // A child that outlives it; one that has left its group; one whose parent is gone as
        // well; one that has no environment any more.
        for leave in [
            "sleep 61 & echo $! > NOTE",
            "setsid sh -c 'echo $$ > NOTE; exec sleep 62'&",
            "(setsid sh -c 'echo $$ > NOTE; exec sleep 63' &)",
            "(setsid env -i sh -c 'echo $$ > NOTE; exec sleep 64' &)",
            "(setsid sh -c 'echo $$ > NOTE; exec sleep 65' >&- &)",
        ] {
            left_by(leave, &["sleep"]);
        }
        // One that ends by itself a moment later was not left behind.
        left_by("(sh -c 'echo $$ > NOTE; exec sleep 0.2' &)", &[]);
    }

    #[test]
    fn what_a_runner_that_is_given_up_has_started_is_ended_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let note = folder.path().join("pid");
        let text = format!(
            "read -r line; setsid sh -c 'echo $$ > {0}; exec sleep 66' & \
             while [ ! -s {0} ]; do :; done; echo Rubbish; exec cat",
            note.display()
        );
        assert!(fault(&text).contains("invalid reply"));
        assert!(!is_there(&fs::read_to_string(&note).unwrap()));
    }

    #[test]
    fn an_orphan_that_has_ended_does_not_stay_in_the_table_of_processes() {
        let zombies = || {
            let all = fs::read_dir("/proc").unwrap().flatten();
            all.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok())
                .filter(|stat| stat.contains(&format!("(orphan{}) Z ", std::process::id())))
                .count()
        };
        let folder = tempfile::tempdir().unwrap();
        let orphan = folder.path().join(format!("orphan{}", std::process::id()));
        std::os::unix::fs::symlink("/bin/sh", &orphan).unwrap();
        let start =
            format!("(for i in 1 2 3; do {} -c ':; exit' & done); {GOOD}", orphan.display());
        let mut runner = fake("parent", &start);
        for _ in 0..3 {
            assert!(runner.run("sequential").is_ok());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(runner.run("sequential").is_ok());
        assert_eq!(runner.part().strays, [""; 0]);
        drop(runner);
        assert_eq!(zombies(), 0);
    }

    #[test]
    fn what_an_orphan_uses_is_not_other_peoples_work() {
        let used = "while [ $i -lt 400000 ]; do i=$((i+1)); done";
        // Its parent does not wait for it, and the runner goes on when it is done.
        let run =
            format!("(sh -c 'i=0; {used}; echo done >&3' 3>&1 >/dev/null &) | read x; {GOOD}");
        let before = lab::os::family_time(std::process::id()).unwrap();
        let mut runner = fake("parent", &run);
        assert!(runner.run("sequential").is_ok());
        drop(runner);
        let used = lab::os::family_time(std::process::id()).unwrap() - before;
        assert!(used > Duration::from_millis(50), "{used:?}");
    }
}
