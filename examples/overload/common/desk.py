"""Where one is served after the other, each for the same time. See
src/server.rs."""


class Desk(object):
    def __init__(self, service, stops=None):
        self.service, self.free = service, 0
        self.stops = stops

    def done(self, came):
        """When who came then, and is next, has been served."""
        start = max(self.free, came)
        if self.stops and self.stops[0] <= start < self.stops[1]:
            start = self.stops[1]
        # Not from now: a timer that is late costs nothing of the capacity.
        self.free = start + self.service
        return self.free


def quantile(times, share):
    """The time below which such a share of all times lies."""
    ordered = sorted(times)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)
