from collections.abc import Callable, Iterator

from ledgerflow_desktop.sync_client.hints import Spaced, listen
from ledgerflow_desktop.sync_client.transport import NoAnswer


class Feeds:
    """Feeds that say what a test wrote down, one after another; after the last one the listener is to stop."""

    def __init__(self, *feeds: list[str] | None) -> None:
        self._feeds = list(feeds)
        self.woken = 0
        self.rests: list[float] = []

    def lines(self) -> Iterator[str]:
        feed = self._feeds.pop(0)
        if feed is None:
            raise NoAnswer(reason="unreachable")
        yield from feed

    def wake(self) -> None:
        self.woken += 1

    def stopped(self) -> bool:
        return not self._feeds

    def listen(self) -> None:
        listen(self.lines, self.wake, self.rests.append, self.stopped)


def test_each_hint_wakes_and_a_keep_alive_does_not() -> None:
    feeds = Feeds(["event: head", "id: 7", "", ": here", "event: head", "id: 9", ""], None)
    feeds.listen()
    assert feeds.woken == 2


def test_a_feed_that_says_nothing_thrice_is_left_alone_for_a_while() -> None:
    feeds = Feeds([], None, [], [": here"], None, None)
    feeds.listen()
    assert feeds.rests == [5.0, 5.0, 600.0, 5.0, 5.0]
    assert feeds.woken == 0


class Timers:
    """Timers that are over when a test says so."""

    def __init__(self) -> None:
        self.running: list[tuple[float, Callable[[], None]]] = []

    def begin(self, seconds: float, then: Callable[[], None]) -> None:
        self.running.append((seconds, then))

    def pass_by(self) -> None:
        """Let the one timer that runs come to its end."""
        ((seconds, then),) = self.running
        assert seconds == 1.0
        self.running.clear()
        then()


def test_a_server_that_hints_without_end_wakes_once_a_second() -> None:
    timers, feeds = Timers(), Feeds(["event: head"] * 1_000, None)
    listen(feeds.lines, Spaced(feeds.wake, timers.begin), feeds.rests.append, feeds.stopped)
    assert feeds.woken == 1
    timers.pass_by()
    assert feeds.woken == 2
    timers.pass_by()
    assert (feeds.woken, timers.running) == (2, [])


def test_a_hint_within_the_second_is_passed_on_after_it_and_one_later_at_once() -> None:
    timers, feeds = Timers(), Feeds()
    hint = Spaced(feeds.wake, timers.begin)
    hint()
    hint()
    assert feeds.woken == 1
    timers.pass_by()
    assert feeds.woken == 2
    timers.pass_by()
    hint()
    assert feeds.woken == 3
