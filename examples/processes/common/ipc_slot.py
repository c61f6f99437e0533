"""Memory that the two sides of process_ipc have in common."""

from multiprocessing.shared_memory import SharedMemory

from common.ipc_work import CHUNK, CONTEXT, NUMBER


class Slot(object):
    """Room for one message, in memory that several processes have mapped."""

    def __init__(self):
        self._memory = SharedMemory(create=True, size=NUMBER.size + CHUNK)
        self._free, self._full = CONTEXT.Semaphore(1), CONTEXT.Semaphore(0)

    def send(self, message):
        end = NUMBER.size + len(message)
        self._free.acquire()
        self._memory.buf[:NUMBER.size] = NUMBER.pack(end)
        self._memory.buf[NUMBER.size:end] = message
        self._full.release()

    def receive(self):
        self._full.acquire()
        end = NUMBER.unpack(self._memory.buf[:NUMBER.size])[0]
        message = bytes(self._memory.buf[NUMBER.size:end])
        self._free.release()
        return message

    def close(self):
        self._memory.close()
        self._memory.unlink()
