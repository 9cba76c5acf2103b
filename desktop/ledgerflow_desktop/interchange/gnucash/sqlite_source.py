"""The SQLite form of a GnuCash book, opened so that nothing can be written to it, not even a lock or a journal.

The file is not ours: every value may have any type, a table may be missing or be a view with a query of its
own. Only plain tables are read, and whatever SQLite itself says of the file becomes `damaged-file`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_desktop.interchange.gnucash.book import (
    Book,
    BookAccount,
    Commodity,
    Price,
    Split,
    Transaction,
    fraction,
    iso_date,
)
from ledgerflow_desktop.interchange.lines import Progress
from ledgerflow_desktop.interchange.records import NotImported

Row = tuple[object, ...]

_NEEDED = ("accounts", "books", "commodities", "splits", "transactions", "slots", "prices")

# What has no place in the books: table, what it holds, the column that names an example.
_LEFT_OUT = (
    ("schedxactions", "scheduled transactions", "name"),
    ("budgets", "budgets", "name"),
    ("invoices", "invoices and bills", "id"),
    ("customers", "customers", "name"),
    ("vendors", "vendors", "name"),
    ("employees", "employees", "username"),
    ("jobs", "jobs", "name"),
    ("orders", "orders", "id"),
    ("taxtables", "tax tables", "name"),
    ("billterms", "billing terms", "name"),
    ("lots", "lots", "guid"),
)

# Splits whose account and transaction exist: what GnuCash itself adds up.
_TOTALS = """
    SELECT s.account_guid, c.namespace, c.mnemonic, s.quantity_denom, SUM(s.quantity_num), COUNT(*)
    FROM splits s JOIN accounts a ON a.guid = s.account_guid JOIN transactions t ON t.guid = s.tx_guid
    LEFT JOIN commodities c ON c.guid = a.commodity_guid GROUP BY 1, 2, 3, 4"""

_PRICES = """
    SELECT c.namespace, c.mnemonic, q.namespace, q.mnemonic, p.date, p.value_num, p.value_denom
    FROM prices p JOIN commodities c ON c.guid = p.commodity_guid JOIN commodities q ON q.guid = p.currency_guid
    ORDER BY p.rowid"""

_TRANSACTIONS = """
    SELECT t.guid, c.namespace, c.mnemonic, t.num, t.post_date, t.description,
        (SELECT gdate_val FROM slots WHERE obj_guid = t.guid AND name = 'date-posted') AS day,
        (SELECT string_val FROM slots WHERE obj_guid = t.guid AND name = 'notes'),
        (SELECT string_val FROM slots WHERE obj_guid = t.guid AND name = 'assoc_uri'),
        (SELECT string_val FROM slots WHERE obj_guid = t.guid AND name = 'void-reason'),
        s.account_guid, s.value_num, s.value_denom, s.quantity_num, s.quantity_denom,
        s.memo, s.action, s.reconcile_state, s.reconcile_date, s.guid
    FROM transactions t JOIN splits s ON s.tx_guid = t.guid
    LEFT JOIN commodities c ON c.guid = t.currency_guid
    ORDER BY t.post_date, t.guid, s.rowid"""

_FORMER = "SELECT name, numeric_val_num, numeric_val_denom FROM slots WHERE obj_guid = ? AND name LIKE 'void-former-%'"


class SqliteSource:
    """One book in SQLite. Progress counts splits."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self._path = path
        self._progress = progress
        self._templates: set[str] = set()
        self._splits = 0

    def book(self) -> Book:
        """Read everything but the transactions."""
        with self._connection() as connection:
            commodities = {
                _text(guid): Commodity(_text(space), _text(code))
                for guid, space, code in connection.execute("SELECT guid, namespace, mnemonic FROM commodities")
            }
            book = Book(accounts=self._accounts(connection, commodities))
            totals: Row
            for totals in connection.execute(_TOTALS):
                guid, space, code, denominator, numerator, count = totals
                if guid in book.accounts:
                    total = fraction(_whole(numerator), _whole(denominator))
                    book.totals[_text(guid)] = book.totals.get(_text(guid), Fraction(0)) + total
                    commodity = Commodity(_text(space), _text(code))
                    if commodity.is_currency:
                        book.splits_by_currency[commodity.code] += _whole(count)
                    self._splits += _whole(count)
            securities = 0
            for space, code, in_space, in_code, day, numerator, denominator in connection.execute(_PRICES):
                commodity, currency = Commodity(_text(space), _text(code)), Commodity(_text(in_space), _text(in_code))
                if commodity.is_currency and currency.is_currency:
                    value = fraction(_whole(numerator), _whole(denominator))
                    book.prices.append(Price(commodity, currency, _day(day, None), value))
                else:
                    securities += 1
            book.company = self._company(connection)
            book.leftovers = list(_leftovers(connection, securities))
            return book

    def transactions(self) -> Iterator[tuple[str, Transaction]]:
        """Stream the transactions in order of their dates."""
        done = 0
        with self._connection() as connection:
            rows: Iterator[Row] = connection.execute(_TRANSACTIONS)
            for guid, splits in groupby(rows, key=lambda row: row[0]):
                of_one = list(splits)
                done += len(of_one)
                if self._progress is not None:
                    self._progress(min(done, self._splits), self._splits)
                if all(split[10] in self._templates for split in of_one):
                    continue
                place = f"{self._path.name}: transaction {_text(guid)[:40]}"
                try:
                    found = _transaction(connection, of_one)
                except InvalidInput as error:
                    raise InvalidInput([problem.at(place) for problem in error.problems]) from None
                yield place, found

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        uri = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            connection = sqlite3.connect(uri, uri=True)
            try:
                # Functions and settings a hostile schema could reach for; damaged cells are found, not followed.
                connection.execute("PRAGMA trusted_schema = OFF")
                connection.execute("PRAGMA cell_size_check = ON")
                connection.execute("PRAGMA query_only = ON")
                _check_tables(connection)
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            # What SQLite says may quote the damaged bytes; then not even its message can be read.
            raise refuse("damaged-file", self._path.name, reason=str(error)[:120]) from error

    def _accounts(self, connection: sqlite3.Connection, commodities: dict[str, Commodity]) -> dict[str, BookAccount]:
        """Return the accounts below the book's root, and note those of the templates."""
        roots = connection.execute("SELECT root_account_guid, root_template_guid FROM books").fetchall()
        if len(roots) != 1:
            raise refuse("damaged-file", self._path.name, reason=f"{len(roots)} books in one file")
        root, template_root = (_text(guid) for guid in roots[0])
        found: dict[str, BookAccount] = {}
        notes = {
            _text(guid): _text(text)
            for guid, text in connection.execute(
                "SELECT obj_guid, string_val FROM slots JOIN accounts ON guid = obj_guid WHERE slots.name = 'notes'"
            )
        }
        columns = "guid, name, account_type, commodity_guid, parent_guid, code, description, hidden, placeholder"
        for guid, name, type_, commodity, parent, code, description, hidden, placeholder in connection.execute(
            f"SELECT {columns} FROM accounts WHERE account_type <> 'ROOT' ORDER BY rowid"  # noqa: S608 - our own text
        ):
            found[_text(guid)] = BookAccount(
                guid=_text(guid),
                name=_text(name),
                type=_text(type_),
                commodity=commodities.get(_text(commodity)),
                parent=None if parent in (root, None, "") else _text(parent),
                code=_text(code),
                description=_text(description),
                notes=notes.get(_text(guid), ""),
                is_hidden=hidden == 1,
                is_placeholder=placeholder == 1,
            )
        self._templates = _below(template_root, found)
        return {guid: account for guid, account in found.items() if guid not in self._templates}

    def _company(self, connection: sqlite3.Connection) -> str:
        row = connection.execute("SELECT string_val FROM slots WHERE name = 'options/Business/Company Name'").fetchone()
        return _text(row[0]) if row else ""


