"""Numbered frames through a real socket, each in two halves with a pause in
between, as a network may deliver what was sent in one piece.
"""

import socket
import struct
import threading
import time

FRAME = 32  # bytes: its number, over and over
FRAMES = 100
PAUSE_S = 0.001


class Seen(object):
    """What a receiver has made of the bytes that it took."""

    def __init__(self):
        self.whole = 0
        self.mixed = 0  # made of the halves of two

    def frame(self, frame):
        if frame[:8] == frame[-8:]:
            self.whole += 1
        else:
            self.mixed += 1

    def lost_bytes(self):
        return (FRAMES - self.whole - self.mixed) * FRAME


def sent():
    """The other end of a new connection sends its frames and closes it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    here = socket.create_connection(listener.getsockname())
    there, _ = listener.accept()
    listener.close()
    there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sender = threading.Thread(target=send, args=(there,))
    sender.start()
    return here, sender


def send(to):
    for n in range(FRAMES):
        frame = struct.pack(">Q", n) * (FRAME // 8)
        for half in (frame[:FRAME // 2], frame[FRAME // 2:]):
            to.sendall(half)
            time.sleep(PAUSE_S / 2)
    to.close()
