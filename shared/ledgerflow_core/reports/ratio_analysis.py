"""Ratio analysis: principal figures of a period and the ratios between them, each with its definition.

Balances are those at the end of the period, sales, purchases and results those of the period. Figures are
signed as everywhere, debit positive; a ratio is positive in healthy books and empty where it would divide
by zero.
"""

from dataclasses import dataclass

from ledgerflow_core.calendar import Period
from ledgerflow_core.identifiers import AccountId
from ledgerflow_core.masters.account import PROFIT_AND_LOSS
from ledgerflow_core.masters.group import PREDEFINED_GROUPS, group_id
from ledgerflow_core.money.amount import divide_half_even
from ledgerflow_core.reports.account_figures import result_accounts, results
from ledgerflow_core.reports.account_tree import AccountTree
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.heading import headed
from ledgerflow_core.reports.report_table import Column, ColumnKind, ReportTable, Row, RowKind

_COLUMNS = (
    Column("amount", "Amount", ColumnKind.BALANCE),
    Column("ratio", "Ratio", ColumnKind.RATIO),
    Column("unit", "Unit", ColumnKind.TEXT),
    Column("definition", "How it is worked out", ColumnKind.TEXT),
)
# Ratios are kept in ten-thousandths.
_SCALE = 10_000


def ratio_analysis(figures: Figures, period: Period) -> ReportTable:
    """Return principal figures (`amount`) followed by ratios (`ratio`, in the unit named: times, %, days)."""
    found = _principal_figures(figures, period)
    rows = [Row(RowKind.HEADING, "Principal figures", (None,) * 4)]
    rows += [
        Row(RowKind.RESULT, label, (amount, None, None, definition), 1, group_id(group) if group else None)
        for label, amount, group, definition in _amount_lines(found)
    ]
    rows.append(Row(RowKind.HEADING, "Principal ratios", (None,) * 4))
    rows += [
        Row(RowKind.RESULT, line.label, (None, line.ratio, line.unit, line.definition), 1)
        for line in _ratio_lines(found, days=(period.last - period.first).days + 1)
    ]
    return headed(figures.company, period, report=("ratios", "Ratio Analysis"), columns=_COLUMNS, rows=rows)


@dataclass(frozen=True, slots=True)
class _Principal:
    """The figures ratios are made of. Every one is positive where it stands on its natural side."""

    cash: int
    bank: int
    bank_overdraft: int
    debtors: int
    creditors: int
    stock: int
    current_assets: int
    current_liabilities: int
    loans: int
    owners_funds: int
    sales: int
    purchases: int
    gross_profit: int
    net_profit: int

    @property
    def working_capital(self) -> int:
        return self.current_assets - self.current_liabilities


def _principal_figures(figures: Figures, period: Period) -> _Principal:
    chart, balances, of_period = figures.chart, figures.balances(period.last), results(figures, period)
    standing = AccountTree(chart, {account: (amount,) for account, amount in balances.items()}, width=1)
    moved = AccountTree(chart, {account: (amount,) for account, amount in of_period.items()}, width=1)

    def stands(reserved: str) -> int:
        return standing.subtotal(group_id(reserved))[0]

    gross = [group.id for group in PREDEFINED_GROUPS if group.affects_gross]
    belongs_to_result = result_accounts(chart)

    def is_owners(account: AccountId) -> bool:
        # Results of all years are the owners', whether or not they stand on the Profit & Loss A/c.
        return account in belongs_to_result or account == PROFIT_AND_LOSS

    return _Principal(
        cash=stands("cash-in-hand"),
        bank=stands("bank-accounts"),
        bank_overdraft=-stands("bank-od"),
        debtors=stands("sundry-debtors"),
        creditors=-stands("sundry-creditors"),
        stock=stands("stock-in-hand"),
        current_assets=stands("current-assets"),
        current_liabilities=-stands("current-liabilities"),
        loans=-stands("loans"),
        owners_funds=-stands("capital") - sum(amount for account, amount in balances.items() if is_owners(account)),
        sales=-moved.subtotal(group_id("sales"))[0],
        purchases=moved.subtotal(group_id("purchases"))[0],
        gross_profit=-moved.total(gross)[0],
        net_profit=-sum(of_period.values()),
    )


