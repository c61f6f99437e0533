"""Other processes: this program again, and the server of a Rust example."""

import atexit
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Failure(Exception):
    """Ends an experiment with a message for the reader, and no traceback."""


def rerun_self(name, args=()):
    """The command that runs the Experiment.child `name` with `args`: this
    program, by the same interpreter, in a process of its own."""
    program = os.path.abspath(sys.argv[0])
    return [sys.executable, program, "--child", name] + [str(a) for a in args]


def take_over(run, name, args=()):
    """Has `rerun_self(name, args)` do an experiment, and takes over what it
    prints: a `name value` a line for each metric, and `answer ...`."""
    run.elsewhere()
    process = subprocess.Popen(
        rerun_self(name, args), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True)
    said, complaint = process.communicate()
    if process.returncode != 0:
        last = (complaint.splitlines() or ["it gave no reason"])[-1]
        raise Failure("the child %s ended with %s: %s"
                      % (name, ending(process.returncode), last))
    answer = ""
    for line in said.splitlines():
        word, _, value = line.partition(" ")
        if word == "answer":
            answer = value
        else:
            run.metric(word, value)
    return answer


def ending(returncode):
    """How a process ended, in words: `exit 0`, `SIGABRT`."""
    names = {4: "SIGILL", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV",
             15: "SIGTERM"}
    if sys.platform.startswith("java") and returncode > 128:
        returncode = 128 - returncode
    if returncode >= 0:
        return "exit %d" % returncode
    return names.get(-returncode, "signal %d" % -returncode)


class Server(object):
    """The server of a Rust example, in a process of its own.

    It starts when its address is first asked for, and ends with us: it waits
    for the end of its standard input. It is the lab's server, or the child of
    that name of the example's own.
    """

    def __init__(self, example, child=None):
        self._example = example
        self._arguments = ["--child", child] if child else ["--serve"]
        self._address = None

    @property
    def address(self):
        """Where it listens, as (host, port)."""
        if self._address is None:
            self._start()
        return self._address

    def _start(self):
        built = os.environ.get("LAB_EXAMPLE")
        cargo = ["cargo", "run", "-q", "--example", self._example, "--"]
        command = ([built] if built else cargo) + self._arguments
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                cwd=None if built else ROOT)
        except OSError as error:
            raise Failure(
                "the server is part of the Rust example, and %s does not start "
                "(%s); set LAB_EXAMPLE to the path of the built example "
                "(target/debug/examples/%s), or install Rust"
                % (command[0], error, self._example))
        atexit.register(self._stop)
        line = self._process.stdout.readline().decode("ascii").strip()
        host, colon, port = line.partition(":")
        if not colon:
            raise Failure("%s did not tell its address" % " ".join(command))
        self._address = (str(host), int(port))

    def _stop(self):
        self._process.stdin.close()
        self._process.wait()
