"""The program's window: the real machine, key store and preferences, handed to what is wired in `screens`."""

import sys

from PySide6.QtWidgets import QApplication

from ledgerflow_desktop.screens.destinations import OpenSample
from ledgerflow_desktop.screens.window.fault_card import Faults
from ledgerflow_desktop.screens.wiring import build_window, load_the_rest
from ledgerflow_desktop.settings.key_store import SystemKeyStore
from ledgerflow_desktop.settings.machine import this_machine
from ledgerflow_desktop.settings.preferences import preferences_folder, read_preferences


def main(argv: list[str]) -> int:
    """Open the window; `--sample` opens it on the sample company."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("LedgerFlow")
    preferences = read_preferences(preferences_folder())
    window = build_window(application, this_machine(SystemKeyStore()), preferences)
    sys.excepthook = Faults(window).caught
    window.show()
    window.desk.run(window, load_the_rest, lambda _: None)
    if "--sample" in argv:
        window.navigation.open(OpenSample())
    return application.exec()
