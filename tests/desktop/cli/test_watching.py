"""`ledgerflow sync --watch` beside other programs that want the book."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import a_payment
from desktop.builders import PASSPHRASE, a_company_folder, a_machine, opened
from desktop.cli.running import run, started
from desktop.screens.line_server import CODE, line_server
from ledgerflow_desktop.actions import companies, vouchers
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import InUse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def eventually(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def taken(folder: Path) -> Book:
    """Open the book as another program does, as soon as the watch lets go of it."""
    ends = time.monotonic() + 60
    while True:
        try:
            return companies.open_company(folder, a_machine(seed=3), passphrase=PASSPHRASE)
        except InUse:
            assert time.monotonic() < ends
            time.sleep(0.02)


def test_a_watch_goes_on_when_another_program_has_the_book_for_a_while(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    with opened(folder) as book:
        company = book.company.id
    with line_server(company) as served:
        assert run("enrol", folder, served.at.address, CODE).code == 0
        watching = started("sync", folder, "--watch")
        try:
            eventually(lambda: run("sync", folder, "--status").out.splitlines()[1].startswith("up to date"))
            with taken(folder) as book:
                sent = served.size
                vouchers.post(book, [a_payment("p1")])
                # Within a second it sees what was written, and that the book is not to be had.
                with pytest.raises(subprocess.TimeoutExpired):
                    watching.wait(timeout=4)
            eventually(lambda: served.size > sent)
            watching.send_signal(signal.SIGINT)
            said, errors = watching.communicate(timeout=30)
            assert watching.returncode == 0, said + errors
        finally:
            watching.kill()
            watching.communicate()
