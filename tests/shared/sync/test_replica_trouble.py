"""What a replica does about refusals, silence and work that comes to nothing."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.sync.refusals import REFUSALS, Reaction
from ledgerflow_core.sync.replica import CHANCES, PAUSE_MAX_MS, Engine, Status
from ledgerflow_core.sync.replica_messages import Keep, Lost, Push, Rehome, Rejected, Rest, SayHello, SignIn, Wake
from shared.sync.replica_session import Company, answer_to, hear, kinds, post, pushed, sync
from simulation.sim_replica import SimReplica


def test_pauses_double_up_to_five_minutes_and_chance_takes_its_share(office: SimReplica) -> None:
    rests = [hear(office, Lost(CHANCES - 1)) for _ in range(12)]
    longest = [rest.milliseconds for rest in rests if isinstance(rest, Rest)]
    assert longest[:4] == [1998, 3996, 7992, 15984]
    assert longest[-1] == PAUSE_MAX_MS * (CHANCES - 1) // CHANCES
    assert hear(office, Lost(0)) == Rest(0)
    assert office.engine.status is Status.WAITING


def test_work_that_gets_through_ends_the_growing_of_pauses(company: Company, office: SimReplica) -> None:
    for _ in range(9):
        hear(office, Lost(0))
    sync(company, office)
    assert office.engine.pauses == 0


def test_pauses_grow_while_hellos_are_answered_and_batches_are_not(company: Company, office: SimReplica) -> None:
    sync(company, office)
    post(office)
    rests = []
    for _ in range(4):
        wanted = hear(office, Wake())
        while not isinstance(wanted, Push):
            heard = answer_to(company, office, wanted)
            assert heard is not None
            wanted = hear(office, heard)
        rests.append(hear(office, Rejected("storage-full", 507, CHANCES // 2)))
    assert rests == [Rest(1000), Rest(2000), Rest(4000), Rest(8000)]


def test_a_server_that_leads_in_a_ring_is_asked_after_a_pause(company: Company, office: SimReplica) -> None:
    sync(company, office)
    # Two processes behind one address that follow different lives of one log.
    one = company.server.disk
    disks = (one, replace(one, incarnation=company.new_id()))
    wanted = [hear(office, Wake())]
    while not isinstance(wanted[-1], Rest):
        if isinstance(wanted[-1], SayHello):
            company.server.disk = disks[kinds(wanted).count(SayHello) % 2]
        heard = answer_to(company, office, wanted[-1])
        assert heard is not None
        wanted.append(hear(office, heard))
        assert len(wanted) < 1_000, "runs hot"
    assert (office.engine.status, office.engine.trouble) == (Status.WAITING, "no-progress")
    assert wanted.count(wanted[0]) > 10


def test_a_copy_is_not_made_anew_again_and_again(company: Company, office: SimReplica) -> None:
    sync(company, office)
    post(office)
    wanted = [hear(office, Wake())]
    while not isinstance(wanted[-1], Rest):
        forked = isinstance(wanted[-1], Push)
        heard = Rejected("replica-forked", 409, 0) if forked else answer_to(company, office, wanted[-1])
        assert heard is not None
        wanted.append(hear(office, heard))
        assert len(wanted) < 1_000, "runs hot"
    assert kinds(wanted).count(Rehome) < 7


def test_a_receipt_that_came_before_never_makes_pushing_begin_again(company: Company, office: SimReplica) -> None:
    first, second = pushed(company, office)
    hear(office, second)
    far = office.engine.acknowledged
    assert isinstance(hear(office, first), Keep)
    assert office.engine.acknowledged == far


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_its_one_reaction_and_never_an_end(office: SimReplica, code: str) -> None:
    wanted = hear(office, Rejected(code, REFUSALS[code].status, CHANCES // 2))
    expected: dict[Reaction, type] = {
        Reaction.HELLO: SayHello,
        Reaction.SMALLER: SayHello,
        Reaction.REHOME: Rehome,
        Reaction.SIGN_IN: SignIn,
    }
    assert isinstance(wanted, expected.get(REFUSALS[code].reaction, Rest))
    calls_a_person = REFUSALS[code].reaction in (Reaction.STOP, Reaction.FREEZE)
    assert (office.engine.status is Status.ATTENTION) == calls_a_person


def test_a_server_that_disagrees_again_and_again_is_not_asked_in_a_hurry(office: SimReplica) -> None:
    again = [hear(office, Rejected("chain-gap", 409, CHANCES // 2)) for _ in range(4)]
    assert kinds(again) == [SayHello, SayHello, SayHello, Rest]


def test_batches_shrink_to_one_event_before_a_person_is_called(office: SimReplica) -> None:
    sizes = []
    while office.engine.status is not Status.ATTENTION:
        sizes.append(office.engine.events_most)
        hear(office, Rejected("body-too-large", 413, 0))
    assert sizes == [500, 250, 125, 62, 31, 15, 7, 3, 1]


@pytest.mark.parametrize("status", [200, 302, 403, 404, 407, 500, 502, 504])
def test_nothing_is_concluded_from_what_a_portal_makes_up(office: SimReplica, status: int) -> None:
    assert isinstance(hear(office, Rejected("", status, CHANCES // 2)), Rest)
    assert office.engine.status is Status.WAITING


def test_an_engine_begins_by_waiting() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    assert Engine(key).status is Status.WAITING
