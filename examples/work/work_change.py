"""One kind of work turned into the other: what does a redesign change?

Run:  python examples/work/work_change.py
See:  as in Rust: with a cache or with one request for all, the fifty questions
      are mostly computing, and who asks for squares instead of computing them
      mostly waits.

The server is the Rust example's, in a process of its own on 127.0.0.1. It
needs cargo, or LAB_EXAMPLE=target/debug/examples/work_change once it is built.
"""

import contextlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "lab", "python"))
import lab
from common.ask import ask, chain, receive, send

DELAY_MS = 4
# Fifty questions, about five numbers.
QUESTIONS = [i * 7 % 5 for i in range(50)]
# Ten squares to find, of large numbers.
LARGE = range(500000, 500010)
# The file knows them all.
WRITTEN = range(490000, 510000)


def main():
    server = lab.Server("work_change")

    def with_server(work):
        def variant(run):
            address = server.address
            run.start_clock()
            return work(address)
        return variant

    experiment = lab.Experiment(
        "work_change", "Can a redesign turn waiting into computing, and back?",
        baseline="before")
    experiment.case("ask", "fifty questions about five numbers")
    experiment.variant("alone", "before", "a request each",
                       with_server(one_by_one))
    experiment.variant("alone", "cached", "with a cache", with_server(cached))
    experiment.variant("alone", "batched", "one request", with_server(batched))
    experiment.case("compute", "ten squares")
    experiment.variant("alone", "before", "added up", lambda run: added_up())
    experiment.variant("alone", "asked", "asked for", with_server(asked))
    experiment.variant("alone", "file", "read from a file", file)
    return experiment.run()


# ANCHOR: ask
def one_by_one(server):
    return sum(judge(ask(server, n, DELAY_MS)) for n in QUESTIONS)


def cached(server):
    known = {}
    total = 0
    for n in QUESTIONS:
        if n not in known:
            known[n] = ask(server, n, DELAY_MS)
        total += judge(known[n])  # the computing stays
    return total


def batched(server):
    numbers = ",".join(str(n) for n in QUESTIONS)
    with contextlib.closing(send(server, numbers, DELAY_MS)) as connection:
        return sum(judge(answer) for answer in receive(connection))
# ANCHOR_END: ask


def judge(answer):
    """Some computing with each answer, about a millisecond."""
    return chain(answer, 12500)


def added_up():
    return sum(square(n) for n in LARGE)


def square(n):
    """The sum of the first n odd numbers."""
    return sum(2 * i + 1 for i in range(n))


def asked(server):
    """Somebody has computed them already, and is a request away."""
    return sum(ask(server, n, DELAY_MS) for n in LARGE)


def looked_up(table):
    """We have computed them already, and wrote them down."""
    with open(table) as lines:
        known = dict(line.split() for line in lines)
    return sum(int(known[str(n)]) for n in LARGE)


def file(run):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as table:
        table.writelines("%d %d\n" % (n, n * n) for n in WRITTEN)
        table.flush()
        run.start_clock()
        total = looked_up(table.name)
        run.stop_clock()
    return total


if __name__ == "__main__":
    sys.exit(main())
