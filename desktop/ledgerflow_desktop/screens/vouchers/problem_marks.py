"""Puts every problem of a voucher beside the field it belongs to."""

import re
from collections.abc import Sequence

from ledgerflow_core.errors import Problem
from ledgerflow_desktop.screens.vouchers.field_order import Field, FieldKind
from ledgerflow_desktop.screens.vouchers.sheet import Sheet
from ledgerflow_desktop.screens.vouchers.state import VoucherForm
from ledgerflow_desktop.screens.vouchers.words import problem_words, problems_at

_LINE = re.compile(r"lines\[(\d+)\]\.?(.*)")
_KIND_BY_PART = {
    "account": FieldKind.ACCOUNT,
    "amount": FieldKind.AMOUNT,
    "bills": FieldKind.BILLS,
    "costs": FieldKind.COSTS,
    "foreign": FieldKind.FOREIGN,
    "narration": FieldKind.LINE_NARRATION,
}
_KIND_BY_PLACE = {
    "date": FieldKind.DATE,
    "number": FieldKind.NUMBER,
    "reference": FieldKind.REFERENCE,
    "account": FieldKind.TOP_ACCOUNT,
    "narration": FieldKind.NARRATION,
}


def show_problems(problems: Sequence[Problem], sheet: Sheet, form: VoucherForm) -> None:
    """Mark every field that is wrong and say why; fields that are right lose their marks."""
    company = form.company
    sheet.date.show_problem(problems_at(problems, "date", company))
    sheet.number.show_problem(problems_at(problems, "number", company))
    sheet.reference.show_problem(problems_at(problems, "reference", company))
    sheet.top.show_problem(problems_at(problems, "account", company))
    sheet.narration.show_problem(problems_at(problems, "narration", company))
    by_line: dict[int, str] = {}
    elsewhere: list[str] = []
    for problem in problems:
        words = problem_words(problem, company)
        if match := _LINE.fullmatch(problem.place):
            at = int(match[1])
            by_line[at] = f"{by_line[at]} {words}" if at in by_line else words
        else:
            elsewhere.append(words)
    sheet.table.lines.set_problems(by_line)
    sheet.table.refresh_all()
    here = sheet.table.line
    parts = [p for p in problems if p.place in (f"lines[{here}].account", f"lines[{here}].amount")]
    sheet.table.account.show_problem(problems_at(parts, f"lines[{here}].account", company))
    sheet.table.amount.show_problem(problems_at(parts, f"lines[{here}].amount", company))
    sheet.problem.setText(" ".join(elsewhere))


def field_of(place: str, form: VoucherForm) -> Field | None:
    """Return the field of a place, None for a place that is no field (the whole voucher)."""
    if match := _LINE.fullmatch(place):
        kind = _KIND_BY_PART.get(match[2], FieldKind.ACCOUNT)
        return Field(kind, int(match[1])) if int(match[1]) < len(form.content.lines) else None
    if place == "lines":
        return Field(FieldKind.ACCOUNT, len(form.content.lines) - 1)
    return Field(_KIND_BY_PLACE[place]) if place in _KIND_BY_PLACE else None
