"""Admission: events are read, placed against the chain the log has, and given places and leaves."""

import msgspec
import pytest

from builders import a_sale
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import VoucherPosted
from ledgerflow_core.sync.admission import ReadEvent, known_events, read_events, take
from ledgerflow_core.sync.batch import SealedBatch, Sender, open_batch, seal
from ledgerflow_core.sync.deciding import Decider
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import Outcome, Verdict
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused
from shared.sync.chains import AT, INCARNATION, TENANT, Chain


def reseal(chain: Chain, events: list[bytes]) -> SealedBatch:
    sealed = chain.seal()
    sender = Sender(TENANT, sealed.header.company, chain.replica, INCARNATION)
    return seal(events, chain.heads[0], sender, chain.key)


def refusal(batch: SealedBatch) -> str:
    with pytest.raises(Refused) as refused:
        read_events(batch)
    return refused.value.code


def test_events_are_read_with_their_hashes() -> None:
    chain = Chain()
    chain.sales(2)
    read = read_events(chain.seal())
    assert [one.raw for one in read] == chain.events
    assert [one.hash for one in read] == [head.hash for head in chain.heads[1:]]
    assert [one.version for one in read] == [version_hash(raw).hex() for raw in chain.events]


def test_an_event_that_does_not_follow_is_refused() -> None:
    chain = Chain()
    first, second, third = chain.sales(3)
    assert refusal(reseal(chain, [first, third])) == "chain-wrong"
    assert refusal(reseal(chain, [second])) == "chain-wrong"
    assert refusal(reseal(chain, [first, b"{}"])) == "event-undecodable"
    assert refusal(reseal(chain, [first.replace(b'"v":1', b'"v": 1')])) == "event-undecodable"


def test_a_chain_begins_with_its_own_genesis() -> None:
    chain, other = Chain(), Chain("Dubai")
    chain.sales(1)
    sealed = chain.seal()
    wrong = seal(chain.events, other.heads[0], _sender(sealed), chain.key)
    assert refusal(open_batch(wrong.signed, wrong.body)) == "chain-wrong"


def _sender(sealed: SealedBatch) -> Sender:
    header = sealed.header
    return Sender(header.tenant, header.company, header.replica, header.incarnation)


def test_an_event_of_a_later_version_is_read_by_its_envelope() -> None:
    chain = Chain()
    [raw] = chain.sales(1)
    later = raw.replace(b'{"v":1,', b'{"v":2,').replace(b'"body":', b'"essence":')
    [read] = read_events(reseal(chain, [later]))
    assert (read.event, read.raw) == (None, later)


@pytest.mark.parametrize(
    ("first", "last", "log_has", "known"), [(1, 3, 0, 0), (1, 3, 2, 2), (1, 3, 3, 3), (1, 2, 3, 2), (3, 3, 2, 0)]
)
def test_what_the_log_has_of_a_batch_is_counted(first: int, last: int, log_has: int, known: int) -> None:
    chain = Chain()
    chain.sales(3)
    batch = chain.seal(first, last)
    events = read_events(batch)
    assert known_events(batch, events, chain.heads[log_has], chain.heads[last].hash) == known


def test_a_gap_and_a_fork_are_told_apart() -> None:
    chain, copy = Chain(), Chain()
    chain.sales(3)
    copy.write(*[VoucherPosted(voucher=a_sale(f"copy {n}")) for n in range(3)])
    late, all_of_it, short = copy.seal(3, 3), copy.seal(), copy.seal(1, 2)
    for batch, end, at_last, code in (
        (late, chain.heads[1], None, "chain-gap"),
        (late, chain.heads[2], None, "replica-forked"),
        (all_of_it, chain.heads[2], None, "replica-forked"),
        (all_of_it, chain.heads[3], None, "replica-forked"),
        (short, chain.heads[3], chain.heads[2].hash, "replica-forked"),
    ):
        with pytest.raises(Refused) as refused:
            known_events(batch, read_events(batch), end, at_last)
        assert refused.value.code == code


def test_what_is_no_hash_is_not_the_one_before() -> None:
    chain = Chain()
    chain.sales(2)
    before = chain.heads[1]
    later = chain.events[1].replace(b'{"v":1,', b'{"v":2,').replace(before.hash.hex().encode(), b"no hash")
    sealed = seal([later], before, _sender(chain.seal()), chain.key)
    batch = sealed._replace(header=msgspec.structs.replace(sealed.header, prev="no hash"))
    with pytest.raises(Refused) as refused:
        known_events(batch, read_events(batch), before, None)
    assert refused.value.code == "replica-forked"


def test_new_events_get_places_verdicts_and_leaves() -> None:
    chain = Chain()
    chain.open_books()
    chain.sales(2)
    batch = chain.seal()
    events = read_events(batch)
    whole = take(batch, events, 0, Frontier.empty(), Decider(Facts()), AT)
    assert {one.verdict.outcome for one in whole.decisions} == {Outcome.ACCEPTED}
    assert (len(whole.leaves), whole.frontier.size) == (len(events), len(events))
    first = take(batch, events[:3], 0, Frontier.empty(), decider := Decider(Facts()), AT)
    rest = take(batch, events, 3, first.frontier, decider, AT)
    assert first.leaves + rest.leaves == whole.leaves
    assert rest.frontier == whole.frontier


def test_recorded_verdicts_come_back_whatever_would_be_decided_now() -> None:
    chain = Chain()
    chain.sales(2)
    batch = chain.seal()
    events: list[ReadEvent] = read_events(batch)
    verdicts = [Verdict(Outcome.PARKED, "invalid"), Verdict(Outcome.DUPLICATE, of=7)]
    taken = take(batch, events, 0, Frontier.empty(), Decider(Facts()), AT, verdicts)
    assert [one.verdict for one in taken.decisions] == verdicts
