"""A loop that calls you back."""

import asyncio


class Timers(object):
    """asyncio's loop, but it ends when nothing is left to be called."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.left = 0

    def call_later(self, delay_s, callback, *arguments):
        self.left += 1
        self.loop.call_later(delay_s, self._call, callback, arguments)

    def _call(self, callback, arguments):
        callback(*arguments)
        self.left -= 1
        if self.left == 0:
            self.loop.stop()
