"""Linux's list of processes and threads."""

import os


def tids(pid):
    """The threads of a process: a folder for each."""
    return numbers("/proc/%d/task" % pid)


def numbers(folder):
    """The entries of a folder that are numbers."""
    return sorted(int(name) for name in os.listdir(folder) if name.isdigit())


def field(number, name):
    """What /proc/ID/status says, for the id of a process or of a thread."""
    try:
        with open("/proc/%d/status" % number) as status:
            for line in status:
                if line.startswith(name):
                    return line[len(name):].strip()
    except EnvironmentError:
        pass  # it has ended
    return None
