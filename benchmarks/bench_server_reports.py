"""Reports of `ledgerflow-server serve` over HTTP, in a small and a large year, beside a full sum over the entries.

The rows go straight into the tables. Small and large are asked by turns, so that a busy moment of the machine falls on
both. `LEDGERFLOW_BENCH_VOUCHERS` is the number of vouchers of the large one.
"""

import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import sealed_books
from books import LARGE, SMALL
from figure import figure, finished, median_seconds, percentile
from served import Line, Served, served

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from sync_server.reports import many_rows

ROUNDS = 15
YEAR = {"from": "2025-04-01", "to": "2026-03-31"}
ODD = {"from": "2025-04-17", "to": "2026-02-11"}
PAGE = {"limit": "200"}
STATEMENT = PAGE | {"account": many_rows.BUSIEST}
# (report, what was asked, options, share of the lines that come before)
REPORTS = (
    ("trial-balance", "the year", YEAR, 0.0),
    ("profit-and-loss", "the year", YEAR, 0.0),
    ("balance-sheet", "the year", YEAR, 0.0),
    ("trial-balance", "odd dates", ODD, 0.0),
    ("profit-and-loss", "odd dates", ODD, 0.0),
    ("balance-sheet", "odd dates", ODD, 0.0),
    ("account", "200 lines at the beginning", STATEMENT, 0.0),
    ("account", "200 lines in the middle", STATEMENT, 0.5),
    ("day-book", "200 lines at the beginning", PAGE, 0.0),
    ("day-book", "200 lines near the end", PAGE, 0.9),
)


def main() -> None:
    with finished(), served() as server:
        small, large = sealed_books.branches(server.folder, server.database, [[1, 1]])
        companies = {}
        with psycopg.connect(server.embedded.administration("ledgerflow"), autocommit=True) as administrator:
            for branch, size in ((small, SMALL), (large, LARGE)):
                company = many_rows.write(administrator, branch.tenant_no, branch.company_no, size)
                lines = administrator.execute(
                    "SELECT max(lines) FROM (SELECT sum(entries)::int8 AS lines FROM lf.month_total"
                    " WHERE tenant_no = %s AND company_no = %s GROUP BY account_no) AS busy",
                    [branch.tenant_no, branch.company_no],
                ).fetchone()
                companies[size] = company, branch.token, {"day-book": size, "account": lines[0]}
            line = Line(server.port)
            kept = {report[:2]: asked(server, line, companies, report) for report in REPORTS}
            line.close()
            beside(administrator, large, kept["trial-balance", "the year"])


def asked(server: Served, line: Line, companies: dict, report: tuple[str, str, dict[str, str], float]) -> float:
    """Ask for a report of both companies by turns; print the figures and return the median of the large (seconds)."""
    code, what, options, share = report
    waits: dict[int, list[float]] = {SMALL: [], LARGE: []}

    def ask(size: int) -> float:
        company, token, lines = companies[size]
        before = {"offset": str(int(lines[code] * share))} if share else {}
        begin = time.perf_counter()
        line.send("GET", f"/v1/companies/{company}/reports/{code}?{urlencode(options | before)}", token)
        return time.perf_counter() - begin

    # Cold at first: connections, plans, and the charts of the companies.
    for size in waits:
        ask(size)
    before = server.spent()
    for _ in range(ROUNDS):
        for size, taken in waits.items():
            taken.append(ask(size))
    spent, n = server.spent().since(before), 2 * ROUNDS
    middle = {size: percentile(taken, 0.5) for size, taken in waits.items()}
    name = f"{code}, {what}"
    figure(f"{name}, {LARGE:,} vouchers", middle[LARGE] * 1000, "ms", n=ROUNDS, beside="budget 50 ms")
    figure(f"  slowest, {name}", max(waits[LARGE]) * 1000, "ms", n=ROUNDS)
    figure(f"  {SMALL:,} vouchers, {name}", middle[SMALL] * 1000, "ms", n=ROUNDS)
    figure(f"  large / small, {name}", middle[LARGE] / middle[SMALL], "x", n=ROUNDS, beside="budget 1.3 x")
    figure(f"  time of the server, {name}", spent.server / n * 1000, "ms", n=n)
    figure(f"  time of PostgreSQL, {name}", spent.postgres / n * 1000, "ms", n=n, beside="both sizes")
    return middle[LARGE]


def beside(administrator: psycopg.Connection, large: sealed_books.Branch, year: float) -> None:
    """Print what adding the entries up costs, which is what a trial balance without kept totals does."""
    sums = "SELECT account_no, sum(amount) FROM lf.posting WHERE tenant_no = %s AND company_no = %s GROUP BY account_no"
    given = [large.tenant_no, large.company_no]
    full = median_seconds(lambda: administrator.execute(sums, given).fetchall(), runs=3)
    figure("full sum over the entries", full * 1000, "ms", n=3)
    figure("full sum / trial balance of the year", full / year, "x", n=3)


if __name__ == "__main__":
    main()
