"""The door `./dev simulate`: any number of seeds, on any number of cores, with the trace of what broke."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from simulation.mutants import MUTANTS
from simulation.running import Outcome, run_seed

_TRACE_LINES = 60


def main(arguments: list[str]) -> int:
    """Run the seeds asked for; return 1 where a promise broke."""
    asked = _parser().parse_args(arguments)
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    began, figures, broke = time.perf_counter(), Counter[str](), 0
    for outcome in _outcomes(seeds, asked.mutant, asked.jobs):
        figures.update(outcome.figures)
        if outcome.broke:
            broke += 1
            _show(outcome, asked.mutant, whole=asked.seeds == 1)
    seconds = time.perf_counter() - began
    print(f"{len(seeds)} seeds in {seconds:.1f} s, {len(seeds) / seconds:.1f} a second; broken: {broke}")
    for name, count in sorted(figures.items()):
        print(f"  {count:>10,}  {name}")
    return 1 if broke else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), default="", help="switch a deliberate bug on")
    return parser


def _outcomes(seeds: range, mutant: str, jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(partial(run_seed, mutant=mutant), seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(partial(run_seed, mutant=mutant), seeds, chunksize=10)


def _show(outcome: Outcome, mutant: str, *, whole: bool) -> None:
    lines = outcome.trace if whole else outcome.trace[-_TRACE_LINES:]
    for at, who, what in lines:
        print(f"  {at / 1000:>10.3f}  {who:<18} {what}")
    again = f"./dev simulate --first-seed {outcome.seed} --seeds 1" + (f" --mutant {mutant}" if mutant else "")
    print(f"seed {outcome.seed}: {outcome.broke}\n  again: {again}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
