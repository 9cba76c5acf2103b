"""How much to send and to ask for at once: as much as the line carries in some seconds, found out by doing."""

from dataclasses import dataclass, replace

from ledgerflow_core.sync.batch import BATCH_EVENTS_MAX

# A request that takes longer than this blocks too much behind it and is lost too dearly.
SLOW_SECONDS = 20.0
QUICK_SECONDS = 5.0
EVENTS_LEAST = 10
PULL_BYTES_FIRST = 256 * 1024
PULL_BYTES_LEAST = 16 * 1024
# What one transaction folds while somebody types (a batch or two), and what it may fold when nobody waits.
PULL_BYTES_INTERACTIVE = 64 * 1024
PULL_BYTES_MAX = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Pace:
    """Events of the next batch and bytes of the next piece of the log; neither goes over its cap."""

    events: int = BATCH_EVENTS_MAX
    events_cap: int = BATCH_EVENTS_MAX
    pull_bytes: int = PULL_BYTES_FIRST
    pull_cap: int = PULL_BYTES_MAX

    def after_push(self, seconds: float) -> "Pace":
        """Return the pace after a batch was answered in so many seconds."""
        events = _scaled(self.events, seconds)
        return replace(self, events=max(EVENTS_LEAST, min(events, self.events_cap)))

    def after_pull(self, seconds: float) -> "Pace":
        """Return the pace after a piece of the log came in so many seconds."""
        size = _scaled(self.pull_bytes, seconds)
        return replace(self, pull_bytes=max(PULL_BYTES_LEAST, min(size, self.pull_cap)))

    def capped(self, events: int) -> "Pace":
        """Return the pace of a server that takes no larger batches than this."""
        return replace(self, events=min(self.events, events), events_cap=min(self.events_cap, events))


def _scaled(size: int, seconds: float) -> int:
    if seconds > SLOW_SECONDS:
        return size // 2
    return size * 2 if seconds < QUICK_SECONDS else size
