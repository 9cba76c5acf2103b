"""Books in plain text, and reports as plain text, so that a test can be read as a bookkeeper reads.

    books from 2024-04-01
    group North in Sundry Debtors
    account Ravi Stores in North, opening 500.00, credit days 30
        opening bill OLD-1 of 2024-03-20 500.00
    centre Thane in Mumbai
    2024-04-05 Sales S-1 "ten lamps"
        Ravi Stores    1180.00    new S-1 due 2024-05-05; centre Thane 1180.00
        Lamps         -1180.00

Amounts are debit positive. Without the first line the books begin on 1 April 2025; years begin on 1 April.
A word in brackets after the number gives the voucher's state: ``S-1 [optional]``. Cash and the Profit & Loss
A/c are there from the start. A bill allocation without an amount takes the whole entry.
"""

import re
from datetime import date
from textwrap import dedent

import msgspec

from ledgerflow_core.identifiers import AccountId, CompanyId, CostCentreId, GroupId, MasterId, VoucherId, named
from ledgerflow_core.ledger.entry import BillAllocation, BillKind, CostAllocation, Entry
from ledgerflow_core.masters.account import Account, OpeningBill, Party
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.cost_centre import PRIMARY_COST_CATEGORY, CostCentre
from ledgerflow_core.masters.group import Group
from ledgerflow_core.money.amount import parse_minor
from ledgerflow_core.reports.report_table import Cell, ReportTable, machine_cell
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from shared.reports.memory_figures import MemoryFigures

_ACCOUNT = re.compile(r"account (.+?) in ([^,]+)(?:, opening (-?[\d.]+))?(?:, credit days (\d+))?")
_OPENING_BILL = re.compile(r"opening bill (\S+) of (\S+) (-?[\d.]+)(?: due (\S+))?")
_VOUCHER = re.compile(r'(\d{4}-\d\d-\d\d) (.+?) (\S+)(?: \[([a-z-]+)\])?(?: "(.*)")?')
_ENTRY = re.compile(r"(.+?)\s{2,}(-?[\d.]+)(?:\s{2,}(.*))?")
_BILL = re.compile(r"(new|against|advance|on-account)(?: (\S+?))??(?: (-?[\d.]+))?(?: due (\S+))?")


def company(books_begin: date = date(2025, 4, 1)) -> Company:
    return Company(
        id=CompanyId(named("company", "Acme Traders")),
        name="Acme Traders",
        country="IN",
        currency="INR",
        exponent=2,
        year_start_month=4,
        year_start_day=1,
        books_begin=books_begin,
    )


def minor(text: str) -> int:
    return parse_minor(text, 2)


def read_books(text: str, *, today: date = date(2099, 1, 1)) -> MemoryFigures:
    figures = MemoryFigures(company(), predefined_chart(), [], today)
    for line in filter(None, (line.strip() for line in dedent(text).splitlines())):
        _read_line(figures, line)
    for voucher in figures.vouchers_entered:
        assert sum(entry.amount for entry in voucher.entries) == 0, f"voucher {voucher.number} does not balance"
    return figures


