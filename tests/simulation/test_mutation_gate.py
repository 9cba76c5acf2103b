"""Every deliberate bug is caught within a few seeds: a harness that lets one live proves nothing."""

import pytest

from simulation.mutants import MUTANTS
from simulation.running import killed_by

_SEEDS = range(60)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_caught(mutant: str) -> None:
    assert killed_by(mutant, _SEEDS) is not None, f"{MUTANTS[mutant].without}, and nobody noticed"


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_what_brings_a_mutant_to_light_breaks_nothing_by_itself(mutant: str) -> None:
    assert killed_by(mutant, range(4), asleep=True) is None


def test_there_are_bugs_of_every_kind() -> None:
    assert len(MUTANTS) >= 24
    assert killed_by("last-write-wins", _SEEDS) is not None
