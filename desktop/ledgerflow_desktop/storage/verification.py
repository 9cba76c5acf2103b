"""Proves that a book is what its log says: pages, keys, chains, signatures, and every table by recomputation.

`verify_book` changes nothing and repairs nothing. It reads the whole file once for the pages, the log once or
twice, and each table once; what it finds has a stable code and the place it was found at.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import zip_longest

import msgspec

from ledgerflow_core.calendar import day_of, first_of_month, month_number
from ledgerflow_core.errors import Damaged, Fact, LedgerFlowError, Problem
from ledgerflow_core.identifiers import to_text
from ledgerflow_desktop.storage import (
    attachment_index,
    key_slots,
    master_store,
    signing_keys,
    sync_facts,
    without_effect,
)
from ledgerflow_desktop.storage.attachments import is_name, store_of, whole_files
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import Connection, check_every_page, connect, one_state
from ledgerflow_desktop.storage.failures import AttachmentDiffers, AttachmentMissing, translated
from ledgerflow_desktop.storage.log_verification import problems_in_held_log
from ledgerflow_desktop.storage.replay import FINDINGS_MAX, Progress, Replay
from ledgerflow_desktop.storage.row_comparison import compare_rows

Keyed = Iterator[tuple[tuple[int, int], list[int]]]
# What the file means by a fact that was never set.
_NEVER_SET = {"next_voucher_no": "1"}


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was read, and everything found wrong; no findings means all of it is right.

    `vouchers` counts those in the books, `waiting` what the server parked and nobody has decided about,
    `files_to_come` attachments of other offices that have not arrived yet.
    """

    findings: tuple[Problem, ...]
    events: int = 0
    vouchers: int = 0
    waiting: int = 0
    files_to_come: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify_book(book: Book, progress: Progress | None = None) -> VerificationReport:
    """Check everything about an open book; `progress` hears of events done. Costs a pass over the whole book."""
    findings = _keys(book)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # SQLite lets go of the interpreter for all of it, so a second core does it in the same time.
        pages = beside.submit(_pages, book)
        recomputed = _recomputed(book, progress)
        damaged = pages.result()
    if damaged:
        # What stands on damaged pages proves nothing: only the pages are named.
        findings += [Problem("page-damaged", found.place, found.facts) for found in damaged]
    else:
        findings += recomputed.findings
    return replace(recomputed, findings=tuple(findings))


def _pages(book: Book) -> list[Damaged]:
    """Check every page on a connection of its own."""
    try:
        connection = connect(book.folder.database, book.book_key, read_only=True)
        try:
            return check_every_page(connection, str(book.folder.database))
        finally:
            connection.close()
    except Damaged as error:
        return [error]


def _recomputed(book: Book, progress: Progress | None) -> VerificationReport:
    findings: list[Problem] = []
    events = vouchers = waiting = files_to_come = 0
    try:
        with translated(str(book.folder.database)), one_state(book.connection):
            replay = Replay(book.connection)
            differing = compare_rows(book.connection, replay, progress)
            findings += replay.findings
            if replay.is_readable:
                findings += differing
                findings += _others(book.connection, replay)
                findings += problems_in_held_log(book.connection)
                attached, files_to_come = _attachments(book, replay)
                findings += attached
            # A voucher without effect has its number in the file all the same.
            silent = sum(found.voucher_no is not None for found in without_effect.every(book.connection))
            events, vouchers = replay.events, replay.voucher_count - silent
            waiting = len(without_effect.waiting(book.connection))
    except LedgerFlowError as error:
        findings += error.problems
    return VerificationReport(tuple(findings), events, vouchers, waiting, files_to_come)


def _others(connection: Connection, replay: Replay) -> Iterator[Problem]:
    """What is compared as it stands: totals against entries, masters and facts of the file against the log."""
    found = (
        *_kept_totals(connection, replay),
        *_day_counts(connection),
        *_masters(connection, replay),
        *_facts(connection, replay),
        *_series(connection, replay),
    )
    yield from found[:FINDINGS_MAX]


# --- keys.json ------------------------------------------------------------------------------------


