"""What the first window does not need is not loaded before it is shown."""

import subprocess
import sys

SLOW_TO_LOAD = ("reportlab", "xlsxwriter", "pypdfium2", "PySide6.QtPrintSupport")


def test_the_first_window_loads_no_pdf_no_spreadsheet_and_no_printer() -> None:
    code = f"import sys, ledgerflow_desktop.screens.wiring; print([m for m in {SLOW_TO_LOAD!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_was_put_off_can_be_loaded() -> None:
    code = "from ledgerflow_desktop.screens import wiring; wiring.load_the_rest(); print('loaded')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "loaded"
