"""Who an office is: wrong clocks, copies of its file, old backups, shut out, old tokens, companies of others."""

import json
import shutil
import threading
from pathlib import Path

import httpx
import pytest

from end_to_end import faults
from end_to_end.company import SharedCompany
from end_to_end.office import CHEAP, Office, machine_at
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.sync.replica_messages import Receipted, Rejected
from ledgerflow_desktop.actions import backups, joining
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.storage.signing_keys import SigningKeyMissing
from ledgerflow_desktop.sync_client.compression import compress
from ledgerflow_desktop.sync_client.server import BATCH
from simulation.oracle import entries_of

BATCH_HEADERS = {"Content-Type": BATCH}
TOKEN_SECONDS = 600
TEN_YEARS = 10 * 365 * 86_400_000


@pytest.mark.parametrize("off", [TEN_YEARS, -TEN_YEARS])
def test_a_clock_ten_years_off_syncs_all_the_same(shared_company: SharedCompany, off: int) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.at_clock_off_by(off)
    pune.post(3)
    delhi.post(3)
    assert shared_company.end().acknowledged == 6


def test_a_clock_that_jumps_back_between_two_vouchers_changes_nothing(shared_company: SharedCompany) -> None:
    pune, _ = shared_company.open("Pune", "Delhi")
    pune.post(2)
    pune.at_clock_off_by(-3_600_000)
    pune.post(2)
    pune.sync()
    pune.at_clock_off_by(0)
    pune.post(1)
    assert shared_company.end().acknowledged == 5


