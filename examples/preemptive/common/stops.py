"""In which part of its step a thread is stopped."""

from lab_timeline import Lane, now_ns

PARTS = 8


class Positions(object):
    """How often a lane was stopped in each part of its step."""

    def __init__(self):
        self.lane = Lane("mover", now_ns())
        self.seen = 0
        self.stops = [0] * PARTS

    def note(self, part):
        self.lane.note()
        if len(self.lane.spans) > self.seen:
            self.seen = len(self.lane.spans)
            self.stops[part] += 1


def note_stops(run, movers, on_its_way):
    at = [sum(stops) for stops in zip(*movers)]
    run.metric("stops", sum(at))
    run.metric("positions", sum(1 for n in at if n > 0))
    run.metric("inside_share", sum(at[:on_its_way]) / float(max(sum(at), 1)))
    for part, stops in enumerate(at):
        run.metric("at_%d" % (part + 1), stops)
