//! How many requests may be open at once: each is a file to the system, and a
//! process has a limit of them.

/// Kept free for what else needs a file: the poller, the listeners, the pipes.
const SPARE: u64 = 100;

/// Where we stop by ourselves.
const BOUND: u64 = 20_000;

/// Raises our limit of open files as far as we may, and returns it. `None`:
/// this system has none that we know.
pub fn raise_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        // The second is for macOS, which promises more than it allows.
        for wish in [maximum, Some(10_240)] {
            let raised = Rlimit { current: wish, maximum };
            if wish > current && setrlimit(Resource::Nofile, raised).is_ok() {
                return wish;
            }
        }
        current
    }
    #[cfg(not(unix))]
    None
}

/// How many requests the limit has room for.
pub fn room() -> u64 {
    raise_limit().unwrap_or(BOUND).min(BOUND).saturating_sub(SPARE)
}

/// How many of them can have a thread each. Linux limits a process's memory
/// mappings; a Rust thread needs four, `malloc` needs some, and past the last
/// one the process may be ended. So a thousand are left over.
pub fn room_for_threads() -> u64 {
    match lab::os::mappings() {
        Some((used, allowed)) => {
            room().min(allowed.saturating_sub(used + 1_000) / 4)
        }
        None => room().min(2_000),
    }
}
