"""A window over a small real company, and a typist who counts keys and waits as a person does: for what is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.screens.vouchers.small_company import MASTERS
from desktop.storage.sample_company import CHEAP, Clock, machine
from ledgerflow_core.identifiers import CompanyId, VoucherId, named
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import companies, masters, vouchers
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import EnterVoucher, OpenVoucher
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.vouchers.page import VoucherPage
from ledgerflow_desktop.screens.wiring import PAGES
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.settings.preferences import Preferences
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company

PASSPHRASE = "correct horse battery"
# 21 November 2026, 06:00 UTC.
_NOW = 1_795_240_800_000
_KEYS = {
    "Enter": Qt.Key.Key_Return, "Backspace": Qt.Key.Key_Backspace, "Esc": Qt.Key.Key_Escape, "Down": Qt.Key.Key_Down,
    "Up": Qt.Key.Key_Up, "PgUp": Qt.Key.Key_PageUp, "PgDown": Qt.Key.Key_PageDown, "Tab": Qt.Key.Key_Tab,
    "Space": Qt.Key.Key_Space,
}  # fmt: skip


def the_machine(seed: int = 5) -> Machine:
    return machine(Clock(_NOW), seed=seed)


def new_books(folder: Path, posted: list[Voucher]) -> None:
    """A company with the masters of `small_company` and some vouchers."""
    made = Company(
        id=CompanyId(named("test", "company")), name="Nila Stores", country="IN", currency="INR", exponent=2,
        year_start_month=4, year_start_day=1, books_begin=date(2026, 4, 1),
    )  # fmt: skip
    create_company(CompanyFolder(folder), made, PASSPHRASE, the_machine(3), costs=CHEAP)
    with companies.open_company(folder, the_machine(4), passphrase=PASSPHRASE) as book:
        masters.create(book, MASTERS)
        if posted:
            vouchers.post(book, posted)


class Typist:
    """Types into the window with the keyboard alone. `keys` counts every press; a chord is one."""

    def __init__(self, bot: QtBot, window: MainWindow) -> None:
        self.bot, self.window, self.keys = bot, window, 0

    @property
    def page(self) -> VoucherPage:
        front = self.window.navigation.front
        assert isinstance(front, VoucherPage)
        return front

    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the keyboard"
        return found

    def settle(self) -> None:
        """Wait until the program has answered everything it was asked."""
        self.bot.waitUntil(lambda: not self.window.desk.background.is_busy, timeout=5000)

    def press(self, *names: str) -> "Typist":
        for name in names:
            self.keys += 1
            if name in _KEYS:
                QTest.keyClick(self.focus(), _KEYS[name])
            else:
                combination = QKeySequence(name)[0]
                QTest.keyClick(self.focus(), combination.key(), combination.keyboardModifiers())
            self.settle()
        return self

    def type(self, text: str) -> "Typist":
        self.keys += len(text)
        QTest.keyClicks(self.focus(), text)
        return self

    def entry(self, text: str) -> "Typist":
        """Type and press Enter."""
        return self.type(text).press("Enter")

    def say(self, what: str) -> None:
        print(f"\n{what}: {self.keys} keys")


@contextmanager
def at_work(bot: QtBot, folder: Path, *, look: str = "light", seed: int = 7) -> Iterator[Typist]:
    """Open the window over the company, at its gateway."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    desk = Desk(the_machine(seed), Preferences(look=look), Look(application, look))
    window = MainWindow(desk, {**PAGES, EnterVoucher: VoucherPage, OpenVoucher: VoucherPage})
    desk.setParent(window)
    window.start()
    bot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    opened: list[bool] = []
    desk.open(
        window,
        lambda: companies.open_company(folder, desk.machine, passphrase=PASSPHRASE),
        lambda: opened.append(True),
    )
    bot.waitUntil(lambda: bool(opened), timeout=5000)
    typist = Typist(bot, window)
    typist.settle()
    window.activateWindow()
    window.navigation.front.first_focus().setFocus()
    try:
        yield typist
    finally:
        window.close()


def books(typist: Typist, question: Callable[[Book], object]) -> object:
    """Ask the open book something, on its own thread, as the program does."""
    answers: list[object] = []
    typist.window.desk.work(typist.window, question, answers.append)
    typist.bot.waitUntil(lambda: bool(answers), timeout=5000)
    return answers[0]


def posted(typist: Typist) -> list[Voucher]:
    """Return every voucher of the book in the order of entry."""

    def ask(book: Book) -> list[Voucher]:
        rows = book.connection.execute("SELECT position FROM voucher ORDER BY no").fetchall()
        return [book.version_at(position) for (position,) in rows]

    found = books(typist, ask)
    assert isinstance(found, list)
    return found


def type_of(nature: VoucherNature):  # type: ignore[no-untyped-def]
    return voucher_type_id(nature)


def voucher_id(name: str) -> VoucherId:
    return VoucherId(named("test-voucher", name))
