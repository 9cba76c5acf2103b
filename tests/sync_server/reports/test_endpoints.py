"""Reports over HTTP: byte for byte those of the desktop over the same books, at one moment of the log, for its own."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from desktop.storage.sample_company import BANK, RAVI
from ledgerflow_core.reports import catalogue
from ledgerflow_core.reports.comparative import Comparison
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import as_json
from ledgerflow_core.reports.two_sided import Layout
from ledgerflow_core.sync.roles import Role
from ledgerflow_desktop.storage.figures import BookFigures
from ledgerflow_server.database.connecting import Database
from sync_server.ledger.office import Office
from sync_server.people_app import code_of, world
from sync_server.reports.same_books import TODAY, SameBooks, same_books

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def same(tmp_path_factory: pytest.TempPathFactory, database: Database) -> AsyncIterator[SameBooks]:
    async with world(tmp_path_factory.mktemp("server"), database) as made:
        books = await same_books(made, tmp_path_factory.mktemp("desktop") / "lotus.ledgerflow")
        with books.book:
            yield books


def desktop_says(same: SameBooks, code: str, today: date = TODAY, **options: Any) -> bytes:
    return as_json(catalogue.run(code, BookFigures(same.book, today), ReportOptions(**options)))


async def server_says(same: SameBooks, code: str, **query: Any) -> bytes:
    answer = await same.branch.get(f"/reports/{code}", params={"today": TODAY.isoformat()} | query)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Ledgerflow-Log-Size"]) == len(same.branch.events)
    return answer.content


PERIODS = [
    {},
    {"from": "2026-04-17", "to": "2026-10-11"},
    {"from": "2026-05-01", "to": "2026-05-31"},
    {"from": "2026-06-03", "to": "2026-06-04"},
    {"from": "2026-04-01", "to": "2027-03-31"},
    {"from": "2026-05-02"},
    {"from": "1990-01-01", "to": "2190-12-31"},
]


@pytest.mark.parametrize("period", PERIODS, ids=str)
@pytest.mark.parametrize("code", sorted(catalogue.REPORTS))
async def test_a_report_is_the_desktops_to_the_byte(same: SameBooks, code: str, period: dict[str, str]) -> None:
    days = {"first": period.get("from"), "last": period.get("to")}
    chosen: dict[str, Any] = {name: date.fromisoformat(text) for name, text in days.items() if text}
    asked: dict[str, Any] = {}
    if code == "account":
        asked["account"] = "Ravi Stores"
    if code == "group-summary":
        asked["group"] = "Sundry Debtors"
    if code in ("account", "day-book"):
        asked["limit"] = 5_000
    assert await server_says(same, code, **period, **asked) == desktop_says(same, code, **chosen, **asked)


@pytest.mark.parametrize(
    ("code", "asked", "chosen"),
    [
        ("trial-balance", "zero_rows=true&compare=month", {"zero_rows": True, "compare": Comparison.MONTH}),
        ("trial-balance", "flat=true", {"flat": True}),
        ("balance-sheet", "layout=horizontal", {"layout": Layout.HORIZONTAL}),
        ("profit-and-loss", "depth=1&compare=previous-year", {"depth": 1, "compare": Comparison.PREVIOUS_YEAR}),
        ("cash-flow", "monthly=true", {"monthly": True}),
        ("account", "account=State bank&monthly=true", {"account": "State bank", "monthly": True}),
        ("cost-centres", "centre=Pune", {"centre": "Pune"}),
        ("receivables", "account=Ravi Stores&ageing=15,45", {"account": "Ravi Stores", "ageing": (15, 45)}),
    ],
)
async def test_the_options_mean_what_they_mean_on_the_command_line(
    same: SameBooks, code: str, asked: str, chosen: dict[str, Any]
) -> None:
    query = dict(part.split("=") for part in asked.split("&"))
    assert await server_says(same, code, **query) == desktop_says(same, code, **chosen)


@pytest.mark.parametrize("account", [RAVI, BANK])
@pytest.mark.parametrize("last", [None, TODAY + timedelta(30)])
async def test_any_window_of_a_statement_carries_the_balance_forward(
    same: SameBooks, account: str, last: date | None
) -> None:
    days: dict[str, Any] = {"to": last.isoformat()} if last else {}
    chosen: dict[str, Any] = {"last": last} if last else {}
    for offset, limit in ((0, 1), (0, 7), (1, 7), (7, 1), (40, 7), (79, 7), (80, 7), (200, 7)):
        window: dict[str, Any] = {"account": account, "offset": offset, "limit": limit}
        assert await server_says(same, "account", **days, **window) == desktop_says(same, "account", **chosen, **window)


async def test_any_window_of_the_day_book_is_read(same: SameBooks) -> None:
    for offset, limit in ((0, 1), (0, 9), (1, 9), (33, 2), (100, 9), (149, 9), (500, 9)):
        window: dict[str, Any] = {"offset": offset, "limit": limit}
        assert await server_says(same, "day-book", **window) == desktop_says(same, "day-book", **window)


async def test_what_is_due_goes_by_the_day_of_the_office(same: SameBooks) -> None:
    tomorrow = TODAY + timedelta(1)
    said = await server_says(same, "trial-balance", today=tomorrow.isoformat())
    assert said == desktop_says(same, "trial-balance", tomorrow) != desktop_says(same, "trial-balance")
    answer = await same.branch.get("/reports/trial-balance", params={"today": "2026-01-01"})
    assert code_of(answer) == (422, "today-too-far")


async def test_long_reports_come_in_windows(same: SameBooks) -> None:
    answer = await same.branch.get("/reports/day-book", params={"limit": 10_001})
    assert code_of(answer) == (422, "invalid-field")


async def test_a_report_names_the_log_it_is_of(same: SameBooks) -> None:
    answer = await same.branch.get("/reports/trial-balance")
    _, end = await same.branch.pull()
    checkpoint = same.branch.checkpoint_of(end.checkpoint)
    assert answer.headers["Ledgerflow-Log-Size"] == str(checkpoint.size)
    assert answer.headers["Ledgerflow-Log-Root"] == checkpoint.root
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_report_that_is_none_says_so(same: SameBooks) -> None:
    assert code_of(await same.branch.get("/reports/horoscope")) == (404, "unknown-report")
    assert code_of(await same.branch.get("/reports/trial-balance?colour=red")) == (422, "unknown-field")
    assert code_of(await same.branch.get("/reports/trial-balance?from=2026-02-30")) == (422, "bad-date")
    assert code_of(await same.branch.get("/reports/account")) == (422, "option-missing")
    assert code_of(await same.branch.get("/reports/day-book?depth=1")) == (422, "option-not-taken")
    assert code_of(await same.branch.get("/reports/account?account=Nobody")) == (422, "unknown-account")


async def test_every_role_reads_reports_and_no_stranger_does(office: Office) -> None:
    await office.first_branch()
    for role in Role:
        branch = await office.branch(role)
        answer = await branch.get("/reports/trial-balance")
        assert answer.status_code == 200, role
    elsewhere, elsewhere_id = await office.world.tenant()
    company_no = await office.world.company(elsewhere)
    stranger = Office(office.world, elsewhere, elsewhere_id, company_no, office.details)
    other = await stranger.branch()
    assert code_of(await other.get("/reports/trial-balance")) == (409, "no-books-yet")


async def test_without_a_token_nothing_is_read(office: Office) -> None:
    branch = await office.first_branch()
    answer = await office.world.client.get(f"{branch.path}/reports/trial-balance")
    assert code_of(answer) == (401, "token-wrong")
