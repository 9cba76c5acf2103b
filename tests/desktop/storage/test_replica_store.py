"""The company file as a replica: what it stores of the server's log, what it refuses, and what becomes of a copy."""

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from builders import CUSTOMER, a_sale, a_voucher, an_account, voucher_id
from desktop.storage.replica_books import Office, reopened
from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Author, Head, event_hash, next_event
from ledgerflow_core.events.event import CloseAcknowledged, ConflictResolved, KeyAdded, decode_event
from ledgerflow_core.identifiers import EventId
from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_core.sync.batch import SealedBatch, Sender, seal
from ledgerflow_core.sync.log import ACCEPTED, LogBatch, Outcome, Verdict
from ledgerflow_core.sync.messages import signed_of
from ledgerflow_core.sync.receipts import Receipt, sign_receipt
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.actions import closing, masters, periods, vouchers
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.failures import UpdateNeeded
from ledgerflow_desktop.storage.guard import Guard
from shared.sync.memory_server import MemoryServer

OTHER_LIFE = "0198c0de-0000-7000-8000-000000000002"


def alter(office: Office, name: str, narration: str) -> None:
    before = vouchers.load(office.book, voucher_id(name))
    vouchers.alter(office.book, before, replace(before.voucher, narration=narration))


def narration(office: Office, name: str) -> str:
    return vouchers.load(office.book, voucher_id(name)).voucher.narration


def ids_of(office: Office) -> list[str]:
    """The ids of the own events, in order."""
    book = office.book
    return [
        log_store.envelope(raw).id
        for run in log_store.chain_runs(book.connection, book.replica_no)
        for raw in run.events
    ]


def pulled(office: Office) -> tuple[Sequence[LogBatch], Signed]:
    """The next piece of the log, as it would arrive."""
    piece = office.server.pull(office.store.standing().log.size)
    return piece.batches, signed_of(piece.end.checkpoint, "checkpoint")


# --- what arrives -------------------------------------------------------------------------------


def test_of_two_alterations_the_one_the_server_took_first_stands_in_both_books(head: Office, branch: Office) -> None:
    alter(head, "s1", "head says")
    alter(branch, "s1", "branch says")
    head.sync()
    branch.sync()
    head.sync()
    assert narration(head, "s1") == narration(branch, "s1") == "head says"
    (one,), (other,) = head.store.conflicts(), branch.store.conflicts()
    assert one == other
    assert (one.reason, decode_event(log_store.read(head.book.connection, 1)).seq) == ("stale-base", 1)
    assert head.findings() == branch.findings() == []


def test_what_will_be_parked_is_taken_back_before_the_server_says_so(head: Office, branch: Office) -> None:
    alter(head, "s1", "head says")
    head.sync()
    alter(branch, "s1", "branch says")
    vouchers.cancel(branch.book, vouchers.load(branch.book, voucher_id("s1")))
    vouchers.post(branch.book, [a_sale("s2")])
    batches, checkpoint = pulled(branch)
    branch.store.append(batches, checkpoint)
    assert narration(branch, "s1") == "head says"
    assert [(row.outcome, row.reason) for row in branch.store.foreseen()] == [(Outcome.PARKED, "stale-base")] * 2
    assert branch.findings() == []
    assert branch.store.pending().count == 3


def test_a_decision_about_a_conflict_closes_it_everywhere(head: Office, branch: Office) -> None:
    alter(head, "s1", "head says")
    alter(branch, "s1", "branch says")
    for office in (head, branch, head):
        office.sync()
    (conflict,) = head.store.conflicts()
    with head.book.writing() as unit:
        unit.record([ConflictResolved(event=conflict.event.id, decision="kept")])
    assert head.store.conflicts() == []
    head.sync()
    branch.sync()
    assert branch.store.conflicts() == []
    assert head.findings() == branch.findings() == []


def test_a_master_taken_back_leaves_its_number_to_nobody(head: Office, branch: Office) -> None:
    rent = next(account for account in head.book.chart.accounts.values() if account.name == "Rent")
    masters.change(head.book, replace(rent, name="Rent of the shop"))
    head.sync()
    masters.change(branch.book, replace(rent, name="Rent of the branch"))
    masters.create(branch.book, [an_account("Tea")])
    branch.sync()
    head.sync()
    masters.create(branch.book, [an_account("Coffee")])
    assert branch.book.chart.accounts[rent.id].name == "Rent of the shop"
    assert head.findings() == branch.findings() == []


