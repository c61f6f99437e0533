//! What Linux lets a process set for itself.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::ptr;

use rustix::event::epoll;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use rustix::process::{
    Resource, Rlimit, Signal, getuid, set_parent_process_death_signal,
    setrlimit,
};
use rustix::thread::{Uid, set_thread_uid};
use socket2::Socket;

fn limit(what: Resource, most: u64) -> bool {
    let both = Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(what, both).is_ok()
}

pub(crate) fn files(most: u64) -> bool {
    limit(Resource::Nofile, most)
}

pub(crate) fn tasks(most: u64) -> bool {
    if !getuid().is_root() {
        let others = tasks_of(getuid().as_raw()).saturating_sub(1);
        return limit(Resource::Nproc, most + others);
    }
    // Numbers that nobody has by systemd's list, so all that is counted is our
    // own.
    let nobody = Uid::from_raw(60_706 + std::process::id() % 478);
    limit(Resource::Nproc, most) && set_thread_uid(nobody).is_ok()
}

/// Threads and processes that a user has now.
fn tasks_of(user: u32) -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let its = processes.flatten().filter(|process| {
        process.metadata().is_ok_and(|known| known.uid() == user)
    });
    let threads = its.filter_map(|p| fs::read_dir(p.path().join("task")).ok());
    threads.map(|all| all.count() as u64).sum()
}

pub(crate) fn map_one_more(i: usize) -> io::Result<()> {
    let may_write =
        if i.is_multiple_of(2) { ProtFlags::empty() } else { ProtFlags::WRITE };
    // SAFETY: the kernel chooses a place where nothing is yet.
    unsafe {
        mmap_anonymous(
            ptr::null_mut(),
            1,
            ProtFlags::READ | may_write,
            MapFlags::PRIVATE,
        )?;
    }
    Ok(())
}

/// `IP_LOCAL_PORT_RANGE` of `linux/in.h`, which the libc crate lacks.
const LOCAL_PORT_RANGE: libc::c_int = 51;

pub(crate) fn choose_from(
    socket: &Socket,
    ports: RangeInclusive<u16>,
) -> io::Result<()> {
    let (low, high) = (u32::from(*ports.start()), u32::from(*ports.end()));
    let range = high << 16 | low;
    // SAFETY: the pointer is to a live number of the size that is told.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            LOCAL_PORT_RANGE,
            (&raw const range).cast(),
            size_of_val(&range) as libc::socklen_t,
        )
    };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

pub(crate) fn end_with_parent() {
    // Without it a child of a parent that was killed would wait for good.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
}

pub(crate) struct Epoll(OwnedFd, epoll::EventFlags);

impl Epoll {
    pub(crate) fn of(
        listener: &TcpListener,
        exclusive: bool,
    ) -> io::Result<Epoll> {
        let mut flags = epoll::EventFlags::IN;
        flags.set(epoll::EventFlags::EXCLUSIVE, exclusive);
        let own = Epoll(epoll::create(epoll::CreateFlags::CLOEXEC)?, flags);
        own.register(listener)?;
        Ok(own)
    }

    fn register(&self, listener: &TcpListener) -> io::Result<()> {
        let data = epoll::EventData::new_u64(0);
        Ok(epoll::add(&self.0, listener, data, self.1)?)
    }

    pub(crate) fn again(&self, listener: &TcpListener) -> io::Result<()> {
        epoll::delete(&self.0, listener)?;
        self.register(listener)
    }

    pub(crate) fn wait(&self) -> io::Result<()> {
        let mut ready = Vec::with_capacity(1);
        epoll::wait(&self.0, rustix::buffer::spare_capacity(&mut ready), None)?;
        Ok(())
    }
}
