"""The server's hint that the log grew, which wakes a resting session; without it the session asks now and then.

Some proxies hold such a stream back until it ends. A feed that says nothing, or closes at once, a few times in a
row is left alone for a while: the hint saves waiting, nothing depends on it.
"""

import threading
from collections.abc import Callable, Iterator

from ledgerflow_desktop.sync_client.transport import NoAnswer

# The server says something at least every 20 seconds, if only that it is there.
SILENCE_SECONDS = 50.0
_AGAIN_SECONDS = 5.0
_LEFT_ALONE_SECONDS = 600.0
_USELESS_MAX = 3
_BETWEEN_HINTS_SECONDS = 1.0


def _begin_timer(seconds: float, then: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True
    timer.start()


class Spaced:
    """Passes hints on to `wake`, at most one a second: a server that hints without end is not asked without end.

    All that come within the second after one are passed on as one when it is over, so the newest is never lost.
    `begin_timer` calls something after so many seconds, in any thread.
    """

    def __init__(
        self, wake: Callable[[], None], begin_timer: Callable[[float, Callable[[], None]], None] = _begin_timer
    ) -> None:
        self._wake, self._begin_timer = wake, begin_timer
        self._lock = threading.Lock()
        self._waits = self._came = False

    def __call__(self) -> None:
        """Take a hint."""
        with self._lock:
            if self._waits:
                self._came = True
                return
            self._waits = True
        self._wake()
        self._begin_timer(_BETWEEN_HINTS_SECONDS, self._is_over)

    def _is_over(self) -> None:
        with self._lock:
            self._waits, came, self._came = False, self._came, False
        if came:
            self()


def listen(
    lines: Callable[[], Iterator[str]],
    wake: Callable[[], None],
    rest: Callable[[float], None],
    stopped: Callable[[], bool],
) -> None:
    """Call `wake` for every hint until stopped; `lines` opens the feed anew, `rest` waits so many seconds."""
    useless = 0
    while not stopped():
        useless = 0 if _heard_anything(lines, wake, stopped) else useless + 1
        if stopped():
            return
        if useless >= _USELESS_MAX:
            useless = 0
            rest(_LEFT_ALONE_SECONDS)
        else:
            rest(_AGAIN_SECONDS)


def _heard_anything(lines: Callable[[], Iterator[str]], wake: Callable[[], None], stopped: Callable[[], bool]) -> bool:
    heard = False
    try:
        for line in lines():
            heard = True
            if stopped():
                return True
            if line.startswith("event:") and line[6:].strip() == "head":
                wake()
    except NoAnswer:
        pass
    return heard
