"""Tools that fill a terminal, read as text."""

import os
import re
import subprocess


def screen(command, environment):
    """What the tool shows until it is told `q`. If it says that it failed, what
    it shows is not an answer."""
    with open(os.devnull, "w") as nothing:
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=nothing, env=dict(os.environ, **environment))
        text = child.communicate(b"q")[0].decode("utf-8", "replace")
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    # Without the commands to the terminal, such as ESC [ 9 ; 1 H.
    return re.sub("\x1b[^A-Za-z\x1b]*[A-Za-z]?|[\x00-\x1f]", " ", text)


def version(tool):
    """What the tool says of itself; none: it is not on the path."""
    try:
        said = subprocess.check_output([tool, "-V"])
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.decode("utf-8", "replace").splitlines()[0].strip()
