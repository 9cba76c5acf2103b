"""The second process of an import, when one of the two is killed: neither waits for the other, and nothing is kept."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from desktop.builders import a_book
from desktop.interchange.importing import generate
from ledgerflow_desktop.actions import importing
from ledgerflow_desktop.actions.importing import import_files
from ledgerflow_desktop.interchange.pipeline import ImporterStopped

VOUCHERS = 12_000  # three chunks
BEGIN = date(2025, 4, 1)
# Imports as the parent does, says who the child is at the first chunk, and stands still.
_PARENT = """
import multiprocessing, sys, time
from pathlib import Path
from desktop.builders import a_book
from ledgerflow_desktop.actions import importing
from datetime import date

def stand_still(done, total):
    (child,) = multiprocessing.active_children()
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    print(child.pid, b"PASSPHRASE" in environment, flush=True)
    time.sleep(60)

if __name__ == "__main__":
    importing.SECOND_PROCESS_BYTES = 1
    files, tmp = Path(sys.argv[1]), Path(sys.argv[2])
    with a_book(tmp, books_begin=date(2025, 4, 1), with_masters=False) as book:
        importing.import_files(book, [files / "ledgers.jsonl", files / "vouchers.jsonl"], progress=stand_still)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    generate(folder, VOUCHERS)
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
def test_a_child_that_is_killed_ends_the_import_and_nothing_is_kept(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SECOND_PROCESS_BYTES", 1)

    def kill(done: int, total: int) -> None:
        for child in multiprocessing.active_children():
            assert child.pid, "it runs"
            os.kill(child.pid, signal.SIGKILL)

    with a_book(tmp_path, books_begin=BEGIN, with_masters=False) as book:
        with pytest.raises(ImporterStopped):
            import_files(book, [files / "ledgers.jsonl", files / "vouchers.jsonl"], progress=kill)
        assert not book.has_vouchers()
        assert book.chart.account_named("Bank-Harbour") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_child_whose_parent_is_killed_ends_and_has_seen_no_passphrase(files: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    environment = os.environ | {"LEDGERFLOW_PASSPHRASE": "not for children", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(script), str(files), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as parent:
        assert parent.stdout
        child, saw_passphrase = parent.stdout.readline().split()
        parent.kill()
    assert saw_passphrase == "False"
    deadline = time.monotonic() + 30
    while Path(f"/proc/{child}").exists() and _state(child) != "Z":
        assert time.monotonic() < deadline, "the child outlived its parent"


def _state(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
