//! Two processes with a stretch of memory in common, and a baton that says
//! whose turn it is.

use std::hint::spin_loop;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lab::{Kind, Run};
use processes::ended_well;
use processes::handover::{Baton, Word};
use processes::shared::{ForAll, Shared};

use super::work::{Job, Work, trips};
use super::{Medium, Named, other};

const OURS: u32 = 0;
const THEIRS: u32 = 1;
/// In place of a number: no more of them.
const OVER: u64 = u64::MAX;

pub(crate) fn media(case: &str) -> Vec<Named> {
    let mut all = Vec::new();
    #[cfg(target_os = "linux")]
    all.extend(linux::media(case));
    if case == "across" {
        let label = "shared memory, spinning";
        let spin: Medium = |run, job| numbers::<Spin>(run, job, "spin");
        all.push((Kind::Process, "spin", label, spin));
    }
    all
}

pub(crate) fn peer(medium: &str, work: Work, path: &str) -> io::Result<()> {
    let path = Path::new(path);
    match (medium, work) {
        ("spin", _) => peer_at_desk::<Spin>(path),
        #[cfg(target_os = "linux")]
        ("futex", Work::Trips) => peer_at_desk::<processes::futex::Futex>(path),
        #[cfg(target_os = "linux")]
        ("futex", Work::Bulk) => linux::check_chunks(path),
        _ => Err(io::Error::other(format!("no {medium} here"))),
    }
}

#[repr(C)]
struct Desk<W> {
    baton: Baton<W>,
    number: AtomicU64,
}

fn numbers<W: Word>(run: &mut Run, job: Job, medium: &str) -> io::Result<String>
where
    Desk<W>: ForAll,
{
    let desk: Shared<Desk<W>> = Shared::create()?;
    let path = desk.path().display().to_string();
    let mut child = other(medium, job, &path)?.spawn()?;
    let answer = ask(run, &desk);
    ended_well(child.wait()?)?;
    answer
}

fn ask<W: Word>(run: &mut Run, desk: &Desk<W>) -> io::Result<String> {
    let answer = trips(run, |number| {
        desk.number.store(number, Ordering::Relaxed);
        desk.baton.pass_to(THEIRS);
        desk.baton.wait_for(OURS);
        Ok(desk.number.load(Ordering::Relaxed))
    });
    desk.number.store(OVER, Ordering::Relaxed);
    desk.baton.pass_to(THEIRS);
    answer
}

/// The other side.
fn peer_at_desk<W: Word>(path: &Path) -> io::Result<()>
where
    Desk<W>: ForAll,
{
    let desk: Shared<Desk<W>> = Shared::open(path)?;
    add_one(&desk);
    Ok(())
}

fn add_one<W: Word>(desk: &Desk<W>) {
    loop {
        desk.baton.wait_for(THEIRS);
        let number = desk.number.load(Ordering::Relaxed);
        if number == OVER {
            return;
        }
        desk.number.store(number + 1, Ordering::Relaxed);
        desk.baton.pass_to(OURS);
    }
}

/// Looks again and again instead of sleeping. On one core it would look until
/// its slice is over, while the other side waits for the core.
#[derive(Default)]
#[repr(transparent)]
struct Spin(AtomicU32);

impl Word for Spin {
    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    fn store(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }

    fn swap(&self, value: u32) -> u32 {
        self.0.swap(value, Ordering::AcqRel)
    }

    fn change(&self, from: u32, to: u32) -> bool {
        let (done, failed) = (Ordering::Acquire, Ordering::Relaxed);
        self.0.compare_exchange(from, to, done, failed).is_ok()
    }

    fn sleep(&self, _: u32) {
        spin_loop();
    }

    fn wake(&self) {}
}

// SAFETY: atomic numbers, which are plain ones when all bytes are zero.
unsafe impl ForAll for Desk<Spin> {}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use crate::ipc::threads::beside;
    use crate::ipc::work::{CHUNK, bulk, check};
    use processes::futex::Futex;
    use std::cell::UnsafeCell;

    // SAFETY: atomic numbers, which are plain ones when all bytes are zero.
    unsafe impl ForAll for Desk<Futex> {}

    pub(super) fn media(case: &str) -> Vec<Named> {
        if case == "bulk" {
            return vec![(
                Kind::Process,
                "shared",
                "shared memory, futex",
                chunks,
            )];
        }
        let numbers: Medium = |run, job| numbers::<Futex>(run, job, "futex");
        let label = "threads: shared memory, futex";
        vec![
            (Kind::Process, "futex", "shared memory, futex", numbers),
            (Kind::Thread, "futex_threads", label, among_threads),
        ]
    }

    /// The same desk in the same kind of memory, for two threads.
    fn among_threads(run: &mut Run, job: Job) -> io::Result<String> {
        let desk: Shared<Desk<Futex>> = Shared::create()?;
        beside(job, || add_one(&desk), || ask(run, &desk))
    }

    #[repr(C)]
    struct Tray {
        baton: Baton<Futex>,
        right: AtomicU64,
        chunk: UnsafeCell<[u8; CHUNK]>,
    }

    // SAFETY: the chunk is touched only by the one whose turn it is, and
    // passing the baton makes visible what was written to it.
    unsafe impl Sync for Tray {}
    // SAFETY: as above; the rest are atomic numbers, and all zero bytes are a
    // chunk and a baton.
    unsafe impl ForAll for Tray {}

    fn chunks(run: &mut Run, job: Job) -> io::Result<String> {
        let tray: Shared<Tray> = Shared::create()?;
        let path = tray.path().display().to_string();
        let mut child = other("futex", job, &path)?.spawn()?;
        let give = |n| {
            tray.baton.wait_for(OURS);
            // SAFETY: it is our turn, so nobody else has a reference to it.
            unsafe { &mut *tray.chunk.get() }.fill(n);
            tray.baton.pass_to(THEIRS);
            Ok(())
        };
        // It is there when it gives the baton back.
        tray.baton.pass_to(THEIRS);
        tray.baton.wait_for(OURS);
        let answer = bulk(run, give, || {
            tray.baton.wait_for(OURS);
            Ok(tray.right.load(Ordering::Relaxed))
        });
        ended_well(child.wait()?)?;
        answer
    }

    pub(super) fn check_chunks(path: &Path) -> io::Result<()> {
        let tray: Shared<Tray> = Shared::open(path)?;
        tray.baton.wait_for(THEIRS);
        tray.baton.pass_to(OURS);
        check(|is_right| {
            tray.baton.wait_for(THEIRS);
            // SAFETY: it is our turn, as above.
            if is_right(unsafe { &*tray.chunk.get() }) {
                tray.right.fetch_add(1, Ordering::Relaxed);
            }
            tray.baton.pass_to(OURS);
            Ok(true)
        })?;
        Ok(())
    }
}
