"""The replica of an open book, watched: what a sync changes there is what screens have to show again."""

from collections.abc import Sequence
from datetime import date

from ledgerflow_core.masters.chart import Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.sync.log import LogBatch, Outcome
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.actions.outcome import Changed
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.storage.book import Book

_EVERYTHING = Changed.VOUCHERS | Changed.MASTERS | Changed.COMPANY | Changed.LOCKS


class WatchedReplica(EnrolledReplica):
    """The replica of an open book; `take_changed` says what syncing changed there since it was asked last."""

    def __init__(self, book: Book) -> None:
        super().__init__(book)
        self._watched = book
        self._changed = Changed.NOTHING

    def append(self, batches: Sequence[LogBatch], checkpoint: Signed) -> None:
        """Take a piece of the server's log in, and note what of the books it changed."""
        before = _shown(self._watched)
        super().append(batches, checkpoint)
        own = self._watched.replica
        if any(piece.batch.header.replica != own or _is_parked(piece) for piece in batches):
            self._changed |= Changed.VOUCHERS
        self._changed |= _difference(before, _shown(self._watched))

    def rebuild(self, size: int, incarnation: str) -> None:
        """Make the books anew: whatever is shown is to be shown again."""
        super().rebuild(size, incarnation)
        self._changed = _EVERYTHING

    def rehome(self) -> None:
        """Take a new identity: what was parked there may have effect here, and the other way round."""
        super().rehome()
        self._changed = _EVERYTHING

    def contribute(self) -> None:
        """Take back into the books what the server had lost of others."""
        super().contribute()
        self._changed = _EVERYTHING

    def note_files(self) -> None:
        """Note that files of vouchers arrived: a voucher that is shown may say that they are to come."""
        self._changed |= Changed.VOUCHERS

    def take_changed(self) -> Changed:
        """Return what changed since the last call."""
        found, self._changed = self._changed, Changed.NOTHING
        return found


_Shown = tuple[Company, date | None, dict[str, Master]]


def _is_parked(piece: LogBatch) -> bool:
    return any(verdict.outcome is Outcome.PARKED for verdict in piece.verdicts)


def _shown(book: Book) -> _Shown:
    return book.company, book.locked_until, {str(key): master for key, master in book.chart.masters.items()}


def _difference(before: _Shown, after: _Shown) -> Changed:
    found = Changed.NOTHING
    for kind, one, other in zip((Changed.COMPANY, Changed.LOCKS, Changed.MASTERS), before, after, strict=True):
        if one != other:
            found |= kind
    return found
