"""Which field comes next: the path of Enter through a voucher, and the same path back.

The path is worked out from what stands in the form, so it never asks for what the account does not need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.masters.voucher_type import Numbering, VoucherNature
from ledgerflow_desktop.screens.vouchers.form_content import FormContent, Line, Mode

# What a supplier or customer numbers himself is asked for where tax law wants it on the voucher.
_ASKS_REFERENCE = (
    VoucherNature.PURCHASE,
    VoucherNature.CREDIT_NOTE,
    VoucherNature.DEBIT_NOTE,
)


class FieldKind(StrEnum):
    """The fields a person can stand in."""

    DATE = "date"
    NUMBER = "number"
    REFERENCE = "reference"
    REFERENCE_DATE = "reference-date"
    TOP_ACCOUNT = "top-account"
    TOP_INSTRUMENT = "top-instrument"
    SIDE = "side"
    ACCOUNT = "account"
    FOREIGN = "foreign"
    AMOUNT = "amount"
    BILLS = "bills"
    COSTS = "costs"
    INSTRUMENT = "instrument"
    LINE_NARRATION = "line-narration"
    NARRATION = "narration"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `line` counts from 0 and is -1 outside the lines."""

    kind: FieldKind
    line: int = -1


def header_fields(content: FormContent, chart: Chart) -> list[Field]:
    """Return the fields above the lines, the date left out: F2 and going back from the first field reach it."""
    voucher_type = chart.voucher_types[content.type]
    found: list[Field] = []
    if voucher_type.numbering is not Numbering.AUTOMATIC and not content.base:
        found.append(Field(FieldKind.NUMBER))
    if voucher_type.nature in _ASKS_REFERENCE:
        found += [Field(FieldKind.REFERENCE), Field(FieldKind.REFERENCE_DATE)]
    if content.mode is Mode.SINGLE_ENTRY:
        found.append(Field(FieldKind.TOP_ACCOUNT))
        if content.account is not None and asks_instrument(chart, content.account):
            found.append(Field(FieldKind.TOP_INSTRUMENT))
    return found


def line_fields(content: FormContent, at: int, chart: Chart) -> list[Field]:
    """Return the fields of one line, in their order."""
    line = content.lines[at]
    found = [Field(FieldKind.SIDE, at)] if content.mode is Mode.DOUBLE_ENTRY else []
    found.append(Field(FieldKind.ACCOUNT, at))
    account = chart.accounts.get(line.account) if line.account else None
    if line.foreign is not None or (account and account.currency):
        found.append(Field(FieldKind.FOREIGN, at))
    found.append(Field(FieldKind.AMOUNT, at))
    if account is not None and line.amount.value:
        if account.bill_by_bill or line.bills:
            found.append(Field(FieldKind.BILLS, at))
        if (account.cost_centres and chart.cost_centres) or line.costs:
            found.append(Field(FieldKind.COSTS, at))
        if asks_instrument(chart, account.id):
            found.append(Field(FieldKind.INSTRUMENT, at))
    if line.narration:
        found.append(Field(FieldKind.LINE_NARRATION, at))
    return found


def asks_instrument(chart: Chart, account: str) -> bool:
    """Whether cheque or transfer details belong to entries of an account."""
    known = chart.accounts.get(account)
    return known is not None and chart.is_under(known.id, "bank-accounts", "bank-od")


def first_field(content: FormContent, chart: Chart) -> Field:
    """Return where a fresh form begins."""
    header = header_fields(content, chart)
    return header[0] if header else _line_start(content, 0, chart)


def next_field(content: FormContent, field: Field, chart: Chart, *, balanced: bool) -> Field:
    """Return where Enter leads. A line after the last is the caller's to add: `line` may be len(lines).

    An empty account ends the lines where nothing is left to allocate; so does the amount that balances them.
    """
    match field.kind:
        case FieldKind.NARRATION:
            return Field(FieldKind.ACCEPT)
        case FieldKind.ACCEPT:
            return field
        case FieldKind.DATE:
            return first_field(content, chart)
        case _:
            pass
    if field.line < 0:
        header = header_fields(content, chart)
        rest = _after(header, field)
        return rest[0] if rest else _line_start(content, 0, chart)
    line = content.lines[field.line]
    single = content.mode is Mode.SINGLE_ENTRY
    ends_lines = field.kind is FieldKind.ACCOUNT and line.is_empty and (balanced or single)
    if ends_lines and any(not other.is_empty for other in content.lines):
        return Field(FieldKind.NARRATION)
    rest = _after(line_fields(content, field.line, chart), field)
    if rest:
        return rest[0]
    after = field.line + 1
    if after < len(content.lines):
        return _line_start(content, after, chart)
    if balanced and not single:
        return Field(FieldKind.NARRATION)
    return Field(FieldKind.ACCOUNT if single else FieldKind.SIDE, after)


def field_before(content: FormContent, field: Field, chart: Chart) -> Field:
    """Return where Backspace in an empty field leads; the way back from the first field is the date."""
    path: list[Field] = [Field(FieldKind.DATE), *header_fields(content, chart)]
    if field.line >= 0:
        if field.line:
            path.append(line_fields(content, field.line - 1, chart)[-1])
        path += line_fields(content, field.line, chart)
    else:
        if content.lines and field.kind in (FieldKind.NARRATION, FieldKind.ACCEPT):
            path += _last_of_lines(content, chart)
        path += [Field(FieldKind.NARRATION), Field(FieldKind.ACCEPT)]
    at = path.index(field) if field in path else len(path) - 1
    return path[max(at - 1, 0)]


def _last_of_lines(content: FormContent, chart: Chart) -> list[Field]:
    filled = [at for at, line in enumerate(content.lines) if not line.is_empty]
    return [line_fields(content, filled[-1] if filled else 0, chart)[-1]]


def _after(path: Sequence[Field], field: Field) -> Sequence[Field]:
    return path[path.index(field) + 1 :] if field in path else path


def _line_start(content: FormContent, at: int, chart: Chart) -> Field:
    """Return where a line is entered: the first line's side is given by the voucher type and passed over."""
    fields = line_fields(content, at, chart)
    line: Line = content.lines[at]
    if fields[0].kind is FieldKind.SIDE and at == 0 and line.is_empty:
        return fields[1]
    return fields[0]
