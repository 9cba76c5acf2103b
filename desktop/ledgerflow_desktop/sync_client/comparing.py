"""Compare the server's log with the one held, batch by batch and byte by byte, in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from ledgerflow_core.errors import Damaged, Fact, Problem
from ledgerflow_core.sync.log import LogBatch

_PIECE_BYTES = 2**20

# Returns whole batches of the server's log behind an entry: about so many bytes, at least one batch; none at its
# end. `Damaged` where what the server has is not what it took.
Fetch = Callable[[int, int], Sequence[LogBatch]]


def differences(held: Iterable[LogBatch], fetch: Fetch) -> Iterator[Problem]:
    """Yield a problem for every batch held that the server's log has otherwise, or no more; in the log's order."""
    ahead: deque[LogBatch] = deque()
    for ours in held:
        try:
            if not ahead:
                ahead = _fetched(fetch, ours.gseq - 1)
        except Damaged as error:
            yield _problem(ours, str(error.facts.get("reason", error.code)))
            continue
        if not ahead:
            yield Problem("server-log-missing", "", {"has": ours.gseq - 1})
            return
        difference = _difference(ours, ahead.popleft())
        if difference:
            yield _problem(ours, difference)
            ahead.clear()  # what follows need not begin where ours does


def _fetched(fetch: Fetch, after: int) -> deque[LogBatch]:
    try:
        return deque(fetch(after, _PIECE_BYTES))
    except Damaged:
        # One batch of the piece is damaged: is it the first?
        return deque(fetch(after, 1))


def _problem(ours: LogBatch, reason: str) -> Problem:
    facts: dict[str, Fact] = {"first": ours.gseq, "last": ours.last, "reason": reason}
    return Problem("log-batch-differs", f"log entry {ours.gseq}", facts)


def _difference(ours: LogBatch, theirs: LogBatch) -> str:
    """Return what differs between two batches, empty where nothing does."""
    pairs = (
        ("place", (ours.gseq, ours.known), (theirs.gseq, theirs.known)),
        ("header", ours.batch.signed, theirs.batch.signed),
        ("events", ours.batch.body, theirs.batch.body),
        ("verdicts", ours.verdicts, theirs.verdicts),
        ("time", ours.at, theirs.at),
    )
    return next((name for name, one, other in pairs if one != other), "")
