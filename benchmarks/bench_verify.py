"""Full proof of a book: every page, event, signature and row."""

import time

import books
from figure import figure, finished

from ledgerflow_desktop.actions.verification import verify_book

VOUCHERS = min(200_000, books.LARGE)


def main() -> None:
    with finished(), books.opened(VOUCHERS) as book:
        begin = time.perf_counter()
        report = verify_book(book)
        seconds = time.perf_counter() - begin
        assert not report.findings
        figure("verify", VOUCHERS / seconds, "vouchers/s", n=VOUCHERS, beside="budget 20,000 or more")


if __name__ == "__main__":
    main()
