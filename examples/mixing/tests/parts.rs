//! The parts by themselves: the request, the load, the arrangements, the pools.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use lab::random::Random;
use mixing::job::{Job, Place};
use mixing::load::arrivals;
use mixing::pools::{Actor, Pool, Threads};
use mixing::service::{LIGHT, SHARES_PORTS, Service, Way};
use tokio::runtime::Builder;

const JOB: Job = Job { steps: 1_000, wait: Duration::from_millis(2) };

#[test]
fn a_request_has_one_answer_wherever_it_is_computed() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let places =
        [Place::Here, Place::Blocking, Place::Rayon(pool.unwrap().into())];
    for n in 0..3 {
        assert_eq!(JOB.answer(n), JOB.right(n));
        for place in &places {
            let answer = runtime.block_on(JOB.in_task(n, place));
            assert_eq!(answer, JOB.right(n));
        }
    }
    assert_ne!(JOB.right(1), JOB.right(2));
}

#[test]
fn a_request_waits_twice() {
    let began = Instant::now();
    JOB.answer(1);
    assert!(began.elapsed() >= 2 * JOB.wait);
}

#[test]
fn as_many_come_as_the_rate_says_at_moments_that_chance_draws() {
    let length = Duration::from_millis(500);
    let come = |seed| arrivals(1_000.0, length, &mut Random::new(seed));
    let all = come(1);
    let heavy = all.iter().filter(|due| due.n != LIGHT).count();
    assert_eq!(heavy, 500);
    assert!(all.len() > heavy, "and some that are light");
    assert!(all.is_sorted());
    assert!(all.iter().all(|due| u128::from(due.after_ns) < length.as_nanos()));
    assert_ne!(all, come(2));
    // A clump: two in less than a tenth of the mean distance.
    let near = all
        .windows(2)
        .filter(|two| two[1].after_ns - two[0].after_ns < 100_000);
    assert!(near.count() > 10);
}

/// Every arrangement, asked by hand; nobody is left behind when it is dropped.
#[test]
fn every_arrangement_answers_and_ends() {
    let ask = |to, n: u64| {
        let mut connection = TcpStream::connect(to).unwrap();
        connection.write_all(&n.to_le_bytes()).unwrap();
        let mut answer = [0; 8];
        connection.read_exact(&mut answer).unwrap();
        u64::from_le_bytes(answer)
    };
    let mut ways = vec![
        Way::Threads(3),
        Way::Tokio,
        Way::Rayon,
        Way::Blocking,
        Way::Loops,
    ];
    if SHARES_PORTS {
        ways.push(Way::Apart);
    }
    for way in ways {
        let service = Service::start(2, way, JOB).unwrap();
        for n in 0..8 {
            assert_eq!(ask(service.address, n), JOB.right(n), "{way:?}");
        }
        assert_eq!(ask(service.address, LIGHT), 0, "{way:?}");
        let address = service.address;
        drop(service);
        assert!(TcpStream::connect(address).is_err(), "{way:?} listens");
    }
}

#[test]
fn a_pool_does_what_it_was_given_before_it_ends() {
    let pool = Threads::of(3);
    let answers: Vec<_> = (0..100).map(|n| pool.submit(n)).collect();
    drop(pool);
    for (n, answer) in (0..).zip(answers) {
        assert_eq!(answer.blocking_recv(), Ok(n * n));
    }
}

#[test]
fn one_interface_serves_threads_rayon_tasks_and_actors() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build();
    let runtime = runtime.unwrap();
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    let pools: [Box<dyn Pool>; 5] = [
        Box::new(Threads::of(2)),
        Box::new(rayon.unwrap()),
        Box::new(Actor::task(&runtime)),
        Box::new(Actor::thread()),
        Box::new(runtime),
    ];
    for pool in &pools {
        assert_eq!(pool.submit(12).blocking_recv(), Ok(144));
        let answer = pool.submit(5);
        drop(answer); // nobody waits, and nobody panics
        assert_eq!(pool.submit(3).blocking_recv(), Ok(9));
    }
}