def test_a_master_two_offices_made_with_one_id_is_the_one_the_server_took_first(head: Office, branch: Office) -> None:
    tea = an_account("Tea")
    masters.create(head.book, [tea])
    masters.create(branch.book, [replace(tea, name="Tea and sugar")])
    lines = ((tea.id, 50), (CUSTOMER, -50))
    vouchers.post(branch.book, [a_voucher(VoucherNature.JOURNAL, *lines, name="tea", number="J/1")], strict=False)
    head.sync()
    branch.sync()
    head.sync()
    assert head.book.chart.accounts[tea.id].name == branch.book.chart.accounts[tea.id].name == "Tea"
    assert [conflict.reason for conflict in branch.store.conflicts()] == ["master-exists"]
    assert head.findings() == branch.findings() == []
    assert head.figures() == branch.figures()


def test_a_batch_sent_before_is_sent_again_to_the_byte(head: Office) -> None:
    vouchers.post(head.book, [a_sale(f"n{at}") for at in range(4)])
    first = head.store.standing().head.seq - 3
    sent = head.store.outgoing(first, 3)
    vouchers.post(head.book, [a_sale("one more")])
    assert head.store.outgoing(first, 500) == sent
    assert head.store.outgoing(first, 2).header.last == first + 1, "a smaller limit is the one reason to cut it anew"
    assert head.store.outgoing(first, 500).header.last == first + 1


# --- what is refused ----------------------------------------------------------------------------


def state_of(office: Office) -> object:
    connection = office.book.connection
    tables = ("log_run", "server_batch", "checkpoint", "replica", "without_effect", "voucher", "meta")
    return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]


def test_a_checkpoint_over_another_log_is_refused_and_nothing_is_stored(head: Office, branch: Office) -> None:
    vouchers.post(head.book, [a_sale("s2")])
    head.sync()
    batches, _ = pulled(branch)
    before = state_of(branch)
    with pytest.raises(Damaged):
        branch.store.append(batches, branch.server.checkpoint(1))
    assert state_of(branch) == before


def test_verdicts_other_than_those_signed_are_refused(head: Office, branch: Office) -> None:
    vouchers.post(head.book, [a_sale("s2")])
    head.sync()
    batches, checkpoint = pulled(branch)
    parked = tuple(Verdict(Outcome.PARKED, "invalid") for _ in batches[-1].verdicts)
    before = state_of(branch)
    with pytest.raises(Damaged):
        branch.store.append([*batches[:-1], batches[-1]._replace(verdicts=parked)], checkpoint)
    assert state_of(branch) == before


def test_own_events_that_come_back_as_others_are_refused(head: Office) -> None:
    vouchers.post(head.book, [a_sale("s2"), a_sale("s3")])
    standing = head.store.standing()
    book = head.book
    raw, _ = next_event(
        Head(standing.head.seq - 2, standing.hash_at(standing.head.seq - 2)),
        KeyAdded(key="0" * 64, device=book.machine.device, user=book.machine.user, user_name="nobody"),
        author=Author(book.replica, book.machine.user),
        event_id=EventId(book.machine.identifiers().new()),
        at=book.machine.timestamp(),
    )
    before = Head(standing.head.seq - 2, standing.hash_at(standing.head.seq - 2))
    forged = seal([raw], before, Sender(head.store.outgoing(before.seq + 1, 1).header.tenant, book.company.id,
                  book.replica, standing.incarnation), book.signing_key)  # fmt: skip
    head.server.push(forged)
    batches, checkpoint = pulled(head)
    state = state_of(head)
    with pytest.raises(Damaged) as caught:
        head.store.append(batches, checkpoint)
    assert caught.value.facts["reason"] == "own events differ from those in this file"
    assert state_of(head) == state


def test_a_receipt_of_another_server_is_refused(head: Office) -> None:
    vouchers.post(head.book, [a_sale("s2")])
    batch = head.store.outgoing(head.store.standing().head.seq, 1)
    receipt = head.server.push(batch)
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    forged = sign_receipt(stranger, msgspec.json.decode(receipt.statement, type=Receipt))
    with pytest.raises(Damaged):
        head.store.keep(forged)
    head.store.keep(receipt)
    assert head.store.pending().count == 0


# --- copies -------------------------------------------------------------------------------------


def copy_of(office: Office, place: Path) -> Path:
    office.book.checkpoint()
    shutil.copytree(office.book.folder.path, place)
    return place


def test_a_copy_on_another_machine_takes_an_identity_of_its_own_before_it_is_written_to(
    tmp_path: Path, head: Office
) -> None:
    vouchers.post(head.book, [a_sale("not sent yet")])
    copied = reopened(copy_of(head, tmp_path / "copy.ledgerflow"), head.server, "other", state=tmp_path / "elsewhere")
    with copied.book:
        assert copied.book.replica != head.book.replica
        assert copied.book.replica_tag != head.book.replica_tag
        assert copied.book.voucher(voucher_id("not sent yet")) is not None
        assert ids_of(copied)[-1] == ids_of(head)[-1], "the event keeps its id under the new signature"
        assert copied.findings() == []
        copied.sync()
        head.sync()
        copied.sync()
        assert head.findings() == copied.findings() == []
        assert head.figures() == copied.figures()
        assert [v.outcome for p in head.server.log for v in p.verdicts].count(Outcome.DUPLICATE) == 1


