"""A signal that a thread can wait for, and a door that it closes."""

import selectors
import signal
import socket


# ANCHOR: bell
class Bell(object):
    """A socket into which the interpreter writes when a signal has come: the
    one thing that can be waited for beside connections."""

    def __init__(self, number=signal.SIGTERM):
        self.socket, self._handler = socket.socketpair()
        self._handler.setblocking(False)
        signal.set_wakeup_fd(self._handler.fileno())
        # Without a handler of ours the default action is taken.
        signal.signal(number, lambda *_: None)

    def wait(self):
        self.socket.recv(1)
# ANCHOR_END: bell


class Door(object):
    """Lets connections in until the bell rings."""

    def __init__(self, listener, bell):
        # Other processes may wait at it, too, and take what we were told of.
        listener.setblocking(False)
        self._listener = listener
        self._bell = bell
        self._both = selectors.DefaultSelector()
        self._both.register(listener, selectors.EVENT_READ)
        self._both.register(bell.socket, selectors.EVENT_READ)

    # ANCHOR: next
    def next(self):
        """The next one to come; None when the bell has rung."""
        while True:
            ready = [key.fileobj for key, _ in self._both.select()]
            if self._bell.socket in ready:
                return None
            connection = self.in_line()
            if connection is not None:
                return connection
    # ANCHOR_END: next

    def in_line(self):
        """Who is in line already, if anyone."""
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return None
        connection.setblocking(True)
        return connection

    def close(self):
        self._listener.close()
