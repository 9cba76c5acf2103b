"""The files of a voucher by keys: seen from the voucher, attached, opened, saved, taken off."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.screens.office import Office, books, office
from desktop.screens.window.test_window import nameless
from ledgerflow_core.identifiers import VoucherId, named
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.screens.attachments.opened_copies import folder_for_copies, remove_left_copies
from ledgerflow_desktop.screens.attachments.page import FilesPage
from ledgerflow_desktop.screens.attachments.state import may_be_opened, size_text
from ledgerflow_desktop.screens.destinations import OpenVoucher
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.vouchers.page import VoucherPage
from ledgerflow_desktop.storage.book import Book

FIRST = VoucherId(named("test-voucher", "1"))


@contextmanager
def at_voucher(bot: QtBot, folder: Path) -> Iterator[Office]:
    path = books(folder)
    with office(bot) as desk:
        desk.open(path)
        desk.navigation.open(OpenVoucher(FIRST))
        desk.settle()
        yield desk


def a_file(folder: Path, name: str = "bill.pdf", content: bytes = b"%PDF-1.7 rent") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def files_page(desk: Office) -> FilesPage:
    if not isinstance(desk.front, FilesPage):
        desk.press("Alt+F")
    assert isinstance(desk.front, FilesPage)
    return desk.front


def attached(desk: Office, *files: Path) -> FilesPage:
    page = files_page(desk)
    page.attach(files)
    desk.settle()
    return page


def shown(page: FilesPage) -> list[tuple[str, ...]]:
    model = page.model
    return [
        tuple(str(model.data(model.index(row, column))) for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def files_words(desk: Office) -> str:
    return next(action.text() for action in desk.front.commands if action.data() == Command.FILES)


def test_files_are_attached_and_seen_and_the_voucher_says_how_many(qtbot: QtBot, tmp_path: Path) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        assert files_words(desk) == "Files"
        page = attached(desk, a_file(tmp_path), a_file(tmp_path, "note.txt", b"x" * 3_000))
        assert shown(page) == [("bill.pdf", "13 B", "PDF", ""), ("note.txt", "3 KB", "TXT", "")]
        assert nameless(page) == []
        desk.press("Esc")
        assert isinstance(desk.front, VoucherPage) and files_words(desk) == "Files (2)"


def test_a_change_after_attaching_keeps_the_files(qtbot: QtBot, tmp_path: Path) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        attached(desk, a_file(tmp_path))
        desk.press("Esc", "Ctrl+L", "Ctrl+A")
        found: list[int] = []
        desk.desk.work(desk.window, lambda book: len(vouchers.load(book, FIRST).voucher.attachments), found.append)
        desk.settle()
        assert found == [1] and not isinstance(desk.front, VoucherPage)


@contextmanager
def busy(desk: Office) -> Iterator[None]:
    """Keep the worker from whatever it is asked meanwhile, as a large file does."""
    go_on = threading.Event()
    desk.desk.work(desk.window, lambda _: go_on.wait(), lambda _: None)
    try:
        yield
    finally:
        go_on.set()
        desk.settle()


def press_at_once(desk: Office, *keys: str) -> None:
    """Press keys and wait for no answer."""
    for key in keys:
        QTest.keySequence(QApplication.focusWidget() or desk.window, QKeySequence(key))
        QApplication.processEvents()


def in_the_books(desk: Office) -> Voucher:
    found: list[Voucher] = []
    desk.desk.work(desk.window, lambda book: vouchers.load(book, FIRST).voucher, found.append)
    desk.settle()
    return found[0]


def test_what_is_typed_before_the_files_are_attached_stays_and_is_accepted_with_them(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        page = files_page(desk)
        with busy(desk):
            page.attach([a_file(tmp_path)])
            press_at_once(desk, "Esc", "Ctrl+L")
        assert isinstance(desk.front, VoucherPage) and desk.front.form is not None
        assert desk.front.form.content.state is VoucherState.OPTIONAL and files_words(desk) == "Files (1)"
        desk.press("Ctrl+A")
        now = in_the_books(desk)
        assert (now.state, [file.name for file in now.attachments]) == (VoucherState.OPTIONAL, ["bill.pdf"])


def test_what_is_typed_stays_and_is_refused_where_somebody_else_altered_the_voucher(
    qtbot: QtBot, tmp_path: Path
) -> None:
    def alter(book: Book) -> object:
        before = vouchers.load(book, FIRST)
        return vouchers.alter(book, before, msgspec.structs.replace(before.voucher, narration="Of another"))

    with at_voucher(qtbot, tmp_path) as desk:
        files_page(desk)
        with busy(desk):
            desk.desk.work(desk.window, alter, lambda _: None)
            press_at_once(desk, "Esc", "Ctrl+L")
        desk.press("Ctrl+A")
        assert isinstance(desk.front, VoucherPage) and desk.front.form is not None
        assert desk.front.form.content.state is VoucherState.OPTIONAL and desk.front.sheet.problem.text()
        assert (in_the_books(desk).state, in_the_books(desk).narration) == (VoucherState.REGULAR, "Of another")


def test_copies_lie_where_nobody_else_writes_and_every_company_has_a_new_folder(qtbot: QtBot, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with at_voucher(qtbot, tmp_path) as desk:
        desk.desk.machine = replace(desk.desk.machine, state=state)
        first, again = folder_for_copies(desk.desk), folder_for_copies(desk.desk)
        assert first != again and first.parent == again.parent and first.is_relative_to(state)
        assert first.parent.stat().st_mode & 0o077 == first.parent.parent.stat().st_mode & 0o077 == 0
        desk.desk.close_company()
        desk.settle()
        assert not first.parent.exists()
        desk.open(tmp_path / "Nila.ledgerflow")
        assert folder_for_copies(desk.desk).parent != first.parent


def test_copies_a_crash_left_are_removed_at_the_start_and_those_of_a_running_program_are_not(
    qtbot: QtBot, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with at_voucher(qtbot, tmp_path) as desk:
        desk.desk.machine = replace(desk.desk.machine, state=state)
        held = folder_for_copies(desk.desk) / "bill.pdf"
        held.write_bytes(b"being looked at")
        left = state / "opened-copies" / "of-a-crash"
        left.mkdir()
        for name in (".lock", "bill.pdf"):
            (left / name).write_bytes(b"")
        remove_left_copies(state)
        assert held.exists() and not left.exists()


def test_enter_opens_a_copy_that_is_gone_with_the_company(qtbot: QtBot, tmp_path: Path) -> None:
    opened: list[Path] = []
    with at_voucher(qtbot, tmp_path) as desk:
        page = attached(desk, a_file(tmp_path))
        page.open_with = lambda file: not opened.append(file)  # type: ignore[func-returns-value]
        desk.press("Enter", "O")
        assert [file.name for file in opened] == ["bill.pdf", "bill.pdf"]
        assert all(file.read_bytes() == b"%PDF-1.7 rent" for file in opened)
        assert all(file.parent.parent.stat().st_mode & 0o077 == 0 for file in opened)
        desk.desk.close_company()
        desk.settle()
        assert not any(file.parent.parent.exists() for file in opened)


def test_what_may_be_a_program_is_saved_and_never_opened(qtbot: QtBot, tmp_path: Path) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        page = attached(desk, a_file(tmp_path, "invoice.pdf.exe", b"MZ"))
        opened: list[Path] = []
        page.open_with = lambda file: not opened.append(file)  # type: ignore[func-returns-value]
        desk.press("Enter")
        assert opened == [] and "may be a program" in page.said.text()
        (tmp_path / "into").mkdir()
        page.save(page.model.lines[0], tmp_path / "into")
        desk.settle()
        assert (tmp_path / "into" / "invoice.pdf.exe").read_bytes() == b"MZ"
        page.save(page.model.lines[0], tmp_path / "into")
        desk.settle()
        assert "stands there already" in page.said.text()


def test_a_file_is_taken_off_after_a_question(qtbot: QtBot, tmp_path: Path) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        page = attached(desk, a_file(tmp_path), a_file(tmp_path, "note.txt", b"x"))
        desk.press("Del")
        assert "bill.pdf" in page.banner.words()
        desk.press("Alt+N")
        assert len(shown(page)) == 2
        desk.press("Del", "Alt+Y")
        assert [line[0] for line in shown(page)] == ["note.txt"]


def test_what_keeps_a_file_from_being_attached_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        page = attached(desk, a_file(tmp_path))
        attached(desk, a_file(tmp_path, "again.pdf"))
        assert "attached already" in page.said.text() and len(shown(page)) == 1


def test_where_one_of_several_files_cannot_be_attached_the_page_says_that_none_was(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        good = [a_file(tmp_path), a_file(tmp_path, "second.pdf", b"%PDF-1.7 second")]
        page = attached(desk, *good, tmp_path / "third.pdf")
        first, last = page.said.text().splitlines()
        assert first.startswith("third.pdf: The file cannot be read")
        assert last == "None of the 3 files was attached. Attach them again once that is mended."
        assert shown(page) == []
        assert len(shown(attached(desk, *good))) == 2 and page.said.text() == ""


def test_before_it_is_in_the_books_or_while_it_is_changed_a_voucher_shows_no_files(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with at_voucher(qtbot, tmp_path) as desk:
        desk.press("Ctrl+L", "Alt+F")
        assert isinstance(desk.front, VoucherPage) and "Accept the change first" in desk.front.sheet.problem.text()
        desk.navigation.back_to(desk.navigation.pages[0])
        desk.press("F5", "Alt+F")
        assert isinstance(desk.front, VoucherPage) and "Accept the voucher first" in desk.front.sheet.problem.text()


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (64 * 2**20, "64.0 MB")])
def test_sizes_are_said_as_people_say_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_documents_are_opened_and_nothing_else() -> None:
    assert may_be_opened("a.pdf") and may_be_opened("SCAN.JPG") and may_be_opened("x.tar.csv")
    for name in ("a.exe", "a.pdf.exe", "a.html", "a.svg", "a.desktop", "a.sh", "a", ".pdf", "a.docm", "a.lnk"):
        assert not may_be_opened(name)
