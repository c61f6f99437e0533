"""Windows by the clocks of four hosts, one of which is wrong.

Run:  python examples/machines/machines_clock.py
See:  nothing fails. With one clock a minute ahead, clicks and logins of the
      same moment land in different windows, and some pairs are found that never
      were. Where the newest stamp decides what comes too late, one clock that
      is ahead has nearly all of the others' events thrown away.

No clock is read. One loop plays all hosts: the true time is made from an
event's number, and one host adds the error of its clock, which its variant
says. Events come in their true order, each to the next host in turn. A window
is ten seconds.
"""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.events import CLICK, event

HOSTS = 4
EVENTS = 200000
SPAN_MS = 100000
WINDOW_MS = 10000
LATE_MS = 5000


def main():
    experiment = lab.Experiment(
        "machines_clock",
        "One of four clocks is wrong: what becomes of the windows?",
        baseline="in_step")
    experiment.observed()
    for name, label, ms, by in [
            ("in_step", "all clocks are right", 0, "clock"),
            ("second", "one is a second ahead", 1000, "clock"),
            ("minute", "one is a minute ahead", 60000, "clock"),
            ("newest", "the newest stamp decides", 60000, "newest"),
            ("behind", "it is a minute behind", -60000, "newest")]:
        experiment.variant("alone", name, label,
                           lambda run, ms=ms, by=by: play(run, ms, by))
    return experiment.run()


# ANCHOR: stamp
def play(run, wrong_ms, by):
    # By window, user and true window: clicks, and logins.
    clicks, logins = collections.Counter(), collections.Counter()
    newest_ms, dropped = -10 * WINDOW_MS, 0
    for i in range(EVENTS):
        stamp_ms = ms = i * SPAN_MS // EVENTS
        if i % HOSTS == 1:
            stamp_ms += wrong_ms
        window = stamp_ms // WINDOW_MS
        newest_ms = max(newest_ms, stamp_ms)
        if by == "newest" and (window + 1) * WINDOW_MS <= newest_ms - LATE_MS:
            dropped += 1
            continue
        user, country = event(i)
        seen = clicks if country == CLICK else logins
        seen[window, user, ms // WINDOW_MS] += 1
    return tell(run, clicks, logins, dropped)
# ANCHOR_END: stamp


def tell(run, clicks, logins, dropped):
    """Compares with what should have met."""
    should = pairs(*should_meet())
    truly = pairs(clicks, logins)
    found = pairs(by_user(clicks), by_user(logins))
    run.metric("missing_share", (should - truly) / should)
    run.metric("false_share", (found - truly) / should)
    run.metric("dropped_share", dropped / EVENTS)
    return "%d pairs of %d, %d of them false" % (found, should, found - truly)


def should_meet():
    clicks, logins = collections.Counter(), collections.Counter()
    for i in range(EVENTS):
        user, country = event(i)
        seen = clicks if country == CLICK else logins
        seen[i * SPAN_MS // EVENTS // WINDOW_MS, user] += 1
    return clicks, logins


def by_user(seen):
    total = collections.Counter()
    for (window, user, _), n in seen.items():
        total[window, user] += n
    return total


def pairs(clicks, logins):
    return sum(n * clicks[key] for key, n in logins.items())


if __name__ == "__main__":
    sys.exit(main())
