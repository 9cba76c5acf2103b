"""What lines do to requests, and that it changes nothing: lost, doubled, late, in the wrong order, damaged, slow."""

import random
import threading
import time

import pytest

from end_to_end import faults
from end_to_end.company import SharedCompany
from end_to_end.fault_proxy import Fault
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.sync.replica_messages import Receipted, Rejected
from ledgerflow_desktop.sync_client import transport


def both_post_while(company: SharedCompany, fault: faults.Times) -> None:
    """Two offices post; the first syncs over a line with the fault, which must have been met; then all is checked."""
    pune, delhi = company.open("Pune", "Delhi")
    pune.post(5)
    delhi.post(5)
    company.proxy.fault = fault
    pune.sync(patience=4)
    assert fault.hits > 0
    delhi.sync(patience=4)
    assert company.end().acknowledged == 10


def test_a_dropped_batch_is_sent_again(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.drop, faults.pushes))


def test_a_batch_whose_answer_was_lost_is_in_the_books_once(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.lose_answer, faults.pushes))


def test_every_first_answer_of_a_session_may_be_lost(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.lose_answer, most=6))


@pytest.mark.parametrize("fault", [faults.duplicate, faults.duplicate_at_once])
def test_a_batch_that_arrives_twice_counts_once(shared_company: SharedCompany, fault: Fault) -> None:
    both_post_while(shared_company, faults.Times(fault, faults.pushes, most=10))


def test_a_batch_that_arrives_once_more_after_many_others_changes_nothing(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    shared_company.proxy.fault = faults.Times(faults.pass_and_keep, faults.pushes)
    pune.post(3)
    pune.sync()
    for _ in range(5):
        for office in (delhi, pune):
            office.post(2)
            office.sync()
    assert shared_company.proxy.replay(shared_company.proxy.kept[0]) == 200
    assert shared_company.end().acknowledged == 23


def test_a_batch_lost_and_found_after_it_was_sent_again_counts_once(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    shared_company.proxy.fault = faults.Times(faults.keep, faults.pushes)
    pune.post(3)
    pune.sync(patience=4)
    pune.post(3)
    delhi.post(3)
    shared_company.settle()
    assert shared_company.proxy.replay(shared_company.proxy.kept[0]) == 200
    assert shared_company.end().acknowledged == 9


def test_a_batch_that_overtakes_the_one_before_it_is_held_off_and_both_come_in(shared_company: SharedCompany) -> None:
    pune, _ = shared_company.open("Pune", "Delhi")
    first = pune.next_batch(pune.post(2))
    second = pune.next_batch(pune.post(2))
    order = faults.SecondFirst()
    heard: dict[str, object] = {}
    with pune.connected() as one, pune.connected() as other:
        one.server.sign_in()
        other.server.sign_in()
        shared_company.proxy.fault = order
        sending = threading.Thread(target=lambda: heard.update(first=one.server.push(first)))
        sending.start()
        shared_company.proxy.wait_for(lambda: order.came == 1)
        heard["second"] = other.server.push(second)
        sending.join()
    assert order.order == [2, 1]
    refused = heard["second"]
    assert isinstance(refused, Rejected)
    assert refused.code == "chain-gap"
    assert isinstance(heard["first"], Receipted)
    assert shared_company.end().acknowledged == 4


@pytest.mark.parametrize("fault", [faults.truncate_request, faults.truncate_answer])
def test_half_a_batch_or_half_an_answer_is_none(shared_company: SharedCompany, fault: Fault) -> None:
    both_post_while(shared_company, faults.Times(fault, faults.pushes, most=2))


def test_half_a_log_is_not_taken(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    delhi.post(20)
    delhi.sync()
    fault = faults.Times(faults.truncate_answer, faults.pulls, most=2)
    shared_company.proxy.fault = fault
    pune.sync(patience=4)
    assert fault.hits == 2
    assert shared_company.end().acknowledged == 20


def test_one_bit_changed_on_the_way_to_the_server_is_refused_and_sent_again(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.flip_request(random.Random(1)), faults.pushes, most=3))


def test_one_bit_changed_on_the_way_back_is_not_believed(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.flip_answer(random.Random(1)), most=6))


def test_the_welcome_page_of_a_hotel_is_no_success(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.post(3)
    shared_company.proxy.fault = faults.captive_portal
    progress = pune.sync(patience=2)
    assert (progress.status, progress.trouble) == (Status.WAITING, "not-the-server")
    delhi.post(2)
    assert shared_company.end().acknowledged == 5


def test_a_gateway_that_answers_by_itself_is_waited_out(shared_company: SharedCompany) -> None:
    both_post_while(shared_company, faults.Times(faults.gateway(random.Random(2)), most=8))


def test_a_request_that_drips_is_cut_off_by_the_server(shared_company: SharedCompany) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.save([pune.a_voucher() for _ in range(50)])
    fault = faults.Times(faults.drip_request(0.2), faults.pushes)
    shared_company.proxy.fault = fault
    pune.sync(patience=2)
    assert fault.hits == 1
    delhi.post(1)
    assert shared_company.end().acknowledged == 51


def test_an_answer_that_drips_is_given_up(shared_company: SharedCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    pune, delhi = shared_company.open("Pune", "Delhi")
    pune.post(3)
    monkeypatch.setattr(transport, "_PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(transport, "_SLOWEST_BYTES_A_SECOND", 2**20)
    fault = faults.Times(faults.drip_answer(0.05), faults.pushes)
    shared_company.proxy.fault = fault
    begun = time.monotonic()
    pune.sync()
    # To its end it would take half a minute.
    assert time.monotonic() - begun < 10
    assert fault.hits == 1
    delhi.post(1)
    assert shared_company.end().acknowledged == 4
