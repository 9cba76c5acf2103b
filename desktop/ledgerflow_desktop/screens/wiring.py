"""Which page answers which destination: the one place where the window and all its screens are put together."""

from collections.abc import Mapping
from importlib import import_module

from PySide6.QtWidgets import QApplication

from ledgerflow_desktop.screens.companies.create_page import CreatePage
from ledgerflow_desktop.screens.companies.page import WelcomePage
from ledgerflow_desktop.screens.companies.unlock_page import UnlockPage
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import (
    BackUp,
    ConnectServer,
    CorrectVoucher,
    CreateCompany,
    DecideConflict,
    EnterVoucher,
    Gateway,
    ImportFiles,
    KeepRecoveryCode,
    OpenFromServer,
    OpenSample,
    OpenVoucher,
    PreviewPrint,
    PreviewVoucher,
    RestoreBackup,
    ShowConflicts,
    ShowFiles,
    ShowReport,
    ShowSync,
    Unlock,
    Welcome,
)
from ledgerflow_desktop.screens.gateway.page import GatewayPage
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.page import Page
from ledgerflow_desktop.screens.reports.page import ReportPage
from ledgerflow_desktop.screens.window.navigation import PageFactory
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.settings.preferences import Preferences

_SCREENS = "ledgerflow_desktop.screens"
# Modules that the first window does not need, most of them for what they bring along: PDF, spreadsheets, the
# formats of other programs. Together they take as long to load as everything else.
_LATER: list[str] = ["reports.writers"]


def _later(module: str, name: str) -> PageFactory:
    """Return a factory that loads its page when it is first asked for."""
    _LATER.append(module)

    def make(desk: Desk, destination: object) -> Page:
        page: Page = getattr(import_module(f"{_SCREENS}.{module}"), name)(desk, destination)
        return page

    return make


def load_the_rest() -> None:
    """Load what was put off. For the worker thread, once the first window is shown."""
    for module in _LATER:
        import_module(f"{_SCREENS}.{module}")


# A screen that is not here is not offered anywhere.
PAGES: Mapping[type, PageFactory] = {
    Welcome: WelcomePage,
    CreateCompany: CreatePage,
    KeepRecoveryCode: _later("companies.recovery_page", "RecoveryPage"),
    Unlock: UnlockPage,
    OpenSample: _later("companies.sample_page", "SamplePage"),
    Gateway: GatewayPage,
    ImportFiles: _later("companies.import_page", "ImportPage"),
    BackUp: _later("companies.backup_page", "BackupPage"),
    OpenFromServer: _later("companies.join_page", "JoinPage"),
    RestoreBackup: _later("companies.restore_page", "RestorePage"),
    ShowReport: ReportPage,
    PreviewPrint: _later("paper.page", "PaperPage"),
    PreviewVoucher: _later("paper.page", "PaperPage"),
    EnterVoucher: _later("vouchers.page", "VoucherPage"),
    OpenVoucher: _later("vouchers.page", "VoucherPage"),
    CorrectVoucher: _later("vouchers.page", "VoucherPage"),
    ShowFiles: _later("attachments.page", "FilesPage"),
    ShowSync: _later("sync.page", "SyncPage"),
    ConnectServer: _later("sync.connect_page", "ConnectPage"),
    ShowConflicts: _later("conflicts.page", "ConflictsPage"),
    DecideConflict: _later("conflicts.sides_page", "SidesPage"),
}


def build_window(application: QApplication, machine: Machine, preferences: Preferences) -> MainWindow:
    """Wire a window; its first page is the list of companies."""
    desk = Desk(machine, preferences, Look(application, preferences.look))
    window = MainWindow(desk, PAGES)
    desk.setParent(window)
    window.start()
    return window
