"""Timing and printing of figures: medians of several runs, one JSON line each, a table at the end."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager

_rows: list[tuple[str, str, str]] = []


def machine() -> str:
    """A short name of the machine, for the record."""
    return f"{platform.machine()} {os.cpu_count()} cpu, Python {platform.python_version()}"


def figure(name: str, value: float, unit: str, *, n: int, beside: str = "") -> None:
    """Print one figure; `beside` is what it stands next to."""
    print(json.dumps({"name": name, "value": round(value, 4), "unit": unit, "n": n, "machine": machine()}), flush=True)
    shown = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
    _rows.append((name, f"{shown} {unit}", beside))


def table() -> None:
    """Print all figures of this run."""
    width = max((len(row[0]) for row in _rows), default=0)
    print()
    for name, value, beside in _rows:
        print(f"{name:<{width}}  {value:>18}  {beside}")


def median_seconds(work: Callable[[], object], *, runs: int = 5, warm: bool = True) -> float:
    """Return the median time of `work`; the first, cold run is left out when `warm`."""
    if warm:
        work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def finished():
    """Print the table when the block ends, however it ends, and how busy the machine was before it began."""
    before = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    try:
        yield
    finally:
        table()
        print(f"\nload of the machine before: {before}")
