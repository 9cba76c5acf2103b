"""Processor seconds of processes on Linux, so that a benchmark can say who of several did the work."""

import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(process: int) -> float:
    """Return the processor seconds of a process and of all it started so far."""
    return sum(map(_own, _family(process)))


def _family(process: int) -> list[int]:
    """Return the ids of a process and of all that descend from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _fields(int(path.name)):
            children[int(fields[1])].append(int(path.name))
    found = [process]
    # The list grows while it is walked: by the children of each that is reached.
    for one in found:
        found += children[one]
    return found


def _own(process: int) -> float:
    # Own time and that of children that ended: a backend that is gone has worked all the same.
    return sum(map(int, _fields(process)[11:15])) / _TICKS


def _fields(process: int) -> list[str]:
    """Return what the kernel says of a process, after its id and name; empty where it has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
