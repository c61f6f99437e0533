//! The chapter's own parts: ways to save, cut off at every step, and what the
//! programs ask of the system.

use std::fs;
use std::path::Path;

use exits::broken::in_place::{emptied, written_over};
use exits::save::{PIECE, Save, renamed, renamed_synced};
use lab::testing::is_found;

/// Looks at the file between any two steps of a way to save it: what it holds
/// then is what a kill leaves.
fn is_whole_at_every_moment(name: &str, save: Save) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("{name}-{}", std::process::id()));
    let (old, new) = ([b'a'; 3 * PIECE], [b'b'; 3 * PIECE]);
    fs::write(&path, old).unwrap();
    let mut moments = 0;
    let mut look = || {
        let found = fs::read(&path).unwrap();
        let parts = found.chunks(PIECE).map(|part| part[0] as char);
        let parts: String = parts.collect();
        assert!(parts == "aaa" || parts == "bbb", "it holds {parts:?}");
        moments += 1;
    };
    save(&path, &new, &mut look).unwrap();
    assert!(moments > 3, "not looked at between all steps");
    assert_eq!(fs::read(&path).unwrap(), new);
    fs::remove_file(&path).unwrap();
}

#[test]
fn a_renamed_file_is_whole_at_every_moment() {
    is_whole_at_every_moment("renamed", renamed);
    is_whole_at_every_moment("renamed_synced", renamed_synced);
}

#[test]
fn a_file_that_is_emptied_first_is_found_empty() {
    let check = || is_whole_at_every_moment("emptied", emptied);
    is_found(check, r#"it holds """#);
}

#[test]
fn a_file_that_is_written_over_is_found_half_new() {
    let check = || is_whole_at_every_moment("written_over", written_over);
    is_found(check, r#"it holds "baa""#);
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use exits::system;
    use exits::system::{
        Tell, adopt_orphans, children, end_all_children, lives, our_pid, tell,
        tell_group, until,
    };
    use lab::testing::in_child;

    const PATIENCE: Duration = Duration::from_secs(5);

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null());
        shell
    }

    /// These wait for any child of their process, so they have one of their
    /// own.
    fn passes_alone(test: &str) {
        let out = in_child(&format!("on_linux::{test}"));
        let said = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success(), "{said}");
    }

    #[test]
    fn all_children_are_ended_adopted_ones_too() {
        passes_alone("end_all");
    }

    #[test]
    #[ignore = "it ends all children of its process"]
    fn end_all() {
        assert!(adopt_orphans());
        let ended = shell("setsid sleep 60 & (sleep 60 &)").status();
        assert!(ended.unwrap().success());
        assert!(until(PATIENCE, || children(our_pid()).len() == 2));
        end_all_children();
        assert_eq!(children(our_pid()), []);
    }

    #[test]
    fn a_zombie_does_not_live() {
        let mut child = shell("exit 7").spawn().unwrap();
        assert!(until(PATIENCE, || !lives(child.id())));
        let zombie = system::Process { pid: child.id(), is_zombie: true };
        assert!(children(our_pid()).contains(&zombie));
        assert_eq!(child.wait().unwrap().code(), Some(7));
        assert!(!tell(child.id(), Tell::Terminate), "it is gone");
    }

    #[test]
    fn a_group_goes_as_one() {
        let mut script = shell("sleep 60 & wait");
        let mut leader = system::in_own_group(&mut script).spawn().unwrap();
        let below = || children(leader.id());
        assert!(until(PATIENCE, || !below().is_empty()));
        let sleeps = below()[0].pid;
        assert!(tell_group(leader.id(), Tell::Kill));
        leader.wait().unwrap();
        assert!(until(PATIENCE, || !lives(sleeps)));
    }
}
