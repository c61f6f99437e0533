//! Our own loop, from outside. Nothing here depends on speed: times are only
//! ever compared with longer ones.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::io::{Read, Write};
use std::net::{
    SocketAddr, TcpListener as StdListener, TcpStream as StdStream,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use event_loop::{EventLoop, TcpListener, TcpStream, yield_now};

const LOCAL: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn tasks_take_turns_and_hand_over_their_answers() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let log = Rc::new(RefCell::new(Vec::new()));
    let answers = event_loop.run(async {
        let tasks: Vec<_> = (0..2)
            .map(|name| {
                let log = Rc::clone(&log);
                handle.spawn(async move {
                    for step in 0..2 {
                        log.borrow_mut().push((name, step));
                        yield_now().await;
                    }
                    name * 10
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await);
        }
        answers
    });
    assert_eq!(answers, [0, 10]);
    assert_eq!(*log.borrow(), [(0, 0), (1, 0), (0, 1), (1, 1)]);
}

#[test]
fn timers_end_in_the_order_in_which_they_are_due_and_not_early() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let began = Instant::now();
    let ended = Rc::new(RefCell::new(Vec::new()));
    event_loop.run(async {
        let tasks: Vec<_> = [30, 10, 20]
            .map(|delay| {
                let (handle, ended) = (handle.clone(), Rc::clone(&ended));
                handle.clone().spawn(async move {
                    handle.sleep(ms(delay)).await;
                    assert!(began.elapsed() >= ms(delay));
                    ended.borrow_mut().push(delay);
                })
            })
            .into();
        for task in tasks {
            task.await;
        }
    });
    assert_eq!(*ended.borrow(), [10, 20, 30]);
}

#[test]
fn a_thousand_sleeps_overlap() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let began = Instant::now();
    event_loop.run(async {
        let tasks: Vec<_> =
            (0..1000).map(|_| handle.spawn(handle.sleep(ms(20)))).collect();
        for task in tasks {
            task.await;
        }
    });
    assert!(began.elapsed() < ms(20) * 1000 / 2, "{:?}", began.elapsed());
}

#[test]
fn another_thread_wakes_a_loop_that_sleeps_in_the_kernel() {
    let event_loop = EventLoop::new().unwrap();
    let (wakers, theirs) = mpsc::channel::<Waker>();
    let waker = thread::spawn(move || {
        let waker = theirs.recv().unwrap();
        thread::sleep(ms(20)); // by now it sleeps, without any timer
        waker.wake();
    });
    let polls = Cell::new(0);
    event_loop.run(poll_fn(|cx| {
        polls.set(polls.get() + 1);
        if polls.get() > 1 {
            return Poll::Ready(());
        }
        wakers.send(cx.waker().clone()).unwrap();
        Poll::Pending
    }));
    assert_eq!(polls.get(), 2);
    waker.join().unwrap();
}

#[test]
fn a_task_that_is_woken_often_before_its_turn_has_one_turn() {
    let event_loop = EventLoop::new().unwrap();
    let polls = Cell::new(0);
    event_loop.run(poll_fn(|cx| {
        polls.set(polls.get() + 1);
        if polls.get() == 3 {
            return Poll::Ready(());
        }
        (0..10).for_each(|_| cx.waker().wake_by_ref());
        Poll::Pending
    }));
    assert_eq!(polls.get(), 3);
}

#[test]
fn waking_a_task_that_has_ended_does_no_harm() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let kept = Rc::new(RefCell::new(None));
    event_loop.run(async {
        let keeps = Rc::clone(&kept);
        handle
            .spawn(poll_fn(move |cx| {
                *keeps.borrow_mut() = Some(cx.waker().clone());
                Poll::Ready(())
            }))
            .await;
        kept.take().unwrap().wake();
        yield_now().await;
    });
}

#[test]
fn sockets_talk_across_tasks_of_one_thread() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let listener = TcpListener::bind(&handle, LOCAL.into(), 16).unwrap();
    let address = listener.local_addr().unwrap();
    let said = event_loop.run(async {
        let echo = handle.spawn(async move {
            let connection = listener.accept().await.unwrap();
            let mut buffer = [0; 5];
            let n = connection.read(&mut buffer).await.unwrap();
            connection.write_all(&buffer[..n]).await.unwrap();
        });
        let connection = TcpStream::connect(&handle, address).await.unwrap();
        connection.write_all(b"hello").await.unwrap();
        echo.await;
        connection.read_to_end().await.unwrap()
    });
    assert_eq!(said, b"hello");
}

#[test]
fn more_is_written_than_the_kernel_takes_at_once() {
    let listener = StdListener::bind(SocketAddr::from(LOCAL)).unwrap();
    let address = listener.local_addr().unwrap();
    let reader = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        thread::sleep(ms(20)); // so that the buffers are full meanwhile
        let mut all = Vec::new();
        connection.read_to_end(&mut all).unwrap();
        all.len()
    });
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let much = vec![1; 20 << 20];
    event_loop.run(async {
        let connection = TcpStream::connect(&handle, address).await.unwrap();
        connection.write_all(&much).await.unwrap();
    });
    assert_eq!(reader.join().unwrap(), much.len());
}

