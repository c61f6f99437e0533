"""Links that make what passes late: the process of the Rust example."""

import atexit
import os
import subprocess

import lab

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")


class Links(object):
    """All links of one kind. Forked processes may ask for one, each in turn."""

    def __init__(self, delay_us=0, bytes_per_s=0):
        self._kind = "%d %d" % (delay_us, bytes_per_s)
        built = os.environ.get("LAB_EXAMPLE")
        cargo = ["cargo", "run", "-q", "--example", "machines_links", "--"]
        command = ([built] if built else cargo) + ["--child", "links"]
        try:
            # Nothing is kept in a buffer, of which a fork would have a copy.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                bufsize=0, cwd=None if built else ROOT)
        except OSError as error:
            raise lab.Failure(
                "the links are part of the Rust example, and %s does not start "
                "(%s); set LAB_EXAMPLE to the path of the built example "
                "(target/debug/examples/machines_links), or install Rust"
                % (command[0], error))
        atexit.register(self.end)
        self._line()

    def _line(self):
        line = self._process.stdout.readline().decode("ascii").strip()
        if not line:
            raise lab.Failure("the process that has the links is gone")
        return line

    def to(self, port):
        """The port to connect to in the place of this one."""
        line = "%s 127.0.0.1:%d\n" % (self._kind, port)
        self._process.stdin.write(line.encode("ascii"))
        return int(self._line().rpartition(":")[2])

    def end(self):
        atexit.unregister(self.end)
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
