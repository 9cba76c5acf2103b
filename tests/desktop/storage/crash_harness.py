"""Kills processes that write to a company, at random moments, and looks at what is left.

    python tests/desktop/storage/crash_harness.py --rounds 2000 [--upgrades 500] [--rekeyings 500] [--seed 1]

A round of posting forks a writer that posts, alters and cancels vouchers and writes down each one only after it
was saved; the parent ends it with SIGKILL, opens the company again and holds it to that list. The kernel and
its page cache live on, so this proves the program's own order of writes, not that of the disk.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from msgspec.structs import replace

from desktop.storage.sample_company import (
    CHEAP,
    PASSPHRASE,
    Clock,
    add_masters,
    company,
    fill,
    machine,
    new_company,
    open_it,
    rent,
    sale,
)
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import creation, key_slots, rekeying, schema, signing_keys
from ledgerflow_desktop.storage.book import Book, open_book
from ledgerflow_desktop.storage.company_folder import CompanyFolder, WriterLock
from ledgerflow_desktop.storage.digest import BookDigest, digest_of
from ledgerflow_desktop.storage.encrypted_database import connect
from ledgerflow_desktop.storage.failures import UpgradeNeeded, WrongPassphrase
from ledgerflow_desktop.storage.upgrade import upgrade_company

NEW_PASSPHRASE = "another passphrase"


def real_machine() -> Machine:
    return replaced(machine(), milliseconds=lambda: time.time_ns() // 1_000_000, random_bytes=os.urandom)


@dataclass
class Tally:
    rounds: int = 0
    acknowledged: int = 0
    unacknowledged_but_kept: int = 0
    cut_off: int = 0
    verified: int = 0
    found_old: int = 0
    found_new: int = 0
    known: dict[str, str] = field(default_factory=dict)


def killed_after(work: Callable[[int], None], seconds: float | None) -> tuple[bytes, bool]:
    """Run `work` in a process of its own, kill it; return what it wrote and whether it was cut off.

    Without `seconds` it is waited for: then the work kills its process itself.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            work(writing)
            status = 0
        except BaseException:  # noqa: BLE001 - said here, as nobody hears of it in the parent
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    if seconds is not None:
        time.sleep(seconds)  # the one place where time itself is what is tested
        os.kill(child, signal.SIGKILL)
    written = b""
    while block := os.read(reading, 65536):
        written += block
    os.close(reading)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the writer failed by itself"
    return written, os.WIFSIGNALED(status)


# --- posting --------------------------------------------------------------------------------------


def posting_rounds(place: Path, rounds: int, chance: random.Random, *, verify_every: int = 8) -> Tally:
    """Kill a writer `rounds` times in one company and check it after each."""
    folder = CompanyFolder(place / "Crash.ledgerflow")
    on = real_machine()
    new_company(folder.path, on)
    with open_it(folder.path, on) as book:
        add_masters(book)
        key = book.book_key
    tally = Tally()
    for turn in range(rounds):
        seed = chance.randrange(1 << 30)
        written, was_cut = killed_after(
            lambda pipe, seed=seed: _post_for_ever(folder, key, seed, pipe),  # type: ignore[misc]
            chance.uniform(0.01, 0.16),
        )
        for line in written.decode().split("\n")[:-1]:
            voucher_id, number = line.split(" ")
            assert tally.known.setdefault(voucher_id, number) == number
        tally.rounds += 1
        tally.cut_off += was_cut
        _check_posting(folder, key, tally, in_full=turn % verify_every == 0 or turn == rounds - 1)
    tally.acknowledged = len(tally.known) - tally.unacknowledged_but_kept
    return tally


def _post_for_ever(folder: CompanyFolder, key: bytes, seed: int, pipe: int) -> None:
    chance, on = random.Random(seed), real_machine()
    book = open_book(folder, key_slots.read_keys(folder), key, on)
    last: Voucher | None = None
    for at in range(100_000):
        many = 150 if chance.random() < 0.04 else 1
        batch = [
            (sale if chance.random() < 0.7 else rent)(f"{seed}-{at}-{part}", chance.randrange(1, 10**7))
            for part in range(many)
        ]
        posted = vouchers.post(book, batch).value
        # Saved: from here on it may not be lost.
        os.write(pipe, "".join(f"{voucher.id} {voucher.number}\n" for voucher in posted).encode())
        action = chance.random()
        if last is not None and action < 0.15:
            before = vouchers.load(book, last.id)
            vouchers.alter(book, before, replace(before.voucher, narration=f"altered {at}"))
        elif last is not None and action < 0.2:
            vouchers.cancel(book, vouchers.load(book, last.id))
            last = None
            continue
        elif action < 0.25:
            book.checkpoint()
        last = posted[-1]


def _check_posting(folder: CompanyFolder, key: bytes, tally: Tally, *, in_full: bool) -> None:
    with open_book(folder, key_slots.read_keys(folder), key, real_machine()) as book:
        rows = book.connection.execute("SELECT id, number, type_no FROM voucher").fetchall()
        there = {_text(row[0]): row[1] for row in rows}
        lost = {found: number for found, number in tally.known.items() if there.get(found) != number}
        assert lost == {}, f"saved, and lost or renumbered: {lost}"
        kept_unsaid = there.keys() - tally.known.keys()
        assert len(kept_unsaid) <= 150, "more vouchers than one transaction was under way"
        tally.unacknowledged_but_kept += len(kept_unsaid)
        tally.known.update((found, there[found]) for found in kept_unsaid)
        by_type: dict[int, list[int]] = {}
        for _, number, type_no in rows:
            by_type.setdefault(type_no, []).append(int(number.rsplit("/", 1)[1]))
        for serials in by_type.values():
            assert sorted(serials) == list(range(1, len(serials) + 1)), "numbers are consecutive, none twice"
        if in_full:
            tally.verified += 1
            assert verify_book(book).findings == ()


