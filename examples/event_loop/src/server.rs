//! The server that the experiments ask: on a loop like the one described here,
//! in a process of its own, with room for as many connections as there are
//! files. It knows four requests:
//!
//! - `/7?delay_ms=200` is answered with 49, 200 ms later,
//! - `/7?mean_ms=200` too, but after a delay of its own, which is the same each
//!   time: see [`varying_delay`],
//! - `/7?all=1000&delay_ms=200` too, but 200 ms after a thousand of the kind
//!   are open,
//! - `/peak` with the most requests that were open at once since it was asked.

use std::cell::{Cell, OnceCell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use lab::{Helper, rerun_self};

use crate::{EventLoop, Handle, Site, TcpListener, TcpStream, yield_now};

/// The experiment's child that a server runs in.
pub const CHILD: &str = "serve";

/// Closed connections keep their ports for a while, so we share them out over
/// several loopback addresses, which not every system has.
pub(crate) const HOSTS: u8 = if cfg!(target_os = "linux") { 8 } else { 1 };

/// As many as may come at once; Linux cuts it to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// How long a request waits for others to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server process, started when it is first needed. It ends with us.
#[derive(Default)]
pub struct Server(OnceCell<Helper>);

impl Server {
    /// What to ask it for; `query` as in the description of this module.
    ///
    /// # Panics
    /// When the server does not start: there is no experiment without it.
    pub fn site(&self, query: &str) -> Site {
        let start = || rerun_self(CHILD, &[]).and_then(Helper::start);
        let server = self.0.get_or_init(|| start().expect("the server starts"));
        let address = server.first_line().parse();
        Site::new(address.expect("the server tells its address"), query)
    }
}

/// The server's side: tells its address and serves until standard input ends.
///
/// # Panics
/// When no port can be had.
pub fn serve() {
    crate::files::raise_limit();
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    let handle = event_loop.handle();
    let office = Rc::new(Office::default());
    let first = listen(&handle, &office, SocketAddr::from(([127, 0, 0, 1], 0)));
    let address = first.expect("a port is free");
    for host in (2..).take(usize::from(HOSTS) - 1) {
        let other = SocketAddr::from(([127, 0, 0, host], address.port()));
        listen(&handle, &office, other).expect("its port is free there too");
    }
    println!("{address}");
    event_loop.run(pending())
}

fn listen(
    handle: &Handle,
    office: &Rc<Office>,
    address: SocketAddr,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(handle, address, BACKLOG)?;
    let address = listener.local_addr();
    let (handle, office) = (handle.clone(), Rc::clone(office));
    handle.clone().spawn(async move {
        loop {
            match listener.accept().await {
                Ok(connection) => {
                    let (handle, office) = (handle.clone(), Rc::clone(&office));
                    let task = office.answer(handle.clone(), connection);
                    handle.spawn(task);
                    yield_now().await; // or newcomers would starve the others
                }
                // No files left, most likely: wait until somebody leaves.
                Err(_) => handle.sleep(Duration::from_millis(10)).await,
            }
        }
    });
    address
}

/// What request `n` waits for, if a hundred are to wait `mean` on average: a
/// log-normal distribution with a sigma of 0.4. No delay is drawn, which would
/// make the result a matter of luck: the hundred are the middles of the
/// distribution's hundredths, and a step of 37 mixes them.
pub fn varying_delay(n: u64, mean: Duration) -> Duration {
    const SIGMA: f64 = 0.4;
    let p = ((n * 37 + 50) % 100) as f64 / 100.0 + 0.005;
    // The normal quantile, by Tukey's lambda; a hundredth off at most.
    let z = (p.powf(0.135) - (1.0 - p).powf(0.135)) / 0.1975;
    mean.mul_f64((SIGMA * z - SIGMA * SIGMA / 2.0).exp())
}

/// Who is there, and who waits for the rest.
#[derive(Default)]
struct Office {
    open: Cell<u64>,
    peak: Cell<u64>,
    gathering: RefCell<Vec<Waker>>,
    gathered: Cell<u64>,
    gatherings: Cell<u64>,
}

impl Office {
    async fn answer(
        self: Rc<Self>,
        handle: Handle,
        connection: TcpStream,
    ) -> io::Result<()> {
        let mut request = Vec::new();
        let mut buffer = [0; 256];
        while !request.ends_with(b"\r\n\r\n") {
            match connection.read(&mut buffer).await? {
                0 => return Ok(()),
                n => request.extend_from_slice(&buffer[..n]),
            }
        }
        let (status, body) = match Request::parse(&request) {
            Some(Request::Peak) => ("200 OK", self.peak.take()),
            Some(Request::Square { n, all, delay }) => {
                self.open.set(self.open.get() + 1);
                self.peak.set(self.peak.get().max(self.open.get()));
                if let Some(all) = all {
                    self.gather(all, &handle).await;
                }
                if !delay.is_zero() {
                    handle.sleep(delay).await;
                }
                self.open.set(self.open.get() - 1);
                ("200 OK", n * n)
            }
            None => ("400 Bad Request", 0),
        };
        let body = body.to_string();
        let response = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(response.as_bytes()).await
    }

    /// Ends when `all` are here, or when patience does.
    async fn gather(&self, all: u64, handle: &Handle) {
        let mine = self.gatherings.get();
        self.gathered.set(self.gathered.get() + 1);
        if self.gathered.get() >= all {
            self.gathered.set(0);
            self.gatherings.set(mine + 1);
            self.gathering.take().into_iter().for_each(Waker::wake);
            return;
        }
        let complete = poll_fn(|cx| {
            if self.gatherings.get() > mine {
                return Poll::Ready(());
            }
            self.gathering.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        });
        first(complete, handle.sleep(PATIENCE)).await;
        if self.gatherings.get() == mine {
            self.gathered.set(self.gathered.get() - 1);
        }
    }
}

/// Ends when the first of the two does.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Pending => other.as_mut().poll(cx),
        done => done,
    })
    .await;
}

