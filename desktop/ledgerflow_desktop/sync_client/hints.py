"""The server's hint that the log grew, which wakes a resting session; without it the session asks now and then.

Some proxies hold such a stream back until it ends. A feed that says nothing, or closes at once, a few times in a
row is left alone for a while: the hint saves waiting, nothing depends on it.
"""

from collections.abc import Callable, Iterator

from ledgerflow_desktop.sync_client.transport import NoAnswer

# The server says something at least every 20 seconds, if only that it is there.
SILENCE_SECONDS = 50.0
_AGAIN_SECONDS = 5.0
_LEFT_ALONE_SECONDS = 600.0
_USELESS_MAX = 3


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
