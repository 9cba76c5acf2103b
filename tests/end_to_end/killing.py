"""Offices that run as processes of their own and are killed."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from end_to_end.head_office import PATHS
from end_to_end.office import Office

_OPEN_SECONDS = 60


class RunningOffice:
    """An office at work in another process. Its book is closed here while it runs."""

    def __init__(self, place: Path, name: str, seed: int, seam: str = "", count: int = 1) -> None:
        self.place = place
        self.name = name
        program = [sys.executable, "-m", "end_to_end.office_process", str(place), name, str(seed)]
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(PATHS),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        self._said = (place / "process.log").open("ab")
        self._process = subprocess.Popen(
            program + ([seam, str(count)] if seam else []),
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said,
        )  # fmt: skip

    def wait_until_open(self) -> None:
        """Wait until it is at work, or is killed by then."""
        assert self._process.stdout is not None, "it is a pipe"
        ready, _, _ = select.select([self._process.stdout], [], [], _OPEN_SECONDS)
        assert ready, f"{self.name} does not open its book"
        assert self._process.stdout.readline() == b"open\n" or self._process.poll() is not None, self.log()

    def kill(self) -> None:
        """End it with kill -9, wherever it is."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(30)
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            if pipe is not None:
                pipe.close()

    def wait_until_dead(self, seconds: float = 30) -> None:
        """Wait until it has killed itself at its seam; fails where it ends otherwise."""
        deadline = time.monotonic() + seconds
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"{self.name} never came to its seam: {self.log()}"
            time.sleep(0.005)
        assert self._process.returncode == -signal.SIGKILL, self.log()

    def end_or_kill(self, seconds: float = 2) -> None:
        """Let it end in order; kill it where it does not within so many seconds."""
        assert self._process.stdin is not None, "it is a pipe"
        if self._process.poll() is None:
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert self._process.wait(seconds) == 0, self.log()
        self.kill()

    def log(self) -> str:
        """Return what it said on standard error."""
        return (self.place / "process.log").read_text("utf-8", "replace")[-3_000:]


def killed_at(office: Office, seam: str, seed: int, count: int = 1) -> None:
    """Let an office work in a process until it kills itself at a seam; then open its book again here."""
    office.close()
    running = RunningOffice(office.place, office.name, seed, seam, count)
    try:
        running.wait_until_dead()
    finally:
        running.kill()
    office.reopen()
