"""How often somebody may come: by a clock of the test's own."""

import pytest

from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.rate_limits import RateLimits


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 120.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limits: RateLimits, tenant: int, tries: int) -> int:
    """Return how many of so many requests at one moment are let in."""
    count = 0
    for _ in range(tries):
        try:
            limits.take_tenant(tenant)
            count += 1
        except Refused:
            pass
    return count


def test_each_has_a_share_of_its_own(clock: Clock) -> None:
    limits = RateLimits("", "", "10/minute", clock)
    assert [taken(limits, 1, 15), taken(limits, 2, 15)] == [10, 10]


def test_a_share_comes_back_bit_by_bit_over_the_next_minute(clock: Clock) -> None:
    limits = RateLimits("", "", "10/minute", clock)
    assert taken(limits, 1, 10) == 10
    clock.now += 60  # the next minute begins: all ten were within the last one
    assert taken(limits, 1, 1) == 0
    clock.now += 30
    assert taken(limits, 1, 10) == 5
    clock.now += 29
    assert taken(limits, 1, 10) == 4


def test_a_burst_around_the_turn_of_a_minute_gets_no_second_share(clock: Clock) -> None:
    clock.now = 179.9
    limits = RateLimits("", "", "10/minute", clock)
    assert taken(limits, 1, 10) == 10
    clock.now = 180.1
    assert taken(limits, 1, 10) == 0


def test_after_two_quiet_minutes_nothing_is_remembered(clock: Clock) -> None:
    limits = RateLimits("", "", "10/minute", clock)
    taken(limits, 1, 10)
    clock.now += 120
    assert taken(limits, 1, 15) == 10


def test_what_was_refused_is_not_counted(clock: Clock) -> None:
    limits = RateLimits("", "", "2/second", clock)
    assert taken(limits, 1, 1000) == 2
    clock.now += 2
    assert taken(limits, 1, 2) == 2


def test_no_rate_is_no_limit(clock: Clock) -> None:
    assert taken(RateLimits("", "", "", clock), 1, 10_000) == 10_000