def _text(raw: bytes) -> str:
    h = raw.hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


# --- upgrading and rekeying -----------------------------------------------------------------------


def old_company(path: Path, revision: str = "0001") -> tuple[bytes, BookDigest]:
    """Make a company whose tables are those of an old version; return its key and what it says."""
    folder, on = CompanyFolder(path), machine(Clock())
    new_company(path, on)
    key = key_slots.unlock_with_passphrase(key_slots.read_keys(folder), PASSPHRASE)
    signing_key = signing_keys.read(key_slots.read_keys(folder), key, on)
    folder.database.unlink()
    connection = connect(folder.database, key)
    schema.migrate(connection, revision)
    with creation.transaction(connection, "books.db"):
        creation._first_events(connection, company(), signing_key, on)
    with Book(folder, connection, on, key_slots.read_keys(folder), key, WriterLock(folder)) as book:
        fill(book)
        said = digest_of(book.connection)
    return key, said


def _moment(turn: int, usual: float, chance: random.Random) -> float | None:
    """When to kill: at once, never, and from then on at random over the time the work takes and somewhat longer."""
    return 0.0 if turn == 0 else None if turn == 1 else chance.uniform(0, 1.2 * usual)


def upgrade_rounds(place: Path, rounds: int, chance: random.Random) -> Tally:
    """Kill an upgrade of an old file `rounds` times: the file is the old one or the new one, and says the same."""
    template = place / "Old.ledgerflow"
    key, said = old_company(template)
    tally = Tally()
    begin = time.monotonic()
    folder = CompanyFolder(place / "Warm.ledgerflow")
    shutil.copytree(template, folder.path)
    upgrade_company(folder, key, real_machine())  # also loads what migrates, so that rounds kill the work itself
    begin = time.monotonic()
    shutil.rmtree(folder.path)
    shutil.copytree(template, folder.path)
    upgrade_company(folder, key, real_machine())
    usual = time.monotonic() - begin
    for turn in range(rounds):
        folder = CompanyFolder(place / f"Upgrade {turn}.ledgerflow")
        shutil.copytree(template, folder.path)
        _, was_cut = killed_after(
            lambda _, folder=folder: upgrade_company(folder, key, real_machine()),  # type: ignore[misc]
            _moment(turn, usual, chance),
        )
        keys = key_slots.read_keys(folder)
        try:
            book = open_book(folder, keys, key, real_machine())
            tally.found_new += 1
        except UpgradeNeeded:
            tally.found_old += 1
            upgrade_company(folder, key, real_machine())
            book = open_book(folder, keys, key, real_machine())
        with book:
            assert digest_of(book.connection) == said
            assert verify_book(book).findings == ()
        tally.rounds += 1
        tally.cut_off += was_cut
        tally.verified += 1
        shutil.rmtree(folder.path)
    return tally


def rekeying_rounds(place: Path, rounds: int, chance: random.Random) -> Tally:
    """Kill a rekeying `rounds` times: one of the two passphrases opens the book, and it says the same."""
    template, on = place / "Keys.ledgerflow", real_machine()
    new_company(template, on)
    with open_it(template, on) as book:
        fill(book)
        said = digest_of(book.connection)
    tally, usual = Tally(), 0.1
    for turn in range(rounds + 1):
        path = place / f"Keys {turn}.ledgerflow"
        shutil.copytree(template, path)
        if turn == 0:
            begin = time.monotonic()
            _rekey(path)
            usual = time.monotonic() - begin
            continue
        _, was_cut = killed_after(
            lambda _, path=path: _rekey(path),  # type: ignore[misc]
            _moment(turn, usual, chance),
        )
        with _opened_by_either(path, on) as book:
            is_new = key_slots.opens_with(book.keys.slots[0], book.keys, NEW_PASSPHRASE)
            tally.found_new += is_new
            tally.found_old += not is_new
            assert digest_of(book.connection) == said
            assert verify_book(book).findings == ()
            vouchers.post(book, [sale("after the crash")])
        assert not [left for left in path.iterdir() if "rekeying" in left.name]
        tally.rounds += 1
        tally.cut_off += was_cut
        tally.verified += 1
        shutil.rmtree(path)
    return tally


def _rekey(path: Path) -> None:
    with open_it(path, real_machine()) as book:
        rekeying.rekey(book, NEW_PASSPHRASE, costs=CHEAP)


def _opened_by_either(path: Path, on: Machine) -> Book:
    try:
        return open_it(path, on)
    except WrongPassphrase:
        return open_it(path, on, passphrase=NEW_PASSPHRASE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=200, help="of posting")
    parser.add_argument("--upgrades", type=int, default=0)
    parser.add_argument("--rekeyings", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    kinds = ((posting_rounds, asked.rounds), (upgrade_rounds, asked.upgrades), (rekeying_rounds, asked.rekeyings))
    for rounds_of, count in kinds:
        if count:
            begin = time.monotonic()
            with tempfile.TemporaryDirectory() as place:
                tally = rounds_of(Path(place), count, random.Random(asked.seed))
            print(
                f"{rounds_of.__name__}: {tally.rounds} rounds, {tally.cut_off} cut off, "
                f"{tally.acknowledged} vouchers acknowledged and all there, "
                f"{tally.unacknowledged_but_kept} more saved before the word got out, "
                f"{tally.verified} verified in full, {time.monotonic() - begin:.0f} s"
            )


if __name__ == "__main__":
    main()
