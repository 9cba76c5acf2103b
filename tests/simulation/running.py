"""One seed from its line to its result: run, catch what broke, keep the trace."""

from collections import Counter
from dataclasses import dataclass

from simulation.mutants import MUTANTS
from simulation.seams import REMEMBER, patched
from simulation.world import World


@dataclass(frozen=True)
class Outcome:
    """What came of a seed. `broke` is empty where every promise held."""

    seed: int
    figures: Counter[str]
    trace: list[tuple[int, str, str]]
    broke: str


def run_seed(seed: int, mutant: str = "", *, asleep: bool = False) -> Outcome:
    """Run one seed, with a deliberate bug if one is named; `asleep` leaves the bug out of the world made for it."""
    with patched(REMEMBER):
        if not mutant:
            return _run(World(seed))
        bug = MUTANTS[mutant]
        with patched(() if asleep else bug.seams):
            return _run(World(seed, bug.provoked))


def _run(world: World) -> Outcome:
    try:
        world.run()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a run is its result
        return Outcome(world.seed, world.figures, world.trace, f"{type(error).__name__}: {error}")
    return Outcome(world.seed, world.figures, world.trace, "")


def killed_by(mutant: str, seeds: range, *, asleep: bool = False) -> Outcome | None:
    """Return the first run in which the harness caught a mutant, None where it lives."""
    for seed in seeds:
        outcome = run_seed(seed, mutant, asleep=asleep)
        if outcome.broke:
            return outcome
    return None
