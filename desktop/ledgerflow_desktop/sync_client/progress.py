"""How far a sync is, as it may be shown: four words, counts, and what it waits for."""

from dataclasses import dataclass

from ledgerflow_core.sync.replica import Status


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a session.

    `pushed` of `to_push` own events, `pulled` of `to_pull` entries of the log since it began; `sent` and `received`
    are bytes of bodies. `trouble` is the code of what is the matter, empty where nothing is; `waits_seconds` how long
    the next attempt is off, None while something is under way.
    """

    status: Status = Status.SYNCING
    trouble: str = ""
    pushed: int = 0
    to_push: int = 0
    pulled: int = 0
    to_pull: int = 0
    sent: int = 0
    received: int = 0
    waits_seconds: float | None = None