#[test]
fn a_socket_that_can_be_read_does_not_disturb_one_who_waits_to_write() {
    let listener = StdListener::bind(SocketAddr::from(LOCAL)).unwrap();
    let address = listener.local_addr().unwrap();
    let other = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.write_all(b"news").unwrap();
        thread::sleep(ms(20));
        std::io::copy(&mut connection, &mut std::io::sink()).unwrap()
    });
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let much = vec![1; 20 << 20];
    let news = event_loop.run(async {
        let connection = TcpStream::connect(&handle, address).await.unwrap();
        let connection = Rc::new(connection);
        let reads = Rc::clone(&connection);
        let reader = handle.spawn(async move {
            let mut news = [0; 4];
            reads.read(&mut news).await.unwrap();
            news
        });
        connection.write_all(&much).await.unwrap();
        reader.await
    });
    assert_eq!(&news, b"news");
    assert_eq!(other.join().unwrap(), much.len() as u64);
}

#[test]
fn nobody_at_the_other_end_is_an_error() {
    let free = StdListener::bind(SocketAddr::from(LOCAL)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let connected = event_loop.run(TcpStream::connect(&handle, address));
    let error = connected.err().expect("nobody listens there");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[test]
fn tasks_end_with_their_loop_and_close_their_sockets() {
    let listener = StdListener::bind(SocketAddr::from(LOCAL)).unwrap();
    let address = listener.local_addr().unwrap();
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    event_loop.run(async {
        let connects = handle.clone();
        handle.spawn(async move {
            let open = TcpStream::connect(&connects, address).await.unwrap();
            pending::<()>().await;
            drop(open);
        });
        handle.sleep(ms(5)).await;
    });
    let (mut connection, _): (StdStream, _) = listener.accept().unwrap();
    drop(handle);
    drop(event_loop);
    assert_eq!(connection.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_task_that_was_ready_when_main_ended_goes_on_in_the_next_run() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let at = Instant::now() + ms(10);
    let mut other = None;
    event_loop.run(async {
        let mine = handle.sleep_until(at);
        other = Some(handle.spawn(handle.sleep_until(at))); // the same moment
        mine.await;
    });
    event_loop.run(other.unwrap());
}

#[test]
fn after_a_tasks_panic_the_others_that_were_ready_go_on_in_the_next_run() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    handle.spawn(async { panic!("on purpose") });
    let after = handle.spawn(async { 7 }); // ready in the same turn
    let run = AssertUnwindSafe(|| event_loop.run(pending::<()>()));
    assert!(catch_unwind(run).is_err());
    let answer = event_loop.run(async {
        for _ in 0..10 {
            yield_now().await;
        }
        first(after, async { 0 }).await
    });
    assert_eq!(answer, 7);
}

/// The answer of the first that has one.
async fn first<T>(
    one: impl Future<Output = T>,
    other: impl Future<Output = T>,
) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Pending => other.as_mut().poll(cx),
        done => done,
    })
    .await
}

#[test]
fn two_tasks_may_wait_for_the_same_listener() {
    let event_loop = EventLoop::new().unwrap();
    let handle = event_loop.handle();
    let listener = TcpListener::bind(&handle, LOCAL.into(), 16).unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Rc::new(listener);
    event_loop.run(async {
        let all = [(); 2].map(|()| {
            let listener = Rc::clone(&listener);
            handle.spawn(async move { listener.accept().await.map(drop) })
        });
        yield_now().await; // both wait now
        for task in all {
            let _client = StdStream::connect(address).unwrap();
            task.await.unwrap();
        }
    });
}

#[test]
#[should_panic(expected = "this loop runs already")]
fn a_loop_is_not_run_by_its_own_tasks() {
    let event_loop = EventLoop::new().unwrap();
    event_loop.run(async { event_loop.run(async {}) });
}

#[test]
fn what_a_dropped_task_starts_is_dropped_too() {
    struct Starts(event_loop::Handle, Rc<()>);
    impl Drop for Starts {
        fn drop(&mut self) {
            let (handle, held) = (self.0.clone(), Rc::clone(&self.1));
            self.0.spawn(async move {
                yield_now().await;
                drop((handle, held));
            });
        }
    }
    let held = Rc::new(());
    let event_loop = EventLoop::new().unwrap();
    let starts = Starts(event_loop.handle(), Rc::clone(&held));
    event_loop.handle().spawn(async move {
        pending::<()>().await;
        drop(starts);
    });
    drop(event_loop);
    assert_eq!(Rc::strong_count(&held), 1);
}
