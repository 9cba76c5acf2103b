"""An office that posted 10,000 vouchers without a line sends them: a real book over HTTP to a real server.

Beside it: how much of the time went into work on the book, and what it cost the processors of either side.
`LEDGERFLOW_BENCH_BACKLOG` is the number of vouchers.
"""

import os

import books
import generated as files
import offices
from figure import figure, finished
from served import served

from ledgerflow_desktop.actions import enrolling, importing

VOUCHERS = int(os.environ.get("LEDGERFLOW_BENCH_BACKLOG", "10000"))


def main() -> None:
    folder = files.generated(VOUCHERS)
    with finished(), served() as server, books.new_company(server.folder / "office.ledgerflow") as book:
        importing.import_files(book, [folder / "ledgers.jsonl", folder / "vouchers.jsonl"])
        code = offices.code_for_first_book(server)
        enrolling.enrol_book(book, f"http://127.0.0.1:{server.port}", code, "Bench")
        before = server.spent()
        synced = offices.sync(book)
        spent = server.spent().since(before)
        server.require(VOUCHERS)
        figure("backlog sent and acknowledged", synced.seconds, "s", n=VOUCHERS, beside="budget 15 s for 10,000")
        figure("  rate", VOUCHERS / synced.seconds, "vouchers/s", n=VOUCHERS)
        figure("  of it working on the book", synced.on_book, "s", n=VOUCHERS, beside="sealing, receipts")
        figure("  sent", synced.progress.sent / VOUCHERS, "bytes/voucher", n=VOUCHERS)
        spent.figures("backlog", "voucher", VOUCHERS, synced.seconds)
        share = (spent.server + spent.postgres) / sum(spent)
        figure("  server's and PostgreSQL's share of the processors' time", share, "of 1", n=VOUCHERS)
        again = offices.sync(book)
        figure("a sync with nothing to send", again.seconds * 1000, "ms", n=1)


if __name__ == "__main__":
    main()
