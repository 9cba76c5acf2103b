"""The lines `ledgerflow sync` writes: how far it is, and one last line that is true."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions.replicas import Standing
from ledgerflow_desktop.phrases.trouble import trouble_text
from ledgerflow_desktop.sync_client.progress import Progress

_WORDS = {
    Status.UP_TO_DATE: "up to date",
    Status.SYNCING: "syncing",
    Status.WAITING: "waiting",
    Status.ATTENTION: "needs attention",
}
# In a pipe a line every so often is enough.
_BETWEEN_SECONDS = 2.0
_KIB, _MIB = 1024, 1024 * 1024


class ProgressLines:
    """Draws one line over and over on a terminal; in a pipe writes a line when something new is to be said."""

    def __init__(self, out: TextIO = sys.stderr, seconds: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._seconds = seconds
        self._on_terminal = out.isatty()
        self._said = ""
        self._at = float("-inf")

    def __call__(self, progress: Progress) -> None:
        """Show a moment of the session."""
        text = progress_text(progress)
        now = self._seconds()
        if text == self._said or (not self._on_terminal and now - self._at < _BETWEEN_SECONDS):
            return
        self._said, self._at = text, now
        before, after = ("\r", "\033[K") if self._on_terminal else ("", "\n")
        print(f"{before}{text}{after}", end="", file=self._out, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._on_terminal:
            print("\r\033[K", end="", file=self._out, flush=True)
        self._said = ""


def progress_text(progress: Progress) -> str:
    """Return how far a session is, on one line."""
    parts = [_WORDS[progress.status]]
    if progress.to_push:
        parts.append(f"sent {progress.pushed:,} of {progress.to_push:,}")
    if progress.to_pull:
        parts.append(f"received {progress.pulled:,} of {progress.to_pull:,}")
    if progress.sent or progress.received:
        parts.append(f"{_size(progress.sent)} up, {_size(progress.received)} down")
    if progress.waits_seconds is not None and progress.status is not Status.UP_TO_DATE:
        parts.append(f"next attempt in {progress.waits_seconds:.0f} s")
    return ", ".join(parts)


def last_line(found: Standing, ended: Progress | None = None) -> str:
    """Return the one line that says how things stand, and below it what is the matter; `ended` is the session before.

    Whoever writes it does not go on: it promises nothing.
    """
    status, trouble, detail = found.status, found.trouble, ""
    if ended is not None:
        status, trouble, detail = ended.status, ended.trouble, ended.detail
    parts = [
        _WORDS[status],
        _counted(found.pending, "event to send", "events to send") if found.pending else "nothing to send",
    ]
    if found.files_to_send:
        parts.append(_counted(found.files_to_send, "file to send", "files to send"))
    if found.files_to_fetch:
        parts.append(_counted(found.files_to_fetch, "file to come", "files to come"))
    if found.conflicts:
        parts.append(_counted(found.conflicts, "conflict to decide", "conflicts to decide"))
    last = found.last_sync
    parts.append(f"last sync {last[:16].replace('T', ' ')} UTC" if last else "never synced")
    line = " · ".join(parts)
    if status in (Status.WAITING, Status.ATTENTION) and trouble:
        exactly = f" ({detail})" if detail else ""
        line += f"\n{trouble_text(trouble, goes_on=False)}{exactly} [{trouble}]"
    return line


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _size(count: int) -> str:
    if count < _KIB:
        return f"{count} B"
    return f"{count / _KIB:.0f} KB" if count < _MIB else f"{count / _MIB:.1f} MB"
