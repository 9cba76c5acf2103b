"""Thousands of histories of failure: nothing is lost, doubled or different, and nobody waits for ever."""

import pytest

from simulation.running import run_seed

_QUICK = 24
_ALL = 2_000
_CHUNK = 50


def _broken(seeds: range) -> list[str]:
    outcomes = [run_seed(seed) for seed in seeds]
    return [
        f"{outcome.broke}\n  again: ./dev simulate --first-seed {outcome.seed} --seeds 1"
        for outcome in outcomes
        if outcome.broke
    ]


def test_a_few_dozen_seeds_keep_every_promise() -> None:
    assert _broken(range(_QUICK)) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(_QUICK, _ALL, _CHUNK))
def test_every_seed_keeps_every_promise(first: int) -> None:
    assert _broken(range(first, min(first + _CHUNK, _ALL))) == []


@pytest.mark.parametrize("seed", [3, 16, 41])
def test_a_seed_is_the_same_history_each_time(seed: int) -> None:
    first, again = run_seed(seed), run_seed(seed)
    assert first.trace == again.trace
    assert first.figures == again.figures
    assert first.trace


def test_the_seeds_meet_every_kind_of_fault() -> None:
    met = {name for seed in range(_QUICK, 3 * _QUICK) for name in run_seed(seed).figures}
    assert {"drop", "lost answer", "duplicate", "flip", "truncated", "portal", "partition", "office crash"} <= met
    assert {"server crash before", "server crash after", "device destroyed", "device revoked", "tokens expired"} <= met
    assert {"office restored, guard kept", "office restored, guard lost", "office restored, guard rolled back"} <= met
    assert {"numbering changed", "posted by a numbering changed meanwhile", "log: parked number-duplicate"} <= met
    assert {"log: parked stale-base", "log: parked period-locked", "log: duplicate", "log handed back"} <= met
