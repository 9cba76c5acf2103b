"""What takes minutes: a large import, a line of 64 kbit/s in real time, a line that flaps. ``./dev faults --long``.

The suite plays the same with smaller numbers.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

from end_to_end import faults
from end_to_end.checking import Verdict
from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import HeadOffice
from ledgerflow_core.sync.replica import Status

KBIT_64 = 8_000  # bytes a second


def large_import(company: SharedCompany, vouchers: int) -> Verdict:
    """One office saves so many vouchers in one transaction; no setting is changed for it."""
    pune, delhi = company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(vouchers)])
    delhi.post(1)
    assert pune.sync().status is Status.UP_TO_DATE
    return company.end()


def narrow_line(company: SharedCompany, vouchers: int, times_as_fast: float, chance: random.Random) -> Verdict:
    """64 kbit/s, a second there and back, one segment in twenty lost: nobody has to look after it."""
    pune, delhi = company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(vouchers)])
    delhi.post(3)
    company.proxy.fault = faults.narrow(times_as_fast * KBIT_64, 1 / times_as_fast, 0.05, chance)
    for office in (pune, delhi, pune):
        assert office.sync().status is Status.UP_TO_DATE
    return company.end()


def flapping_line(company: SharedCompany, seconds: float, least: float, most: float, chance: random.Random) -> Verdict:
    """The line is up and down by turns of `least` to `most` seconds while two offices post."""
    pune, delhi = company.open("Pune", "Delhi")
    flapping = faults.Flapping(chance, least, most)
    company.proxy.fault = flapping
    until = time.monotonic() + seconds
    while time.monotonic() < until or not flapping.cut:
        for office in (pune, delhi):
            office.post(3)
            office.sync(patience=3)
    return company.end()


def play(folder: Path, head_office: HeadOffice, seed: int, say: Callable[[str], None]) -> None:
    """Play all of them in full; raises where anything is lost, doubled or different."""
    ways: dict[str, Callable[[SharedCompany], Verdict]] = {
        "100,000 vouchers in one import": lambda company: large_import(company, 100_000),
        "1,000 vouchers at 64 kbit/s": lambda company: narrow_line(company, 1_000, 1, random.Random(seed)),
        "flapping every 0.5 to 3 s": lambda company: flapping_line(company, 120, 0.5, 3, random.Random(seed)),
    }
    for at, (name, way) in enumerate(ways.items()):
        begun = time.monotonic()
        with FaultProxy(head_office.port) as proxy:
            company = SharedCompany(folder / f"long {at}", head_office, proxy)
            verdict = way(company)
            company.close()
        say(
            f"{name}: {verdict.acknowledged} vouchers, all there once, {time.monotonic() - begun:.0f} s with the checks"
        )
