"""Reports warm at any date, in a small and a large book, beside a full sum over the entries; and windows anywhere."""

import resource
from datetime import date

import books
from figure import figure, finished, median_seconds

from ledgerflow_core.calendar import Period
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_desktop.actions import reports
from ledgerflow_desktop.storage.figures import BookFigures

ODD_DATES = ReportOptions(first=date(2025, 4, 17), last=date(2026, 2, 11))
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


def main() -> None:
    with finished():
        taken = {}
        for size in (books.SMALL, books.LARGE):
            with books.opened(size) as book:
                for code in ("trial-balance", "profit-and-loss", "balance-sheet"):
                    seconds = median_seconds(lambda book=book, code=code: reports.run(book, code, ODD_DATES))
                    taken[code, size] = seconds
                    figure(f"{code}, {size:,} vouchers", seconds * 1000, "ms", n=5, beside="budget 50 ms")
        for code in ("trial-balance", "profit-and-loss", "balance-sheet"):
            ratio = taken[code, books.LARGE] / taken[code, books.SMALL]
            figure(f"{code}, large / small", ratio, "x", n=5, beside="budget 1.3 x")
        with books.opened(books.LARGE) as book:
            full = median_seconds(
                lambda: book.connection.execute("SELECT account_no, sum(amount) FROM entry GROUP BY 1").fetchall(),
                runs=3,
            )
            figure("full sum over the entries", full * 1000, "ms", n=3)
            windows(book)
            figure("memory after all this", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB", n=1)


def windows(book) -> None:
    """Time 200 lines of the day book and of the busiest account's statement at ten places; print the worst."""
    lines = BookFigures(book, date(2026, 11, 21)).count_vouchers(YEAR)
    no, entries = book.connection.execute(
        "SELECT account_no, sum(entries) FROM month_total GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    ).fetchone()
    busiest = next(account for account in book.chart.accounts.values() if book.no_by_id[account.id] == no)

    def day_book(at):
        return reports.run(book, "day-book", ReportOptions(offset=at, limit=200))

    def statement(at):
        return reports.run(book, "account", ReportOptions(account=busiest.name, offset=at, limit=200))

    for name, draw, total in (("day book", day_book, lines), (f"statement of {entries:,} lines", statement, entries)):
        worst = max(median_seconds(lambda d=draw, a=total * k // 10: d(a), runs=3) for k in range(10))
        figure(f"{name}: 200 lines, worst of 10 places", worst * 1000, "ms", n=30, beside="budget 30 ms")


if __name__ == "__main__":
    main()
