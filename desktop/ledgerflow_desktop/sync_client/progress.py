"""How far a sync is, as it may be shown: four words, counts, and what it waits for."""

from dataclasses import dataclass, replace

from ledgerflow_core.sync.replica import Status


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a session.

    `pushed` of `to_push` own events, `pulled` of `to_pull` entries of the log since there was last nothing to do;
    `sent` and `received` are bytes of bodies. `trouble` is the code of what is the matter, empty where nothing is, and
    `detail` what was wrong exactly with the last answer; `waits_seconds` how long the next attempt is off, None while
    something is under way or where none follows.
    """

    status: Status = Status.SYNCING
    trouble: str = ""
    detail: str = ""
    pushed: int = 0
    to_push: int = 0
    pulled: int = 0
    to_pull: int = 0
    sent: int = 0
    received: int = 0
    waits_seconds: float | None = None

    def with_left(self, *, to_push: int, to_pull: int) -> "Progress":
        """Return the progress once so much is left either way.

        What is to be done is what was left at the start and what came to it since; neither that nor what is done goes
        back, whatever the other side says.
        """
        all_pushed, all_pulled = max(self.to_push, self.pushed + to_push), max(self.to_pull, self.pulled + to_pull)
        return replace(
            self,
            pushed=all_pushed - to_push,
            to_push=all_pushed,
            pulled=all_pulled - to_pull,
            to_pull=all_pulled,
        )

    def from_nothing(self) -> "Progress":
        """Return the progress with counts that begin anew."""
        return replace(self, pushed=0, to_push=0, pulled=0, to_pull=0)
