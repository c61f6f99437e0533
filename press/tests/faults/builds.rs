//! Builds that are killed, and two of them at once.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::project::Project;

/// A project with so many pages that building them takes a while, and its book.
fn built() -> (Project, Duration) {
    let project = Project::new();
    let pages: Vec<String> = (0..40).map(|n| format!("page{n}.md")).collect();
    let summary: String = pages.iter().map(|page| format!("- [{page}]({page})\n")).collect();
    project.write("book/SUMMARY.md", &summary);
    for page in &pages {
        project.write(&format!("book/{page}"), "# Page\n\nText.\n");
    }
    assert!(project.run(project.measure(&[])).status.success());
    let began = Instant::now();
    assert!(project.run(project.press(&["build"])).status.success());
    (project, began.elapsed())
}

/// What lies in `target`, and in `target/press`, but for what is meant to.
fn strays(project: &Project) -> Vec<String> {
    let mut strays = Vec::new();
    for folder in ["target", "target/press"] {
        let entries = fs::read_dir(project.path(folder)).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        strays.extend(names.filter(|name| name.contains("new") || name.starts_with('.')));
    }
    strays
}

#[test]
fn a_build_that_is_killed_leaves_a_whole_book_and_the_next_clears_up_behind_it() {
    let (project, whole) = built();
    let mut left = 0;
    for (verb, steps) in [("build", 8), ("check", 4)] {
        for step in 0..steps {
            let started = project.start(project.press(&[verb]));
            sleep(whole.mul_f64(f64::from(step) / f64::from(steps)));
            started.signal("KILL");
            started.end(Duration::from_secs(10));
            left += strays(&project).len();
            let ran = project.run(project.press(&["build"]));
            assert!(ran.status.success(), "{ran:?}");
            assert!(project.path("target/book/page39.html").is_file());
            let ran = project.run(project.press(&["check"]));
            assert!(ran.status.success(), "{ran:?}");
            assert_eq!(strays(&project), [""; 0], "{verb} killed after step {step}");
        }
    }
    assert!(left > 0, "no build was killed half-way");
}

#[test]
fn builds_at_once_wait_for_each_other() {
    let (project, _) = built();
    let start = |verb: &str| project.press(&[verb]).output();
    let outs = std::thread::scope(|scope| {
        let verbs = ["build", "build", "check", "build"];
        let threads = verbs.map(|verb| scope.spawn(move || start(verb).unwrap()));
        threads.map(|thread| thread.join().unwrap())
    });
    for out in outs {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert_eq!(strays(&project), [""; 0]);
}
