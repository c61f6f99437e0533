"""What the experiments of this chapter share: a client for the server, and
work to compute."""

import contextlib
import socket


def ask(server, n, delay_ms):
    """Asks for the square of n, which takes the server delay_ms."""
    with contextlib.closing(send(server, n, delay_ms)) as connection:
        return receive(connection)[0]


def send(server, numbers, delay_ms):
    """Asks on a connection of its own, over HTTP/1.1."""
    connection = socket.create_connection(server)
    connection.sendall(request(numbers, delay_ms))
    return connection


def request(numbers, delay_ms):
    text = "GET /%s?delay_ms=%d HTTP/1.1\r\nhost: localhost\r\n\r\n"
    return (text % (numbers, delay_ms)).encode("ascii")


def receive(connection):
    """Waits for the answer."""
    response = b""
    while True:
        received = connection.recv(4096)
        if not received:
            return squares(response)
        response += received


def squares(response):
    """A real client would look at the headers; this one knows its server."""
    return [int(n) for n in response.rpartition(b"\r\n\r\n")[2].split(b",")]


def chain(seed, steps):
    """The generator of Park and Miller: each step needs the result of the
    last."""
    x = seed + 1
    for _ in range(steps):
        x = x * 48271 % 0x7fffffff
    return x