@pytest.mark.parametrize("with_key_store", [True, False])
def test_a_copied_company_file_becomes_an_office_of_its_own(
    shared_company: SharedCompany, with_key_store: bool
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.post(2)
    pune.sync()
    copy = copied(pune, "Copy", with_key_store=with_key_store)
    shared_company.offices.append(copy)
    pune.post(3)
    delhi.post(1)
    pune.sync()
    if not with_key_store:
        # Whoever copies the folder alone does not get in with it, and takes nobody's identity by looking at it.
        with pytest.raises(SigningKeyMissing):
            copy.post(4)
        with pytest.raises(SigningKeyMissing):
            copy.sync()
        copy.enrol(shared_company.proxy.address, shared_company.codes.pop())
    copy.post(4)
    copy.sync(patience=4)
    assert shared_company.end().acknowledged == 10
    assert pune.book.replica != copy.book.replica


@pytest.mark.parametrize("with_guard", [True, False])
def test_an_office_set_back_to_an_old_copy_of_its_file_gives_no_number_twice_and_loses_nothing_sent(
    shared_company: SharedCompany, with_guard: bool
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.post(3)
    pune.sync()
    pune.close()
    old = shared_company.place / "old"
    shutil.copytree(pune.place, old)
    pune.reopen()
    before = pune.book.replica
    pune.post(4)
    pune.sync()
    pune.close()
    for name in ("Books.ledgerflow", *(() if with_guard else ("machine",))):
        if (pune.place / name).exists():
            shutil.rmtree(pune.place / name)
        if (old / name).exists():
            shutil.copytree(old / name, pune.place / name)
    pune.reopen()
    pune.post(2)
    delhi.post(1)
    pune.sync(patience=4)
    assert shared_company.end().acknowledged == 10
    assert pune.book.replica != before


def test_an_office_restored_from_a_backup_takes_what_it_sent_since_from_the_server(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.post(3)
    pune.sync()
    backup = backups.back_up(pune.book, pune.place / "backup.lfbackup").value
    pune.post(4)
    pune.sync()
    pune.close()
    backups.restore(
        backup, pune.place / "Books.ledgerflow", pune.machine, passphrase="correct horse battery", replace=True
    )
    pune.reopen()
    pune.post(2)
    delhi.post(2)
    pune.sync(patience=4)
    assert shared_company.end().acknowledged == 11


def test_a_device_that_was_shut_out_keeps_what_it_wrote_and_says_so(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    shared_company.shut_out(delhi)
    posted = delhi.post(2)
    progress = delhi.sync(patience=4)
    assert (progress.status, progress.trouble) == (Status.ATTENTION, "device-revoked")
    pune.post(1)
    shared_company.settle([pune])
    shared_company.check([pune], gone=frozenset(voucher.id for voucher in posted))
    delhi.verify()
    assert {voucher.id for voucher in delhi.book.vouchers_in_order()} >= {voucher.id for voucher in posted}


def test_a_device_that_was_shut_out_is_let_in_again_by_a_code_with_what_it_wrote(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.post(1)
    delhi.sync()
    shared_company.shut_out(delhi)
    delhi.post(2)
    assert delhi.sync(patience=4).trouble == "device-revoked"
    delhi.enrol(shared_company.proxy.address, shared_company.codes.pop(), again=True)
    pune.post(1)
    assert shared_company.end().acknowledged == 4


def test_an_office_whose_key_is_lost_is_let_in_again_by_a_code_with_what_it_wrote(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.post(3)
    delhi.close()
    (delhi.place / "key-store").unlink()
    delhi.reopen()
    with pytest.raises(LedgerFlowError) as lost:
        delhi.sync()
    assert lost.value.problems[0].code == "signing-key-missing"
    delhi.enrol(shared_company.proxy.address, shared_company.codes.pop())
    delhi.post(2)
    pune.post(1)
    assert shared_company.end().acknowledged == 6


def test_a_token_that_expires_between_two_batches_is_renewed_in_passing(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(600)])
    expired = faults.with_token(shared_company.head_office.expired(pune.token()))
    expiring = faults.Times(expired, faults.pushes, skip=1)
    shared_company.proxy.fault = expiring
    assert pune.sync().status is Status.UP_TO_DATE
    assert expiring.hits == 1
    delhi.post(1)
    assert shared_company.end().acknowledged == 601


def test_a_token_that_expires_while_a_batch_is_on_its_way_costs_at_most_sending_it_again(
    shared_company: SharedCompany,
) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(50)])
    # Good for two seconds more when it is read, and over when the batch is complete.
    token = shared_company.head_office.expired(pune.token(), TOKEN_SECONDS - 2)
    before = shared_company.head_office.batches()
    halves = faults.in_two_halves(lambda: _until_refused(shared_company, pune, token), token)
    fault = faults.Times(halves, faults.pushes)
    shared_company.proxy.fault = fault
    assert pune.sync(patience=2).status is Status.UP_TO_DATE
    assert fault.hits == 1
    assert shared_company.head_office.batches() == before + 1
    delhi.post(1)
    assert shared_company.end().acknowledged == 51


def test_a_device_shut_out_while_its_batch_is_on_its_way_has_none_of_it_taken(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    posted = delhi.post(5)
    fault = faults.Times(faults.in_two_halves(lambda: shared_company.shut_out(delhi)), faults.pushes)
    shared_company.proxy.fault = fault
    progress = delhi.sync(patience=4)
    assert fault.hits == 1
    assert (progress.status, progress.trouble) == (Status.ATTENTION, "device-revoked")
    pune.post(1)
    shared_company.settle([pune])
    shared_company.check([pune], gone=frozenset(voucher.id for voucher in posted))
    delhi.verify()
    assert {voucher.id for voucher in delhi.book.vouchers_in_order()} >= {voucher.id for voucher in posted}


def test_what_a_device_sends_while_it_is_shut_out_is_in_the_log_before_that_or_not_at_all(
    shared_company: SharedCompany,
) -> None:
    """Many batches are under way: all that were receipted lie before the end of the key, and no other does."""
    pune, delhi = shared_company.open("Pune", "Delhi")
    shutting_out = threading.Thread(target=shared_company.shut_out, args=[delhi])
    taken: list[VoucherId] = []
    with delhi.connected() as connected:
        connected.server.sign_in()
        while True:
            if len(taken) == 3:
                shutting_out.start()
            posted = delhi.post(1)
            heard = connected.server.push(delhi.next_batch(posted))
            if not isinstance(heard, Receipted):
                break
            taken += [voucher.id for voucher in posted]
    shutting_out.join()
    assert isinstance(heard, Rejected)
    assert heard.code == "device-revoked"
    shared_company.settle([pune])
    bodies = [json.loads(entry.raw)["body"] for entry in entries_of(pune.server_log())]
    of_delhi = [body["voucher"]["id"] for body in bodies if body["type"] == "voucher.posted"]
    assert of_delhi == taken
    assert bodies[-1]["type"] == "key.revoked"
    shared_company.check([pune], gone=frozenset(voucher.id for voucher in posted))


def test_another_tenants_company_is_not_there(shared_company: SharedCompany, strangers_company: SharedCompany) -> None:
    (pune,), (stranger,) = shared_company.open("Pune"), strangers_company.open("Stranger")
    pune.post(1)
    headers = {"Authorization": f"Bearer {stranger.token()}"}
    address = f"{shared_company.proxy.address}/v1/companies/{pune.book.company.id}"
    for path in ("log?after=0&most=1000", "checkpoint", "reports/trial-balance"):
        assert httpx.get(f"{address}/{path}", headers=headers).status_code == 404
    batch = EnrolledReplica(pune.book).outgoing(1, 5)
    with stranger.connected() as connected:
        refused = connected.server.push(batch)
    assert isinstance(refused, Rejected)
    sent = httpx.post(f"{address}/batches", content=to_wire(batch, compress), headers=headers | BATCH_HEADERS)
    assert sent.status_code == 404
    assert shared_company.end().acknowledged == 1
    strangers_company.end()


def test_a_code_lets_one_device_in(shared_company: SharedCompany) -> None:
    shared_company.open("Pune")
    code = shared_company.codes[-1]
    shared_company.join("Delhi")
    place, thief = shared_company.place / "Thief.ledgerflow", machine_at(shared_company.place, "Thief")
    with pytest.raises(LedgerFlowError) as refused:
        joining.join(place, shared_company.proxy.address, code, "a passphrase of his own", "Thief", thief, costs=CHEAP)
    assert refused.value.problems[0].code == "code-used"
    assert not place.exists()
    shared_company.end()


def test_a_code_makes_one_book_on_a_machine_even_before_its_first_sync(shared_company: SharedCompany) -> None:
    shared_company.open("Pune")
    code, machine = shared_company.codes.pop(), machine_at(shared_company.place, "Delhi")
    first, second = shared_company.place / "First.ledgerflow", shared_company.place / "Second.ledgerflow"

    def join(place: Path) -> None:
        joining.join(place, shared_company.proxy.address, code, "a passphrase of hers", "Delhi", machine, costs=CHEAP)

    join(first)
    with pytest.raises(LedgerFlowError) as refused:
        join(second)
    assert refused.value.problems[0].code == "code-used-here"
    assert not second.exists()
    shutil.rmtree(first)
    join(second)
    assert second.exists(), "a book that is gone keeps nobody out"
    shared_company.end()


def _until_refused(company: SharedCompany, office: Office, token: str) -> None:
    """Wait until the server does not take a token any more."""
    path = f"{company.proxy.address}/v1/companies/{office.book.company.id}/checkpoint"
    headers = {"Authorization": f"Bearer {token}"}
    company.proxy.wait_for(lambda: httpx.get(path, headers=headers).status_code == 401)


def copied(office: Office, name: str, *, with_key_store: bool) -> Office:
    """Return an office that works on a copy of another's file, on the same machine's key store or without it."""
    office.book.checkpoint()
    place = office.place.parent / name
    place.mkdir()
    shutil.copytree(office.place / "Books.ledgerflow", place / "Books.ledgerflow")
    if with_key_store and (office.place / "key-store").exists():
        shutil.copy(office.place / "key-store", place / "key-store")
    return Office.opened(place, name)
