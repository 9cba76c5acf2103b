"""In the window files follow the vouchers by themselves, both ways, and a page that shows them is told."""

import hashlib
from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.screens.attachments.test_files_page import FIRST, a_file, attached, shown
from desktop.screens.line_server import CODE, line_server
from desktop.screens.office import BANK, RENT, Office, books, office
from desktop.sync_client.file_server import FileServer, refused
from ledgerflow_core.events.event import VoucherPosted
from ledgerflow_core.identifiers import CompanyId, VoucherId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.vouchers.voucher import Attachment, Voucher
from ledgerflow_desktop.actions import enrolling
from ledgerflow_desktop.screens.attachments.page import FilesPage
from ledgerflow_desktop.screens.destinations import OpenVoucher, ShowFiles, ShowSync
from ledgerflow_desktop.screens.sync.page import SyncPage
from ledgerflow_desktop.storage.attachments import store_of
from ledgerflow_desktop.sync_client.transport import Request

COMPANY = CompanyId(named("test", "company"))
FAR = VoucherId(named("test-voucher", "far"))
SCAN = bytes(range(256)) * 1_000


def far_voucher(content: bytes) -> Voucher:
    sha256 = hashlib.sha256(content).hexdigest()
    return Voucher(
        id=FAR,
        type=voucher_type_id(VoucherNature.PAYMENT),
        date=date(2026, 5, 4),
        number="B/1",
        entries=(Entry(account=RENT, amount=700), Entry(account=BANK, amount=-700)),
        attachments=(Attachment(sha256=sha256, size=len(content), name="scan.bin"),),
    )


def enrolled(desk: Office, path: Path, address: str) -> None:
    desk.open(path)
    desk.desk.work(desk.window, lambda book: enrolling.enrol_book(book, address, CODE, "front desk"), lambda _: None)
    desk.settle()
    desk.desk.take_up_line()


def is_here(desk: Office, voucher: VoucherId) -> bool:
    found: list[object] = []
    desk.desk.work(desk.window, lambda book: book.voucher(voucher), found.append)
    desk.settle()
    return found != [None]


def test_files_follow_the_vouchers_both_ways_while_the_window_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    files, path = FileServer(), books(tmp_path)
    with line_server(COMPANY) as served, office(qtbot) as desk:
        served.http.before = files.answer
        enrolled(desk, path, served.at.address)
        desk.navigation.open(OpenVoucher(FIRST))
        desk.settle()
        attached(desk, a_file(tmp_path))
        qtbot.waitUntil(lambda: list(files.whole.values()) == [b"%PDF-1.7 rent"], timeout=20_000)

        served.far.replica.write(VoucherPosted(voucher=far_voucher(SCAN)))
        served.far.send()
        desk.desk.line.wake()
        qtbot.waitUntil(lambda: is_here(desk, FAR), timeout=20_000)
        desk.navigation.open(ShowFiles(FAR, "Payment B/1"))
        desk.settle()
        page = desk.front
        assert isinstance(page, FilesPage)
        assert shown(page) == [("scan.bin", "250 KB", "BIN", "Not here yet")]
        desk.press("Enter")
        assert "may be a program" in page.said.text()

        desk.navigation.open(ShowSync())
        desk.settle()
        said = desk.front
        assert isinstance(said, SyncPage)
        qtbot.waitUntil(lambda: "1 file" in [label.text() for label in said.findChildren(QLabel)])

        # Its sender comes back to a line; the page is told.
        files.whole[hashlib.sha256(SCAN).hexdigest()] = SCAN
        desk.desk.close_company()
        desk.settle()
        desk.open(path)
        desk.navigation.open(ShowFiles(FAR, "Payment B/1"))
        desk.settle()
        again = desk.front
        assert isinstance(again, FilesPage)
        qtbot.waitUntil(lambda: [line[-1] for line in shown(again)] == [""], timeout=20_000)
        kept: list[bytes] = []
        sha256 = hashlib.sha256(SCAN).hexdigest()
        desk.desk.work(desk.window, lambda book: b"".join(store_of(book).parts(sha256)), kept.append)
        desk.settle()
        assert kept == [SCAN]


def test_what_keeps_files_from_being_written_here_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    files, path = FileServer(whole={hashlib.sha256(SCAN).hexdigest(): SCAN}), books(tmp_path)
    path.joinpath("attachments").rmdir()
    path.joinpath("attachments").write_bytes(b"in the way")
    with line_server(COMPANY) as served, office(qtbot) as desk:
        served.http.before = files.answer
        served.far.replica.write(VoucherPosted(voucher=far_voucher(SCAN)))
        served.far.send()
        enrolled(desk, path, served.at.address)
        line = desk.desk.line
        qtbot.waitUntil(lambda: line.state.trouble == "storage-failed", timeout=20_000)


def test_a_file_the_server_does_not_take_is_named_and_the_books_are_in_step_all_the_same(
    qtbot: QtBot, tmp_path: Path
) -> None:
    files, path = FileServer(), books(tmp_path)

    def full(_: Request) -> None:
        raise refused(507, "attachments-full")

    files.before = full
    with line_server(COMPANY) as served, office(qtbot) as desk:
        served.http.before = files.answer
        enrolled(desk, path, served.at.address)
        desk.navigation.open(OpenVoucher(FIRST))
        desk.settle()
        attached(desk, a_file(tmp_path))
        line = desk.desk.line
        qtbot.waitUntil(lambda: line.state.trouble == "attachments-full", timeout=20_000)
        qtbot.waitUntil(lambda: line.state.status is Status.UP_TO_DATE, timeout=20_000)
