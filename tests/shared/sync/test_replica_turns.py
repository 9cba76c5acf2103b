"""Pushing and pulling take turns: neither an office that never stops posting nor the others are left unheard."""

from dataclasses import replace
from itertools import pairwise

from ledgerflow_core.sync.replica_messages import Append, Keep, Lost, Pull, Push, Rejected, SayHello, Wake, Wanted
from shared.sync.replica_session import Company, answer_to, hear, kinds, post, sync
from simulation.sim_replica import SimReplica


def _two_offices(company: Company, office: SimReplica) -> tuple[SimReplica, SimReplica]:
    """Return two offices in step."""
    sync(company, office)
    other = company.office()
    for each in (other, office):
        sync(company, each)
    return office, other


def _step(company: Company, office: SimReplica, wanted: Wanted) -> Wanted:
    heard = answer_to(company, office, wanted)
    return hear(office, heard or Wake())


def test_an_office_that_posts_before_every_step_hears_of_the_others(company: Company, office: SimReplica) -> None:
    busy, other = _two_offices(company, office)
    post(other, 2)
    sync(company, other)
    theirs = set(other.disk.own_ids)
    wanted: list[Wanted] = [hear(busy, Wake())]
    for _ in range(40):
        post(busy)
        wanted.append(_step(company, busy, wanted[-1]))
    assert theirs <= set(busy.disk.facts.events)
    asked = [kind for kind in kinds(wanted) if kind in (Push, Pull)]
    assert asked[:6] in ([Push, Pull] * 3, [Pull, Push] * 3)
    assert all(one is not following for one, following in pairwise(asked)), "in turns to the end"


def test_an_office_is_heard_while_others_write_more_than_it_can_take_in(company: Company, office: SimReplica) -> None:
    slow, other = _two_offices(company, office)
    wanted = hear(slow, Wake())
    post(slow, 5)
    ours = set(slow.disk.own_ids)
    slow.engine = replace(slow.engine, events_most=1, pushed_last=True)
    for _ in range(40):
        post(other)
        sync(company, other)
        wanted = _step(company, slow, wanted)
    assert ours <= set(company.server.disk.facts.events)


def test_each_is_on_the_disk_before_the_other_is_asked(company: Company, office: SimReplica) -> None:
    busy, other = _two_offices(company, office)
    post(other)
    sync(company, other)
    post(busy)
    assert kinds(sync(company, busy))[:5] in (
        [SayHello, Push, Keep, Pull, Append],
        [SayHello, Pull, Append, Push, Keep],
    )


def test_the_other_way_goes_on_while_the_server_takes_nothing(company: Company, office: SimReplica) -> None:
    busy, other = _two_offices(company, office)
    post(other)
    sync(company, other)
    post(busy)
    wanted = hear(busy, Wake())
    for _ in range(20):
        failing = isinstance(wanted, Push)
        heard = Rejected("internal", 500, 0) if failing else answer_to(company, busy, wanted)
        wanted = hear(busy, heard or Wake())
    assert set(other.disk.own_ids) <= set(busy.disk.facts.events)


def test_a_piece_that_never_arrives_keeps_nothing_from_being_sent(company: Company, office: SimReplica) -> None:
    busy, other = _two_offices(company, office)
    post(other)
    sync(company, other)
    post(busy, 3)
    busy.engine = replace(busy.engine, events_most=1)
    wanted = hear(busy, Wake())
    for _ in range(40):
        heard = Lost(0) if isinstance(wanted, Pull) else answer_to(company, busy, wanted)
        wanted = hear(busy, heard or Wake())
    assert set(busy.disk.own_ids) <= set(company.server.disk.facts.events)
