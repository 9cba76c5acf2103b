"""Which page answers which destination: the one place where the window and all its screens are put together."""

from collections.abc import Mapping

from PySide6.QtWidgets import QApplication

from ledgerflow_desktop.screens.companies.backup_page import BackupPage
from ledgerflow_desktop.screens.companies.create_page import CreatePage
from ledgerflow_desktop.screens.companies.import_page import ImportPage
from ledgerflow_desktop.screens.companies.page import WelcomePage
from ledgerflow_desktop.screens.companies.recovery_page import RecoveryPage
from ledgerflow_desktop.screens.companies.restore_page import RestorePage
from ledgerflow_desktop.screens.companies.sample_page import SamplePage
from ledgerflow_desktop.screens.companies.unlock_page import UnlockPage
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.destinations import (
    BackUp,
    CreateCompany,
    EnterVoucher,
    Gateway,
    ImportFiles,
    KeepRecoveryCode,
    OpenSample,
    OpenVoucher,
    PreviewPrint,
    RestoreBackup,
    ShowReport,
    Unlock,
    Welcome,
)
from ledgerflow_desktop.screens.gateway.page import GatewayPage
from ledgerflow_desktop.screens.look.theme import Look
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.paper.page import PaperPage
from ledgerflow_desktop.screens.reports.page import ReportPage
from ledgerflow_desktop.screens.vouchers.page import VoucherPage
from ledgerflow_desktop.screens.window.navigation import PageFactory
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.settings.preferences import Preferences

# A screen that is not here is not offered anywhere.
PAGES: Mapping[type, PageFactory] = {
    Welcome: WelcomePage,
    CreateCompany: CreatePage,
    KeepRecoveryCode: RecoveryPage,
    Unlock: UnlockPage,
    OpenSample: SamplePage,
    Gateway: GatewayPage,
    ImportFiles: ImportPage,
    BackUp: BackupPage,
    RestoreBackup: RestorePage,
    ShowReport: ReportPage,
    PreviewPrint: PaperPage,
    EnterVoucher: VoucherPage,
    OpenVoucher: VoucherPage,
}


def build_window(application: QApplication, machine: Machine, preferences: Preferences) -> MainWindow:
    """Wire a window; its first page is the list of companies."""
    desk = Desk(machine, preferences, Look(application, preferences.look))
    window = MainWindow(desk, PAGES)
    desk.setParent(window)
    window.start()
    return window