def _check_tables(connection: sqlite3.Connection) -> None:
    """Refuse a file in which something we read is not a plain table."""
    kinds = {
        name: sql
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")
    }
    for table in _NEEDED:
        if table not in kinds:
            raise sqlite3.DatabaseError(f"no table {table}: not a GnuCash book")


def _leftovers(connection: sqlite3.Connection, securities: int) -> Iterator[NotImported]:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'")}
    for table, what, naming in _LEFT_OUT:
        if table in tables:
            count, example = connection.execute(f"SELECT COUNT(*), MIN({naming}) FROM {table}").fetchone()  # noqa: S608 - our own names
            if count:
                yield NotImported(what=what, count=count, example=_text(example))
    if securities:
        yield NotImported(what="prices of securities", count=securities)
    orphans = (
        "SELECT COUNT(*) FROM transactions WHERE guid NOT IN (SELECT tx_guid FROM splits WHERE tx_guid IS NOT NULL)"
    )
    (count,) = connection.execute(orphans).fetchone()
    if count:
        yield NotImported(what="transactions without splits", count=count)


def _below(root: str, accounts: dict[str, BookAccount]) -> set[str]:
    """Return the accounts below a root."""
    below: set[str] = set()
    grown = True
    while grown:
        more = {guid for guid, account in accounts.items() if account.parent == root or account.parent in below}
        grown = more != below
        below = more
    return below


