"""A full disk, at an office and at the server: a named trouble, nothing lost, and on it goes once there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import HeadOffice
from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.storage.failures import DiskFull

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")]
_POSTGRES_MIB, _OFFICE_MIB = 160, 4


def test_an_office_whose_disk_is_full_keeps_what_it_has_and_takes_the_rest_later(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.save([delhi.a_voucher() for _ in range(400)])
    delhi.sync()
    pune.close()
    with small_disk(pune.place / "Books.ledgerflow", _OFFICE_MIB):
        pune.reopen()
        pune.post(1)
        filler = pune.place / "Books.ledgerflow" / "filler"
        fill(filler)
        before = pune.journal_file.stat().st_size
        with pytest.raises(DiskFull):
            pune.sync()
        with pytest.raises(DiskFull):
            pune.save([pune.a_voucher() for _ in range(400)])
        assert pune.journal_file.stat().st_size == before
        filler.unlink()
        pune.verify()
        assert shared_company.end().acknowledged == 401
        pune.close()


def test_a_server_whose_disk_is_full_asks_for_patience_and_takes_everything_once_there_is_room(
    own_head_office: Callable[..., HeadOffice], tmp_path: Path
) -> None:
    office = own_head_office()
    with small_disk(office.data / "postgresql" / "cluster", _POSTGRES_MIB), FaultProxy() as proxy:
        proxy.upstream = office.start()
        company = SharedCompany(tmp_path, office, proxy)
        pune, delhi = company.open("Pune", "Delhi")
        pune.post(5)
        delhi.save([delhi.a_voucher() for _ in range(300)])
        filler = office.data / "postgresql" / "cluster" / "filler"
        fill(filler)
        progress = delhi.sync()
        assert progress.status is Status.WAITING
        assert progress.trouble in ("storage-full", "busy"), progress
        filler.unlink()
        office.postgres.start()
        assert company.end().acknowledged == 305
        company.close()
        office.close()


def test_a_server_without_room_for_rows_says_so_takes_nothing_of_a_batch_and_all_of_it_later(
    own_head_office: Callable[..., HeadOffice], tmp_path: Path
) -> None:
    """The disk of the tables is full and that of PostgreSQL's own log is not: PostgreSQL goes on and says why."""
    office = own_head_office()
    tables = office.data / "postgresql" / "cluster" / "base"
    with small_disk(tables, _POSTGRES_MIB), FaultProxy() as proxy:
        proxy.upstream = office.start()
        company = SharedCompany(tmp_path, office, proxy)
        pune, delhi = company.open("Pune", "Delhi")
        pune.post(5)
        pune.sync()
        before = office.batches()
        delhi.save([delhi.a_voucher() for _ in range(400)])
        fill(tables / "filler")
        progress = delhi.sync()
        assert (progress.status, progress.trouble) == (Status.WAITING, "storage-full")
        assert office.batches() == before
        (tables / "filler").unlink()
        assert company.end().acknowledged == 405
        company.close()
        office.close()


def test_a_server_that_cannot_note_the_length_of_a_log_gives_the_receipt_and_notes_it_later(
    own_head_office: Callable[..., HeadOffice], tmp_path: Path
) -> None:
    """It is noted behind COMMIT and outside the database: that this fails loses nothing, and doubles nothing.

    A full disk alone keeps nothing from being noted: what stands is written over.
    """
    office = own_head_office()
    beacons = office.data / "beacons"
    beacons.mkdir(exist_ok=True)
    with small_disk(beacons, 1), FaultProxy() as proxy:
        proxy.upstream = office.start()
        company = SharedCompany(tmp_path, office, proxy)
        pune, delhi = company.open("Pune", "Delhi")
        before = office.batches()
        fill(beacons / "filler")
        pune.post(3)
        assert pune.sync().status is Status.UP_TO_DATE
        assert "beacon-not-written" not in office.said()
        with read_only(beacons):
            pune.post(2)
            assert pune.sync().status is Status.UP_TO_DATE
            assert "beacon-not-written" in office.said()
        assert office.batches() == before + 2
        (beacons / "filler").unlink()
        delhi.post(2)
        assert company.end().acknowledged == 7
        office.stop()
        proxy.upstream = office.start()
        pune.post(1)
        assert company.end().acknowledged == 8
        company.close()
        office.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write to a disk mounted at a folder, the administrator neither."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[None]:
    """Have a folder on a small disk of its own, with what it held."""
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)], check=True)
    try:
        subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
        os.chown(folder, aside.stat().st_uid, aside.stat().st_gid)
        folder.chmod(0o700)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until there is no room."""
    with file.open("wb", buffering=0) as out:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue
