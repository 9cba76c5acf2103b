"""A picture of every screen, light and dark, on a small and a large window, from the sample company.

Looked at before a change of a screen is called done: `./dev shot`.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.sample.making import make_sample
from ledgerflow_desktop.sample.two_offices import Meeting
from ledgerflow_desktop.screens import shot_connecting, shot_line
from ledgerflow_desktop.screens.companies.create_page import CreatePage
from ledgerflow_desktop.screens.companies.opening import open_and_remember
from ledgerflow_desktop.screens.companies.unlock_page import UnlockPage
from ledgerflow_desktop.screens.destinations import (
    BackUp,
    CreateCompany,
    ImportFiles,
    KeepRecoveryCode,
    RestoreBackup,
    ShowReport,
    Unlock,
)
from ledgerflow_desktop.screens.keyboard_map import COMMAND_BY_NATURE, Command
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.reports.page import ReportPage
from ledgerflow_desktop.screens.shot_vouchers import HALF_WAY, attach_two, leave_without_draft, type_half_way
from ledgerflow_desktop.screens.sync.state import server_name
from ledgerflow_desktop.screens.window.fault_card import FaultCard
from ledgerflow_desktop.screens.wiring import build_window
from ledgerflow_desktop.settings.key_store import NoKeyStore
from ledgerflow_desktop.settings.machine import Machine, this_machine
from ledgerflow_desktop.settings.preferences import Preferences, companies_folder

SIZES = ((1366, 768), (1920, 1080))
_PERSON = "asha"
_FOLDER = "~/Documents/LedgerFlow"
_PATIENCE_SECONDS = 60.0
# So often in a row nothing may be under way: what is shown last has been drawn by then.
_TURNS_AT_REST = 5
_FEW = 60
_PASSPHRASE = "sample passphrase"  # noqa: S105 - of a company that lives for a minute


class Album:
    """Takes the pictures of one window."""

    def __init__(self, window: MainWindow, machine: Machine, out: Path, scratch: Path) -> None:
        self.window, self.machine, self.out, self.scratch = window, machine, out, scratch
        self.desk, self.navigation = window.desk, window.navigation
        self.taken: list[Path] = []
        self.suffix = ""
        self.meeting: Meeting | None = None

    def everything(self) -> None:
        """Walk through all screens once for each look and size."""
        alone = make_sample(self.scratch / "Alone", _PASSPHRASE, self.machine, vouchers=_FEW)
        sample = make_sample(self.scratch / "Sample", _PASSPHRASE, self.machine)
        synced = make_sample(self.scratch / "Synced", _PASSPHRASE, self.machine, vouchers=_FEW)
        server = self.out.parent / "shot-server"
        self.meeting = shot_line.meet(sample.folder, _PASSPHRASE, self.scratch, server, self.machine)
        try:
            if self.meeting is not None:
                shot_line.meet_alone(synced.folder, _PASSPHRASE, self.meeting, self.machine)
            self._in_every_look(alone.folder, synced.folder, sample.folder)
        finally:
            if self.meeting is not None:
                self.meeting.end()

    def _in_every_look(self, alone: Path, synced: Path, sample: Path) -> None:
        for width, height in SIZES:
            for look in ("light", "dark"):
                self.suffix = f"{look}-{width}x{height}"
                self.window.resize(width, height)
                self.desk.look.choose(look)
                self.without_company(sample)
                self._with_open(alone, lambda: shot_connecting.take_connecting(self.window, self._server, self.take))
                if self.meeting is not None:
                    self._with_open(synced, lambda: shot_line.take_in_order(self.window, self.take))
                self._with_open(sample, self.in_company)

    def without_company(self, sample: Path) -> None:
        """Take what is seen before a company is open."""
        self.take("welcome-empty")
        self.desk.preferences = self.desk.preferences.with_recent(sample, "Sample", self.machine.timestamp())
        self.window.start()
        self.take("welcome")
        self.navigation.open(CreateCompany())
        self.take("create")
        page = self.navigation.front
        assert isinstance(page, CreatePage)
        page.accept()
        self.take("create-problems")
        shot_connecting.take_joining(self.window, self._server, self.take)
        self.navigation.replace(RestoreBackup())
        self.take("restore")
        self.navigation.back()
        code = "-".join(["7K3M"] * 8 + ["2Q"])
        self.navigation.open(KeepRecoveryCode(sample, code, _PASSPHRASE))
        self.take("recovery-code")
        self.navigation.close(self.navigation.front, None)
        self.navigation.open(Unlock(sample))
        self.take("unlock")
        page = self.navigation.front
        assert isinstance(page, UnlockPage)
        for _ in range(3):
            page.key.setText("not this one")
            page.accept()
            self.wait()
        self.take("unlock-wrong")

    @property
    def _server(self) -> str | None:
        return None if self.meeting is None else self.meeting.line.address

    def _with_open(self, company: Path, take: Callable[[], None]) -> None:
        """Take pictures while a company is open."""
        self._open(company)
        take()
        self.desk.close_company()
        self.wait()

    def _open(self, company: Path) -> None:
        open_and_remember(
            self.desk,
            self.window,
            company,
            lambda: companies.open_company(company, self.machine, passphrase=_PASSPHRASE),
            self._raise,
            in_list=False,
        )
        self.wait()

    def in_company(self) -> None:
        """Take what is seen in an open company, last the pages of its line."""
        self.take("gateway")
        self.window.go_to("pay")
        self.take("go-to")
        self.window.back()
        self.window.help()
        self.take_sheet("help")
        self.reports()
        self.navigation.open(ImportFiles())
        self.take("import")
        self.navigation.replace(BackUp())
        self.take("back-up")
        self.navigation.back()
        for command in COMMAND_BY_NATURE.values():
            if self.window.trigger(command):
                self.take(f"voucher-{command.value}")
                self.navigation.back_to(self.navigation.pages[0])
        self.vouchers()
        fault = FaultCard("LedgerFlow\nValueError\n  ledgerflow_desktop/screens/page.py:1 an_example", self.window)
        fault.open()
        self.take_sheet("fault")
        if self.meeting is not None:
            shot_line.take_pages(self.window, self.meeting, self.take)

    def vouchers(self) -> None:
        """Take vouchers half way, one of the books, and that one on paper and with its files."""
        for shot in HALF_WAY:
            page = type_half_way(self.window, shot, self.wait)
            self.take(f"voucher-{shot.name}")
            leave_without_draft(self.window, page)
            self.wait()
        self.window.trigger(Command.RECEIPT)
        steps = ((Command.PREVIOUS_VOUCHER, "voucher-opened"), (Command.PRINT_VOUCHER, "voucher-on-paper"))
        for command, name in steps:
            next(each for each in self.navigation.front.commands if each.data() == command).trigger()
            self.take(name)
        self.navigation.close(self.navigation.front, None)
        self.wait()
        attach_two(self.window, self.scratch, self.wait)
        self.take("voucher-files")
        self.navigation.back_to(self.navigation.pages[0])

    def reports(self) -> None:
        """Take every report, and what opens from one."""
        for code in (
            "trial-balance", "profit-and-loss", "balance-sheet", "day-book", "cash-flow", "receivables", "payables",
            "cost-centres", "ratios",
        ):  # fmt: skip
            self.navigation.open(ShowReport(code))
            self.take(code)
            if code == "trial-balance":
                self._around_a_report()
            self.navigation.back_to(self.navigation.pages[0])

    def _around_a_report(self) -> None:
        page = self.navigation.front
        assert isinstance(page, ReportPage)
        page.choose_period()
        self.take_sheet("period")
        QTest.keyClicks(page.view.table, "bank")
        self.take("filter")
        page.escape()
        self._open_line("Bank Accounts")
        self.take("group-summary")
        self._open_first_line()
        self.take("account-statement")
        self.window.navigation.front.commands[-2].trigger()
        self.wait()
        self.take("print-preview")

    def _open_line(self, label: str) -> None:
        page = self.navigation.front
        assert isinstance(page, ReportPage)
        model = page.view.model()
        assert model is not None
        for at in range(model.rowCount()):
            row = model.row_at(at)
            if row is not None and row.label == label:
                page.view.select_line(at)
                QTest.keyClick(page.view.table, Qt.Key.Key_Return)
                self.wait()
                return

    def _open_first_line(self) -> None:
        page = self.navigation.front
        assert isinstance(page, ReportPage)
        page.view.select_line(0)
        QTest.keyClick(page.view.table, Qt.Key.Key_Return)
        self.wait()

    def wait(self, until: Callable[[], bool] = lambda: True) -> None:
        """Let everything asked for be answered and drawn, the line come to rest, and `until` be so."""
        end = time.monotonic() + _PATIENCE_SECONDS
        turns = 0
        while turns < _TURNS_AT_REST:
            assert time.monotonic() < end, f"still waiting: {self.navigation.front.title()}, {self.desk.line.state}"
            QTest.qWait(10)
            is_busy = self.desk.background.is_busy or not shot_line.is_at_rest(self.desk.line.state)
            turns = turns + 1 if not is_busy and until() else 0

    def take(self, name: str, until: Callable[[], bool] = lambda: True, /, *, of: QWidget | None = None) -> None:
        """Write a picture of the window, or of a sheet over it, once `until` is so."""
        self.wait(until)
        self._hide_places()
        for field in self.window.findChildren(QLineEdit):
            field.setCursorPosition(0)
        path = self.out / f"{name}-{self.suffix}.png"
        (of or self.window).grab().save(str(path))
        self.taken.append(path)

    def _hide_places(self) -> None:
        """Show every folder of this machine, and the server on it, as those of nobody."""
        server = shot_connecting.SHOWN_ADDRESS
        self._show_instead(_FOLDER, str(self.scratch), str(companies_folder()))
        for label in self.window.findChildren(QLabel):
            if label.text() == self._server:
                label.setText(server_name(server))
        if self._server is not None:
            self._show_instead(server, self._server)

    def _show_instead(self, words: str, *places: str) -> None:
        shown: list[QLabel | QLineEdit] = [*self.window.findChildren(QLabel)]
        shown += self.window.findChildren(QLineEdit)
        for each in shown:
            for place in places:
                if place in each.text():
                    each.setText(each.text().replace(place, words))

    def take_sheet(self, name: str) -> None:
        """Write a picture of the sheet that is open over the window, and close it."""
        sheet = QApplication.activeModalWidget()
        assert sheet is not None, f"no sheet is open for {name}"
        self.take(name, of=sheet)
        sheet.close()
        self.window.activateWindow()

    @staticmethod
    def _raise(error: BaseException) -> None:
        raise error


def take(out: Path) -> list[Path]:
    """Write the pictures into a folder and return their paths."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["shots"])
    application.setCursorFlashTime(0)  # a picture has its cursor, whenever it is taken
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        machine = replace(this_machine(NoKeyStore()), user_name=_PERSON, state=Path(scratch) / "state")
        window = build_window(application, machine, Preferences())
        window.show()
        album = Album(window, machine, out, Path(scratch))
        album.everything()
        window.close()
    return album.taken
