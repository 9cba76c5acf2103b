"""Full and read-only disks, real ones: small file systems mounted for the test, where this machine lets us."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from desktop.storage.crash_harness import killed_after
from desktop.storage.sample_company import (
    CHEAP,
    PASSPHRASE,
    add_masters,
    company,
    fill,
    machine,
    new_company,
    open_it,
    sale,
)
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.actions import backups, rekeying, vouchers
from ledgerflow_desktop.actions.verification import verify, verify_book
from ledgerflow_desktop.storage import key_slots
from ledgerflow_desktop.storage.book import open_book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.failures import DiskFull, ReadOnly, StorageFailed

# Neither mounting nor limits of this kind exist without it.
resource = pytest.importorskip("resource")
pytestmark = pytest.mark.slow


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[Path]:
    place.mkdir()
    made = subprocess.run(["mount", *options, str(place)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"this machine lets no test mount a file system: {made.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=3m", "tmpfs") as place:
        yield place


def fill_up(place: Path, *, leaving: int) -> Path:
    """Fill the disk but for `leaving` bytes."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - leaving))
    return ballast


def test_a_full_disk_in_the_middle_of_saves_keeps_what_was_saved_and_nothing_else(small: Path) -> None:
    on = machine()
    new_company(small / "Lotus.ledgerflow", on)
    saved: list[object] = []
    with open_it(small / "Lotus.ledgerflow", on) as book:
        add_masters(book)
        ballast = fill_up(small, leaving=150_000)

        def save_on_and_on() -> None:
            for at in range(1_000):
                saved.append(vouchers.post(book, [sale(f"v{at}")]).value)

        with pytest.raises(DiskFull):
            save_on_and_on()
        assert len(saved) > 1
        count = book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0]
        assert count == len(saved)
        ballast.unlink()
        again = vouchers.post(book, [sale("after room was made")]).value[0]
        assert int(again.number[-5:]) == len(saved) + 1
        assert verify_book(book).findings == ()


def test_a_full_disk_in_the_middle_of_an_import_leaves_nothing_of_it(small: Path) -> None:
    on = machine()
    new_company(small / "Lotus.ledgerflow", on)
    with open_it(small / "Lotus.ledgerflow", on) as book:
        add_masters(book)
        vouchers.post(book, [sale("before")])
        many = [sale(f"m{at}", 100 + at, date(2026, 4, 1 + at % 28), f"goods {at}" * 9) for at in range(20_000)]

        def post_all_in_one() -> None:
            with book.writing(bulk=True) as unit:
                for begin in range(0, len(many), 1_000):
                    unit.post(many[begin : begin + 1_000])

        with pytest.raises(DiskFull):
            post_all_in_one()
        assert book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0] == 1
        assert vouchers.post(book, [sale("after")]).value[0].number == "S/26-27/00002"
        assert verify_book(book).findings == ()
    assert verify(small / "Lotus.ledgerflow", on, passphrase=PASSPHRASE).is_clean


def test_a_full_disk_stops_a_backup_a_rekeying_and_a_creation_and_leaves_no_half(small: Path) -> None:
    on = machine()
    folder = small / "Lotus.ledgerflow"
    new_company(folder, on)
    with open_it(folder, on) as book:
        fill(book)
        book.checkpoint()
        ballast = fill_up(small, leaving=60_000)
        before = sorted(path.name for path in small.rglob("*"))
        with pytest.raises((DiskFull, StorageFailed)):
            backups.back_up(book, small)
        with pytest.raises((DiskFull, StorageFailed)):
            rekeying.rekey(book, "another passphrase")
        with pytest.raises((DiskFull, StorageFailed)):
            create_company(CompanyFolder(small / "New.ledgerflow"), company("New"), PASSPHRASE, on, costs=CHEAP)
        assert sorted(path.name for path in small.rglob("*")) == before
        ballast.unlink()
        assert verify_book(book).findings == ()
        vouchers.post(book, [sale("goes on")])


def test_on_a_read_only_disk_a_company_is_read_and_not_written(tmp_path: Path) -> None:
    on = machine()
    real = tmp_path / "real"
    new_company(real / "Lotus.ledgerflow", on)
    with open_it(real / "Lotus.ledgerflow", on) as book:
        fill(book)
    with mounted(tmp_path / "shown", "-o", "bind,ro", str(real)) as shown:
        folder = shown / "Lotus.ledgerflow"
        with pytest.raises(ReadOnly):
            open_it(folder, on)
        with open_it(folder, on, read_only=True) as book:
            assert book.connection.execute("SELECT count(*) FROM voucher").fetchone()[0] == 23
            assert verify_book(book).findings == ()
            with pytest.raises(LedgerFlowError) as caught:
                backups.back_up(book)
            assert caught.value.code == "read-only"
            backups.back_up(book, tmp_path)
        with pytest.raises(ReadOnly):
            create_company(CompanyFolder(shown / "New.ledgerflow"), company("New"), PASSPHRASE, on, costs=CHEAP)


def _post_until_refused(folder: Path, key: bytes, pipe: int) -> None:
    on = machine(seed=3)
    with open_book(CompanyFolder(folder), key_slots.read_keys(CompanyFolder(folder)), key, on) as book:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        try:
            for at in range(10_000):
                os.write(pipe, f"{vouchers.post(book, [sale(f'limited {at}')]).value[0].number}\n".encode())
        except (DiskFull, StorageFailed) as error:
            os.write(pipe, f"{error.code}\n".encode())
        os._exit(0)


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process by a system call of Linux")
def test_a_write_the_system_refuses_loses_nothing_that_was_saved(tmp_path: Path) -> None:
    on = machine()
    folder = tmp_path / "Lotus.ledgerflow"
    new_company(folder, on)
    with open_it(folder, on) as book:
        add_masters(book)
        key = book.book_key
    written, _ = killed_after(lambda pipe: _post_until_refused(folder, key, pipe), None)
    *numbers, said = written.decode().split()
    assert said in ("disk-full", "storage-failed")
    assert len(numbers) > 1
    with open_it(folder, on) as book:
        kept = [row[0] for row in book.connection.execute("SELECT number FROM voucher ORDER BY no")]
        assert kept == numbers
        assert verify_book(book).findings == ()