def test_events_two_copies_send_count_once_with_what_was_made_on_them(tmp_path: Path, head: Office) -> None:
    vouchers.post(head.book, [a_sale("twice")])
    alter(head, "twice", "altered")
    copied = reopened(copy_of(head, tmp_path / "copy.ledgerflow"), head.server, "other", state=tmp_path / "elsewhere")
    with copied.book:
        first = head.store.standing().head.seq - 1
        head.store.keep(head.server.push(head.store.outgoing(first, 1)))
        batches, checkpoint = pulled(copied)
        copied.store.append(batches, checkpoint)
        assert narration(copied, "twice") == "altered"
        assert copied.findings() == []
        vouchers.cancel(copied.book, vouchers.load(copied.book, voucher_id("twice")))
        for office in (copied, head, copied):
            office.sync()
        assert head.findings() == copied.findings() == []
        assert head.figures() == copied.figures()
        assert head.store.conflicts() == copied.store.conflicts() == []


def test_a_file_put_back_from_before_takes_an_identity_of_its_own(tmp_path: Path, head: Office) -> None:
    earlier = copy_of(head, tmp_path / "earlier")
    vouchers.post(head.book, [a_sale("s2")])
    folder, replica = head.book.folder, head.book.replica
    head.book.close()
    shutil.copyfile(earlier / "books.db", folder.database)
    again = reopened(folder.path, head.server, "head", state=tmp_path / "state of head", turn=1)
    with again.book:
        assert again.book.replica != replica
        again.sync()
        assert again.findings() == []


def test_the_same_file_on_its_own_machine_stays_who_it_is(tmp_path: Path, head: Office) -> None:
    vouchers.post(head.book, [a_sale("s2")])
    replica, folder = head.book.replica, head.book.folder.path
    head.book.close()
    for turn in (1, 2):
        again = reopened(folder, head.server, "head", state=tmp_path / "state of head", turn=turn)
        with again.book:
            assert again.book.replica == replica
            vouchers.post(again.book, [a_sale(f"after {turn}")])


def test_a_guard_that_is_behind_the_file_is_no_sign_of_a_copy(tmp_path: Path, head: Office) -> None:
    replica, folder = head.book.replica, head.book.folder.path
    guard = tmp_path / "state of head" / f"{replica}.guard"
    behind = guard.read_bytes()
    vouchers.post(head.book, [a_sale("s2")])
    head.book.close()
    guard.write_bytes(behind)
    with reopened(folder, head.server, "head", state=tmp_path / "state of head", turn=1).book as book:
        assert book.replica == replica


def test_a_slot_of_the_guard_torn_by_a_crash_leaves_the_other(tmp_path: Path) -> None:
    key, replica = b"k" * 32, "0198c0de-0000-7000-8000-00000000000b"
    guard = Guard(tmp_path, replica, key)  # type: ignore[arg-type]
    for seq in (1, 2, 3):
        guard.write(Head(seq, event_hash(b"%d" % seq)))
    guard.close()
    file = tmp_path / f"{replica}.guard"
    for at in range(len(file.read_bytes())):
        torn = bytearray(file.read_bytes())
        torn[at] ^= 1
        (tmp_path / "torn").mkdir(exist_ok=True)
        (tmp_path / "torn" / file.name).write_bytes(torn)
        left = Guard(tmp_path / "torn", replica, key)  # type: ignore[arg-type]
        assert left.head is not None
        assert left.head.seq in (2, 3)
        left.close()
    other = Guard(tmp_path, replica, b"another key".ljust(32))  # type: ignore[arg-type]
    assert other.head is None
    other.close()


# --- a log that was lost --------------------------------------------------------------------------


def test_what_the_server_lost_is_signed_anew_by_who_still_has_it(head: Office, branch: Office) -> None:
    kept = branch.server.frontier.size
    vouchers.post(branch.book, [a_sale("of the branch")])
    branch.sync()
    vouchers.post(head.book, [a_sale("of the head")])
    head.sync()
    right = head.figures()
    head.server.lose(kept, OTHER_LIFE)
    done = head.sync()
    assert "Rebuild" in done
    assert "Contribute" in done
    assert head.figures() == right
    assert head.findings() == []
    branch.sync()
    assert branch.figures() == right
    head.sync()
    assert head.findings() == branch.findings() == []
    assert head.figures() == branch.figures() == right


