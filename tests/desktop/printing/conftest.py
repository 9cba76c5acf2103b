"""Small reports and vouchers to print. Figures are typed by hand, so that what is read back can be checked."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId, CompanyId, MasterId, named
from ledgerflow_core.masters.account import Account, Party, TaxIdentity
from ledgerflow_core.masters.chart import Chart, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.money.currency import Currency
from ledgerflow_core.reports.report_table import Cell, Column, ColumnKind, ReportTable, Row, RowKind

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
TRIAL_BALANCE_COLUMNS = (
    Column("opening", "Opening", ColumnKind.BALANCE),
    Column("debit", "Debit", ColumnKind.AMOUNT),
    Column("credit", "Credit", ColumnKind.AMOUNT),
    Column("closing", "Closing", ColumnKind.BALANCE),
)
STATEMENT_COLUMNS = (
    Column("date", "Date", ColumnKind.DATE),
    Column("type", "Voucher Type", ColumnKind.TEXT),
    Column("number", "Voucher No.", ColumnKind.TEXT),
    Column("debit", "Debit", ColumnKind.AMOUNT),
    Column("credit", "Credit", ColumnKind.AMOUNT),
    Column("balance", "Balance", ColumnKind.BALANCE),
)

MakeTable = Callable[..., ReportTable]
MakeAccount = Callable[..., AccountId]


@pytest.fixture
def trial_balance() -> MakeTable:
    """Two groups of a shop in Pune; `names` adds accounts without figures under the second."""

    def made(*names: str, notes: tuple[tuple[str, int], ...] = (), company: str = "Sample Traders") -> ReportTable:
        rows = (
            Row(RowKind.GROUP, "Capital Account", (-40000000, 0, 0, -40000000)),
            Row(RowKind.ACCOUNT, "Owner's Capital", (-40000000, 0, 0, -40000000), 1, path=("Capital Account",)),
            Row(RowKind.GROUP, "Current Assets", (40000000, 12345678, 12345678, 40000000)),
            Row(RowKind.ACCOUNT, "Cash", (250000, 0, 12345678, -12095678), 1, path=("Current Assets",)),
            Row(RowKind.ACCOUNT, "Bank", (39750000, 12345678, 0, 52095678), 1, path=("Current Assets",)),
            *(Row(RowKind.ACCOUNT, name, (0, 0, 0, 0), 1, path=("Current Assets",)) for name in names),
        )
        return ReportTable(
            report="trial-balance",
            title="Trial Balance",
            company=company,
            currency=Currency("INR", 2),
            period=YEAR,
            columns=TRIAL_BALANCE_COLUMNS,
            rows=rows,
            totals=(0, 12345678, 12345678, 0),
            notes=notes,
            indian_grouping=True,
        )

    return made


@pytest.fixture
def statement() -> MakeTable:
    """A statement of `rows` debits of 1.000 dinar each."""

    def made(rows: int, *, narration: str = "Sale", totals: tuple[Cell, ...] | None = None) -> ReportTable:
        lines = tuple(
            Row(
                RowKind.VOUCHER,
                f"{narration} {at + 1}",
                (YEAR.first + timedelta(at % 365), "Sales", f"S/{at + 1:05d}", 1000, None, 1000 * (at + 1)),
            )
            for at in range(rows)
        )
        return ReportTable(
            report="account",
            title="Account Statement",
            company="Sample Trading",
            currency=Currency("KWD", 3),
            period=YEAR,
            columns=STATEMENT_COLUMNS,
            rows=lines,
            totals=(None, None, None, 1000 * rows, 0, None) if totals is None else totals,
            subject="Customer",
        )

    return made


@pytest.fixture
def company() -> Company:
    return Company(
        id=CompanyId(named("company", "sample")),
        name="Sample Traders",
        country="IN",
        currency="INR",
        exponent=2,
        year_start_month=4,
        year_start_day=1,
        books_begin=date(2025, 4, 1),
        address=("Unit 4, Riverside Estate", "Pune 411001"),
        tax_identities=(TaxIdentity("GSTIN", "27AAAAA0000A1Z5"),),
    )


@pytest.fixture
def chart() -> Chart:
    return predefined_chart()


@pytest.fixture
def account(chart: Chart) -> MakeAccount:
    """Put an account into the chart and return its id."""

    def made(name: str, group: str, *, party: Party | None = None) -> AccountId:
        identifier = AccountId(MasterId(named("account", name)))
        chart.put(Account(id=identifier, name=name, group=group_id(group), party=party))
        return identifier

    return made
