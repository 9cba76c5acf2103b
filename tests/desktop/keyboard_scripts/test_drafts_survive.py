"""Nothing typed is lost: not by Esc, not by closing the window, not by the death of the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.keyboard_scripts.desk_with_books import at_work, new_books, posted
from desktop.screens.vouchers.small_company import CASH, POWER

_TYPES_AND_WAITS = """
import sys
from pathlib import Path
import pytest
from desktop.keyboard_scripts.desk_with_books import at_work

def test_type(qtbot):
    with at_work(qtbot, Path({folder!r})) as typist:
        typist.press("F5").entry("cas").entry("pow").type("1250*2")
        qtbot.wait(600)
        typist.settle()
        print("typed", flush=True)
        qtbot.wait(60000)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_books(tmp_path / "nila.ledgerflow", [])
    return tmp_path / "nila.ledgerflow"


def test_a_draft_survives_a_kill_of_the_process(qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "test_typing.py"
    script.write_text(_TYPES_AND_WAITS.format(folder=str(folder)), encoding="utf-8")
    root = Path(__file__).resolve().parents[3]
    options = ["-q", "-s", "-o", f"cache_dir={tmp_path}", "-c", str(root / "pyproject.toml"), "--rootdir", str(root)]
    command = [sys.executable, "-m", "pytest", *options, str(script)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(root / part) for part in ("tests", "shared", "desktop")),
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root) as typing:
        assert typing.stdout is not None
        for line in typing.stdout:
            if "typed" in line:
                break
        else:
            pytest.fail("nothing was typed")
        typing.send_signal(signal.SIGKILL)
    with at_work(qtbot, folder, seed=8) as typist:
        typist.press("F5")
        assert typist.page.sheet.banner.words() == "Not finished: Payment of 21-Nov-2026, 2,500.00."
        typist.press("Alt+N", "Ctrl+A")
        typist.say("A payment taken up again after the process was killed")
        (payment,) = posted(typist)
        assert [(e.account, e.amount) for e in payment.entries] == [(POWER, 250_000), (CASH, -250_000)]
        typist.press("Esc", "F5")
        assert typist.page.sheet.banner.words() == ""


def test_esc_keeps_what_was_typed(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").type("half a na")
        typist.press("Esc", "F5", "Alt+N")
        form = typist.page.form
        assert form is not None
        assert (form.content.account, form.content.lines[0].account_text) == (CASH, "half a na")


def test_closing_the_window_keeps_what_was_typed_and_dropping_it_drops_it(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").type("7")
    with at_work(qtbot, folder, seed=8) as typist:
        typist.press("F5")
        assert "7.00" in typist.page.sheet.banner.words()
        typist.press("Alt+D", "Esc", "F5")
        assert typist.page.sheet.banner.words() == ""


def test_an_untouched_voucher_leaves_no_draft(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5", "Esc", "F5")
        assert typist.page.sheet.banner.words() == ""


def test_a_change_that_was_begun_is_offered_when_the_voucher_is_opened_again(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").entry("50").press("Ctrl+A")
        typist.press("PgUp", "F2", "Enter", "Enter", "Enter").type("60").press("Esc", "PgUp")
        assert "begun" in typist.page.sheet.banner.words()
        typist.press("Alt+N", "Ctrl+A")
        (payment,) = posted(typist)
        assert payment.debit_total == 6_000


def test_closing_the_company_in_the_middle_of_a_voucher_loses_nothing(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").type("7")
        typist.press("F3")
        assert typist.window.navigation.front.title() == "Companies"
        typist.settle()
    with at_work(qtbot, folder, seed=8) as typist:
        typist.press("F5")
        assert "7.00" in typist.page.sheet.banner.words()


def test_the_key_of_another_type_takes_the_place_of_the_voucher_and_keeps_it(qtbot: QtBot, folder: Path) -> None:
    with at_work(qtbot, folder) as typist:
        typist.press("F5").entry("cas").entry("pow").type("7")
        typist.press("F5")
        assert "7.00" in typist.page.sheet.banner.words()
        typist.press("F6", "F7", "F5")
        assert [page.title() for page in typist.window.navigation.pages] == ["Nila Stores", "Payment"]
        assert "7.00" in typist.page.sheet.banner.words()
        typist.press("Esc")
        assert [page.title() for page in typist.window.navigation.pages] == ["Nila Stores"]
