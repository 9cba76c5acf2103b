"""The program itself: help that teaches, exit codes, no secret among the arguments, streams that may be anything."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.builders import PASSPHRASE, a_company_folder
from desktop.cli.running import run, run_process
from ledgerflow_core import __version__

COMMANDS = (
    "new", "sample", "import", "export", "post", "report", "print", "attach", "attachments", "verify", "pack",
    "verify-pack", "backup", "restore", "rekey", "keys", "lock", "unlock", "merge", "retire", "log",
    "enrol", "sync", "offices", "conflicts", "tour", "shots",
)  # fmt: skip


def test_help_names_every_command_the_exit_codes_and_a_first_walk() -> None:
    done = run("--help")
    assert done.code == 0
    assert re.findall(r"^    ([\w-]+)(?: |$)", done.out, re.MULTILINE) == list(COMMANDS)
    for taught in ("exit codes: 0 done", "LEDGERFLOW_PASSPHRASE", "ledgerflow report Acme trial-balance"):
        assert taught in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_says_what_it_does_and_what_it_takes(command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"usage: ledgerflow {command}")
    described = done.out.split("\n\n")[1]
    assert described.endswith(".") or "." in described
    options = set(re.findall(r"(?<![-\w])--([a-z][a-z-]*)", done.out))
    assert "passphrase" not in options  # a secret is never an argument: other users of the machine see those


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["report"],
        ["report", "Acme"],
        ["report", "Acme", "no-such-report"],
        ["report", "Acme", "trial-balance", "--format", "docx"],
        ["report", "Acme", "trial-balance", "--depth", "two"],
        ["report", "Acme", "trial-balance", "--passphrase", "x"],
        ["import", "Acme"],
        ["export", "Acme"],
        ["export", "Acme", "--format", "sql"],
        ["new", "Acme"],
        ["attach", "Acme", "R/1"],
        ["attachments", "Acme", "R/1", "--save", "a.pdf", "--remove", "b.pdf"],
        ["unlock", "Acme"],
        ["log", "Acme", "--limit", "many"],
        ["keys", "Acme", "--remember", "--new-recovery-code"],
        ["sample", "Acme", "--vouchers", "lots"],
        ["--passphrase", "x"],
        [""],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2_and_leads_to_help(argv: list[str]) -> None:
    done = run(*argv)
    assert done.code == 2
    assert done.raw == b""
    assert done.err.startswith("usage: ledgerflow")
    assert "--help" in done.err


def test_the_version_is_said() -> None:
    assert run("--version").out == f"ledgerflow {__version__}\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["report", "{}", "trial-balance"], ["verify", "{}"], ["export", "{}", "--format", "jsonl"], ["keys", "{}"],
        ["backup", "{}"], ["rekey", "{}"], ["lock", "{}", "2026-05-01"], ["unlock", "{}", "--reason", "x"],
        ["log", "{}"], ["import", "{}", "x.jsonl"], ["post", "{}", "x.json"],
    ],
    ids=lambda argv: argv[0],
)  # fmt: skip
@pytest.mark.parametrize("passphrase", [PASSPHRASE, None])
def test_where_no_company_is_every_command_says_so(argv: list[str], passphrase: str | None, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n")
    (tmp_path / "x.json").write_text('{"type":"Journal","date":"2026-05-01","entries":[]}')
    env = {"LEDGERFLOW_NEW_PASSPHRASE": "staple battery horse"}
    given = [part.format(tmp_path / "None").replace("x.json", str(tmp_path / "x.json")) for part in argv]
    done = run(*given, passphrase=passphrase, env=env)
    assert (done.code, done.codes) == (3, ["not-a-company"])
    assert "None.ledgerflow" in done.err
    assert sorted(found.name for found in tmp_path.iterdir()) == ["x.json", "x.jsonl"]


@pytest.mark.parametrize("name", ["x" * 300, "a/" * 2000 + "b"])
def test_a_path_no_system_takes_is_named(name: str) -> None:
    done = run("report", name, "trial-balance")
    assert done.code == 3
    assert len(done.codes) == 1


def test_a_folder_that_is_no_company_is_left_alone(tmp_path: Path) -> None:
    for kept in ("books.db", "keys.json"):
        folder = tmp_path / f"{kept}.ledgerflow"
        folder.mkdir()
        (folder / kept).write_bytes(b"something else")
        assert run("report", folder, "trial-balance").codes == ["not-a-company"]
        assert [found.name for found in folder.iterdir()] == [kept]


@pytest.mark.parametrize(
    ("keys", "code", "named"),
    [
        (b"", 1, "damaged"),
        (b"\xff\xfe", 1, "damaged"),
        (b"[]", 1, "damaged"),
        (b'{"format": 99}', 3, "file-too-new"),
        (b"\0" * 1000, 1, "damaged"),
    ],
)
def test_keys_that_cannot_be_read_are_named(tmp_path: Path, keys: bytes, code: int, named: str) -> None:
    folder = a_company_folder(tmp_path)
    (folder / "keys.json").write_bytes(keys)
    for argv in (["report", folder, "trial-balance"], ["verify", folder], ["keys", folder]):
        done = run(*argv)
        assert (done.code, done.codes) == (code, [named])


def test_a_book_that_is_no_database_is_named(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    (folder / "books.db").write_bytes(os.urandom(8192))
    done = run("report", folder, "trial-balance")
    assert (done.code, done.codes) == (1, ["damaged"])


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ledgerflow_desktop", "report", str(folder), "trial-balance"],
            stdout=writing,
            stderr=subprocess.PIPE,
            env={**os.environ, "LEDGERFLOW_PASSPHRASE": PASSPHRASE},
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_that_knows_ascii_only_shows_what_it_can(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path, "मुंबई")
    (tmp_path / "x.jsonl").write_text('{"kind":"group","path":["Current Assets","मुंबई"]}\n', encoding="utf-8")
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    taken = run_process("import", folder, tmp_path / "x.jsonl", env=env)
    assert (taken.code, taken.err) == (0, "")
    refused = run_process("import", tmp_path / "दिल्ली", tmp_path / "x.jsonl", env=env)
    assert refused.codes == ["not-a-company"]


def test_no_command_needs_the_window(tmp_path: Path) -> None:
    """Qt takes seconds and may be missing on a server."""
    folder = a_company_folder(tmp_path)
    asked = f"""
import sys
from ledgerflow_desktop.__main__ import main
code = main(["report", {str(folder)!r}, "trial-balance", "-o", {str(tmp_path / "out")!r}])
assert not [name for name in sys.modules if name.startswith(("PySide6", "reportlab", "xlsxwriter", "keyring"))]
sys.exit(code)
"""
    done = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        env={**os.environ, "LEDGERFLOW_PASSPHRASE": PASSPHRASE},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