def _keys(book: Book) -> list[Problem]:
    place = str(book.folder.keys)
    try:
        keys = key_slots.read_keys(book.folder)
        problems = key_slots.problems_in_keys(book.folder, keys, book.book_key)
        public = signing_keys.public_key(keys, book.book_key)
    except LedgerFlowError as error:
        return [Problem("keys-damaged", place, error.facts)]
    kept = book.connection.execute("SELECT public_key FROM replica WHERE no = ?", (book.replica_no,)).fetchone()
    if kept is None or kept[0] != public:
        problems.append(Problem("signing-key-differs", place))
    if keys.company != book.company.id:
        problems.append(Problem("keys-of-another-company", place))
    return problems


# --- totals ---------------------------------------------------------------------------------------


def _kept_totals(connection: Connection, replay: Replay) -> Iterator[Problem]:
    """The entries are proved by now; both kinds of totals are added up from them again, in order of their keys."""
    names = _names(replay)
    months: dict[tuple[int, int], list[int]] = {}
    kept = "SELECT account_no, day, debit, credit, entries FROM day_total ORDER BY account_no, day"
    for (account, day), right, wrong in _unlike(_day_sums(connection, months), _keyed(connection, kept)):
        yield _total("day_total", names.get(account, f"account no {account}"), day_of(day).isoformat(), right, wrong)
    kept = "SELECT account_no, month, debit, credit, entries FROM month_total ORDER BY account_no, month"
    for (account, month), right, wrong in _unlike(iter(months.items()), _keyed(connection, kept)):
        when = f"{first_of_month(month):%Y-%m}"
        yield _total("month_total", names.get(account, f"account no {account}"), when, right, wrong)


def _keyed(connection: Connection, query: str) -> Keyed:
    for account, at, *kept in connection.execute(query):
        yield (account, at), kept


def _day_sums(connection: Connection, months: dict[tuple[int, int], list[int]]) -> Keyed:
    """Yield the sums of the entries by account and day, and add them up by month on the way."""
    query = """SELECT account_no, day, sum(max(amount, 0)), sum(min(amount, 0)), count(*)
               FROM entry GROUP BY account_no, day ORDER BY account_no, day"""
    month_by_day: dict[int, int] = {}
    for account, day, *sums in connection.execute(query):
        month = month_by_day.get(day)
        if month is None:
            month = month_by_day[day] = month_number(day_of(day))
        kept = months.get((account, month))
        if kept is None:
            months[account, month] = list(sums)
        else:
            kept[0] += sums[0]
            kept[1] += sums[1]
            kept[2] += sums[2]
        yield (account, day), sums


