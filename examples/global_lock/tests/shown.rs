//! What the chapter's experiments show on any machine, however busy.

use lab::testing::{Observed, assert_peers_agree};

/// Waiting is physics: two waits of 30 ms with the lock kept are one after the
/// other, whatever else the machine does.
#[test]
fn whoever_keeps_the_lock_while_it_waits_makes_the_other_wait() {
    let waits = Observed::of("gil_io", 3, "sleep/");
    assert!(waits.wall_ms("sleep/kept") >= 60.0, "{waits:?}");
    assert!(waits.wall_ms("sleep/threads") < 60.0, "{waits:?}");
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("gil_io", "socket/threads", "socket/threads"),
        ("gil_io", "file/threads", "file/threads"),
        ("gil_own", "compute/lock", "compute/threads"),
        ("gil_shared", "shared/lock", "shared/threads"),
        ("gil_convoy", "500/beside", "500/beside"),
    ];
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
