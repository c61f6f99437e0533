//! What the chapter's experiments show on any machine, however busy.

use lab::testing::{Observed, assert_peers_agree, peer};

/// Waiting is physics: two waits of 30 ms with the lock kept are one after the
/// other, whatever else the machine does.
#[test]
fn whoever_keeps_the_lock_while_it_waits_makes_the_other_wait() {
    for case in ["sleep", "lock"] {
        let waits = Observed::of("gil_io", 3, &format!("{case}/"));
        let wall_ms = |way| waits.wall_ms(&format!("{case}/{way}"));
        assert!(wall_ms("kept") >= 60.0, "{waits:?}");
        assert!(wall_ms("threads") < 60.0, "{waits:?}");
    }
}

/// Whether they gain by it is for a quiet machine to say.
#[test]
fn two_python_threads_hash_and_compress_as_one_does() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/gil_native.py");
    for case in ["loop", "pieces", "sha256", "zlib", "bz2"] {
        let [alone, both] =
            ["sequential", "threads"].map(|way| format!("{case}/{way}"));
        let seen = Observed::ask(peer(script), &[&alone, &both]);
        let Some(seen) = seen else { return };
        assert_eq!(seen.answer(&alone), seen.answer(&both));
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("gil_io", "socket/threads", "socket/threads"),
        ("gil_io", "pipe/threads", "pipe/threads"),
        ("gil_io", "lock/threads", "lock/threads"),
        ("gil_io", "cached/threads", "cached/threads"),
        ("gil_native", "loop/threads", "loop/threads"),
        ("gil_own", "compute/lock", "compute/threads"),
        ("gil_shared", "shared/lock", "shared/threads"),
        ("gil_convoy", "500/beside", "500/beside"),
    ];
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