def _unlike(right: Keyed, wrong: Keyed) -> Iterator[tuple[tuple[int, int], list[int] | None, list[int] | None]]:
    """Walk two sorted streams side by side and yield the keys where they differ, None for what is missing."""
    one, other = next(right, None), next(wrong, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            yield one[0], one[1], None
            one = next(right, None)
        elif one is None or other[0] < one[0]:
            yield other[0], None, other[1]
            other = next(wrong, None)
        else:
            if one[1] != other[1]:
                yield one[0], one[1], other[1]
            one, other = next(right, None), next(wrong, None)


def _total(table: str, account: str, when: str, right: list[int] | None, wrong: list[int] | None) -> Problem:
    facts: dict[str, Fact] = {"table": table, "log_says": _said(right), "table_says": _said(wrong)}
    return Problem("total-differs", f"{account} {when}", facts)


def _names(replay: Replay) -> dict[int, str]:
    """Return the names of the masters by local number; one that never came to be has a number alone."""
    masters = replay.chart.masters
    return {no: masters[found].name for found, no in replay.no_by_id.items() if found in masters}


def _said(totals: list[int] | None) -> str:
    return "nothing" if totals is None else "debit {} credit {} entries {}".format(*totals)


def _day_counts(connection: Connection) -> Iterator[Problem]:
    right = connection.execute("SELECT day, count(*) FROM voucher GROUP BY day ORDER BY day")
    wrong = connection.execute("SELECT day, vouchers FROM day_count ORDER BY day")
    streams = ((((day, 0), [count]) for day, count in rows) for rows in (right, wrong))
    for (day, _), one, other in _unlike(*streams):
        facts: dict[str, Fact] = {
            "table": "day_count",
            "log_says": one[0] if one else None,
            "table_says": other[0] if other else None,
        }
        yield Problem("day-count-differs", day_of(day).isoformat(), facts)


# --- masters and facts ----------------------------------------------------------------------------


def _masters(connection: Connection, replay: Replay) -> Iterator[Problem]:
    kept = connection.execute("SELECT no, id, position, body FROM master ORDER BY no")
    right = ((no, found) for found, no in replay.no_by_id.items() if found in replay.chart.masters)
    for made, row in zip_longest(right, kept):
        if made is None:
            yield Problem("master-not-in-log", f"master no {row[0]}", {"table": "master"})
            continue
        no, master_id = made
        master = replay.chart.masters[master_id]
        if row is None:
            yield Problem("master-missing", master.name, {"table": "master", "no": no})
        elif (row[0], to_text(row[1]), row[2]) != (no, master_id, replay.position_by_id[master_id]):
            yield Problem("master-differs", master.name, {"table": "master", "column": "no, id or position"})
        elif row[3] != msgspec.json.encode(master):
            yield Problem("master-differs", master.name, {"table": "master", "column": "body"})


def _facts(connection: Connection, replay: Replay) -> Iterator[Problem]:
    replica_no = int(master_store.get_meta(connection, "replica_no") or 0)
    chain = replay.chain_of(replica_no)
    locked = replay.locked_until
    expected = {
        "locked_until": locked.isoformat() if locked else "",
        "next_voucher_no": str(replay.voucher_count + 1),
        master_store.COMPANY_VERSION: replay.company_version,
        master_store.LOCK_VERSION: replay.lock_version,
        "company": msgspec.json.encode(replay.company).decode() if replay.company else "",
        "replica_tag": chain[1] if chain else "",
    }
    if chain is None:
        yield Problem("replica-unknown", "replica_no", {"table": "meta", "replica_no": replica_no})
    for name, value in expected.items():
        kept = master_store.get_meta(connection, name) or _NEVER_SET.get(name, "")
        if kept != value:
            facts: dict[str, Fact] = {"table": "meta", "log_says": value[:200], "table_says": kept[:200]}
            yield Problem("fact-differs", name, facts)


def _series(connection: Connection, replay: Replay) -> Iterator[Problem]:
    replica_no = int(master_store.get_meta(connection, "replica_no") or 0)
    right = replay.serials_of(replica_no)
    rows = connection.execute("SELECT type_no, year, serial FROM number_series WHERE serial <> 0")
    wrong: Mapping[tuple[int, int], int] = {(type_no, year): serial for type_no, year, serial in rows}
    names = _names(replay)
    # A number once given stays given, also where what was to change its series came to nothing at the server.
    may_be_ahead = sync_facts.is_enrolled(connection)
    for key in sorted(right.keys() | wrong.keys()):
        if right.get(key) != wrong.get(key) and not (may_be_ahead and wrong.get(key, 0) > right.get(key, 0)):
            place = f"{names.get(key[0], key[0])} from {day_of(key[1]).isoformat()}"
            facts: dict[str, Fact] = {
                "table": "number_series",
                "log_says": right.get(key),
                "table_says": wrong.get(key),
            }
            yield Problem("series-differs", place, facts)


# --- attachments ----------------------------------------------------------------------------------


def _attachments(book: Book, replay: Replay) -> tuple[list[Problem], int]:
    """Prove every attachment; return what is wrong, and how many of other offices have not arrived yet."""
    store, problems, to_come = store_of(book), [], 0
    may_arrive = sync_facts.is_enrolled(book.connection)
    for sha256, position in replay.attachments.items():
        if not is_name(sha256) or store.has(sha256):
            continue
        if may_arrive and not attachment_index.was_kept(book.connection, sha256):
            to_come += 1
        else:
            problems.append(Problem("attachment-missing", sha256, {"log_position": position}))
    for file in whole_files(book.folder.attachments):
        try:
            store.check(file.name)
        except (AttachmentDiffers, AttachmentMissing) as error:
            problems.append(Problem("attachment-differs", file.name, error.facts))
    return problems, to_come
