"""What a server and its clients say to each other: `work MS`, then `begun` at
once, and `done` after so many milliseconds."""

import asyncio
import socket
import time

LOOK_S = 0.020  # so often a thread in a read looks around


def work_s(request):
    verb, ms = request.split()
    assert verb == b"work"
    return int(ms) / 1000.0


# ANCHOR: thread
def of_thread(connection, closing):
    """A thread in a read hears of nothing, so it comes back and looks."""
    with connection:
        connection.settimeout(LOOK_S)
        request = b""
        while not request.endswith(b"\n"):
            try:
                read = connection.recv(100)
            except socket.timeout:
                if closing.is_set():
                    return
                continue
            if not read:
                return
            request += read
        connection.sendall(b"begun\n")
        time.sleep(work_s(request))
        connection.sendall(b"done\n")
# ANCHOR_END: thread


# ANCHOR: task
async def of_task(reader, writer, idle):
    """While it has no request it is one of the idle, who may be canceled."""
    task = asyncio.current_task()
    idle.add(task)
    try:
        request = await reader.readline()
        idle.discard(task)
        if request:
            writer.write(b"begun\n")
            await asyncio.sleep(work_s(request))
            writer.write(b"done\n")
            await writer.drain()
    finally:
        idle.discard(task)
        writer.close()
# ANCHOR_END: task
