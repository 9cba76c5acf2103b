"""Random faults under load, round after round: ``./dev faults --rounds N [--seed S] [--long]``.

Three offices work as processes of their own over a line that does all it can, while offices, the server, processes of
PostgreSQL and all of PostgreSQL are killed. Backups are made meanwhile, and now and then the whole database is lost and
put back from the last one. Every few rounds the faults stop, and everything is held against what the offices' users saw
as saved. The seed fixes what is done; which moment of a commit a kill hits, the machine decides.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from end_to_end import faults, long_ways
from end_to_end.checking import Verdict
from end_to_end.checking_files import Files, files_found
from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy, honest
from end_to_end.head_office import HeadOffice
from end_to_end.killing import RunningOffice

OFFICES = ("Pune", "Delhi", "Kochi")
ROUNDS_BETWEEN_CHECKS = 10
# A round, from the moment all offices are at work (seconds).
_LEAST, _MOST = 0.5, 3.0
# How often a round begins with the loss of the database.
_LOST = 0.08


@dataclass
class Totals:
    """What all rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    entries: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    files: Files = field(default_factory=Files)
    done: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, times: int = 1) -> None:
        """Count something that was done."""
        self.done[what] = self.done.get(what, 0) + times

    def add(self, verdict: Verdict, files: Files) -> None:
        """Add what a check found."""
        self.files.add(files)
        self.acknowledged += verdict.acknowledged
        self.entries += verdict.entries
        self.lost += verdict.lost
        self.doubled += verdict.doubled
        self.different += verdict.different

    @property
    def well(self) -> bool:
        """Whether nothing is lost, doubled or different."""
        return not (self.lost or self.doubled or self.different) and self.files.well

    def said(self) -> str:
        """Return the figures, and what is wrong by name."""
        figures = (
            f"rounds {self.rounds}, acknowledged vouchers {self.acknowledged}, log entries {self.entries}, "
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, different {len(self.different)}; "
            f"attached files {self.files.attached}, lost {len(self.files.lost)}, different {len(self.files.different)}"
        )
        done = "done: " + ", ".join(f"{what} {times}" for what, times in sorted(self.done.items()))
        wrong = (self.lost, self.doubled, self.different, self.files.lost, self.files.different)
        return "\n".join([figures, done, *(name for names in wrong for name in names[:20])])


def mixture(chance: random.Random) -> faults.Mixture:
    """Return a line that does all it can, and lets three requests in five pass."""
    return faults.Mixture(
        chance,
        [
            ("passed", honest, 40),
            ("dropped", faults.drop, 3),
            ("answer lost", faults.lose_answer, 4),
            ("doubled", faults.duplicate, 2),
            ("doubled at once", faults.duplicate_at_once, 2),
            ("copied for later", faults.pass_and_keep, 2),
            ("kept for later", faults.keep, 2),
            ("request cut", faults.truncate_request, 2),
            ("answer cut", faults.truncate_answer, 2),
            ("bit changed there", faults.flip_request(chance), 2),
            ("bit changed back", faults.flip_answer(chance), 2),
            ("portal", faults.captive_portal, 1),
            ("gateway", faults.gateway(chance), 2),
            ("slow", faults.narrow(64_000, 0.1, 0.05, chance), 2),
        ],
    )


