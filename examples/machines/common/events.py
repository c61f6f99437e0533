"""The job: of those who log in, and from where, who clicks in the same window?

The events are made from their number, as in Rust's `events.rs`, so all have the
same. They are made once, in whole windows, before any host is forked.
"""

import array

WINDOWS = 10
PER_WINDOW = 200000
USERS = 2000
COUNTRIES = 8
CLICK = 255
MASK = 0xffffffff
_LOG = []


def event(i):
    """The user, and the country if it is a login, else CLICK."""
    x = i * 0x9e3779b1 & MASK
    x = (x ^ x >> 15) * 0x85ebca77 & MASK
    x = (x ^ x >> 13) * 0xc2b2ae3d & MASK
    x ^= x >> 16
    user = ((x & 0xffff) * (x >> 16) >> 16) * USERS >> 16
    kind = (x * 0x9e3779b1 & MASK) >> 24
    return user, kind & 7 if kind < 16 else CLICK


def log():
    """All windows: the users and the countries of each."""
    if not _LOG:
        for window in range(WINDOWS):
            users, countries = array.array("H"), array.array("B")
            first = window * PER_WINDOW
            for i in range(first, first + PER_WINDOW):
                user, country = event(i)
                users.append(user)
                countries.append(country)
            _LOG.append((users, countries))
    return _LOG


def part(window, host, hosts):
    """What was written of a window on one of so many hosts."""
    users, countries = log()[window]
    return users[host::hosts], countries[host::hosts]


# ANCHOR: window
def count(part):
    """What there is to know of a part of a window: how many clicks each user
    has, and the logins."""
    clicks, logins = [0] * USERS, array.array("H")
    for user, country in zip(*part):
        if country == CLICK:
            clicks[user] += 1
        else:
            logins.append(user * COUNTRIES + country)
    return array.array("I", clicks), logins


def join(counted):
    """Each login meets the clicks of its user, whatever part they are of."""
    clicks = [sum(of_user) for of_user in zip(*[part[0] for part in counted])]
    counts = [0] * COUNTRIES
    for _, logins in counted:
        for login in logins:
            user, country = divmod(login, COUNTRIES)
            counts[country] += clicks[user]
    return counts


def plain(steps=0):
    """The plain loop: one thread, nothing to send."""
    return [join([count(parse(window, steps))]) for window in log()]
# ANCHOR_END: window


def parse(part, steps):
    """So many steps for each event, as if a line had to be understood first."""
    if steps:
        for x in part[0]:
            for _ in range(steps):
                x = x * 48271 % 0x7fffffff
    return part


def answer(windows):
    """The answer of the whole job in a line."""
    numbers = [n for counts in windows for n in counts]
    check = sum(n * i for i, n in enumerate(numbers, 1)) % 1000003
    return "%d pairs, check %d" % (sum(numbers), check)
