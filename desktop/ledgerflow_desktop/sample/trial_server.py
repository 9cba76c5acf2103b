"""A sync server beside the sample company, to try things out: its own process, on this machine alone.

The server is another package and is used as everybody uses it: by its commands. Where it is not installed the sample
opens without it.
"""

import importlib.util
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.sample.people import PEOPLE

_SERVER = "ledgerflow_server"
_BESIDE = "ledgerflow_desktop.sample.beside"
_START_SECONDS = 90.0
_END_SECONDS = 20.0
_SERVES = re.compile(r"serves at http://127\.0\.0\.1:(\d+)")
_CODE = re.compile(r"^code\s+(\S+)", re.MULTILINE)
# Two offices of one machine ask more often than the offices of a company do.
_PLENTY = "1000000/minute"


class TrialServerFailed(LedgerFlowError):
    """The server beside the sample did not start; `reason` is the last line it wrote."""

    code = "trial-server-failed"


def is_installed() -> bool:
    """Whether the server's package is there."""
    return importlib.util.find_spec(_SERVER) is not None


class TrialServer:
    """A server with its data below `folder`, plain HTTP on loopback. `stop` ends it; the data stays for next time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._environment = os.environ | {
            "LEDGERFLOW_DATA_FOLDER": str(self._folder / "data"),
            "LEDGERFLOW_HOST": "127.0.0.1",
            "LEDGERFLOW_PORT": "0",
            "LEDGERFLOW_METRICS": "false",
            "LEDGERFLOW_RATE_ADDRESS": _PLENTY,
            "LEDGERFLOW_RATE_DEVICE": _PLENTY,
            "LEDGERFLOW_RATE_TENANT": _PLENTY,
        }
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def start(self) -> int:
        """Start it, made first where it is not; return its port. Takes some seconds. Raises `TrialServerFailed`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / "made").exists():
            self.command("init", "--tenant", "Sample")
            (self._folder / "made").touch()
        else:
            self.command("migrate")  # it may be of a version before this one
        if not (self._folder / "peopled").exists():
            known = self.command("list")
            for person in PEOPLE:
                if f"  {person.lower()}  " not in known:
                    self.command("create-user", person.lower(), "--name", person, "--role", "admin")
            (self._folder / "peopled").touch()
        self._process = subprocess.Popen(  # noqa: S603 - our own program and arguments
            [sys.executable, "-m", _BESIDE, sys.executable, "-m", _SERVER, "serve", "--insecure-loopback"],
            env=self._environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        if self._stopped:
            self.stop()
        assert self._process.stdin is not None and self._process.stderr is not None, "they are pipes"
        return _port(self._process.stderr, self._process.stdin)

    def new_company(self, name: str) -> list[str]:
        """Make a company that waits for its first book; return a code for a device of each of the people."""
        self.command("create-company", name)
        return [self._new_code(person.lower(), name) for person in PEOPLE]

    def _new_code(self, person: str, company: str) -> str:
        # Of the code's two parts the second names an authority; plain HTTP has none.
        found = _CODE.search(self.command("enrol-code", person, "--company", company))
        if found is None:
            raise TrialServerFailed(reason="no code")
        return found[1]

    def command(self, *arguments: str) -> str:
        """Run one of the server's commands; return what it printed."""
        done = subprocess.run(  # noqa: S603 - our own program; names are passed as they are, no shell reads them
            [sys.executable, "-m", _SERVER, *arguments],
            env=self._environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            timeout=_START_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise TrialServerFailed(reason=(done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2][:200])
        return done.stdout

    def stop(self) -> None:
        """End the server and wait until it has ended."""
        self._stopped = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        assert process.stdin is not None, "it is a pipe"
        process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(said: IO[str], hold: IO[str]) -> int:
    """Read what the server says until it says where it serves; the rest is read and forgotten, in a thread.

    Closing `hold` ends the server: it says nothing more then.
    """
    giving_up = threading.Timer(_START_SECONDS, hold.close)
    giving_up.start()
    last = ""
    try:
        for line in said:
            found = _SERVES.search(line)
            if found:
                threading.Thread(target=_forget, args=(said,), daemon=True).start()
                return int(found[1])
            last = line.strip() or last
    finally:
        giving_up.cancel()
    raise TrialServerFailed(reason=last[:200])


def _forget(said: IO[str]) -> None:
    with said:
        for _ in said:
            pass
