"""A ticker that should wake every 10 ms, and notes how late it wakes."""

from lab_timeline import Lane, now_ns

TICKS = 12
PERIOD_NS = 10000000


class Ticker(object):
    def start(self, epoch_ns):
        self.lane = Lane("ticker", epoch_ns)
        self.lane.enter("waiting-io")
        self.late_ns = []
        self.due_ns = now_ns() + PERIOD_NS

    def wanted(self):
        return len(self.late_ns) < TICKS

    def pause_s(self):
        return max(self.due_ns - now_ns(), 0) / 1e9

    def tick(self):
        """Ticks that were missed altogether are skipped."""
        self.lane.leave_wait()
        now = now_ns()
        self.late_ns.append(max(now - self.due_ns, 0))
        while self.due_ns <= now:
            self.due_ns += PERIOD_NS
        self.lane.enter("waiting-io")

    def finish(self):
        """Ends the lane, in the thread that it is about."""
        self.lane = self.lane.finish()

    def conclude(self, run, hogs):
        run.stop_clock()
        late = sorted(self.late_ns)
        run.metric("late_p50_ms", late[len(late) // 2] / 1e6)
        run.metric("late_worst_ms", late[-1] / 1e6)
        run.timeline([self.lane] + hogs)
        return "%d ticks" % len(late)
