"""The log, and the tables that can be rebuilt from it.

Amounts are minor units of the base currency, debit positive. Days are whole days since 1970-01-01, months
year * 12 + month - 1. `no` columns are local numbers of masters and vouchers: short keys of this file only.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    # Facts of the file itself: company id, this replica's number, what the period lock is.
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # One row per chain of events. The signature covers the head, and so every event up to it.
    """CREATE TABLE replica (
        no INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        head_seq INTEGER NOT NULL,
        head_hash BLOB NOT NULL,
        signature BLOB NOT NULL)""",
    # Runs of consecutive events of one replica, as written: zstd over their bytes joined by newlines.
    # `first` is the position of the run's first event in this file; positions count from 1 without holes.
    """CREATE TABLE log_run (
        first INTEGER PRIMARY KEY,
        events INTEGER NOT NULL,
        replica_no INTEGER NOT NULL REFERENCES replica (no),
        first_seq INTEGER NOT NULL,
        body BLOB NOT NULL)""",
    """CREATE TABLE master (
        no INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        position INTEGER NOT NULL,
        body BLOB NOT NULL)""",
    # The current version of each voucher, in the order of the day book. `position` is its event in the log;
    # `year` (first day of the financial year) is NULL where a number may repeat.
    """CREATE TABLE voucher (
        day INTEGER NOT NULL,
        no INTEGER NOT NULL,
        id BLOB NOT NULL,
        type_no INTEGER NOT NULL,
        year INTEGER,
        number TEXT NOT NULL,
        account_no INTEGER,
        amount INTEGER NOT NULL,
        state INTEGER NOT NULL,
        version INTEGER NOT NULL,
        position INTEGER NOT NULL,
        narration TEXT NOT NULL,
        PRIMARY KEY (day, no)) WITHOUT ROWID""",
    "CREATE UNIQUE INDEX voucher_by_id ON voucher (id)",
    "CREATE UNIQUE INDEX voucher_by_number ON voucher (type_no, year, number)",
    # Every version but the current one, for the edit log of one voucher.
    """CREATE TABLE voucher_version (
        voucher_no INTEGER NOT NULL,
        version INTEGER NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (voucher_no, version)) WITHOUT ROWID""",
    # Entries in the books, clustered so that a statement reads one stretch of one account.
    # `against_no` is the account on the other side, negative when there are several.
    """CREATE TABLE entry (
        account_no INTEGER NOT NULL,
        day INTEGER NOT NULL,
        voucher_no INTEGER NOT NULL,
        line INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        against_no INTEGER NOT NULL,
        PRIMARY KEY (account_no, day, voucher_no, line)) WITHOUT ROWID""",
    """CREATE TABLE bill_entry (
        account_no INTEGER NOT NULL,
        name TEXT NOT NULL,
        day INTEGER NOT NULL,
        voucher_no INTEGER NOT NULL,
        line INTEGER NOT NULL,
        part INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        due INTEGER,
        amount INTEGER NOT NULL,
        PRIMARY KEY (account_no, name, day, voucher_no, line, part)) WITHOUT ROWID""",
    """CREATE TABLE cost_entry (
        centre_no INTEGER NOT NULL,
        day INTEGER NOT NULL,
        voucher_no INTEGER NOT NULL,
        line INTEGER NOT NULL,
        part INTEGER NOT NULL,
        account_no INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (centre_no, day, voucher_no, line, part)) WITHOUT ROWID""",
    """CREATE TABLE foreign_entry (
        account_no INTEGER NOT NULL,
        day INTEGER NOT NULL,
        voucher_no INTEGER NOT NULL,
        line INTEGER NOT NULL,
        currency TEXT NOT NULL,
        amount INTEGER NOT NULL,
        base INTEGER NOT NULL,
        PRIMARY KEY (account_no, day, voucher_no, line)) WITHOUT ROWID""",
    # Kept totals: debits >= 0, credits <= 0. A report adds whole months and the days at its edges. Time comes
    # first in the key: a voucher's accounts then share a page, and so does what a report adds up. The bounds are
    # 2**53 - 1: SQLite would go on with an inexact number past 2**63 and say nothing.
    """CREATE TABLE month_total (
        account_no INTEGER NOT NULL,
        month INTEGER NOT NULL,
        debit INTEGER NOT NULL,
        credit INTEGER NOT NULL,
        entries INTEGER NOT NULL,
        PRIMARY KEY (month, account_no),
        CHECK (debit <= 9007199254740991 AND credit >= -9007199254740991)) WITHOUT ROWID""",
    """CREATE TABLE day_total (
        account_no INTEGER NOT NULL,
        day INTEGER NOT NULL,
        debit INTEGER NOT NULL,
        credit INTEGER NOT NULL,
        entries INTEGER NOT NULL,
        PRIMARY KEY (day, account_no),
        CHECK (debit <= 9007199254740991 AND credit >= -9007199254740991)) WITHOUT ROWID""",
    # How many vouchers each day has: finds any line of the day book without counting the ones before.
    "CREATE TABLE day_count (day INTEGER PRIMARY KEY, vouchers INTEGER NOT NULL)",
    # The last serial given in each automatic series.
    """CREATE TABLE number_series (
        type_no INTEGER NOT NULL,
        year INTEGER NOT NULL,
        serial INTEGER NOT NULL,
        PRIMARY KEY (type_no, year)) WITHOUT ROWID""",
)


def upgrade() -> None:
    """Lay the first tables."""
    for table in _TABLES:
        op.execute(table)
