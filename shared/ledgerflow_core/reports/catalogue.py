"""Every report by its code, the options it takes, and the one door to run it: for screen, server and command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ledgerflow_core.calendar import Period
from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.reports.account_statement import account_by_month, account_statement
from ledgerflow_core.reports.balance_sheet import balance_sheet
from ledgerflow_core.reports.cash_flow import cash_flow, cash_flow_by_month
from ledgerflow_core.reports.chosen_masters import chosen_account, chosen_centre, chosen_group, chosen_party
from ledgerflow_core.reports.comparative import Comparison, compared_periods
from ledgerflow_core.reports.cost_centre_break_up import cost_centre_break_up
from ledgerflow_core.reports.day_book import day_book
from ledgerflow_core.reports.figures import Figures
from ledgerflow_core.reports.group_summary import group_summary
from ledgerflow_core.reports.options import OF_EVERY_REPORT, ReportOptions
from ledgerflow_core.reports.outstanding import Side, outstanding
from ledgerflow_core.reports.profit_and_loss import profit_and_loss
from ledgerflow_core.reports.ratio_analysis import ratio_analysis
from ledgerflow_core.reports.report_table import ReportTable
from ledgerflow_core.reports.trial_balance import trial_balance

# What an option leaves no room for: a two-sided report has no further columns, a list of months no tree or lines.
_CONTRADICTIONS = {
    "layout": frozenset({"compare"}),
    "monthly": frozenset({"zero_rows", "depth", "flat", "compare", "offset", "limit"}),
}

# Twenty years of months: more columns or rows than anyone reads, and each costs a question to the books.
_MONTHS_MAX = 240

Draw = Callable[[Figures, Period, ReportOptions], ReportTable]


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its stable code, English title, the options it takes and those it cannot do without."""

    code: str
    title: str
    options: frozenset[str]
    required: frozenset[str]
    draw: Draw


def run(code: str, figures: Figures, options: ReportOptions) -> ReportTable:
    """Return a report by its code.

    Refuses `unknown-report`; all of `option-not-taken`, `option-missing` and `options-contradict`;
    `too-many-months` to set beside each other; and `unknown-account`, `unknown-group` or
    `unknown-cost-centre` with the `nearest` names that exist, and `not-a-party-of` for an account elsewhere.
    """
    report = REPORTS.get(code)
    if report is None:
        nearest = get_close_matches(code, REPORTS)
        raise refuse("unknown-report", "report", given=code[:60], nearest="; ".join(nearest or REPORTS))
    if problems := _problems(report, options):
        raise InvalidInput(problems)
    period = chosen_period(figures, options)
    months = 12 * (period.last.year - period.first.year) + period.last.month - period.first.month + 1
    if months > _MONTHS_MAX and (options.monthly or options.compare in (Comparison.MONTH, Comparison.QUARTER)):
        raise refuse("too-many-months", "first", months=months, most=_MONTHS_MAX)
    table = report.draw(figures, period, options)
    return replace(table, as_known=options.as_known)


def chosen_period(figures: Figures, options: ReportOptions) -> Period:
    """Return the period asked for; an end left open is the beginning of the books or their last voucher.

    Books without vouchers reach to the end of their first year. An end left open never turns a period round.
    """
    begin = figures.company.books_begin
    earliest, latest = figures.first_and_last_day() or (begin, figures.company.financial_year.year_of(begin).last)
    first = options.first or min(begin, earliest, options.last or begin)
    return Period(first, options.last or max(latest, first))


def _problems(report: Report, options: ReportOptions) -> list[Problem]:
    chosen = options.chosen
    facts: dict[str, str | int | None] = {"report": report.code}
    problems = [Problem("option-not-taken", name, facts) for name in chosen if name not in report.options]
    problems += [Problem("option-missing", name, facts) for name in sorted(report.required) if name not in chosen]
    for name, others in _CONTRADICTIONS.items():
        if name in chosen and name in report.options:
            both = [other for other in chosen if other in others and other in report.options]
            problems += [Problem("options-contradict", other, facts | {"with": name}) for other in both]
    return problems


def _beside(figures: Figures, period: Period, options: ReportOptions) -> tuple[Period, ...]:
    if options.compare is None:
        return ()
    return compared_periods(options.compare, period, figures.company.financial_year)


def _trial_balance(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    return trial_balance(figures, period, outline=options.outline, beside=_beside(figures, period, options))


def _profit_and_loss(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    beside = _beside(figures, period, options)
    return profit_and_loss(figures, period, outline=options.outline, beside=beside, layout=options.layout)


def _balance_sheet(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    beside = _beside(figures, period, options)
    return balance_sheet(figures, period, outline=options.outline, beside=beside, layout=options.layout)


def _day_book(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    return day_book(figures, period, window=options.window)


def _account(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    account = chosen_account(figures.chart, options.account or "")
    if options.monthly:
        return account_by_month(figures, period, account)
    return account_statement(figures, period, account, window=options.window)


def _group_summary(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    # Without a depth a group summary shows what lies directly below; other reports show everything.
    depth = 0 if options.depth is None and not options.flat else options.depth
    return group_summary(
        figures,
        period,
        chosen_group(figures.chart, options.group or ""),
        outline=replace(options.outline, depth=depth),
        beside=_beside(figures, period, options),
    )


def _cash_flow(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    if options.monthly:
        return cash_flow_by_month(figures, period)
    return cash_flow(figures, period, outline=options.outline, beside=_beside(figures, period, options))


def _outstanding(side: Side) -> Draw:
    def draw(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
        return outstanding(
            figures,
            period,
            side,
            ageing=options.ageing,
            party=None if options.account is None else chosen_party(figures.chart, options.account, side),
            depth=options.depth,
            zero_rows=options.zero_rows,
        )

    return draw


def _cost_centres(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    centre = None if options.centre is None else chosen_centre(figures.chart, options.centre)
    return cost_centre_break_up(figures, period, centre=centre, outline=options.outline)


def _ratios(figures: Figures, period: Period, options: ReportOptions) -> ReportTable:
    return ratio_analysis(figures, period)


def _report(code: str, title: str, draw: Draw, takes: str, required: str = "") -> Report:
    return Report(code, title, OF_EVERY_REPORT | {*takes.split(), *required.split()}, frozenset(required.split()), draw)


_TREE = "zero_rows depth flat compare"
_BILLS = "account ageing depth zero_rows"
REPORTS: Mapping[str, Report] = {
    report.code: report
    for report in (
        _report("trial-balance", "Trial Balance", _trial_balance, _TREE),
        _report("profit-and-loss", "Profit & Loss", _profit_and_loss, f"{_TREE} layout"),
        _report("balance-sheet", "Balance Sheet", _balance_sheet, f"{_TREE} layout"),
        _report("day-book", "Day Book", _day_book, "offset limit"),
        _report("account", "Account Statement", _account, "monthly offset limit", required="account"),
        _report("group-summary", "Group Summary", _group_summary, _TREE, required="group"),
        _report("cash-flow", "Cash Flow", _cash_flow, f"{_TREE} monthly"),
        _report("receivables", "Receivables", _outstanding(Side.RECEIVABLES), _BILLS),
        _report("payables", "Payables", _outstanding(Side.PAYABLES), _BILLS),
        _report("cost-centres", "Cost Centre Break-up", _cost_centres, "centre zero_rows depth"),
        _report("ratios", "Ratio Analysis", _ratios, ""),
    )
}
