"""Vouchers half way, for the pictures: typed key by key into the sample company."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from ledgerflow_desktop.actions import drafts
from ledgerflow_desktop.screens.attachments.page import FilesPage
from ledgerflow_desktop.screens.keyboard_map import Command
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.vouchers.page import VoucherPage


class HalfWay(NamedTuple):
    """A picture of a voucher: each text is followed by Enter, `typed` by nothing."""

    name: str
    command: Command
    entered: tuple[str, ...]
    typed: str = ""
    day: str = ""
    is_accepted: bool = False


HALF_WAY = (
    HalfWay("receipt-two-bills", Command.RECEIPT, ("gram", "", "ambe", "95000", "", "", "")),
    HalfWay(
        "journal-lines",
        Command.JOURNAL,
        ("depr", "18500", "b", "offi", "4200", "t", "show", "11000", "t", "deli", "7500", "t", "cash"),
        typed="4000+200",
    ),
    HalfWay("payment-problems", Command.PAYMENT, ("cash", "tele", "2500", "trav"), day="1-1-20", is_accepted=True),
)


def type_half_way(window: MainWindow, shot: HalfWay, wait: Callable[[], None]) -> VoucherPage:
    """Begin the voucher and type into it as a person does."""
    window.trigger(shot.command)
    wait()
    page = window.navigation.front
    assert isinstance(page, VoucherPage)
    if shot.day:
        next(each for each in page.commands if each.data() == Command.DATE).trigger()
    for text in (shot.day, *shot.entered) if shot.day else shot.entered:
        QTest.keyClicks(_focus(page), text)
        QTest.keyClick(_focus(page), Qt.Key.Key_Return)
        wait()
    QTest.keyClicks(_focus(page), shot.typed)
    if shot.is_accepted:
        page.accept()
    wait()
    return page


def leave_without_draft(window: MainWindow, page: VoucherPage) -> None:
    """Go back to the gateway; the next picture is not to offer what was begun for this one."""
    assert page.form is not None, "a voucher was begun"
    draft = page.form.content.id
    window.navigation.back_to(window.navigation.pages[0])
    window.desk.work(window, lambda book: drafts.discard(book, draft), lambda _: None)


def attach_two(window: MainWindow, scratch: Path, wait: Callable[[], None]) -> None:
    """Open the files of the voucher that is shown; it gets two, unless an earlier picture gave it some."""
    next(each for each in window.navigation.front.commands if each.data() == Command.FILES).trigger()
    wait()
    page = window.navigation.front
    assert isinstance(page, FilesPage)
    if not page.model.lines:
        files = [scratch / "Receipt 4471 signed.pdf", scratch / "Counter photo.jpg"]
        for file, size in zip(files, (183_000, 2_411_000), strict=True):
            file.write_bytes(bytes(size))
        page.attach(files)
        wait()


def _focus(page: VoucherPage) -> QWidget:
    found: QWidget | None = page.focusWidget()
    return page if found is None else found
