//! The chapter's own parts: the wrapper of futures, and how a line is found.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::yield_now;
use tools::look::find;
use tools::polls::{seen, watch, watched};

#[test]
fn a_watched_future_answers_and_its_polls_are_counted() {
    watch();
    let runtime = Builder::new_current_thread().build().unwrap();
    let (answer, told) = runtime.block_on(async {
        watched("one", async {
            yield_now().await;
            std::thread::sleep(Duration::from_millis(20));
            yield_now().await;
            (7, seen())
        })
        .await
    });
    assert_eq!(answer, 7);
    let [one] = &told[..] else { panic!("{told:?}") };
    // The third poll is the one that looks.
    assert_eq!((one.name, one.polls), ("one", 2));
    assert!(one.longest_ms >= 20.0, "{one:?}");
    assert!(seen().is_empty(), "it is done");
}

#[test]
fn a_line_is_found_by_all_its_parts_and_as_often_as_is_asked() {
    let lines = ["worker: sleep < reads", "worker: park", "worker: sleep < x"]
        .map(str::to_owned);
    assert_eq!(find(&lines, "sleep + reads"), Some("worker: sleep < reads"));
    assert_eq!(find(&lines, "park + reads"), None);
    assert_eq!(find(&lines, "2 x sleep"), Some("worker: sleep < x"));
    assert_eq!(find(&lines, "2 x park"), None);
    assert_eq!(find(&lines, ""), None);
}
