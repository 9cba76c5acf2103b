"""Tampering with the key in hand: whatever table is changed, verification names the place and the kind."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from desktop.storage.sample_company import PASSPHRASE, RENT, fill, machine, new_company, open_it
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, event_hash, genesis, sign_head, version_hash
from ledgerflow_core.events.event import MasterChanged, decode_event
from ledgerflow_core.masters.account import CASH
from ledgerflow_desktop.actions import companies, masters, periods
from ledgerflow_desktop.actions.verification import verify, verify_book
from ledgerflow_desktop.storage import log_store, master_store
from ledgerflow_desktop.storage.book import Book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    on = machine()
    folder = tmp_path / "Lotus.ledgerflow"
    new_company(folder, on)
    with open_it(folder, on) as opened:
        fill(opened)
        yield opened


def found(book: Book) -> list[tuple[str, str]]:
    return [(finding.code, finding.place) for finding in verify_book(book).findings]


def test_an_untouched_book_is_clean_and_says_how_much_was_read(book: Book) -> None:
    heard: list[tuple[int, int]] = []
    report = verify_book(book, lambda done, of: heard.append((done, of)))
    assert report.findings == ()
    assert report.vouchers == 23
    assert report.events == heard[-1][0] == heard[-1][1]


def test_a_company_without_vouchers_is_clean(tmp_path: Path) -> None:
    on = machine()
    new_company(tmp_path / "New.ledgerflow", on)
    assert verify(tmp_path / "New.ledgerflow", on, passphrase=PASSPHRASE).is_clean


TAMPERINGS = [
    ("UPDATE voucher SET amount = amount + 1 WHERE number LIKE '%00004'", "row-differs", "voucher S/26-27/00004"),
    ("UPDATE voucher SET narration = 'x' WHERE number LIKE '%00004'", "row-differs", "voucher S/26-27/00004"),
    ("DELETE FROM voucher WHERE number LIKE 'S%00006'", "row-missing", "voucher S/26-27/00006"),
    ("UPDATE voucher SET state = 0 WHERE number LIKE '%00005'", "row-differs", "voucher S/26-27/00005"),
    ("UPDATE entry SET amount = -2 WHERE voucher_no = 1 AND amount < 0", "row-differs", "voucher S/26-27/00001"),
    ("DELETE FROM entry WHERE voucher_no = 7 AND amount > 0", "row-missing", "voucher S/26-27/00007"),
    ("INSERT INTO entry VALUES (33, 20000, 99, 0, 5, 34)", "row-not-in-log", "voucher no 99"),
    ("UPDATE entry SET against_no = -against_no WHERE voucher_no = 8", "row-differs", "voucher S/26-27/00008"),
    ("UPDATE bill_entry SET due = due + 1 WHERE voucher_no = 9", "row-differs", "voucher S/26-27/00009"),
    ("DELETE FROM bill_entry WHERE voucher_no = 10", "row-missing", "voucher S/26-27/00010"),
    ("UPDATE cost_entry SET amount = 1 WHERE voucher_no = 21", "row-differs", "voucher P/26-27/00001"),
    ("UPDATE foreign_entry SET amount = 1", "row-differs", "voucher J/26-27/00001"),
    ("UPDATE foreign_entry SET currency = 'EUR'", "row-differs", "voucher J/26-27/00001"),
    ("DELETE FROM voucher_version WHERE version = 2", "row-missing", "voucher S/26-27/00003"),
    ("UPDATE day_total SET debit = debit + 1 WHERE account_no = (SELECT min(account_no) FROM day_total)",
     "total-differs", "Cash 2026-05-10"),
    ("DELETE FROM day_total WHERE account_no = (SELECT min(account_no) FROM day_total) AND day < 20590",
     "total-differs", "Cash 2026-05-10"),
    ("UPDATE month_total SET entries = entries + 1 WHERE account_no = (SELECT min(account_no) FROM day_total)",
     "total-differs", "Cash 2026-05"),
    ("INSERT INTO month_total VALUES (999, 24000, 1, -1, 2)", "total-differs", "account no 999 2000-01"),
    ("UPDATE day_count SET vouchers = 0 WHERE day = (SELECT min(day) FROM day_count)",
     "day-count-differs", "2026-05-04"),
    ("UPDATE number_series SET serial = serial + 1 WHERE serial = 20", "series-differs", "Sales from 2026-04-01"),
    ("DELETE FROM number_series", "series-differs", "Payment from 2026-04-01"),
    ("UPDATE master SET body = replace(body, 'Ravi', 'Kavi') WHERE body LIKE '%Ravi%'",
     "master-differs", "Ravi Stores"),
    ("DELETE FROM master WHERE no = (SELECT max(no) FROM master)", "master-missing", "Pune"),
    ("UPDATE master SET position = 1 WHERE no = (SELECT max(no) FROM master)", "master-differs", "Pune"),
    ("INSERT INTO master VALUES (500, x'00112233445566778899aabbccddeeff', 1, '{}')",
     "master-not-in-log", "master no 500"),
    ("UPDATE meta SET value = '2026-04-30' WHERE name = 'locked_until'", "fact-differs", "locked_until"),
    ("UPDATE meta SET value = '2' WHERE name = 'next_voucher_no'", "fact-differs", "next_voucher_no"),
    ("UPDATE meta SET value = replace(value, 'Lotus', 'Lilac') WHERE name = 'company'", "fact-differs", "company"),
    ("INSERT INTO meta VALUES ('replica_tag', 'Q7')", "fact-differs", "replica_tag"),
    ("UPDATE replica SET signature = zeroblob(64)", "signature-wrong", ""),
    ("UPDATE replica SET head_seq = head_seq + 1", "head-differs", ""),
    ("UPDATE replica SET public_key = zeroblob(32)", "replica-key-differs", ""),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "code", "place"), TAMPERINGS, ids=[sql[:60] for sql, _, _ in TAMPERINGS])
def test_a_table_changed_behind_the_programs_back_is_named(book: Book, sql: str, code: str, place: str) -> None:
    if "locked_until" in sql:
        book.connection.execute("INSERT INTO meta VALUES ('locked_until', '') ON CONFLICT DO NOTHING")
    if "replica_tag" in sql:
        book.connection.execute("DELETE FROM meta WHERE name = 'replica_tag'")
    book.connection.execute(sql)
    findings = found(book)
    assert any(found_code == code and found_place.startswith(place) for found_code, found_place in findings), findings


# --- the log ------------------------------------------------------------------------------------


def rewrite_log(book: Book, change: Callable[[list[bytes]], None], *, forge: bool = False) -> None:
    """Change events in the log; a forger with the key in hand also makes the chain and its signature anew."""
    events = [raw for run in log_store.runs(book.connection) for raw in run.events]
    change(events)
    row = log_store.replica(book.connection, 1)
    head = genesis(row.id)
    if forge:
        for at, raw in enumerate(events):
            prev = raw.index(b'"prev":"') + 8
            events[at] = raw[:prev] + head.hash.hex().encode() + raw[prev + 64 :]
            head = Head(head.seq + 1, event_hash(events[at]))
        log_store.set_head(book.connection, 1, head, sign_head(book.signing_key, row.id, head))
    book.connection.execute("DELETE FROM log_run")
    compressed = zstandard.compress(b"\n".join(events))
    book.connection.execute("INSERT INTO log_run VALUES (1, ?, 1, 1, ?)", (len(events), compressed))


def where(events: list[bytes], text: bytes) -> int:
    return next(at for at, raw in enumerate(events) if text in raw)


def test_one_changed_amount_in_the_log_breaks_the_chain_at_the_event_after_it(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        at = where(events, b"S/26-27/00004")
        events[at] = events[at].replace(b":4000", b":4001")

    rewrite_log(book, change)
    assert ("chain-broken", "log position 12") in found(book)
    assert ("row-differs", "voucher S/26-27/00004") in found(book)


def test_a_forged_amount_with_a_forged_chain_still_differs_from_the_tables(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        at = where(events, b"S/26-27/00004")
        events[at] = events[at].replace(b":4000", b":4001").replace(b":-4000", b":-4001")

    rewrite_log(book, change, forge=True)
    assert {code for code, _ in found(book)} == {"row-differs"}


def test_a_forged_first_version_is_not_the_one_the_next_was_made_from(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        at = where(events, b"S/26-27/00003")
        events[at] = events[at].replace(b":3000", b":3001").replace(b":-3000", b":-3001")

    rewrite_log(book, change, forge=True)
    assert {code for code, _ in found(book)} == {"alters-other-version"}


def test_a_change_of_a_master_names_the_version_it_replaces(book: Book) -> None:
    position = master_store.position_of(book.connection, RENT)
    said_first = log_store.read(book.connection, position)
    for name in ("Rent of the shop", "Rent of both shops"):
        masters.change(book, replace(book.chart.accounts[RENT], name=name))
    masters.change(book, replace(book.chart.accounts[CASH], name="Till"))
    renamed, again, till = (decode_event(raw).body for raw in last_events(book, 3))
    assert isinstance(renamed, MasterChanged) and renamed.base == version_hash(said_first).hex()
    assert isinstance(again, MasterChanged) and again.base == version_hash(last_events(book, 3)[0]).hex()
    assert isinstance(till, MasterChanged) and till.base == ""
    assert found(book) == []


def last_events(book: Book, count: int) -> list[bytes]:
    return [raw for run in log_store.runs(book.connection) for raw in run.events][-count:]


def test_a_change_of_another_version_of_a_master_is_named(book: Book) -> None:
    masters.change(book, replace(book.chart.accounts[RENT], name="Rent of the shop"))
    base = decode_event(last_events(book, 1)[0]).body.base.encode()  # type: ignore[union-attr]

    def change(events: list[bytes]) -> None:
        events[-1] = events[-1].replace(base, b"00" * 32)

    rewrite_log(book, change, forge=True)
    assert [code for code, _ in found(book)] == ["changes-other-version"]


def bases(book: Book, count: int) -> list[str]:
    return [decode_event(raw).body.base for raw in last_events(book, count)]  # type: ignore[union-attr]


def test_the_versions_of_the_lock_and_of_the_company_are_lines_of_their_own(book: Book) -> None:
    periods.lock(book, date(2026, 5, 1))
    companies.change_company(book, replace(book.company, phone="020 5550 0101"))
    periods.unlock(book, None, "a bill came late")
    companies.change_company(book, replace(book.company, phone="020 5550 0102"))
    locked, changed, _, _ = (version_hash(raw).hex() for raw in last_events(book, 4))
    assert bases(book, 4) == ["", "", locked, changed]
    assert found(book) == []


@pytest.mark.parametrize("at", [-1, -2])
def test_a_change_of_another_version_of_the_lock_or_the_company_is_named(book: Book, at: int) -> None:
    companies.change_company(book, replace(book.company, phone="020 5550 0101"))
    periods.lock(book, date(2026, 5, 1))

    def change(events: list[bytes]) -> None:
        events[at] = events[at].replace(b'"body":{', b'"body":{"base":"%b",' % (b"00" * 32))

    rewrite_log(book, change, forge=True)
    assert "changes-other-version" in {code for code, _ in found(book)}


def test_a_forged_voucher_that_does_not_balance_is_named(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        at = where(events, b"S/26-27/00004")
        events[at] = events[at].replace(b":-4000", b":-4001")

    rewrite_log(book, change, forge=True)
    assert ("voucher-unbalanced", "log position 11") in found(book)


def test_an_event_left_out_breaks_the_chain(book: Book) -> None:
    rewrite_log(book, lambda events: events.pop(where(events, b"S/26-27/00004")) and None)
    codes = {code for code, _ in found(book)}
    assert {"chain-broken", "row-differs"} <= codes


def test_the_newest_events_cut_off_leave_the_head_ahead_of_the_log(book: Book) -> None:
    rewrite_log(book, lambda events: events.pop() and None)
    codes = {code for code, _ in found(book)}
    assert {"head-differs", "signature-wrong", "row-differs"} <= codes


def test_a_hole_in_the_positions_is_named(book: Book) -> None:
    book.connection.execute("DELETE FROM log_run WHERE first = 3")
    assert any(code == "log-position-missing" and place == "log position 3" for code, place in found(book))


def test_an_event_no_version_knows_is_named(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        events[-1] = events[-1].replace(b"voucher.cancelled", b"voucher.shredded!")

    rewrite_log(book, change, forge=True)
    assert any(code == "event-undecodable" for code, _ in found(book))


def test_an_event_of_a_later_version_is_named(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        at = where(events, b'"type":"voucher.altered"')
        events[at] = events[at].replace(b'{"v":1,', b'{"v":2,"colour":"red",')

    rewrite_log(book, change)
    assert "event-of-unknown-version" in {code for code, _ in found(book)}


def test_an_event_id_given_twice_is_named(book: Book) -> None:
    def change(events: list[bytes]) -> None:
        first, last = events[0].index(b'"id":"') + 6, events[-1].index(b'"id":"') + 6
        events[-1] = events[-1][:last] + events[0][first : first + 36] + events[-1][last + 36 :]

    rewrite_log(book, change, forge=True)
    assert any(code == "event-id-twice" for code, _ in found(book))


def test_a_run_that_does_not_unpack_is_named(book: Book) -> None:
    book.connection.execute("UPDATE log_run SET body = zeroblob(40) WHERE first = 3")
    assert ("log-unreadable", "log run 3") in found(book)


def test_a_head_signed_by_another_key_is_named(book: Book) -> None:
    row = log_store.replica(book.connection, 1)
    other = Ed25519PrivateKey.generate()
    log_store.set_head(book.connection, 1, row.head, sign_head(other, row.id, row.head))
    assert ("signature-wrong", f"replica {row.id}") in found(book)


# --- keys.json, pages, attachments ----------------------------------------------------------------


def test_every_changed_byte_of_the_keys_is_noticed_even_where_the_file_still_opens(book: Book) -> None:
    whole = book.folder.keys.read_bytes()
    at = whole.index(b'"made": "') + 12
    book.folder.keys.write_bytes(whole[:at] + b"9" + whole[at + 1 :])
    assert found(book) == [("keys-changed", str(book.folder.keys))]
    book.folder.keys.write_bytes(whole.replace(b'"slots": [', b'"slots":  ['))
    assert found(book) == [("keys-changed", str(book.folder.keys))]
    book.folder.keys.write_bytes(whole[:-20])
    assert found(book) == [("keys-damaged", str(book.folder.keys))]


def test_a_damaged_page_is_named_and_nothing_is_built_on_it(tmp_path: Path) -> None:
    on = machine()
    folder = tmp_path / "Lotus.ledgerflow"
    new_company(folder, on)
    with open_it(folder, on) as opened:
        fill(opened)
    content = bytearray((folder / "books.db").read_bytes())
    content[-4000] ^= 1
    (folder / "books.db").write_bytes(content)
    report = verify(folder, on, passphrase=PASSPHRASE)
    assert {finding.code for finding in report.findings} <= {"page-damaged", Damaged.code}
    assert not report.is_clean


def test_an_attachment_that_is_not_what_its_name_says_is_named(book: Book) -> None:
    (book.folder.attachments / ("ab" * 32)).write_bytes(b"an invoice")
    assert found(book) == [("attachment-differs", "ab" * 32)]
