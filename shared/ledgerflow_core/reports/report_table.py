"""The one shape every report has: typed columns and a tree of rows, the same for screen, paper, file and API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import msgspec

from ledgerflow_core.calendar import Period
from ledgerflow_core.money.amount import decimal_text
from ledgerflow_core.money.currency import Currency


class ColumnKind(StrEnum):
    """What a column holds. Amounts are base minor units, debit positive; ratios are ten-thousandths."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"  # one side only: shown without a sign
    BALANCE = "balance"  # signed: shown with Dr or Cr
    COUNT = "count"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `key` is its name in JSON and CSV, `title` its English heading.

    `period` is set on comparative columns: the figures are of that period instead of the report's.
    """

    key: str
    title: str
    kind: ColumnKind
    period: Period | None = None


class RowKind(StrEnum):
    """What a row stands for; decides its look and, with `id`, what opens from it."""

    GROUP = "group"
    ACCOUNT = "account"
    VOUCHER = "voucher"
    BILL = "bill"
    COST_CENTRE = "cost-centre"
    MONTH = "month"
    HEADING = "heading"
    RESULT = "result"  # a computed line: gross profit, difference in opening balances
    OPENING = "opening"
    TOTAL = "total"


Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `cells` match the report's columns; `level` is the depth in the tree, 0 at the top.

    `drill` is what Enter opens: the id of the group, account, voucher or cost centre, or the first day of
    a month as ISO text; None where there is nothing below. `path` names the groups above, outermost first.
    In a two-sided report `beside` is what stands on the right of this row: its label and figures are among
    the cells of this row, its own cells are empty.
    """

    kind: RowKind
    label: str
    cells: tuple[Cell, ...]
    level: int = 0
    drill: str | None = None
    path: tuple[str, ...] = ()
    beside: "Row | None" = None


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A finished report.

    `totals` has one cell a column; None where a total means nothing. `notes` are facts a reader must
    know (codes such as ``opening-balances-differ``, with an amount in minor units or a count).
    """

    report: str
    title: str
    company: str
    currency: Currency
    period: Period
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Cell, ...]
    as_known: date | None = None
    subject: str = ""
    label_title: str = "Particulars"
    notes: tuple[tuple[str, int], ...] = field(default=())
    indian_grouping: bool = False

    def walk(self, depth_max: int | None = None) -> Iterator[Row]:
        """Yield the rows down to a depth (0: the top level only); all of them by default."""
        return (row for row in self.rows if depth_max is None or row.level <= depth_max)


def machine_cell(cell: Cell, kind: ColumnKind, exponent: int) -> str | int | None:
    """Return a cell as JSON and CSV carry it: amounts as decimal text, dates ISO, ratios as decimal text."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    if kind in (ColumnKind.AMOUNT, ColumnKind.BALANCE):
        return decimal_text(cell, exponent)
    if kind is ColumnKind.RATIO:
        return decimal_text(cell, 4)
    return cell


_NAME_KEY = {RowKind.ACCOUNT: "account", RowKind.GROUP: "group"}


def as_envelope(table: ReportTable) -> dict[str, object]:
    """Return the JSON envelope of a report (docs/report-envelope.schema.json holds it to its shape).

    Every row has ``kind``, ``level``, ``path`` and one key per column; its label stands under ``account``,
    ``group`` or, for other kinds, ``label``. Amounts are decimal strings, debit positive. A row of a
    two-sided report names its right-hand side in ``beside``.
    """
    exponent = table.currency.exponent

    def named(at: Row) -> dict[str, object]:
        said: dict[str, object] = {"kind": at.kind.value, _NAME_KEY.get(at.kind, "label"): at.label}
        if at.drill is not None:
            said["id"] = at.drill
        return said | {"path": list(at.path), "level": at.level}

    def row(at: Row) -> dict[str, object]:
        said = named(at)
        if at.beside is not None:
            said["beside"] = named(at.beside)
        for column, cell in zip(table.columns, at.cells, strict=True):
            said[column.key] = machine_cell(cell, column.kind, exponent)
        return said

    return {
        "report": table.report,
        "title": table.title,
        "company": table.company,
        "subject": table.subject,
        "currency": table.currency.code,
        "from": table.period.first.isoformat(),
        "to": table.period.last.isoformat(),
        "as_known": table.as_known.isoformat() if table.as_known else None,
        "columns": [
            {"key": c.key, "title": c.title, "type": c.kind.value}
            | ({"from": c.period.first.isoformat(), "to": c.period.last.isoformat()} if c.period else {})
            for c in table.columns
        ],
        "rows": [row(at) for at in table.rows],
        "totals": {
            c.key: machine_cell(cell, c.kind, exponent)
            for c, cell in zip(table.columns, table.totals, strict=True)
            if cell is not None
        },
        "notes": [{"code": code, "value": value} for code, value in table.notes],
    }


def as_json(table: ReportTable) -> bytes:
    """Return the envelope as a file and the API carry it: equal reports are equal bytes."""
    return msgspec.json.format(msgspec.json.encode(as_envelope(table)), indent=1) + b"\n"
