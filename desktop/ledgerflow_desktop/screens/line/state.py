"""How the line stands, as one value that is never better than the truth. No Qt here."""

from dataclasses import dataclass, replace

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions.line_facts import LineFacts
from ledgerflow_desktop.sync_client.progress import Progress

_TROUBLES_KEPT = 5


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that kept sync waiting, by its code, and when it was last seen (milliseconds of the clock)."""

    code: str
    at: int


@dataclass(frozen=True, slots=True)
class LineState:
    """The line of the open company. `known` is None where it syncs with no server, or nothing is known yet.

    `progress` is the session's last word, None before the first; `next_at` when it tries again (milliseconds of the
    clock), None while something is under way; `troubles` the newest first.
    """

    known: LineFacts | None = None
    progress: Progress | None = None
    next_at: int | None = None
    troubles: tuple[Trouble, ...] = ()
    is_asked_for: bool = False

    @property
    def is_enrolled(self) -> bool:
        """Whether the company syncs at all."""
        return self.known is not None

    @property
    def status(self) -> Status:
        """The truth in one of four words: up to date only where nothing is left to send, take in or decide."""
        said = Status.SYNCING if self.progress is None else self.progress.status
        if said is not Status.UP_TO_DATE:
            return said
        if self.conflicts:
            return Status.ATTENTION
        return Status.SYNCING if self.pending or self.is_asked_for else Status.UP_TO_DATE

    @property
    def trouble(self) -> str:
        """The code of what is the matter, empty where nothing is."""
        return "" if self.progress is None else self.progress.trouble

    @property
    def pending(self) -> int:
        """Own events the server does not have."""
        return 0 if self.known is None else self.known.pending

    @property
    def conflicts(self) -> int:
        """What waits for a person's decision."""
        return 0 if self.known is None else self.known.conflicts

    def heard(self, progress: Progress, now: int) -> "LineState":
        """Return the state after the session's word at `now`."""
        waits = progress.waits_seconds
        next_at = None if waits is None else now + round(waits * 1000)
        troubles = self.troubles
        if progress.trouble:
            others = tuple(one for one in troubles if one.code != progress.trouble)
            troubles = (Trouble(progress.trouble, now), *others)[:_TROUBLES_KEPT]
        return replace(self, progress=progress, next_at=next_at, troubles=troubles, is_asked_for=False)

    def knowing(self, known: LineFacts | None) -> "LineState":
        """Return the state with what the file says now."""
        return replace(self, known=known)

    def asked(self) -> "LineState":
        """Return the state once somebody asked to sync now, or posted: no longer up to date until it is said again."""
        return replace(self, is_asked_for=True)
