"""The voucher form: what a person does to it, what it proposes, and what is wrong with it. No Qt here.

The form never refuses a letter. It keeps what was typed, says every problem beside its field, and makes a
`Voucher` only when it is accepted.
"""

from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.identifiers import AccountId, VoucherId, VoucherTypeId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherNature, VoucherType
from ledgerflow_core.money.amount import grouped_text
from ledgerflow_core.vouchers.validation import PostingRules
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop.screens.entry_fields.arithmetic import Worked, work_out
from ledgerflow_desktop.screens.vouchers import field_order, foreign, translation
from ledgerflow_desktop.screens.vouchers.field_order import Field
from ledgerflow_desktop.screens.vouchers.form_content import AmountField, FormContent, Line, Mode, Side, to_draft

# Where the account on top stands, and so where the particulars do not.
_TOP_SIDE = {
    VoucherNature.PAYMENT: Side.CREDIT,
    VoucherNature.RECEIPT: Side.DEBIT,
    VoucherNature.CONTRA: Side.DEBIT,
}
# The side a double-entry voucher begins with, as bookkeepers write it.
_FIRST_SIDE = {
    VoucherNature.RECEIPT: Side.CREDIT,
    VoucherNature.CONTRA: Side.CREDIT,
    VoucherNature.PURCHASE: Side.CREDIT,
    VoucherNature.CREDIT_NOTE: Side.CREDIT,
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Debits, credits, and what is left to allocate (debits less credits), in base minor units."""

    debit: int
    credit: int

    @property
    def difference(self) -> int:
        """Debits less credits; 0 when the voucher balances."""
        return self.debit - self.credit


class VoucherForm:
    """One voucher being written, new or altered."""

    def __init__(
        self, content: FormContent, *, company: Company, chart: Chart, before: Voucher | None = None
    ) -> None:  # fmt: skip
        self.content = content
        self.company = company
        self.chart = chart
        self.before = before
        self.locked_until: date | None = None
        if not content.lines:
            content.lines.append(Line(side=self.first_side()))
        self._untouched = self.snapshot()

    # --- what it is -----------------------------------------------------------------------------

    @property
    def type(self) -> VoucherType:
        """The voucher type."""
        return self.chart.voucher_types[self.content.type]

    @property
    def is_single(self) -> bool:
        """Whether one account stands on top and the lines are its particulars."""
        return self.content.mode is Mode.SINGLE_ENTRY

    @property
    def may_be_single(self) -> bool:
        """Whether vouchers of this type can be written with one account on top."""
        return self.type.nature in _TOP_SIDE

    @property
    def top_side(self) -> Side:
        """The side of the account on top."""
        return _TOP_SIDE[self.type.nature]

    @property
    def is_alteration(self) -> bool:
        """Whether the voucher is in the books already."""
        return bool(self.content.base)

    @property
    def is_touched(self) -> bool:
        """Whether anything was typed since the form was opened."""
        return self.snapshot() != self._untouched

    def touched_from_now(self) -> None:
        """Count only what is typed from now on."""
        self._untouched = self.snapshot()

    def touched_since(self, other: "VoucherForm") -> None:
        """Count what differs from another form as typed."""
        self._untouched = other.snapshot()

    def stand_on(self, version: Voucher, version_hash: str) -> None:
        """Go on with what was typed on a version of the voucher that differs in nothing the form shows."""
        self.before, self.content.base = version, version_hash

    def placed(self, problem: Problem, built: translation.Built) -> Problem:
        """Return a problem of the core at the form's own field."""
        return translation.placed_in_form(problem, built)

    def snapshot(self) -> bytes:
        """Return everything in the form as bytes: for drafts, and to know whether it changed."""
        return to_draft(self.content)

    def first_side(self) -> Side:
        """Return the side of the first line."""
        if self.content.mode is Mode.SINGLE_ENTRY:
            return self.top_side.other
        return _FIRST_SIDE.get(self.type.nature, Side.DEBIT)

    # --- figures --------------------------------------------------------------------------------

    def totals(self) -> Totals:
        """Return both sides as they stand; in single entry the account on top takes what the lines make."""
        signed = [line.signed for line in self.content.lines]
        debit, credit = sum(a for a in signed if a > 0), -sum(a for a in signed if a < 0)
        if self.is_single:
            top = -sum(signed)
            debit, credit = debit + max(top, 0), credit + max(-top, 0)
        return Totals(debit, credit)

    def top_amount(self) -> int:
        """Return what the account on top takes, debit positive."""
        return -sum(line.signed for line in self.content.lines)

    def is_balanced(self) -> bool:
        """Whether there is something in the voucher and nothing is left to allocate."""
        totals = self.totals()
        return totals.difference == 0 and totals.debit > 0

    def proposed_amount(self, at: int) -> int | None:
        """Return the amount that would balance the voucher in line `at`, None where there is none to propose."""
        line = self.content.lines[at]
        if self.is_single or not line.amount.is_empty:
            return None
        left = sum(other.signed for other in self.content.lines)
        return abs(left) if left and (left > 0) is (line.side is Side.CREDIT) else None

    # --- typing ---------------------------------------------------------------------------------

    def work_out(self, text: str) -> Worked:
        """Return what an amount typed means in the base currency; raises `InvalidInput`."""
        return work_out(text, self.company.exponent)

    def amount_text(self, field: AmountField) -> str:
        """Return an amount as it stands in its field, grouped, or the text that is no amount yet."""
        if field.minor is None:
            return field.text
        text = grouped_text(field.minor, self.company.exponent, indian=self.company.groups_digits_indian)
        return f"-{text}" if field.minor < 0 else text

    def set_amount(self, field: AmountField, text: str) -> Worked | None:
        """Put typed text into an amount field; what means nothing yet is kept as typed."""
        if not text.strip():
            field.set(None)
            return None
        try:
            worked = self.work_out(text)
        except InvalidInput:
            field.set(None, text)
            return None
        field.set(worked.minor)
        return worked

    def set_line_amount(self, at: int, text: str) -> Worked | None:
        """Type a line's amount, perhaps in another currency (`100 USD @ 83.2`).

        A negative one in double entry is the other side's: it is turned over.
        """
        line = self.content.lines[at]
        if any(c.isalpha() for c in text) and (worth := self._set_foreign(line, text)) is not None:
            return worth
        worked = self.set_amount(line.amount, text)
        if worked is not None and worked.minor < 0 and not self.is_single:
            line.side = line.side.other
            line.amount.set(-worked.minor)
        return worked

    def _set_foreign(self, line: Line, text: str) -> Worked | None:
        try:
            fields = foreign.read_foreign(text, self.chart, self.content.date)
        except InvalidInput:
            return None
        worth = foreign.base_amount(fields, self.company.base_currency) if fields else None
        if fields is None or worth is None:
            return None
        line.foreign = fields
        line.amount.set(worth)
        return Worked(worth, was_sum=True, was_rounded=False)

    def worked_out(self, text: str) -> Worked | None:
        """Return what a text would come to as a line's amount; None for one that means nothing."""
        line = Line()
        if any(c.isalpha() for c in text) and (worth := self._set_foreign(line, text)) is not None:
            return worth
        try:
            return self.work_out(text)
        except InvalidInput:
            return None

    def set_account(self, at: int, account: AccountId | None, text: str = "") -> None:
        """Choose a line's account; what explained the amount on another account goes."""
        line = self.content.lines[at]
        if account != line.account:
            line.bills, line.costs, line.foreign = [], [], None
        line.account, line.account_text = account, "" if account else text

    def set_top_account(self, account: AccountId | None, text: str = "") -> None:
        """Choose the account on top."""
        self.content.account, self.content.account_text = account, "" if account else text

    def set_side(self, at: int, side: Side) -> None:
        """Put a line on By or To."""
        self.content.lines[at].side = side

    def add_line(self, at: int | None = None) -> int:
        """Add an empty line (at the end, or before `at`) on the side that is short; return its place."""
        left = sum(line.signed for line in self.content.lines)
        last = self.content.lines[-1].side if self.content.lines else self.first_side()
        side = (Side.CREDIT if left > 0 else Side.DEBIT) if left else last
        place = len(self.content.lines) if at is None else at
        self.content.lines.insert(place, Line(side=self.first_side() if self.is_single else side))
        return place

    def remove_line(self, at: int) -> None:
        """Take a line out; the form always has one."""
        del self.content.lines[at]
        if not self.content.lines:
            self.content.lines.append(Line(side=self.first_side()))

    def toggle_state(self, state: VoucherState) -> None:
        """Make the voucher optional or post-dated, or regular again."""
        self.content.state = VoucherState.REGULAR if self.content.state is state else state

    # --- modes ----------------------------------------------------------------------------------

    def change_mode(self) -> bool:
        """Go from single to double entry or back; False where the voucher cannot be written the other way."""
        if self.is_single:
            top = self.content.account
            line = Line(side=self.top_side, account=top, account_text=self.content.account_text)
            amount = self.top_amount() * self.top_side.sign
            line.amount.set(abs(amount) if amount else None)
            line.side = self.top_side if amount >= 0 else self.top_side.other
            line.instrument = self.content.account_instrument
            lines = [other for other in self.content.lines if not other.is_empty]
            for other in lines:
                translation.turned_positive(other)
            self.content.lines = [*lines, line] if lines or top else self.content.lines
            self.content.mode = Mode.DOUBLE_ENTRY
            self.content.account, self.content.account_text = None, ""
            if not lines and top is None:
                self.content.lines = [Line(side=self.first_side())]
            return True
        if not self.may_be_single:
            return False
        return translation.to_single_entry(self.content, self.chart, self.top_side)

    # --- the path -------------------------------------------------------------------------------

    def header_fields(self) -> list[Field]:
        """Return the fields above the lines."""
        return field_order.header_fields(self.content, self.chart)

    def first_field(self) -> Field:
        """Return where the form begins."""
        return field_order.first_field(self.content, self.chart)

    def next_field(self, field: Field) -> Field:
        """Return where Enter leads, with a line added where the path needs one."""
        found = field_order.next_field(self.content, field, self.chart, balanced=self.is_balanced())
        if found.line >= len(self.content.lines):
            self.add_line()
        return found

    def field_before(self, field: Field) -> Field:
        """Return where Backspace in an empty field leads."""
        return field_order.field_before(self.content, field, self.chart)

    # --- out ------------------------------------------------------------------------------------

    def build(self) -> translation.Built:
        """Return the voucher as far as it can be made, and where each of its entries came from."""
        return translation.build(self.content, self.chart, before=self.before)

    def problems(self) -> list[Problem]:
        """Return everything that keeps the voucher from the books, placed by the form's own fields."""
        rules = PostingRules(self.chart, self.company.books_begin, self.locked_until)
        return translation.problems(self.content, self.build(), rules)


def new_form(
    voucher_type: VoucherTypeId,
    day: date,
    voucher_id: VoucherId,
    *,
    company: Company,
    chart: Chart,
    mode: Mode | None = None,
) -> VoucherForm:
    """Return an empty form; payments, receipts and contras have one account on top unless `mode` says otherwise."""
    nature = chart.voucher_types[voucher_type].nature
    usual = Mode.SINGLE_ENTRY if nature in _TOP_SIDE else Mode.DOUBLE_ENTRY
    chosen = mode if mode is not None and (nature in _TOP_SIDE or mode is Mode.DOUBLE_ENTRY) else usual
    content = FormContent(id=voucher_id, type=voucher_type, date=day, mode=chosen)
    return VoucherForm(content, company=company, chart=chart)


def form_of(voucher: Voucher, *, base: str, company: Company, chart: Chart, mode: Mode | None = None) -> VoucherForm:
    """Return the form of a voucher of the books, for altering: `base` is the hash of the version it replaces."""
    content = translation.content_of(voucher, base=base)
    form = VoucherForm(content, company=company, chart=chart, before=voucher)
    if form.may_be_single and mode is not Mode.DOUBLE_ENTRY:
        translation.to_single_entry(content, chart, form.top_side)
    form.touched_from_now()
    return form


def repeated(voucher: Voucher, day: date, voucher_id: VoucherId, *, company: Company, chart: Chart) -> VoucherForm:
    """Return a new form with the same lines: without what belongs to the one voucher (number, bills, cheque)."""
    lines = [replace(entry, bills=(), instrument=None) for entry in voucher.entries]
    fresh = replace(
        voucher, id=voucher_id, number="", date=day, entries=tuple(lines), state=VoucherState.REGULAR, kept=(),
        attachments=(), effective=None, reference="", reference_date=None,
    )  # fmt: skip
    form = form_of(fresh, base="", company=company, chart=chart)
    form.before = None
    return form