def _read_line(figures: MemoryFigures, line: str) -> None:
    chart = figures.chart
    if line.startswith("books from "):
        figures.company = company(date.fromisoformat(line.removeprefix("books from ")))
    elif line.startswith("group "):
        name, parent = line.removeprefix("group ").split(" in ")
        above = chart.group_named(parent)
        assert above, parent
        chart.put(Group(id=GroupId(MasterId(named("group", name))), name=name, parent=above.id))
    elif line.startswith("centre "):
        name, _, parent = line.removeprefix("centre ").partition(" in ")
        over = chart.cost_centre_named(parent) if parent else None
        centre = CostCentreId(MasterId(named("cost-centre", name)))
        chart.put(CostCentre(id=centre, name=name, category=PRIMARY_COST_CATEGORY, parent=over.id if over else None))
    elif match := _ACCOUNT.fullmatch(line):
        _read_account(chart, *match.groups())
    elif match := _OPENING_BILL.fullmatch(line):
        name, day, amount, due = match.groups()
        account = list(chart.accounts.values())[-1]
        bill = OpeningBill(
            name=name,
            date=date.fromisoformat(day),
            amount=minor(amount),
            due=date.fromisoformat(due) if due else None,
        )
        chart.put(msgspec.structs.replace(account, opening_bills=(*account.opening_bills, bill)))
    elif match := _VOUCHER.fullmatch(line):
        day, type_name, number, state, narration = match.groups()
        voucher_type = chart.voucher_type_named(type_name)
        assert voucher_type, type_name
        figures.vouchers_entered.append(
            Voucher(
                id=voucher_id(number),
                type=voucher_type.id,
                date=date.fromisoformat(day),
                number=number,
                narration=narration or "",
                state=VoucherState(state or "regular"),
            )
        )
    else:
        match = _ENTRY.fullmatch(line)
        assert match, f"not a line of a book: {line}"
        voucher = figures.vouchers_entered[-1]
        entry = _entry(chart, match[1], minor(match[2]), match[3] or "")
        figures.vouchers_entered[-1] = msgspec.structs.replace(voucher, entries=(*voucher.entries, entry))


def _read_account(chart: Chart, name: str, group: str, opening: str | None, credit_days: str | None) -> None:
    earlier, above = chart.account_named(name), chart.group_named(group)
    assert above, group
    made = Account(
        id=earlier.id if earlier else account_id(name),
        name=name,
        group=above.id,
        opening=minor(opening or "0"),
        party=Party(credit_days=int(credit_days)) if credit_days else None,
    )
    chart.put(made)


def _entry(chart: Chart, name: str, amount: int, allocations: str) -> Entry:
    account = chart.account_named(name)
    assert account, name
    bills, costs = [], []
    for allocation in filter(None, (part.strip() for part in allocations.split(";"))):
        if allocation.startswith("centre "):
            centre_name, _, allocated = allocation.removeprefix("centre ").rpartition(" ")
            centre = chart.cost_centre_named(centre_name)
            assert centre, centre_name
            costs.append(CostAllocation(centre=centre.id, amount=minor(allocated)))
        else:
            match = _BILL.fullmatch(allocation)
            assert match, allocation
            kind, bill, allocated, due = match.groups()
            bills.append(
                BillAllocation(
                    kind=BillKind(kind),
                    name=bill or "",
                    amount=minor(allocated) if allocated else amount,
                    due=date.fromisoformat(due) if due else None,
                )
            )
    return Entry(account=account.id, amount=amount, bills=tuple(bills), costs=tuple(costs))


def account_id(name: str) -> AccountId:
    return AccountId(MasterId(named("account", name)))


def voucher_id(number: str) -> VoucherId:
    return VoucherId(named("voucher", number))


def shown(table: ReportTable, *keys: str) -> list[str]:
    """Return keys, rows and totals as ``  Label | cell | cell``; of the columns named, or of all."""
    chosen = [at for at, column in enumerate(table.columns) if not keys or column.key in keys]

    def line(label: str, cells: tuple[Cell, ...]) -> str:
        texts = [machine_cell(cells[at], table.columns[at].kind, table.currency.exponent) for at in chosen]
        return _line(label, ["" if text is None else str(text) for text in texts])

    lines = [_line("", [table.columns[at].key for at in chosen])]
    lines += [line("  " * row.level + row.label, row.cells) for row in table.rows]
    if any(table.totals[at] is not None for at in chosen):
        lines.append(line("=", table.totals))
    return lines


def expected(text: str) -> list[str]:
    """Return the lines of a report written in a test: blanks around cells are for the eye alone."""
    split = [line.split("|") for line in dedent(text).strip("\n").splitlines()]
    return [_line(label.rstrip(), [cell.strip() for cell in cells]) for label, *cells in split]


def _line(label: str, cells: list[str]) -> str:
    return " | ".join([label, *cells]).rstrip(" |")