def _transaction(connection: sqlite3.Connection, rows: list[Row]) -> Transaction:
    guid, space, code, num, posted, description, day, notes, document, void_reason, *_ = rows[0]
    is_void = void_reason is not None and any(row[17] == "v" for row in rows)
    return Transaction(
        guid=_text(guid),
        currency=Commodity(_text(space), _text(code)),
        date=_day(posted, day),
        splits=[_split(connection, row) for row in rows],
        num=_text(num),
        description=_text(description),
        notes=_text(notes),
        document=_text(document),
        void_reason=_text(void_reason) if is_void else None,
    )


def _split(connection: sqlite3.Connection, row: Row) -> Split:
    account, value, value_denominator, quantity, quantity_denominator, memo, action, state, reconciled, guid = row[10:]
    cleared = _day(reconciled, None).isoformat() if state == "y" and reconciled else ""
    former: tuple[Fraction, Fraction] | None = None
    if state == "v":
        parts = {name: (top, bottom) for name, top, bottom in connection.execute(_FORMER, (guid,))}
        if len(parts) == 2:
            former_value, former_quantity = parts.get("void-former-value"), parts.get("void-former-amount")
            if former_value and former_quantity:
                former = (
                    fraction(_whole(former_value[0]), _whole(former_value[1])),
                    fraction(_whole(former_quantity[0]), _whole(former_quantity[1])),
                )
    return Split(
        account=_text(account),
        value=fraction(_whole(value), _whole(value_denominator)),
        quantity=fraction(_whole(quantity), _whole(quantity_denominator)),
        memo=_text(memo),
        action=_text(action),
        cleared="" if cleared.startswith("1970-01-01") else cleared,
        former=former,
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise refuse("wrong-type", wanted="text", given=str(value)[:40])


def _whole(value: object) -> int:
    if isinstance(value, int):
        return value
    raise refuse("wrong-type", wanted="whole number", given=str(value)[:40])


def _day(stamp: object, day: object) -> date:
    """Return a business date: the date GnuCash kept beside the time, else the date the time stands for.

    Times are in UTC. Since 2.6.12 GnuCash writes 10:59, which is the same date nearly everywhere; before,
    it wrote midnight where its user was. Thirteen hours on, both are within the date meant, from 10:59
    hours west of Greenwich to 13 east. Files before 2.6.20 write ``20180220105900``.
    """
    if isinstance(day, str) and len(day) == 8 and day.isdigit():
        return iso_date(f"{day[:4]}-{day[4:6]}-{day[6:]}")
    text = _text(stamp)
    try:
        moment = datetime.strptime(text, "%Y%m%d%H%M%S") if text.isdigit() else datetime.fromisoformat(text)  # noqa: DTZ007 - UTC
        return (moment + timedelta(hours=13)).date()
    except (ValueError, OverflowError):
        raise refuse("bad-date", given=text[:40]) from None
