"""A server that answers, and fails again and again: a person is called, and it goes on by itself once it is over."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace as altered

from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_core.sync.replica import CHANCES, FAILURES_MOST, Status, Trouble
from ledgerflow_core.sync.replica_messages import (
    Answered,
    HandBack,
    Heard,
    Lost,
    Pull,
    Pulled,
    Push,
    Rejected,
    Renewed,
    Rest,
    SayHello,
    SignIn,
    Wake,
    Wanted,
)
from shared.sync.replica_session import Company, answer_to, hear, post, sync
from simulation.sim_replica import SimReplica
from simulation.sim_server import expand

FAULT = Rejected("internal", 500, CHANCES // 2)


def attempts(company: Company, office: SimReplica, failing: type, answer: Heard = FAULT) -> Iterator[Rest]:
    """Yield the rest after each attempt, while requests of one kind are answered like this."""
    wanted: Wanted = hear(office, Wake())
    while True:
        if isinstance(wanted, Rest):
            yield wanted
        heard = answer if isinstance(wanted, failing) else answer_to(company, office, wanted)
        wanted = hear(office, heard or Wake())


def shown(office: SimReplica) -> tuple[Status, str]:
    return office.engine.status, office.engine.trouble


@pytest.fixture
def behind(company: Company, office: SimReplica) -> SimReplica:
    """An office with something to push and something to pull."""
    sync(company, office)
    other = company.office()
    post(other)
    sync(company, other)
    post(office)
    return office


@pytest.mark.parametrize("failing", [SayHello, Push, Pull])
@pytest.mark.parametrize("code", ["internal", "database-unavailable", "outcome-unknown", "storage-full", "new-code"])
def test_a_fault_answered_again_and_again_calls_a_person(
    company: Company, behind: SimReplica, failing: type, code: str
) -> None:
    tries = attempts(company, behind, failing, Rejected(code, 500, CHANCES // 2))
    before = [next(tries) and behind.engine.status for _ in range(FAILURES_MOST - 1)]
    assert set(before) == {Status.WAITING}
    next(tries)
    assert shown(behind) == (Status.ATTENTION, Trouble.SERVER_FAILING)


def test_it_is_tried_on_with_growing_pauses_and_the_call_stands_between_two_attempts(
    company: Company, behind: SimReplica
) -> None:
    tries = attempts(company, behind, Push)
    pauses = [next(tries).milliseconds for _ in range(FAILURES_MOST)]
    assert pauses[-3:] == sorted(pauses[-3:])
    assert next(tries).milliseconds > pauses[-1]
    assert isinstance(hear(behind, Wake()), SayHello)
    assert shown(behind) == (Status.ATTENTION, Trouble.SERVER_FAILING)
    assert hear(behind, Lost(0)) == Rest(0)
    assert shown(behind) == (Status.ATTENTION, Trouble.SERVER_FAILING)


def test_it_goes_back_to_normal_by_itself_once_it_gets_through(company: Company, behind: SimReplica) -> None:
    tries = attempts(company, behind, Push)
    for _ in range(FAILURES_MOST + 2):
        next(tries)
    sync(company, behind)
    assert shown(behind) == (Status.UP_TO_DATE, "")
    assert (behind.engine.failures, behind.engine.pauses) == ({}, 0)


def test_nobody_is_called_without_a_reason_on_the_way_back(company: Company, behind: SimReplica) -> None:
    tries = attempts(company, behind, Push)
    for _ in range(FAILURES_MOST):
        next(tries)
    wanted: Wanted = hear(behind, Wake())
    while not isinstance(wanted, Rest):
        heard = answer_to(company, behind, wanted)
        assert heard is not None
        wanted = hear(behind, heard)
        status, trouble = shown(behind)
        assert (status is Status.ATTENTION) == bool(trouble)
    assert shown(behind) == (Status.UP_TO_DATE, "")


def test_what_gets_through_beside_it_neither_ends_the_count_nor_the_growing(
    company: Company, behind: SimReplica
) -> None:
    other = company.office()
    sync(company, other)
    tries, pauses = attempts(company, behind, Push), []
    for _ in range(FAILURES_MOST):
        post(other)
        sync(company, other)
        pauses.append(next(tries).milliseconds)
    assert behind.disk.frontier.size >= 2 + FAILURES_MOST // 2, "pulling goes on"
    assert pauses == sorted(pauses) and pauses[-1] > 100 * pauses[0]
    assert shown(behind) == (Status.ATTENTION, Trouble.SERVER_FAILING)


def until(company: Company, office: SimReplica, kind: type) -> Wanted:
    """Go on until the office asks for this; return it unanswered."""
    wanted: Wanted = hear(office, Wake())
    while not isinstance(wanted, kind):
        wanted = hear(office, answer_to(company, office, wanted) or Wake())
    return wanted


def test_a_request_that_is_never_asked_again_ends_its_count_and_lengthens_no_pause(
    company: Company, behind: SimReplica
) -> None:
    other = company.office()
    sync(company, behind)
    backup = company.server.disk
    post(behind)
    for office in (behind, other):
        sync(company, office)
    company.server.restore(backup)
    next(attempts(company, behind, HandBack))
    sync(company, other)
    assert not company.server.disk.recovering, "the other office handed back what was lost"
    post(behind)
    for _ in range(2 * FAILURES_MOST):
        until(company, behind, Push)
        assert hear(behind, FAULT) <= Rest(4_000)
        assert behind.engine.status is Status.WAITING
        answer = answer_to(company, behind, until(company, behind, Push))
        assert answer is not None
        post(behind)
        hear(behind, answer)
        # It never gets as far as to have pulled everything.
        hear(behind, Lost(0))


def test_a_sign_in_that_works_ends_the_count_of_those_that_failed(company: Company, behind: SimReplica) -> None:
    other = company.office()
    for _ in range(2 * FAILURES_MOST):
        post(other)
        sync(company, other)
        for answer in (FAULT, Renewed()):
            until(company, behind, Pull)
            assert isinstance(hear(behind, Rejected("token-expired", 401, 0)), SignIn)
            hear(behind, answer)
            assert behind.engine.status is not Status.ATTENTION


@pytest.mark.parametrize(
    "answer",
    [
        Lost(0),  # silence
        Rejected("", 502, 0),  # something in between
        Rejected("busy", 503, 0),  # asks for patience
        Rejected("recovering", 503, 0),
        Rejected("rate-limited", 429, 0),
    ],
)
def test_only_a_fault_the_server_itself_answers_is_counted(company: Company, behind: SimReplica, answer: Heard) -> None:
    tries = attempts(company, behind, Push, answer)
    for _ in range(3 * FAILURES_MOST):
        next(tries)
    assert behind.engine.status is Status.WAITING


def test_silence_in_between_does_not_end_the_count(company: Company, behind: SimReplica) -> None:
    tries = attempts(company, behind, Push)
    for _ in range(FAILURES_MOST - 1):
        next(tries)
    hear(behind, Lost(0))
    next(attempts(company, behind, Push))
    assert behind.engine.status is Status.ATTENTION


def test_another_call_for_a_person_is_not_hidden_by_this_one(company: Company, behind: SimReplica) -> None:
    tries = attempts(company, behind, Push)
    for _ in range(FAILURES_MOST):
        next(tries)
    hear(behind, Rejected("device-revoked", 403, 0))
    assert shown(behind) == (Status.ATTENTION, "device-revoked")


# --- numbers that are none -------------------------------------------------------------------------------------

NONE = [-1, -(2**63), 2**53, 2**64]


@pytest.mark.parametrize("number", NONE)
@pytest.mark.parametrize("field", ["seq", "size"])
def test_an_answer_to_hello_with_a_number_out_of_bounds_is_damaged(
    company: Company, behind: SimReplica, field: str, number: int
) -> None:
    hear(behind, Wake())
    answer = company.server.hello(behind.hello(behind.disk.frontier.size))
    assert isinstance(hear(behind, Answered(altered(answer, **{field: number}))), Rest)
    assert shown(behind) == (Status.WAITING, Trouble.ANSWER_DAMAGED)


@pytest.mark.parametrize("number", NONE)
def test_a_piece_of_the_log_with_a_size_out_of_bounds_is_damaged(
    company: Company, behind: SimReplica, number: int
) -> None:
    piece = Pulled(*log_from_wire(company.server.pull(behind.disk.frontier.size, 9), expand))
    hear(behind, Wake())
    assert isinstance(hear(behind, piece._replace(end=altered(piece.end, size=number))), Rest)
    assert shown(behind) == (Status.WAITING, Trouble.ANSWER_DAMAGED)
    assert behind.engine.log_size <= company.server.disk.frontier.size
