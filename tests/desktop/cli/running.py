"""Run commands as a shell would: in this process for speed, or in one of their own where the process is the matter."""

import atexit
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

from desktop.builders import PASSPHRASE
from ledgerflow_desktop.__main__ import main


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code, and what it wrote on both streams."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def codes(self) -> list[str]:
        """The code in brackets at the end of each line on standard error."""
        return [line.rpartition("[")[2].rstrip("]") for line in self.err.splitlines() if line.endswith("]")]


@cache
def _state() -> str:
    """What the machine remembers of the books of tests; nothing of it is left in the home of who runs them."""
    folder = tempfile.mkdtemp(prefix="ledgerflow-state-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _environment(passphrase: str | None, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERFLOW_")}
    given = {"LEDGERFLOW_PASSPHRASE": passphrase} if passphrase is not None else {}
    return kept | {"LEDGERFLOW_STATE": _state()} | given | dict(more)


def run(
    *argv: str | Path, passphrase: str | None = PASSPHRASE, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Done:
    """Run a command in this process; nobody sits at a terminal."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    typed = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    with (
        patch.dict(os.environ, _environment(passphrase, env or {}), clear=True),
        patch.object(sys, "stdin", typed),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = main([str(part) for part in argv])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
    out.flush()
    err.flush()
    done = Done(code, out.buffer.getvalue(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]
    assert "Traceback" not in done.err
    return done


def run_process(
    *argv: str | Path, passphrase: str | None = PASSPHRASE, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(
        _command(argv),
        input=stdin,
        capture_output=True,
        env=_environment(passphrase, env or {}),
        check=False,
        timeout=100,
    )
    err = done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err, err
    return Done(done.returncode, done.stdout, err)


def started(*argv: str | Path, passphrase: str = PASSPHRASE) -> "subprocess.Popen[str]":
    """Start a command in a process of its own; the caller ends it."""
    return subprocess.Popen(
        _command(argv),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(passphrase, {}),
    )  # fmt: skip


def _command(argv: Sequence[str | Path]) -> list[str]:
    return [sys.executable, "-m", "ledgerflow_desktop", *map(str, argv)]
