"""The program's window: the real machine, key store and preferences, handed to what is wired in `screens`."""

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from PySide6.QtWidgets import QApplication

from ledgerflow_desktop.sample import trial_server
from ledgerflow_desktop.screens.attachments.opened_copies import remove_left_copies
from ledgerflow_desktop.screens.destinations import OpenSample
from ledgerflow_desktop.screens.main_window import MainWindow
from ledgerflow_desktop.screens.window.fault_card import Faults
from ledgerflow_desktop.screens.wiring import build_window, load_the_rest
from ledgerflow_desktop.settings.key_store import SystemKeyStore
from ledgerflow_desktop.settings.machine import this_machine
from ledgerflow_desktop.settings.preferences import preferences_folder, read_preferences


def main(argv: list[str]) -> int:
    """Open the window; `--sample` opens it on the sample company, with `--server` in two offices that sync."""
    arguments = _parser().parse_args(argv)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("LedgerFlow")
    preferences = read_preferences(preferences_folder())
    machine = this_machine(SystemKeyStore())
    with_server = arguments.server is not None and trial_server.is_installed()
    with tempfile.TemporaryDirectory(prefix="ledgerflow-office-", ignore_cleanup_errors=True) as place:
        if with_server:
            machine = import_module("ledgerflow_desktop.sample.two_offices").first_machine(machine, Path(place))
        window = build_window(application, machine, preferences)
        sys.excepthook = Faults(window).caught
        window.show()
        window.desk.run(window, load_the_rest, lambda _: None)
        window.desk.run(window, lambda: remove_left_copies(machine.state), lambda _: None)
        if with_server:
            _try_out(application, window, arguments)
        elif arguments.sample:
            window.navigation.open(OpenSample())
        return application.exec()


def _try_out(application: QApplication, window: MainWindow, arguments: argparse.Namespace) -> None:
    # Loaded only here: it brings what a server and a second office need.
    import_module("ledgerflow_desktop.screens.trial").begin(
        application, window, arguments.server, offices=arguments.offices
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ledgerflow", add_help=False)
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--offscreen", action="store_true")
    parser.add_argument("--server", type=Path, metavar="FOLDER")
    parser.add_argument("--offices", type=int, choices=(1, 2), default=2)
    return parser
