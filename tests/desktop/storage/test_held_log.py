"""The server's log as a file holds it: proven by verify, and shown to people as what it is."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from builders import a_sale, voucher_id
from desktop.storage.replica_books import Office
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage import held_log, replica_store, without_effect
from ledgerflow_desktop.storage.as_known import AsKnownFigures
from ledgerflow_desktop.storage.edit_log import EditLogFilter, read_edit_log
from ledgerflow_desktop.storage.encrypted_database import transaction
from shared.sync.memory_server import INCARNATION

OTHER_LIFE = "0198c0de-0000-7000-8000-000000000002"


def alter(office: Office, name: str, narration: str) -> None:
    before = vouchers.load(office.book, voucher_id(name))
    vouchers.alter(office.book, before, replace(before.voucher, narration=narration))


def narration(office: Office, name: str) -> str:
    return vouchers.load(office.book, voucher_id(name)).voucher.narration


# --- verify -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE server_batch SET header = CAST(replace(header, 'a', 'b') AS BLOB)", "batch-seal-wrong"),
        ("UPDATE server_batch SET at = '2026-01-01T00:00:00.000Z' WHERE first_gseq = 1", "checkpoint-differs"),
        ("""UPDATE server_batch SET verdicts = '[[' || (last_gseq - first_gseq + 1) || ',"parked","invalid",0]]'
            WHERE first_gseq = 1""", "checkpoint-differs"),
        ("DELETE FROM server_batch WHERE first_gseq = 1", "log-entry-missing"),
        ("DELETE FROM checkpoint", "checkpoint-missing"),
        (f"UPDATE meta SET value = '{OTHER_LIFE}' WHERE name = 'sync.tenant'", "checkpoint-differs"),
        (f"UPDATE meta SET value = '{OTHER_LIFE}' WHERE name = 'sync.tenant'", "receipt-differs"),
        ("UPDATE checkpoint SET statement = CAST(replace(statement, '2026', '2027') AS BLOB)", "checkpoint-wrong"),
        ("UPDATE receipt SET statement = CAST(replace(statement, '2026', '2027') AS BLOB)", "receipt-wrong"),
        ("DELETE FROM without_effect", "effect-differs"),
        ("UPDATE without_effect SET reason = 'invalid'", "effect-differs"),
        ("""INSERT INTO without_effect (position, event_id, outcome, reason)
            VALUES (5, x'00000000000000000000000000000000', 'parked', 'invalid')""", "effect-differs"),
        ("UPDATE meta SET value = '0000000000000000' WHERE name = 'sync.frontier'", "log-tree-differs"),
        ("UPDATE replica SET public_key = zeroblob(32) WHERE no <> 1", "batch-signer-unknown"),
    ],
)  # fmt: skip
def test_a_held_log_changed_behind_the_programs_back_is_named(
    head: Office, branch: Office, sql: str, code: str
) -> None:
    alter(head, "s1", "head says")
    alter(branch, "s1", "branch says")
    for office in (head, branch, head):
        office.sync()
    assert head.findings() == []
    with transaction(head.book.connection, "books.db"):
        head.book.connection.execute(sql)
    assert code in {found.split()[0] for found in head.findings()}


def test_the_log_held_is_the_log_of_the_server(head: Office, branch: Office) -> None:
    vouchers.post(branch.book, [a_sale("s2")])
    branch.sync()
    head.sync()
    assert list(head.store.server_log()) == head.server.log
    pieces, checkpoint = head.store.continuation(0, 1)
    assert pieces == head.server.log[: len(pieces)]
    assert held_log.checkpoint(head.book.connection, pieces[-1].last) == checkpoint
    assert without_effect.positions(head.book.connection) == frozenset()


def test_a_server_is_handed_back_a_piece_that_ends_in_the_life_its_log_was_in_last(head: Office) -> None:
    for name in ("s2", "s3"):
        vouchers.post(head.book, [a_sale(name)])
        head.sync()
    before = head.server.log[-1].last
    # What `end-recovery` does where nothing is missing: the log goes on in another life.
    head.server.incarnation = OTHER_LIFE
    head.sync()
    pieces, checkpoint = head.store.continuation(0, 1)
    # Nothing is signed in that life yet: a beacon still knows the log by its end.
    assert (pieces[-1].last, held_log.life_of(checkpoint)) == (before, INCARNATION)
    for name in ("s4", "s5"):
        vouchers.post(head.book, [a_sale(name)])
        head.sync()
    pieces, checkpoint = head.store.continuation(0, 1)
    assert pieces == head.server.log[:-1]
    assert checkpoint == held_log.checkpoint(head.book.connection, pieces[-1].last)
    assert held_log.life_of(checkpoint) == OTHER_LIFE
    pieces, _ = head.store.continuation(pieces[-1].last, 1)
    assert pieces == head.server.log[-1:]


def test_a_piece_too_large_for_a_request_is_not_gone_on_for(head: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica_store, "HAND_BACK_BYTES_MOST", 1)
    vouchers.post(head.book, [a_sale("s2")])
    head.sync()
    head.server.incarnation = OTHER_LIFE
    vouchers.post(head.book, [a_sale("s3")])
    head.sync()
    pieces, checkpoint = head.store.continuation(0, 1)
    assert (pieces, held_log.life_of(checkpoint)) == (head.server.log[:1], INCARNATION)


# --- what people are shown ----------------------------------------------------------------------


def test_the_edit_log_shows_what_was_parked_and_why(head: Office, branch: Office) -> None:
    alter(head, "s1", "head says")
    alter(branch, "s1", "branch says")
    vouchers.cancel(branch.book, vouchers.load(branch.book, voucher_id("s1")), "entered twice")
    for office in (head, branch, head):
        office.sync()
    for office in (head, branch):
        lines = read_edit_log(office.book, EditLogFilter(voucher=voucher_id("s1"))).lines
        shown = {(line.kind, line.user == head.book.machine.user, line.parked) for line in lines}
        assert shown == {
            ("voucher.posted", True, ""),
            ("voucher.altered", True, ""),
            ("voucher.altered", False, "stale-base"),
            ("voucher.cancelled", False, "stale-base"),
        }
        assert any("without effect: stale-base; entered twice" in row for line in lines for row in line.rows())


def test_the_books_as_known_leave_out_what_has_no_effect(head: Office, branch: Office) -> None:
    today, end = head.book.machine.today(), date(2027, 3, 31)
    alter(head, "s1", "head says")
    vouchers.cancel(branch.book, vouchers.load(branch.book, voucher_id("s1")))
    for office in (head, branch, head):
        office.sync()
    balances = {account: amount for account, amount in head.book.closing_balances().items() if amount}
    with AsKnownFigures(head.book, today) as figures:
        assert {account: amount for account, amount in figures.balances(end).items() if amount} == balances
    with AsKnownFigures(head.book, today - timedelta(days=2)) as figures:
        assert not any(figures.balances(end).values())