def _amount_lines(found: _Principal) -> list[tuple[str, int, str | None, str]]:
    """Return label, amount (debit positive), the reserved group that opens, and the definition."""
    return [
        ("Working capital", found.working_capital, None, "Current assets less current liabilities"),
        ("Cash in hand", found.cash, "cash-in-hand", "Balance of Cash-in-Hand"),
        ("Bank accounts", found.bank, "bank-accounts", "Balance of Bank Accounts"),
        ("Bank overdraft", -found.bank_overdraft, "bank-od", "Balance of Bank OD A/c"),
        ("Sundry debtors", found.debtors, "sundry-debtors", "Balance of Sundry Debtors"),
        ("Sundry creditors", -found.creditors, "sundry-creditors", "Balance of Sundry Creditors"),
        ("Sales", -found.sales, "sales", "Sales Accounts of the period"),
        ("Purchases", found.purchases, "purchases", "Purchase Accounts of the period"),
        ("Stock in hand", found.stock, "stock-in-hand", "Balance of Stock-in-Hand"),
        ("Gross profit", -found.gross_profit, None, "Trading incomes less trading expenses of the period"),
        ("Net profit", -found.net_profit, None, "All incomes less all expenses of the period"),
        ("Owners' funds", -found.owners_funds, None, "Capital Account with the results of all years"),
        ("Loans", -found.loans, "loans", "Balance of Loans (Liability)"),
    ]


@dataclass(frozen=True, slots=True)
class _RatioLine:
    label: str
    ratio: int | None
    unit: str
    definition: str


def _ratio_lines(found: _Principal, *, days: int) -> list[_RatioLine]:
    def times(label: str, part: int, whole: int, definition: str) -> _RatioLine:
        return _RatioLine(label, _ratio(part, whole), "times", definition)

    def per_cent(label: str, part: int, whole: int, definition: str) -> _RatioLine:
        return _RatioLine(label, _ratio(100 * part, whole), "%", definition)

    def in_days(label: str, part: int, whole: int, definition: str) -> _RatioLine:
        return _RatioLine(label, _ratio(days * part, whole), "days", definition)

    f = found
    quick = f.current_assets - f.stock
    cost = f.sales - f.net_profit
    return [
        times("Current ratio", f.current_assets, f.current_liabilities, "Current assets : current liabilities"),
        times("Quick ratio", quick, f.current_liabilities, "Current assets less stock : current liabilities"),
        times("Debt / equity ratio", f.loans, f.owners_funds, "Loans : owners' funds"),
        per_cent("Gross profit %", f.gross_profit, f.sales, "Gross profit : sales"),
        per_cent("Net profit %", f.net_profit, f.sales, "Net profit : sales"),
        per_cent("Operating cost %", cost, f.sales, "Sales less net profit : sales"),
        per_cent("Return on investment %", f.net_profit, f.owners_funds, "Net profit : owners' funds"),
        per_cent("Return on working capital %", f.net_profit, f.working_capital, "Net profit : working capital"),
        times("Working capital turnover", f.sales, f.working_capital, "Sales : working capital"),
        times("Stock turnover", f.sales, f.stock, "Sales : closing stock"),
        in_days("Receivables turnover in days", f.debtors, f.sales, "Sundry debtors : sales, times days in period"),
        in_days(
            "Payables turnover in days", f.creditors, f.purchases, "Sundry creditors : purchases, times days in period"
        ),
    ]


def _ratio(part: int, whole: int) -> int | None:
    return divide_half_even(part * _SCALE, whole) if whole else None
