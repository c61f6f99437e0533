"""A sheet of paper that every flow signs at each step. It tells who ran last,
and whether the one before had said that it gives way.
"""

from lab_timeline import Lane, now_ns

BURSTS = 6
# Between two steps; whoever notices more was not running.
STEP_NS = 20000


class Sheet(object):
    """Who ran last, and whether the one before had said that it gives way.
    For flows on one thread or on one core."""

    def __init__(self):
        self.last = (0, True)
        self.handovers = 0
        self.unannounced = 0

    def note(self, me, gives_way):
        # A thread can be stopped between these two, once in a long while.
        (before, gave_way), self.last = self.last, (me, gives_way)
        if before not in (0, me):
            self.handovers += 1
            self.unannounced += not gave_way


class Recording(object):
    """What the flows of a run share."""

    def __init__(self):
        self.sheet = Sheet()
        self.began_ns = None  # with the first burst
        self.lanes = {}

    def keep(self, run):
        run.stop_clock()
        sheet = self.sheet
        run.metric("handovers", sheet.handovers)
        run.metric("unannounced", sheet.unannounced)
        if sheet.handovers:
            announced = sheet.handovers - sheet.unannounced
            run.metric("announced_share", announced / sheet.handovers)
        run.timeline([self.lanes[number] for number in sorted(self.lanes)])
        return "%d lanes" % len(self.lanes)


def three():
    """Three of them, whose bursts are 2, 5 and 10 milliseconds of work."""
    recording = Recording()
    return recording, [Worker(number, burst_ms, recording)
                       for number, burst_ms in enumerate([2, 5, 10], 1)]


class Worker(object):
    """A flow that works in bursts, and gives way after each."""

    def __init__(self, number, burst_ms, recording):
        self.number = number
        self.name = "%d ms" % burst_ms
        self.burst_ns = burst_ms * 1000000
        self.all = recording
        self.lane = None

    def burst(self):
        if self.lane is None:
            self.all.began_ns = self.all.began_ns or now_ns()
            self.lane = Lane(self.name, self.all.began_ns)
        else:
            self.lane.leave_wait()
        lane, sheet = self.lane, self.all.sheet
        worked, before = 0, lane.note()
        while worked < self.burst_ns:
            sheet.note(self.number, False)
            now = lane.note()
            worked += min(now - before, STEP_NS)  # a gap is no work of ours
            before = now
        sheet.note(self.number, True)
        lane.enter("waiting-lock")

    def finish(self):
        if self.lane is None:
            return
        lane = self.lane.finish()
        # While it could run and did not, there is a gap, as for a thread.
        lane["spans"] = [span for span in lane["spans"]
                         if span[3] == "running"]
        self.all.lanes[self.number] = lane
