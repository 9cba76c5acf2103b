"""Files of vouchers from office to office: whole, equal, over lines that break, and behind everything else."""

import os
import random
from pathlib import Path

import pytest

from end_to_end import faults
from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import Passage, honest
from end_to_end.office import PASSPHRASE, Office
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_desktop.actions import attachments, backups, replicas
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.storage.attachments import whole_files
from ledgerflow_desktop.sync_client.attachments import Carried

pytestmark = pytest.mark.slow

CONTENT = os.urandom(1_300_000)


def carries(passage: Passage) -> bool:
    """Whether a request brings or fetches a piece of a file."""
    return "/attachments/" in passage.request.path and passage.request.method in ("PATCH", "GET")


def attached(office: Office, place: Path, content: bytes = CONTENT, name: str = "bill.pdf") -> VoucherId:
    place.mkdir(exist_ok=True)
    (place / name).write_bytes(content)
    [voucher] = office.post(1)
    attachments.attach(office.book, voucher.id, [place / name])
    return voucher.id


def content_at(office: Office, place: Path, voucher: VoucherId, name: str = "bill.pdf") -> bytes:
    saved = attachments.save_copy(office.book, voucher, name, place / f"{office.name} {os.urandom(4).hex()}.pdf")
    return saved.read_bytes()


@pytest.mark.parametrize(
    "fault", [faults.drop, faults.lose_answer, faults.truncate_request, faults.truncate_answer, faults.duplicate]
)
def test_a_file_arrives_and_equals_though_the_line_breaks_in_the_middle_of_it(
    shared_company: SharedCompany, tmp_path: Path, fault: faults.Fault
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    voucher = attached(pune, tmp_path)
    pune.drain()
    shared_company.proxy.fault = faults.Times(fault, carries, most=2, skip=2)
    assert pune.carry_files() == Carried(sent=1)
    delhi.drain()
    [listed] = attachments.listed(delhi.book, voucher)
    assert not listed.is_here and verify_book(delhi.book).files_to_come == 1
    shared_company.proxy.fault = faults.Times(fault, carries, most=2, skip=2)
    assert delhi.carry_files() == Carried(fetched=1)
    assert content_at(delhi, tmp_path, voucher) == CONTENT
    assert replicas.standing(delhi.book).files_to_fetch == replicas.standing(pune.book).files_to_send == 0
    shared_company.end()


def test_a_program_that_ends_in_the_middle_goes_on_from_there(shared_company: SharedCompany, tmp_path: Path) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    voucher = attached(pune, tmp_path)
    pune.drain()
    moved: list[int] = []

    async def count(passage: Passage) -> None:
        if carries(passage):
            moved.append(len(passage.request.body))
        await honest(passage)

    shared_company.proxy.fault = count
    for office, expected in ((pune, Carried(sent=1)), (delhi, Carried(fetched=1))):
        office.drain()
        moved.clear()
        carried = office.carry_files(lambda: len(moved) >= 3)
        assert carried == Carried() and len(moved) == 3
        office.reopen()
        assert office.carry_files() == expected
    # Each piece of 64 KiB or more once: a new program begins with small ones again.
    assert content_at(delhi, tmp_path, voucher) == CONTENT
    shared_company.end()


def test_what_the_line_changed_is_thrown_away_and_fetched_anew(shared_company: SharedCompany, tmp_path: Path) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    voucher = attached(pune, tmp_path)
    pune.drain()
    pune.carry_files()
    delhi.drain()
    shared_company.proxy.fault = faults.Times(faults.flip_answer(random.Random(1)), carries, skip=1)
    assert delhi.carry_files() == Carried(trouble="damaged", is_said=True)
    assert not attachments.listed(delhi.book, voucher)[0].is_here
    delhi.reopen()
    assert delhi.carry_files() == Carried(fetched=1)
    assert content_at(delhi, tmp_path, voucher) == CONTENT
    shared_company.end()


def test_vouchers_go_past_a_file_that_takes_long(shared_company: SharedCompany, tmp_path: Path) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    attached(pune, tmp_path)
    pune.drain()
    while pune.carry_files(_after_a_piece(shared_company)) == Carried():
        pune.post(1)
        pune.drain()
    delhi.drain()
    assert len(delhi.recent()) > 3 and delhi.carry_files() == Carried(fetched=1)
    shared_company.end()


def _after_a_piece(company: SharedCompany) -> "Stop":
    stop = Stop()
    company.proxy.fault = stop.watch
    return stop


class Stop:
    """Says stop once a piece of a file went by."""

    def __init__(self) -> None:
        self.pieces = 0

    def __call__(self) -> bool:
        return self.pieces > 0

    async def watch(self, passage: Passage) -> None:
        self.pieces += carries(passage)
        await honest(passage)


def test_the_same_file_of_two_offices_travels_once_and_both_may_take_it_off(
    shared_company: SharedCompany, tmp_path: Path
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    one, other = attached(pune, tmp_path), attached(delhi, tmp_path, name="same.pdf")
    for office in (pune, delhi, pune):
        office.drain()
    assert pune.carry_files() == Carried(sent=1)
    before = delhi._line().server.bytes_moved[0]
    assert delhi.carry_files() == Carried(sent=1)
    assert delhi._line().server.bytes_moved[0] == before, "announced, and found there"
    attachments.detach(pune.book, one, "bill.pdf")
    pune.drain()
    delhi.drain()
    assert attachments.listed(delhi.book, one) == [] and content_at(delhi, tmp_path, other, "same.pdf") == CONTENT
    shared_company.end()


def test_an_office_restored_from_a_backup_has_its_files_and_fetches_what_came_since(
    shared_company: SharedCompany, tmp_path: Path
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    one = attached(pune, tmp_path)
    pune.drain()
    backup = backups.back_up(pune.book, pune.place / "backup.lfbackup").value
    other = attached(delhi, tmp_path, CONTENT[::-1], "later.pdf")
    delhi.drain()
    delhi.carry_files()
    pune.close()
    books = pune.place / "Books.ledgerflow"
    backups.restore(backup, books, pune.machine, passphrase=PASSPHRASE, replace=True)
    pune.reopen()
    pune.drain()
    assert pune.carry_files() == Carried(sent=1, fetched=1)
    assert content_at(pune, tmp_path, one) == CONTENT
    assert content_at(pune, tmp_path, other, "later.pdf") == CONTENT[::-1]
    shared_company.end()


def test_a_file_lost_in_one_office_comes_back_from_the_server(shared_company: SharedCompany, tmp_path: Path) -> None:
    [pune] = shared_company.open("Pune")
    voucher = attached(pune, tmp_path)
    pune.drain()
    pune.carry_files()
    [file] = whole_files(pune.book.folder.attachments)
    file.unlink()
    assert [finding.code for finding in verify_book(pune.book).findings] == ["attachment-missing"]
    pune.reopen()
    assert pune.carry_files() == Carried(fetched=1)
    assert content_at(pune, tmp_path, voucher) == CONTENT
    shared_company.end()
