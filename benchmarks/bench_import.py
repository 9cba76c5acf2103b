"""Import of generated books from jsonl, beside the same rows loaded by bare SQLCipher; and the size of the file."""

import resource
import time

import books
import sqlcipher3.dbapi2 as sqlcipher
from figure import figure, finished

VOUCHERS = min(500_000, books.LARGE)


def bare_load(path, book) -> float:
    """Load the rows of a book into an empty one by plain executemany in one transaction; return the seconds."""
    tables = {
        name: book.connection.execute(f"SELECT * FROM {name}").fetchall()
        for name in ("log_run", "voucher", "entry", "day_total", "month_total", "day_count")
    }
    with books.new_company(path) as empty:
        connection = empty.connection
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"PRAGMA cache_size = -{160 * 1024}")
        begin = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM log_run")
        for name, rows in tables.items():
            marks = ",".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        connection.execute("COMMIT")
        return time.perf_counter() - begin


def main() -> None:
    with finished():
        path, seconds = books.imported(VOUCHERS, again=True)
        figure("import", VOUCHERS / seconds, "vouchers/s", n=VOUCHERS, beside="budget 25,000 or more")
        for who, whose in (("writing", resource.RUSAGE_SELF), ("preparing", resource.RUSAGE_CHILDREN)):
            peak = resource.getrusage(whose).ru_maxrss / 1024
            figure(f"import, peak memory of the {who} process", peak, "MiB", n=1)
        with books.opened(VOUCHERS) as book:
            bare = bare_load(books.FOLDER / "bare.ledgerflow", book)
        figure("bare SQLCipher, same rows", VOUCHERS / bare, "vouchers/s", n=VOUCHERS)
        figure("import / bare", seconds / bare, "x", n=1)
        size = (path / "books.db").stat().st_size
        source = (books.generated(VOUCHERS) / "vouchers.jsonl").stat().st_size
        figure("file", size / VOUCHERS, "bytes/voucher", n=VOUCHERS, beside="budget under 1,500")
        figure("jsonl of the same books", source / VOUCHERS, "bytes/voucher", n=VOUCHERS)


if __name__ == "__main__":
    assert sqlcipher.sqlite_version
    main()
