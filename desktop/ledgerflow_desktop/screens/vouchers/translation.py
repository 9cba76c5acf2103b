"""From the form to a voucher and back, and from the core's problems to the fields of the form."""

import re
from dataclasses import dataclass

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.exchange_rate import rate_scaled
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry, ForeignAmount, Instrument
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.screens.vouchers.form_content import (
    AmountField,
    BillRow,
    CostRow,
    ForeignFields,
    FormContent,
    InstrumentFields,
    Line,
    Mode,
    Side,
)

# Where the problems of the account on top are shown.
TOP = -1
_ENTRY_PLACE = re.compile(r"entries\[(\d+)\](.*)")


@dataclass(frozen=True, slots=True)
class Built:
    """A voucher made from the form, and the line each of its entries came from (`TOP` for the account on top)."""

    voucher: Voucher
    line_by_entry: tuple[int, ...]


def build(content: FormContent, chart: Chart, *, before: Voucher | None) -> Built:
    """Make a voucher of the lines that have an account and an amount; `before` lends what the form does not show."""
    entries: list[Entry] = []
    origins: list[int] = []
    for at, line in enumerate(content.lines):
        if line.account is not None and line.amount.minor is not None:
            entries.append(_entry(line, line.account))
            origins.append(at)
    if content.mode is Mode.SINGLE_ENTRY and content.account is not None and entries:
        amount = -sum(entry.amount for entry in entries)
        instrument = _instrument(content.account_instrument)
        entries.append(Entry(account=content.account, amount=amount, instrument=instrument))
        origins.append(TOP)
    made = Voucher(
        id=content.id,
        type=content.type,
        date=content.date,
        number=content.number.strip(),
        effective=before.effective if before else None,
        reference=content.reference.strip(),
        reference_date=content.reference_date,
        party=_party(entries, chart, before),
        narration=content.narration.strip(),
        entries=tuple(entries),
        state=content.state,
        reverses_on=before.reverses_on if before else None,
        stock=before.stock if before else (),
        attachments=before.attachments if before else (),
        kept=before.kept if before else (),
    )
    return Built(made, tuple(origins))


def problems(content: FormContent, built: Built, rules: PostingRules) -> list[Problem]:
    """Return what the fields lack, then what the core finds, each at the place of a field of the form.

    Places: ``date``, ``number``, ``narration``, ``reference``, ``account`` (on top), ``lines``, and
    ``lines[i].account``, ``.amount``, ``.bills``, ``.costs``, ``.foreign``, ``.narration``.
    """
    found = _problems_in_fields(content, built)
    incomplete = bool(found)
    for problem in problems_in_voucher(built.voucher, rules):
        # While a line has no amount it is no news that the sides differ.
        if incomplete and problem.code in ("unbalanced", "no-entries"):
            continue
        found.append(placed_in_form(problem, built))
    return found


def placed_in_form(problem: Problem, built: Built) -> Problem:
    """Return a problem of the core at the field of the form that caused it."""
    if match := _ENTRY_PLACE.fullmatch(problem.place):
        at = built.line_by_entry[int(match[1])]
        part = re.sub(r"\[\d+\].*", "", match[2])
        return Problem(problem.code, "account" if at == TOP else f"lines[{at}]{part}", problem.facts)
    if problem.place == "entries":
        at_top = problem.code.endswith("-needs-cash-or-bank") and TOP in built.line_by_entry
        return Problem(problem.code, "account" if at_top else "lines", problem.facts)
    if problem.place == "party":
        return Problem(problem.code, "lines", problem.facts)
    return problem


def _problems_in_fields(content: FormContent, built: Built) -> list[Problem]:
    found: list[Problem] = []
    if content.mode is Mode.SINGLE_ENTRY and content.account is None:
        found.append(_account_problem(content.account_text, "account"))
    for at, line in enumerate(content.lines):
        if line.is_empty:
            continue
        if line.account is None:
            found.append(_account_problem(line.account_text, f"lines[{at}].account"))
        if line.amount.minor is None:
            code = "amount-not-understood" if line.amount.text.strip() else "amount-missing"
            found.append(Problem(code, f"lines[{at}].amount", {"given": line.amount.text[:40]}))
        elif line.amount.minor == 0:
            found.append(Problem("amount-zero", f"lines[{at}].amount"))
        if any(row.amount.text.strip() and row.amount.minor is None for row in line.bills):
            found.append(Problem("amount-not-understood", f"lines[{at}].bills"))
        if any(row.centre is not None and row.amount.minor is None for row in line.costs):
            found.append(Problem("amount-missing", f"lines[{at}].costs"))
        found += _problems_in_foreign(line, at)
    if not found and not built.voucher.entries:
        found.append(Problem("nothing-entered", "lines"))
    return found


def _problems_in_foreign(line: Line, at: int) -> list[Problem]:
    if line.foreign is None or not line.foreign.amount.value:
        return []
    try:
        rate_scaled(line.foreign.rate)
    except InvalidInput:
        return [Problem("bad-rate", f"lines[{at}].foreign", {"given": line.foreign.rate[:40]})]
    return []


