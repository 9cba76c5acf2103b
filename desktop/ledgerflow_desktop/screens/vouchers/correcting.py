"""Putting right what is parked: the voucher screen with the parked version on top of what stands now."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from ledgerflow_core.identifiers import EventId
from ledgerflow_core.sync.resolution import Decision
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import conflicts, drafts, resolving
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.screens.background import Failed
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.vouchers.errands import Errands
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.writing import StoredVoucher


class CorrectingErrands(Errands):
    """The errands of a voucher page whose voucher decides a conflict when it is accepted."""

    def __init__(self, desk: Desk, conflict: EventId, parent: QObject) -> None:
        super().__init__(desk, parent)
        self._conflict = conflict

    def open_parked(self, on_done: Callable[[StoredVoucher | None, Voucher], None]) -> None:
        """Load what stands, None where nothing does, and what is parked."""

        def act(book: Book) -> tuple[StoredVoucher | None, Voucher]:
            parked = conflicts.sides(book, conflicts.find(book, self._conflict)).parked
            assert parked is not None, "only vouchers are corrected"
            return book.voucher(parked.id), parked

        self._desk.work(self, act, lambda found: on_done(*found))

    def post(self, voucher: Voucher, on_done: Callable[[Voucher], None], on_failed: Failed) -> None:
        """Decide with a voucher of which nothing stands in the books yet."""
        self._correct(voucher, on_done, on_failed)

    def alter(
        self, before: StoredVoucher, after: Voucher, on_done: Callable[[Voucher], None], on_failed: Failed
    ) -> None:  # fmt: skip
        """Decide with a voucher that takes the place of the one that stands."""
        self._correct(after, on_done, on_failed)

    def _correct(self, voucher: Voucher, on_done: Callable[[Voucher], None], on_failed: Failed) -> None:
        def act(book: Book) -> Outcome[None]:
            parked = conflicts.find(book, self._conflict)
            outcome = resolving.resolve(book, parked, Decision(kind="corrected", corrected=voucher))
            drafts.discard(book, voucher.id)
            return outcome

        self._desk.work(self, act, lambda _: on_done(voucher), on_failed)