#[derive(Debug, PartialEq, Eq)]
enum Request {
    Square { n: u64, all: Option<u64>, delay: Duration },
    Peak,
}

impl Request {
    /// Bounds its numbers, so that no request keeps the server busy for long.
    fn parse(request: &[u8]) -> Option<Request> {
        let line = std::str::from_utf8(request).ok()?.lines().next()?;
        let path = line.strip_prefix("GET /")?.strip_suffix(" HTTP/1.1")?;
        if path == "peak" {
            return Some(Request::Peak);
        }
        let (n, query) = path.split_once('?')?;
        let bounded = |text: &str, most: u64| {
            text.parse().ok().filter(|number| *number <= most)
        };
        let n = bounded(n, 1_000_000)?;
        let (mut all, mut delay) = (None, None);
        let ms = |value| bounded(value, 10_000).map(Duration::from_millis);
        for part in query.split('&') {
            match part.split_once('=')? {
                ("all", value) => all = Some(bounded(value, 1_000_000)?),
                ("delay_ms", value) => delay = Some(ms(value)?),
                ("mean_ms", value) => {
                    delay = Some(varying_delay(n, ms(value)?))
                }
                _ => return None,
            }
        }
        Some(Request::Square { n, all, delay: delay? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Option<Request> {
        Request::parse(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes())
    }

    #[test]
    fn a_request_names_numbers_within_bounds() {
        let delay = Duration::from_millis(20);
        let square = |n, all| Some(Request::Square { n, all, delay });
        assert_eq!(parse("/7?delay_ms=20"), square(7, None));
        assert_eq!(parse("/7?all=9&delay_ms=20"), square(7, Some(9)));
        assert_eq!(parse("/peak"), Some(Request::Peak));
        let delay = varying_delay(7, Duration::from_millis(20));
        let varying = Some(Request::Square { n: 7, all: None, delay });
        assert_eq!(parse("/7?mean_ms=20"), varying);
        for bad in [
            "",
            "/",
            "/7",
            "/7?all=9",
            "/x?delay_ms=1",
            "/-7?delay_ms=1",
            "/7?delay_ms=10001",
            "/1000001?delay_ms=1",
            "/7?delay_ms=1&all=1000001",
            "/7?delay_ms=1&each=1",
            "/7?mean_ms=10001",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn varying_delays_have_their_mean_and_the_tail_of_a_log_normal() {
        let mean = Duration::from_millis(200);
        let mut ms: Vec<f64> = (0..100)
            .map(|n| varying_delay(n, mean).as_secs_f64() * 1e3)
            .collect();
        let average = ms.iter().sum::<f64>() / 100.0;
        assert!((199.0..201.0).contains(&average), "{average}");
        ms.sort_by(f64::total_cmp);
        // Φ(0) and Φ(2.576) of ln(x): the median, and the last of a hundred.
        assert!((184.0..186.0).contains(&((ms[49] + ms[50]) / 2.0)), "{ms:?}");
        assert!((510.0..525.0).contains(&ms[99]), "{ms:?}");
        assert!(ms.windows(2).all(|two| two[0] < two[1]), "one came twice");
    }
}
