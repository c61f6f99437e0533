//! The job on timely dataflow: the same program for one worker and for many,
//! whether they are threads or hosts.

use std::collections::BTreeMap;

use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::{Operator, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

use crate::events::{Counts, Event, Window};

/// The job as a dataflow, and the way in.
pub struct Flow {
    input: InputHandle<
        usize,
        timely::container::CapacityContainerBuilder<Vec<Event>>,
    >,
    probe: ProbeHandle<usize>,
}

// ANCHOR: flow
impl Flow {
    /// Builds it. `done` is told of each window what this worker counted of it,
    /// as soon as no host can have any more of its events.
    pub fn new(
        worker: &mut Worker,
        mut done: impl FnMut(usize, Counts) + 'static,
    ) -> Flow {
        let (mut input, probe) = (InputHandle::new(), ProbeHandle::new());
        worker.dataflow::<usize, _, _>(|scope| {
            // All of a user's events go to one worker, wherever they come from.
            let by_user = Exchange::new(|event: &Event| u64::from(event.0));
            let events = input.to_stream(scope);
            let join = events.unary_frontier(by_user, "join", |_, _| {
                let mut open = BTreeMap::new();
                move |(input, frontier), output| {
                    input.for_each_stamp(|stamp, batches| {
                        let Some(time) = stamp.retain_least(0) else { return };
                        let (_, window) = open
                            .entry(*time.time())
                            .or_insert_with(|| (time, Window::default()));
                        for event in batches.flat_map(|batch| batch.drain(..)) {
                            window.add(event);
                        }
                    });
                    open.retain(|number, (time, window)| {
                        let is_open = frontier.less_equal(number);
                        if !is_open {
                            done(*number, window.join());
                            output.session(time).give(());
                        }
                        is_open
                    });
                }
            });
            join.container::<Vec<()>>().probe_with(&probe);
        });
        Flow { input, probe }
    }
}
// ANCHOR_END: flow

// ANCHOR: feed
impl Flow {
    /// Puts in all windows and waits, once, until the last one is done.
    pub fn feed(
        mut self,
        worker: &mut Worker,
        log: impl Iterator<Item = Vec<Event>>,
    ) {
        for (window, events) in log.enumerate() {
            self.put(worker, window, events);
        }
        self.finish(worker);
    }

    /// Waits after each window until it is done on all hosts.
    pub fn feed_in_turn(
        mut self,
        worker: &mut Worker,
        log: impl Iterator<Item = Vec<Event>>,
    ) {
        for (window, events) in log.enumerate() {
            self.put(worker, window, events);
            let probe = &self.probe;
            worker.step_or_park_while(None, || probe.less_than(&(window + 1)));
        }
        self.finish(worker);
    }
}
// ANCHOR_END: feed

impl Flow {
    /// Puts in one window, which may wait on its way.
    pub fn put(
        &mut self,
        worker: &mut Worker,
        window: usize,
        mut events: Vec<Event>,
    ) {
        self.input.send_batch(&mut events);
        self.input.advance_to(window + 1);
        worker.step();
    }

    /// There is no more to come: waits until all is done.
    pub fn finish(self, worker: &mut Worker) {
        let Flow { input, probe } = self;
        input.close();
        worker.step_or_park_while(None, || !probe.done());
    }
}
