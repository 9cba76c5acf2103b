"""The catalogue: one door to every report, and what it refuses."""

from datetime import date

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.masters.account import CASH
from ledgerflow_core.reports.catalogue import REPORTS, chosen_period, run
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.two_sided import Layout
from shared.reports.plain_books import read_books

BOOKS = """
    account Ravi Stores in Sundry Debtors
    account Mills in Sundry Creditors, opening -10.00
    account Shelf in Stock-in-Hand, opening 10.00
    account Lamps in Sales Accounts
    centre Mumbai
    2025-04-05 Sales S-1
        Ravi Stores    500.00    new S-1
        Lamps         -500.00    centre Mumbai -500.00
    2025-06-30 Receipt R-1
        Cash           300.00
        Ravi Stores   -300.00    against S-1
"""

REQUIRED = {"account": ReportOptions(account="ravi  STORES"), "group-summary": ReportOptions(group="Sundry Debtors")}


def refusal(code: str, **options: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        run(code, read_books(BOOKS), ReportOptions(**options))  # type: ignore[arg-type]
    return [(problem.code, problem.place) for problem in refused.value.problems]


def test_the_reports_have_the_codes_people_type() -> None:
    assert (
        list(REPORTS)
        == (
            "trial-balance profit-and-loss balance-sheet day-book account group-summary cash-flow "
            "receivables payables cost-centres ratios"
        ).split()
    )


@pytest.mark.parametrize("code", REPORTS)
def test_every_report_runs_under_its_own_code_and_title(code: str) -> None:
    table = run(code, read_books(BOOKS), REQUIRED.get(code, ReportOptions()))
    assert (table.report, table.title, table.company) == (code, REPORTS[code].title, "Acme Traders")
    assert table.rows


def test_the_whole_books_are_the_period_unless_one_is_chosen() -> None:
    books = read_books(BOOKS)
    assert chosen_period(books, ReportOptions()).last == date(2025, 6, 30)
    assert chosen_period(books, ReportOptions()).first == date(2025, 4, 1)
    assert chosen_period(books, ReportOptions(first=date(2025, 8, 1))).last == date(2025, 8, 1)
    assert chosen_period(books, ReportOptions(last=date(2025, 1, 1))).first == date(2025, 1, 1)
    assert chosen_period(read_books(""), ReportOptions()).last == date(2026, 3, 31)


def test_accounts_and_parties_are_found_by_name_or_id() -> None:
    books = read_books(BOOKS)
    assert run("account", books, ReportOptions(account=CASH)).subject == "Cash"
    assert run("receivables", books, ReportOptions(account="Ravi Stores")).subject == "Ravi Stores"
    assert run("cost-centres", books, ReportOptions(centre="mumbai")).subject == "Mumbai"


def test_what_the_books_knew_on_a_day_is_named_on_the_report() -> None:
    known = date(2025, 5, 1)
    assert run("ratios", read_books(BOOKS), ReportOptions(as_known=known)).as_known == known


def test_options_reach_their_report() -> None:
    books = read_books(BOOKS)

    def columns(code: str, options: ReportOptions) -> list[str]:
        return [column.key for column in run(code, books, options).columns]

    assert "closing@2025-05" in columns("trial-balance", ReportOptions(compare=Comparison.MONTH))
    assert "amount@2025-05" in columns("profit-and-loss", ReportOptions(compare=Comparison.MONTH))
    assert "closing@2025-05" in columns("balance-sheet", ReportOptions(compare=Comparison.MONTH))
    assert "net@2025-05" in columns("cash-flow", ReportOptions(compare=Comparison.MONTH))
    assert "assets_particulars" in columns("balance-sheet", ReportOptions(layout=Layout.HORIZONTAL))
    assert "credit_particulars" in columns("profit-and-loss", ReportOptions(layout=Layout.HORIZONTAL))
    assert "overdue_over_7" in columns("payables", ReportOptions(ageing=(7,)))
    assert columns("account", ReportOptions(account="Cash", monthly=True)) == ["debit", "credit", "balance"]
    assert columns("cash-flow", ReportOptions(monthly=True))[-1] == "balance"
    assert len(run("day-book", books, ReportOptions(offset=1, limit=5)).rows) == 1
    assert len(run("account", books, ReportOptions(account="Cash", offset=1)).rows) == 2


def test_a_group_summary_shows_one_level_unless_more_is_asked_for() -> None:
    books = read_books(
        "group North in Sundry Debtors\n" + BOOKS.replace("Ravi Stores in Sundry Debtors", "Ravi Stores in North")
    )
    debtors = ReportOptions(group="Sundry Debtors")
    assert [row.label for row in run("group-summary", books, debtors).rows] == ["North"]
    deeper = ReportOptions(group="Sundry Debtors", depth=1)
    assert [row.label for row in run("group-summary", books, deeper).rows] == ["North", "Ravi Stores"]


def test_names_that_are_not_there_are_refused_with_the_nearest_that_are() -> None:
    assert refusal("account", account="Ravi Store") == [("unknown-account", "account")]
    assert refusal("group-summary", group="Debtors") == [("unknown-group", "group")]
    assert refusal("cost-centres", centre="Mumbay") == [("unknown-cost-centre", "centre")]
    assert refusal("trial-balanse") == [("unknown-report", "report")]
    with pytest.raises(InvalidInput) as refused:
        run("account", read_books(BOOKS), ReportOptions(account="ravi store"))
    assert refused.value.problems[0].facts == {"given": "ravi store", "nearest": "Ravi Stores"}


def test_a_supplier_is_not_among_the_receivables() -> None:
    assert refusal("receivables", account="Mills") == [("not-a-party-of", "account")]


def test_options_a_report_does_not_take_are_refused_all_at_once() -> None:
    assert refusal("day-book", zero_rows=True, account="Cash", monthly=True) == [
        ("option-not-taken", "account"),
        ("option-not-taken", "zero_rows"),
        ("option-not-taken", "monthly"),
    ]
    assert refusal("account") == [("option-missing", "account")]
    assert refusal("group-summary", limit=3) == [("option-not-taken", "limit"), ("option-missing", "group")]


def test_options_that_contradict_each_other_are_refused() -> None:
    horizontal = {"layout": Layout.HORIZONTAL, "compare": Comparison.MONTH}
    assert refusal("balance-sheet", **horizontal) == [("options-contradict", "compare")]
    assert refusal("account", account="Cash", monthly=True, offset=3) == [("options-contradict", "offset")]


def test_options_that_mean_nothing_are_refused_when_they_are_made() -> None:
    with pytest.raises(InvalidInput) as refused:
        ReportOptions(first=date(2025, 4, 2), last=date(2025, 4, 1), depth=-1, offset=-1, limit=0, ageing=(30, 30))
    assert [(problem.code, problem.place) for problem in refused.value.problems] == [
        ("period-ends-before-it-begins", "last"),
        ("bad-depth", "depth"),
        ("bad-window", "offset"),
        ("bad-window", "limit"),
        ("bad-ageing", "ageing"),
    ]
    for ageing in ((), (0, 30), (-1,)):
        with pytest.raises(InvalidInput):
            ReportOptions(ageing=ageing)


def test_days_that_no_book_has_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        ReportOptions(first=date(1, 1, 1), last=date(9999, 12, 31))
    assert [(p.code, p.place) for p in refused.value.problems] == [
        ("day-out-of-range", "first"),
        ("day-out-of-range", "last"),
    ]
    widest = ReportOptions(first=date(1900, 1, 1), last=date(2199, 12, 31))
    assert all(run(code, read_books(BOOKS), widest).rows for code in REPORTS if code not in REQUIRED)


def test_twenty_years_of_months_are_the_most_to_set_beside_each_other() -> None:
    twenty = ReportOptions(first=date(2025, 4, 1), last=date(2045, 3, 31), monthly=True)
    assert len(run("cash-flow", read_books(BOOKS), twenty).rows) == 241
    first, last = date(2025, 3, 31), date(2045, 3, 31)
    assert refusal("cash-flow", monthly=True, first=first, last=last) == [("too-many-months", "first")]
    by_month = {"compare": Comparison.MONTH, "first": first, "last": last}
    assert refusal("trial-balance", **by_month) == [("too-many-months", "first")]
    by_year = ReportOptions(compare=Comparison.PREVIOUS_YEAR, first=first, last=last)
    assert run("trial-balance", read_books(BOOKS), by_year).rows
