"""What a voucher page asks of the worker thread: what stands around the voucher, its bills, saving, drafts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from ledgerflow_core.identifiers import AccountId, VoucherId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.reports.figures import BillMovement
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions import drafts, masters, voucher_entry, vouchers
from ledgerflow_desktop.actions.outcome import Outcome
from ledgerflow_desktop.actions.voucher_entry import Surroundings
from ledgerflow_desktop.screens.background import Failed
from ledgerflow_desktop.screens.desk import Desk
from ledgerflow_desktop.screens.vouchers import account_names
from ledgerflow_desktop.screens.vouchers.foreign import ForeignBalance
from ledgerflow_desktop.screens.vouchers.form_content import FormContent, from_draft
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.draft_store import Draft
from ledgerflow_desktop.storage.writing import StoredVoucher

# Kinds of drafts: vouchers that are not in the books yet, and changes to ones that are.
NEW, ALTERATION = "voucher", "alteration"
_DRAFT_AFTER_MS = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A voucher of the books, and the change to it that was begun and not finished."""

    stored: StoredVoucher
    begun: FormContent | None


class Errands(QObject):
    """Everything goes through `Desk.work`; answers come back on the GUI thread."""

    surroundings_changed = Signal()
    bills_arrived = Signal(object)  # AccountId

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self.surroundings = Surroundings("", {}, None)
        self._bills: dict[AccountId, list[BillMovement]] = {}
        self._foreign: dict[tuple[AccountId, str], ForeignBalance] = {}
        self._kept = b""
        self._form: VoucherForm | None = None
        self._draft_timer = QTimer(self)
        self._draft_timer.setSingleShot(True)
        self._draft_timer.setInterval(_DRAFT_AFTER_MS)
        self._draft_timer.timeout.connect(self.keep_draft)

    @property
    def balances(self) -> Mapping[AccountId, int]:
        """Every account's balance, zeros left out."""
        return self.surroundings.balances

    # --- what stands around ---------------------------------------------------------------------

    def prepare_names(self) -> None:
        """Make the accounts ready for type-ahead."""
        chart = self._desk.open_chart
        self._desk.run(self, lambda: account_names.prepare(chart), lambda _: self.surroundings_changed.emit())

    def look_around(self, form: VoucherForm) -> None:
        """Ask for balances, the number to come and the lock."""
        voucher_type, day = form.content.type, form.content.date

        def arrived(found: Surroundings) -> None:
            self.surroundings = found
            self.surroundings_changed.emit()

        self._desk.work(self, lambda book: voucher_entry.surroundings(book, voucher_type, day), arrived)

    def forget_bills(self) -> None:
        """Ask for bills and foreign balances anew from now on: something was posted."""
        self._bills.clear()
        self._foreign.clear()

    def bills_of(self, account: AccountId, day: date) -> list[BillMovement] | None:
        """Return the bill movements of an account; None, and `bills_arrived` later, where they are not here yet."""
        known = self._bills.get(account)
        if known is None:

            def arrived(found: list[BillMovement]) -> None:
                self._bills[account] = found
                self.bills_arrived.emit(account)

            self._desk.work(self, lambda book: voucher_entry.bill_movements(book, account, day), arrived)
        return known

    def foreign_balance(self, account: AccountId, code: str, day: date, *, without: str) -> ForeignBalance | None:
        """Return what an account carries in a currency; None where it is not here yet: it is asked for."""
        known = self._foreign.get((account, code))
        if known is None:

            def arrived(found: tuple[int, int]) -> None:
                self._foreign[account, code] = ForeignBalance(*found)
                self.surroundings_changed.emit()

            self._desk.work(
                self, lambda book: voucher_entry.foreign_balance(book, account, code, day, without=without), arrived
            )
        return known

    # --- the books ------------------------------------------------------------------------------

    def post(self, voucher: Voucher, on_done: Callable[[Voucher], None], on_failed: Failed) -> None:
        """Post a new voucher and drop its draft; `on_done` gets it with its number, and it is on the disk."""

        def act(book: Book) -> Outcome[list[Voucher]]:
            outcome = vouchers.post(book, [voucher])
            drafts.discard(book, voucher.id)
            return outcome

        self._desk.work(self, act, lambda outcome: on_done(outcome.value[0]), on_failed)

    def alter(
        self, before: StoredVoucher, after: Voucher, on_done: Callable[[Voucher], None], on_failed: Failed
    ) -> None:  # fmt: skip
        """Replace a voucher and drop the draft of the change."""

        def act(book: Book) -> Outcome[Voucher]:
            outcome = vouchers.alter(book, before, after)
            drafts.discard(book, after.id)
            return outcome

        self._desk.work(self, act, lambda outcome: on_done(outcome.value), on_failed)

    def cancel(self, before: StoredVoucher, on_done: Callable[[], None], on_failed: Failed) -> None:
        """Cancel a voucher: it keeps its number and moves nothing."""

        def act(book: Book) -> Outcome[None]:
            outcome = vouchers.cancel(book, before)
            drafts.discard(book, before.voucher.id)
            return outcome

        self._desk.work(self, act, lambda _: on_done(), on_failed)

    def open(self, voucher: VoucherId, on_done: Callable[[Opened], None], on_failed: Failed | None = None) -> None:
        """Load a voucher with the change to it that was begun."""

        def act(book: Book) -> Opened:
            begun = [draft for draft in drafts.unfinished(book, ALTERATION) if draft.id == voucher]
            return Opened(vouchers.load(book, voucher), from_draft(begun[0].body) if begun else None)

        self._desk.work(self, act, on_done, on_failed)

    def neighbour(
        self, voucher: VoucherId, later: bool, on_done: Callable[[VoucherId | None], None]
    ) -> None:  # fmt: skip
        """Find the voucher after or before one."""
        self._desk.work(self, lambda book: voucher_entry.neighbour(book, voucher, later=later), on_done)

    def last_voucher(self, form: VoucherForm, on_done: Callable[[Voucher | None], None]) -> None:
        """Find the last voucher of the form's type."""
        voucher_type = form.content.type
        self._desk.work(self, lambda book: voucher_entry.last_of_type(book, voucher_type), on_done)

    def save_account(
        self, account: Account, *, is_new: bool, on_done: Callable[[], None], on_failed: Failed
    ) -> None:  # fmt: skip
        """Create or change a ledger account."""
        if is_new:
            self._desk.work(self, lambda book: masters.create(book, [account]), lambda _: on_done(), on_failed)
        else:
            self._desk.work(self, lambda book: masters.change(book, account), lambda _: on_done(), on_failed)

    # --- drafts ---------------------------------------------------------------------------------

    def watch(self, form: VoucherForm) -> None:
        """Keep drafts of this form from now on."""
        self._draft_timer.stop()
        self._form, self._kept = form, form.snapshot()

    def typed(self) -> None:
        """Something was typed: keep it soon."""
        self._draft_timer.start()

    def keep_draft(self) -> None:
        """Keep what stands in the form, if it is not kept already."""
        self._draft_timer.stop()
        form = self._form
        if form is None or self._desk.company is None or not self._desk.is_writable:
            return
        now = form.snapshot()
        if now != self._kept:
            self._kept = now
            draft = Draft(form.content.id, ALTERATION if form.is_alteration else NEW, now)
            # Owned by the desk: the page may be leaving, the draft is kept all the same.
            self._desk.work(self._desk, lambda book: drafts.save(book, draft), lambda _: None)

    def discard_draft(self, draft_id: str) -> None:
        """Drop a draft nobody wants any more."""
        if self._desk.company is not None and self._desk.is_writable:
            self._desk.work(self._desk, lambda book: drafts.discard(book, draft_id), lambda _: None)

    def find_drafts(self, form: VoucherForm, on_done: Callable[[list[FormContent]], None]) -> None:
        """Find unfinished vouchers of the form's type, the newest first."""

        def arrived(found: list[Draft]) -> None:
            contents = [content for draft in found if (content := from_draft(draft.body)) is not None]
            on_done([c for c in contents if c.type == form.content.type and c.id != form.content.id])

        self._desk.work(self, lambda book: drafts.unfinished_new_vouchers(book, NEW), arrived)
