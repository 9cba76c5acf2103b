"""The client's engine, one step at a time, over a real server and a real replica in memory."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec.structs import replace as altered

from builders import a_company
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_core.sync.replica import PAUSE_MAX_MS, REST_MS, Status, Trouble
from ledgerflow_core.sync.replica_messages import (
    Answered,
    Append,
    Contribute,
    HandBack,
    Keep,
    NoteIncarnation,
    Pull,
    Pulled,
    Push,
    Rebuild,
    Receipted,
    Rehome,
    Renewed,
    Rest,
    SayHello,
    Stored,
    Wake,
)
from ledgerflow_core.sync.statements import Signed
from shared.sync.replica_session import Company, answer_to, hear, kinds, post, pushed, sync
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer, compress, expand

# --- the ordinary session ------------------------------------------------------------------------------


def test_a_new_replica_learns_the_incarnation_pushes_pulls_and_is_up_to_date(
    company: Company, office: SimReplica
) -> None:
    assert kinds(sync(company, office)) == [
        SayHello, NoteIncarnation, SayHello, Push, Keep, Pull, Append, Rest,
    ]  # fmt: skip
    assert office.engine.status is Status.UP_TO_DATE
    assert company.server.disk.frontier == office.disk.frontier


def test_one_hello_is_all_that_is_said_where_nothing_is_new(company: Company, office: SimReplica) -> None:
    sync(company, office)
    assert sync(company, office) == [SayHello(2), Rest(REST_MS)]


def test_what_the_server_has_already_is_not_pushed_again(company: Company, office: SimReplica) -> None:
    sync(company, office)
    post(office)
    company.server.push(to_wire(office.batch(3, 500), compress))  # and the answer was lost
    assert kinds(sync(company, office)) == [SayHello, Pull, Append, Rest]


def test_events_of_another_office_are_pulled(company: Company, office: SimReplica) -> None:
    sync(company, office)
    other = company.office()
    sync(company, other)
    assert len(other.books().chart.masters) == len(office.books().chart.masters)
    assert other.disk.frontier.root() == company.server.disk.frontier.root()
    assert kinds(sync(company, office)) == [SayHello, Pull, Append, Rest]


# --- copies ----------------------------------------------------------------------------------------------


def test_a_file_put_back_in_time_takes_a_new_identity(company: Company, office: SimReplica) -> None:
    sync(company, office)
    before = office.disk
    post(office)
    sync(company, office)
    office.disk = before
    wanted = kinds(sync(company, office))
    assert wanted[:3] == [SayHello, Rehome, SayHello]
    assert office.engine.status is Status.UP_TO_DATE
    assert len(office.books().vouchers) == 1


def test_a_copy_that_went_another_way_takes_a_new_identity(company: Company, office: SimReplica) -> None:
    sync(company, office)
    before = office.disk
    post(office)
    sync(company, office)
    office.disk = before
    post(office)
    assert Rehome in kinds(sync(company, office))
    assert len(office.books().vouchers) == 2


# --- a server that was restored ----------------------------------------------------------------------------


def _diverged(company: Company, office: SimReplica, shared: int, lost: int) -> None:
    """Let the server lose the last `lost` batches behind `shared` ones and go on in another life."""
    for _ in range(shared):
        post(office)
        sync(company, office)
    backup = company.server.disk
    for _ in range(lost):
        post(office)
        sync(company, office)
    company.server.restore(backup)
    company.server.end_recovery()
    other = company.office()
    post(other, 3 * lost)
    sync(company, other)


def test_a_server_that_recovers_is_handed_back_what_it_lost(company: Company, office: SimReplica) -> None:
    sync(company, office)
    backup = company.server.disk
    post(office, 3)
    sync(company, office)
    whole = company.server.disk.frontier
    company.server.restore(backup)
    assert HandBack(2) in sync(company, office)
    assert company.server.disk.frontier == whole
    assert office.rebuilt == 0


def test_a_recovering_server_with_another_log_is_waited_for(company: Company, office: SimReplica) -> None:
    _diverged(company, office, shared=1, lost=2)
    company.server.disk = replace(company.server.disk, recovering=True)
    assert kinds(sync(company, office)) == [SayHello, Rest]
    assert office.engine.status is Status.WAITING


@pytest.mark.parametrize(("shared", "lost"), [(0, 1), (1, 1), (1, 9), (7, 1), (7, 9), (12, 5)])
def test_both_find_what_they_share_by_halving(company: Company, office: SimReplica, shared: int, lost: int) -> None:
    sync(company, office)
    _diverged(company, office, shared, lost)
    held = office.disk.frontier.size
    wanted = sync(company, office)
    rebuild = next(each for each in wanted if isinstance(each, Rebuild))
    hellos = kinds(wanted[: wanted.index(rebuild)]).count(SayHello)
    assert rebuild.size == 2 + shared
    assert hellos <= 1 + held.bit_length()
    assert len(office.books().vouchers) == shared + lost + 3 * lost
    assert office.disk.frontier == company.server.disk.frontier


def test_the_search_begins_anew_when_the_server_is_restored_in_the_middle(company: Company, office: SimReplica) -> None:
    sync(company, office)
    _diverged(company, office, shared=4, lost=9)
    asked = hear(office, Answered(company.server.hello(office.hello(office.disk.frontier.size))))
    assert isinstance(asked, SayHello) and asked.size < office.disk.frontier.size
    half = company.server.hello(office.hello(asked.size))
    company.server.disk = replace(company.server.disk, recovering=True)
    company.server.end_recovery()
    other_life = company.server.hello(office.hello(asked.size))
    assert half.incarnation != other_life.incarnation
    assert hear(office, Answered(other_life)) == SayHello(office.disk.frontier.size)


def test_a_log_that_differs_within_one_incarnation_calls_a_person(company: Company, office: SimReplica) -> None:
    sync(company, office)
    answer = altered(company.server.hello(office.hello(2)), consistent=False)
    hear(office, Wake())
    assert hear(office, Answered(answer)) == Rest(PAUSE_MAX_MS)
    assert (office.engine.status, office.engine.trouble) == (Status.ATTENTION, "server-log-differs")
    assert hear(office, Wake()) == SayHello(2)
    assert office.engine.status is Status.ATTENTION, "until the server says otherwise"
    sync(company, office)
    assert (office.engine.status, office.engine.trouble) == (Status.UP_TO_DATE, "")


def test_what_others_wrote_and_the_server_lost_is_handed_in_last(company: Company, office: SimReplica) -> None:
    sync(company, office)
    other = company.office()
    sync(company, other)
    backup = company.server.disk
    post(other, 2)
    sync(company, other)
    sync(company, office)
    company.server.restore(backup)
    company.server.end_recovery()
    post(office)
    wanted = kinds(sync(company, office))
    assert wanted.count(Contribute) == 1
    assert wanted.index(Push) < wanted.index(Contribute)
    assert len(office.books().vouchers) == len(company.server.disk.facts.vouchers) == 3


# --- what the line does to answers ---------------------------------------------------------------------------


def test_a_receipt_for_another_batch_is_not_kept(company: Company, office: SimReplica) -> None:
    first, second = pushed(company, office)
    assert isinstance(hear(office, Receipted(second.batch, first.receipt)), Rest)
    assert office.engine.acknowledged == 3


def test_a_receipt_somebody_else_signed_is_not_kept(company: Company, office: SimReplica) -> None:
    _, second = pushed(company, office)
    signature = second.receipt.signature
    forged = Signed(second.receipt.statement, bytes([signature[0] ^ 1]) + signature[1:])
    assert isinstance(hear(office, Receipted(second.batch, forged)), Rest)
    assert office.engine.trouble == Trouble.ANSWER_UNSIGNED


def _pulled(company: Company, office: SimReplica) -> tuple[SimReplica, Pulled]:
    """Return another replica that waits for the log, and the piece it is about to hear."""
    sync(company, office)
    for _ in range(3):
        post(office)
        sync(company, office)
    other = company.office()
    hear(other, Wake())
    hear(other, Answered(company.server.hello(other.hello(0))))
    other.store(NoteIncarnation(company.server.incarnation))
    wanted = answer_to(company, other, hear(other, Renewed()))
    assert wanted is not None
    push = hear(other, wanted)
    receipt = answer_to(company, other, push)
    assert receipt is not None
    keep = hear(other, receipt)
    other.store(keep)
    piece = answer_to(company, other, hear(other, Stored()))
    assert isinstance(piece, Pulled)
    return other, piece


def _other_verdict(piece: Pulled) -> Pulled:
    first = piece.batches[0]
    verdicts = (Verdict(Outcome.PARKED, "invalid"), *first.verdicts[1:])
    return piece._replace(batches=[first._replace(verdicts=verdicts), *piece.batches[1:]])


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_other_verdict, "not what its checkpoint covers"),
        (lambda piece: piece._replace(batches=piece.batches[:-1]), "not what its checkpoint covers"),
        (lambda piece: piece._replace(batches=piece.batches[1:]), "missing from what the server sent"),
        (
            lambda piece: piece._replace(batches=[*piece.batches, piece.batches[-1]]),
            "missing from what the server sent",
        ),
        (lambda piece: piece._replace(batches=[piece.batches[0]._replace(at="")]), "not what its checkpoint covers"),
    ],
)
def test_a_piece_of_the_log_that_was_changed_is_not_stored(
    company: Company, office: SimReplica, harm: Callable[[Pulled], Pulled], reason: str
) -> None:
    other, piece = _pulled(company, office)
    assert isinstance(hear(other, harm(piece)), Rest)
    assert other.engine.trouble == Trouble.ANSWER_DAMAGED
    assert reason in other.engine.detail
    assert isinstance(hear(other, Wake()), SayHello)


def test_an_old_piece_does_not_pass_for_the_end_of_the_log(company: Company, office: SimReplica) -> None:
    sync(company, office)
    other = company.office()
    sync(company, other)
    old = company.server.pull(3, 100)
    post(office)
    sync(company, office)
    hear(other, Wake())
    pull = hear(other, Answered(company.server.hello(other.hello(3))))
    assert pull == Pull(3)
    assert isinstance(hear(other, Pulled(*log_from_wire(old, expand))), Rest)
    assert other.engine.status is Status.WAITING
    sync(company, other)
    assert other.disk.frontier == company.server.disk.frontier


def test_a_piece_of_a_life_of_the_log_that_ended_is_not_stored(company: Company, office: SimReplica) -> None:
    sync(company, office)
    other = company.office()
    sync(company, other)
    backup = company.server.disk
    post(office)
    sync(company, office)
    old = company.server.pull(3, 100)
    company.server.restore(backup)
    company.server.end_recovery()
    post(other)
    hear(other, Wake())
    other.store(hear(other, Answered(company.server.hello(other.hello(3)))))
    push = hear(other, Answered(company.server.hello(other.hello(3))))
    receipt = answer_to(company, other, push)
    assert receipt is not None
    other.store(hear(other, receipt))
    assert hear(other, Stored()) == Pull(3)
    assert isinstance(hear(other, Pulled(*log_from_wire(old, expand))), Rest)
    assert other.engine.trouble == Trouble.ANSWER_ELSEWHERE
    assert "of another incarnation" in other.engine.detail


def test_the_checkpoint_of_another_company_is_not_believed(company: Company, office: SimReplica) -> None:
    sync(company, office)
    stranger = SimServer(a_company("Another").id, company.server.key, company.new_id)
    hear(office, Wake())
    assert isinstance(hear(office, Answered(stranger.hello(office.hello(2)))), Rest)
    assert office.engine.trouble == Trouble.ANSWER_ELSEWHERE
    assert "of another log" in office.engine.detail


def test_the_log_of_another_tenant_with_the_same_book_is_not_believed(company: Company, office: SimReplica) -> None:
    sync(company, office)
    ours = company.server
    theirs = SimServer(ours.company, ours.key, company.new_id, tenant=company.new_id())
    theirs.disk, held = ours.disk, ours.disk.frontier.size
    hear(office, Wake())
    assert isinstance(hear(office, Answered(theirs.hello(office.hello(held)))), Rest)
    assert office.engine.trouble == Trouble.ANSWER_ELSEWHERE
    assert "of another log" in office.engine.detail
    hear(office, Wake())
    assert isinstance(hear(office, Pulled(*log_from_wire(theirs.pull(held, 10), expand))), Rest)
    assert office.engine.trouble == Trouble.ANSWER_DAMAGED
    assert "not what its checkpoint covers" in office.engine.detail
