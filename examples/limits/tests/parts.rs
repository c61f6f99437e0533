//! The page's own parts: limits of one's own, and names.

#![cfg(target_os = "linux")]

use std::io;

use limits::name::named;
use limits::own;
use limits::pids::{self, Pids};
use socket2::{Domain, Socket, Type};

#[test]
fn an_error_that_a_limit_gives_has_its_name() {
    let error = io::Error::from_raw_os_error(24);
    assert_eq!(named(&error), "EMFILE: Too many open files (os error 24)");
    assert_eq!(named(&io::Error::other("it is late")), "it is late");
}

#[test]
fn a_socket_is_given_a_port_of_its_few() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // Of those that the system chooses from: others have no effect.
    let all = "/proc/sys/net/ipv4/ip_local_port_range";
    let all = std::fs::read_to_string(all).unwrap();
    let low: u16 = all.split_whitespace().next().unwrap().parse().unwrap();
    let few = low + 1_000..=low + 1_999;
    if own::choose_from(&socket, few.clone()).is_err() {
        eprintln!("skipped: it needs Linux 6.3");
        return;
    }
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    socket.bind(&any.into()).unwrap();
    let given = socket.local_addr().unwrap().as_socket().unwrap().port();
    assert!(few.contains(&given), "{given}");
}

#[test]
fn a_group_is_gone_when_it_is_dropped_and_one_that_is_none_takes_nobody() {
    assert!(pids::join("/sys/fs/cgroup/no-such-group").is_err());
    let Some(group) = Pids::of(4) else {
        eprintln!("skipped: no control group of pids to be had");
        return;
    };
    let path = group.path();
    assert!(std::path::Path::new(&path).is_dir());
    drop(group);
    assert!(!std::path::Path::new(&path).exists());
}