def test_what_somebody_might_not_do_is_not_done_by_who_hands_it_in(head: Office, branch: Office) -> None:
    kept = branch.server.frontier.size
    branch.server.roles[branch.book.replica] = Role.BRANCH
    periods.lock(branch.book, date(2026, 3, 31))
    vouchers.post(branch.book, [a_sale("of the branch")])
    branch.sync()
    head.sync()
    assert [conflict.reason for conflict in head.store.conflicts()] == ["not-permitted"]
    right = head.figures()
    head.server.lose(kept, OTHER_LIFE)
    head.sync()
    assert head.book.locked_until is None
    assert head.figures() == right


def test_nobody_acknowledges_a_closing_for_another(head: Office, branch: Office) -> None:
    until = date(2026, 3, 31)
    closing.request(head.book, until)
    head.sync()
    kept = branch.server.frontier.size
    branch.sync()
    with branch.book.writing() as unit:
        request = EventId(ids_of(head)[-1])
        unit.record([CloseAcknowledged(request=request, until=until)])
    branch.sync()
    head.sync()
    head.server.lose(kept, OTHER_LIFE)
    head.sync()
    assert head.server.frontier.size == kept


def test_a_rebuild_keeps_receipts_drafts_and_series(head: Office) -> None:
    size = head.server.frontier.size
    before = [list(head.book.connection.execute(f"SELECT * FROM {name}")) for name in ("receipt", "number_series")]
    head.store.rebuild(size, OTHER_LIFE)
    after = [list(head.book.connection.execute(f"SELECT * FROM {name}")) for name in ("receipt", "number_series")]
    assert after == before
    assert head.store.standing().incarnation == OTHER_LIFE
    assert head.findings() == []
    posted = vouchers.post(head.book, [a_sale("next")]).value[0]
    assert posted.number.endswith("00002")


def test_a_rebuild_that_is_cut_off_leaves_the_book_as_it_was(head: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state_of(head)
    monkeypatch.setattr("ledgerflow_desktop.storage.rebuilding.make_durable", _cut_off)
    with pytest.raises(KeyboardInterrupt):
        head.store.rebuild(0, OTHER_LIFE)
    assert state_of(head) == before
    monkeypatch.undo()
    head.store.rebuild(0, OTHER_LIFE)
    assert head.store.standing().log.size == 0
    assert head.findings() == []


def _cut_off(file: Path) -> None:
    raise KeyboardInterrupt(str(file))


def test_a_move_cut_off_between_keys_and_file_is_done_again(
    tmp_path: Path, head: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouchers.post(head.book, [a_sale("not sent yet")])
    folder = head.book.folder.path
    monkeypatch.setattr("ledgerflow_desktop.storage.rebuilding.put_in_place", lambda copy, into: _cut_off(copy))
    with pytest.raises(KeyboardInterrupt):
        head.store.rehome()
    monkeypatch.undo()
    head.book._lock.release()  # type: ignore[union-attr]  # the process is gone
    again = reopened(folder, head.server, "head", state=tmp_path / "state of head", turn=1)
    with again.book:
        assert again.findings() == []
        assert again.book.voucher(voucher_id("not sent yet")) is not None
        again.sync()


# --- what a later version wrote -----------------------------------------------------------------


def test_an_event_of_a_later_version_is_kept_and_stops_posting_but_not_sending(head: Office, branch: Office) -> None:
    book = branch.book
    standing = branch.store.standing()
    raw = log_store.chain_events(book.connection, book.replica_no, standing.head.seq, standing.head.seq)[0]
    event = decode_event(raw)
    later = (
        f'{{"v":2,"id":"{book.machine.identifiers().new()}","replica":"{book.replica}","seq":{standing.head.seq + 1},'
        f'"prev":"{standing.head.hash.hex()}","at":"{event.at}","user":"{event.user}","body":{{"type":"new"}}}}'
    ).encode()
    sender = Sender(branch.store.outgoing(1, 1).header.tenant, book.company.id, book.replica, standing.incarnation)
    batch = seal([later], standing.head, sender, book.signing_key)
    accepting(head.server, batch)
    vouchers.post(head.book, [a_sale("waits")])
    batches, checkpoint = pulled(head)
    head.store.append(batches, checkpoint)
    with pytest.raises(UpdateNeeded):
        vouchers.post(head.book, [a_sale("no more")])
    head.sync()
    assert head.store.pending().count == 0


def accepting(server: MemoryServer, batch: SealedBatch) -> None:
    """A server of a later version accepts what this one cannot read."""
    server.restore(LogBatch(server.frontier.size + 1, 0, "2026-11-21T10:00:00.000Z", (ACCEPTED,), batch))
