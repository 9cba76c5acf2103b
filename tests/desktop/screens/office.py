"""A window at work over small real books, driven as a person drives it: keys in, what is shown out."""

import functools
import inspect
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.storage.sample_company import CHEAP, Clock, machine
from ledgerflow_core.identifiers import AccountId, CompanyId, MasterId, VoucherId, named
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop import actions
from ledgerflow_desktop.actions import companies, masters, vouchers
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.reports.page import ReportPage
from ledgerflow_desktop.screens.wiring import PAGES
from ledgerflow_desktop.settings.preferences import Preferences
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.figures import BookFigures

PASSPHRASE = "correct horse battery"
PAYMENTS = 450
GUI_THREAD_LIMIT_SECONDS = 0.010
# 21 November 2026, 06:00 UTC.
_NOW = 1_795_240_800_000
BANK, RENT = (AccountId(MasterId(named("test-account", name))) for name in ("Hill Bank", "Rent"))


def books(folder: Path) -> Path:
    """Make a company: Hill Bank opens with 1,00,000.00; payment n of n rupees for rent on day n % 200 of the year."""
    made = Company(
        id=CompanyId(named("test", "company")), name="Nila Stores", country="IN", currency="INR", exponent=2,
        year_start_month=4, year_start_day=1, books_begin=date(2026, 4, 1),
    )  # fmt: skip
    path = folder / "Nila.ledgerflow"
    create_company(CompanyFolder(path), made, PASSPHRASE, machine(Clock(_NOW), seed=3), costs=CHEAP)
    with companies.open_company(path, machine(Clock(_NOW), seed=4), passphrase=PASSPHRASE) as book:
        bank = Account(id=BANK, name="Hill Bank", group=group_id("bank-accounts"), opening=10_000_000)
        capital = Account(
            id=AccountId(MasterId(named("test-account", "Capital"))),
            name="Capital",
            group=group_id("capital"),
            opening=-10_000_000,
        )
        rent = Account(id=RENT, name="Rent", group=group_id("indirect-expenses"))
        masters.create(book, [bank, capital, rent])
        vouchers.post(book, [payment(number) for number in range(1, PAYMENTS + 1)])
    return path


def payment(number: int) -> Voucher:
    day = date(2026, 4, 1) + timedelta(number % 200)
    return Voucher(
        id=VoucherId(named("test-voucher", str(number))),
        type=voucher_type_id(VoucherNature.PAYMENT),
        date=day,
        narration=f"Rent no. {number}",
        entries=(Entry(account=RENT, amount=number * 100), Entry(account=BANK, amount=-number * 100)),
    )


class Office:
    """The window and the person before it."""

    def __init__(self, bot: QtBot, window: MainWindow) -> None:
        self.bot, self.window, self.desk, self.navigation = bot, window, window.desk, window.navigation

    @property
    def front(self) -> Page:
        return self.navigation.front

    @property
    def report(self) -> ReportPage:
        assert isinstance(self.front, ReportPage)
        return self.front

    def settle(self) -> None:
        """Wait until everything asked for has been answered."""
        for _ in range(3):
            QApplication.processEvents()
            self.bot.waitUntil(lambda: not self.desk.background.is_busy, timeout=10_000)

    def press(self, *keys: str) -> None:
        """Press keys where the keyboard is, by their names in the keyboard map."""
        for key in keys:
            QTest.keySequence(QApplication.focusWidget() or self.window, QKeySequence(key))
            self.settle()

    def type(self, text: str) -> None:
        for letter in text:
            QTest.keyClicks(QApplication.focusWidget() or self.window, letter)
        self.settle()

    def open(self, path: Path) -> None:
        self.desk.open(
            self.window,
            lambda: companies.open_company(path, self.desk.machine, passphrase=PASSPHRASE),
            lambda: None,
        )
        self.settle()

    def lines(self) -> list[str]:
        """Return the names of the lines the report shows."""
        model = self.report.view.model()
        assert model is not None
        return [row.label if (row := model.row_at(at)) is not None else "…" for at in range(model.rowCount())]

    def line(self) -> str:
        """Return the name of the line the cursor is on."""
        return self.lines()[self.report.view.table.currentIndex().row()]

    def go_to_line(self, label: str) -> None:
        self.report.view.select_line(self.lines().index(label))


@contextmanager
def office(bot: QtBot, *, look: str = "light", preferences: Preferences | None = None) -> Iterator[Office]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    desk = Desk(machine(Clock(_NOW), seed=5), preferences or Preferences(look=look), Look(application, look))
    window = MainWindow(desk, PAGES)
    desk.setParent(window)
    bot.addWidget(window)
    window.resize(1366, 768)
    window.start()
    window.show()
    window.activateWindow()
    bot.waitUntil(window.isActiveWindow, timeout=5000)
    at_work = Office(bot, window)
    at_work.settle()
    window.navigation.front.first_focus().setFocus()
    try:
        yield at_work
    finally:
        at_work.settle()
        window.close()


@contextmanager
def watched_actions() -> Iterator[list[str]]:
    """Collect every action, and every question to the figures, that ran over 10 ms on the GUI thread."""
    slow: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for found in pkgutil.iter_modules(actions.__path__):
            module = import_module(f"{actions.__name__}.{found.name}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    patch.setattr(module, name, _timed(function, slow))
        for name, function in inspect.getmembers(BookFigures, inspect.isfunction):
            if not name.startswith("_"):
                patch.setattr(BookFigures, name, _timed(function, slow))
        yield slow


def _timed(function: Callable[..., object], slow: list[str]) -> Callable[..., object]:
    @functools.wraps(function)
    def timed(*arguments: object, **named_arguments: object) -> object:
        begun = time.perf_counter()
        try:
            return function(*arguments, **named_arguments)
        finally:
            took = time.perf_counter() - begun
            if threading.current_thread() is threading.main_thread() and took > GUI_THREAD_LIMIT_SECONDS:
                slow.append(f"{function.__module__}.{function.__name__}: {took * 1000:.0f} ms")

    return timed