class Season:
    """Some rounds of one company, from its founding to the check of its books."""

    def __init__(self, company: SharedCompany, chance: random.Random, totals: Totals) -> None:
        self._company = company
        self._chance = chance
        self._totals = totals
        self._line = mixture(chance)
        self._backup = company.place / "server.backup"

    def play(self, rounds: int) -> None:
        """Play so many rounds, then stop the faults and check."""
        for office in self._company.open(*OFFICES):
            office.close()
        self._company.proxy.fault = self._line
        assert self._back_up(), "nobody is hurt yet"
        for _ in range(rounds):
            if self._chance.random() < _LOST:
                self._lose_database()
            self._round()
            self._totals.rounds += 1
        self._restart()
        for office in self._company.offices:
            office.reopen()
        self._end_recovery()
        self._company.settle()
        if self._company.files_waiting_after(rounds=2):
            # Lost with the database, and their sender heard nothing of it: it asks again after a week.
            self._totals.count("files sent again a week later")
            self._company.carry_files_a_week_later()
        self._totals.add(self._company.found(), files_found(self._company.offices, self._company.head_office))
        for name, hits in self._line.hits.items():
            self._totals.count(f"request {name}", hits)

    def _round(self) -> None:
        self._restart()
        running = {
            office.name: RunningOffice(office.place, office.name, self._chance.randrange(2**32))
            for office in self._company.offices
        }
        try:
            for each in running.values():
                each.wait_until_open()
            until = time.monotonic() + self._chance.uniform(_LEAST, _MOST)
            while (left := until - time.monotonic()) > 0:
                time.sleep(min(left, self._chance.uniform(0.05, 1.0)))
                self._hurt(running)
            for each in running.values():
                if self._chance.random() < 0.5:
                    self._totals.count("office killed")
                else:
                    # It ends when the session does: what it waits for may be dead.
                    each.end_or_kill()
        finally:
            for each in running.values():
                each.kill()

    def _hurt(self, running: dict[str, RunningOffice]) -> None:
        office, proxy = self._company.head_office, self._company.proxy
        action = self._chance.random()
        if action < 0.15:
            victim = running[self._chance.choice(OFFICES)]
            victim.kill()
            self._totals.count("office killed")
            again = RunningOffice(victim.place, victim.name, self._chance.randrange(2**32))
            running[victim.name] = again
        elif action < 0.30:
            office.kill()
            self._totals.count("server killed")
            self._restart()
        elif action < 0.40:
            self._totals.count("process of PostgreSQL killed", office.kill_backends(1))
        elif action < 0.45:
            office.kill_postmaster()
            self._totals.count("PostgreSQL killed")
            office.postgres.start()
        elif action < 0.48:
            # PostgreSQL may just be starting again: then the backup before stays the last one.
            if self._back_up():
                self._totals.count("backup")
        elif action < 0.75 and proxy.kept:
            proxy.replay(self._chance.choice(proxy.kept))
            self._totals.count("request from another time")

    def _back_up(self) -> bool:
        """Make a backup while everybody works; it takes the place of the one before. Return whether it was made."""
        made = self._backup.with_suffix(".new")
        if self._company.head_office.sealed("backup", str(made)).returncode:
            assert not made.exists(), "a backup that failed leaves nothing"
            return False
        made.replace(self._backup)
        return True

    def _lose_database(self) -> None:
        """Lose the database between two rounds; what came after the backup is on the offices' disks alone."""
        office = self._company.head_office
        office.lose_database()
        restored = office.sealed("restore", str(self._backup))
        assert restored.returncode == 0, restored.stdout + restored.stderr
        self._totals.count("database lost and restored")

    def _end_recovery(self) -> None:
        """Do what whoever runs the server does once every office came, where nobody has all that was receipted."""
        offices, head_office, proxy = self._company.offices, self._company.head_office, self._company.proxy
        proxy.fault = honest
        for office in offices:
            office.sync()
        if head_office.recovering(offices[0].book.company.id):
            head_office.stop()
            head_office.command("end-recovery", "--yes")
            self._totals.count("recovery ended by hand")
            proxy.upstream = head_office.start()

    def _restart(self) -> None:
        office = self._company.head_office
        if office.port is None:
            self._company.proxy.upstream = office.start()


@contextmanager
def new_head_office() -> Iterator[tuple[Path, HeadOffice]]:
    """Have a folder and a server of its own that serves while the block runs.

    Where the block fails, the folder stays, to be looked into.
    """
    folder = Path(tempfile.mkdtemp(prefix="lf-"))
    folder.chmod(0o755)
    office = HeadOffice(folder / "server")
    office.folder.mkdir()
    try:
        office.init()
        office.start()
        yield folder, office
    except BaseException:
        print(f"what is left of it: {folder}", file=sys.stderr)
        raise
    finally:
        office.close()
    shutil.rmtree(folder)


def play(rounds: int, seed: int) -> Totals:
    """Play so many rounds, a new company every few; return what they came to."""
    totals, chance = Totals(), random.Random(seed)
    with new_head_office() as (folder, office):
        while totals.rounds < rounds and totals.well:
            place = folder / f"season {totals.rounds}"
            with FaultProxy(office.port) as proxy:
                company = SharedCompany(place, office, proxy)
                Season(company, chance, totals).play(min(ROUNDS_BETWEEN_CHECKS, rounds - totals.rounds))
                company.close()
            print(f"round {totals.rounds}: {totals.said().splitlines()[0]}", flush=True)
            if totals.well:
                shutil.rmtree(place)
    return totals


def main() -> int:
    """Play the rounds asked for; return 1 where anything is lost, doubled or different."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true", help="play what takes minutes in place of rounds")
    asked = parser.parse_args()
    # Ended from outside, what was started is ended as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if asked.long:
        with new_head_office() as (folder, office):
            long_ways.play(folder, office, asked.seed, lambda said: print(said, flush=True))
        return 0
    begun = time.monotonic()
    totals = play(asked.rounds, asked.seed)
    print(f"{totals.said()}\nseed {asked.seed}, {time.monotonic() - begun:.0f} s")
    return 0 if totals.well else 1


if __name__ == "__main__":
    sys.exit(main())