def _account_problem(text: str, place: str) -> Problem:
    if text.strip():
        return Problem("account-not-found", place, {"given": text.strip()[:60]})
    return Problem("account-missing", place)


def _entry(line: Line, account: AccountId) -> Entry:
    sign = line.side.sign
    foreign = None
    if line.foreign is not None and line.foreign.amount.value:
        foreign = ForeignAmount(
            currency=line.foreign.currency, amount=sign * line.foreign.amount.value, rate=line.foreign.rate
        )
    return Entry(
        account=account,
        amount=line.signed,
        foreign=foreign,
        bills=tuple(
            BillAllocation(
                kind=row.kind,
                amount=sign * row.amount.value,
                name="" if row.kind is BillKind.ON_ACCOUNT else row.name.strip(),
                due=row.due if row.kind is BillKind.NEW else None,
            )
            for row in line.bills
            if row.amount.value or row.name.strip()
        ),
        costs=tuple(
            CostAllocation(centre=row.centre, amount=sign * row.amount.value)
            for row in line.costs
            if row.centre is not None
        ),
        instrument=_instrument(line.instrument),
        narration=line.narration.strip(),
    )


def _instrument(fields: InstrumentFields) -> Instrument | None:
    if fields.is_empty:
        return None
    return Instrument(
        kind=fields.kind.strip(), number=fields.number.strip(), date=fields.date, cleared=fields.cleared
    )  # fmt: skip


def _party(entries: list[Entry], chart: Chart, before: Voucher | None) -> AccountId | None:
    """Return whom the voucher is with: as it was, while an entry still names them; else the only party there is."""
    accounts = {entry.account for entry in entries}
    if before is not None and before.party in accounts:
        return before.party
    parties = {account for account in accounts if account in chart.accounts and chart.is_party(account)}
    return parties.pop() if len(parties) == 1 else None


# --- back ----------------------------------------------------------------------------------------


def content_of(voucher: Voucher, *, base: str) -> FormContent:
    """Return the form's content of a voucher, in double entry."""
    return FormContent(
        id=voucher.id,
        type=voucher.type,
        date=voucher.date,
        mode=Mode.DOUBLE_ENTRY,
        number=voucher.number,
        reference=voucher.reference,
        reference_date=voucher.reference_date,
        lines=[_line(entry) for entry in voucher.entries],
        narration=voucher.narration,
        state=voucher.state,
        base=base,
    )


def _line(entry: Entry) -> Line:
    side = Side.CREDIT if entry.amount < 0 else Side.DEBIT
    return Line(
        side=side,
        account=entry.account,
        amount=_amount(side.sign * entry.amount),
        bills=[
            BillRow(kind=bill.kind, name=bill.name, due=bill.due, amount=_amount(side.sign * bill.amount))
            for bill in entry.bills
        ],
        costs=[CostRow(centre=cost.centre, amount=_amount(side.sign * cost.amount)) for cost in entry.costs],
        foreign=ForeignFields(
            currency=entry.foreign.currency, amount=_amount(side.sign * entry.foreign.amount), rate=entry.foreign.rate
        )
        if entry.foreign
        else None,
        instrument=_instrument_fields(entry.instrument),
        narration=entry.narration,
    )


def _amount(minor: int) -> AmountField:
    return AmountField(minor=minor)


def _instrument_fields(instrument: Instrument | None) -> InstrumentFields:
    if instrument is None:
        return InstrumentFields()
    return InstrumentFields(
        kind=instrument.kind, number=instrument.number, date=instrument.date, cleared=instrument.cleared
    )  # fmt: skip


def to_single_entry(content: FormContent, chart: Chart, top_side: Side) -> bool:
    """Put the one cash or bank line on the right side on top; False, and nothing changed, where there is no such one.

    Lines on the side of the top account become negative particulars (a deduction).
    """
    lines = [line for line in content.lines if not line.is_empty]
    if not lines:
        content.lines = [Line(side=top_side.other)]
        content.mode = Mode.SINGLE_ENTRY
        return True
    fits = [
        at
        for at, line in enumerate(lines)
        if line.side is top_side and line.account is not None and chart.is_cash_or_bank(line.account)
    ]
    # Two banks on one side have no top; what explains the top account's entry has no place there.
    top = lines[fits[0]] if len(fits) == 1 else None
    if top is None or top.bills or top.costs or top.foreign or top.narration:
        return False
    if sum(line.signed for line in lines):
        return False
    lines.remove(top)
    for line in lines:
        if line.side is top_side:
            _turn_over(line)
    content.account, content.account_instrument = top.account, top.instrument
    content.lines = lines or [Line(side=top_side.other)]
    content.mode = Mode.SINGLE_ENTRY
    return True


def _turn_over(line: Line) -> None:
    line.side = line.side.other
    fields = [line.amount, *(row.amount for row in line.bills), *(row.amount for row in line.costs)]
    if line.foreign is not None:
        fields.append(line.foreign.amount)
    for field in fields:
        if field.minor is not None:
            field.set(-field.minor)


def turned_positive(line: Line) -> None:
    """Turn a negative particular into a line of the other side."""
    if line.amount.value < 0:
        _turn_over(line)
