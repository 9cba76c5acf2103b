"""The log's entries and verdicts: the same bytes wherever they are made."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import EventId, ReplicaId, named
from ledgerflow_core.sync.log import (
    ACCEPTED,
    PARKED_REASONS,
    LogBatch,
    Outcome,
    Verdict,
    entry_bytes,
    leaves_of,
    pack_verdicts,
    unpack_verdicts,
)
from shared.sync.chains import AT, Chain

VERDICTS = st.one_of(
    st.just(ACCEPTED),
    st.sampled_from(PARKED_REASONS).map(lambda reason: Verdict(Outcome.PARKED, reason)),
    st.integers(1, 2**40).map(lambda of: Verdict(Outcome.DUPLICATE, of=of)),
)
EVENT, REPLICA = EventId(named("test-event", "e")), ReplicaId(named("test-replica", "r"))


@given(st.lists(VERDICTS, max_size=30))
def test_packed_verdicts_come_back(verdicts: list[Verdict]) -> None:
    assert list(unpack_verdicts(pack_verdicts(verdicts), len(verdicts))) == verdicts


def test_verdicts_of_one_kind_take_little_room() -> None:
    assert pack_verdicts([ACCEPTED] * 500) == b'[[500,"accepted","",0]]'


@pytest.mark.parametrize(
    "raw", [b"", b"[[2]]", b'[[1,"accepted"]]', b'[[3,"accepted"],[-1,"accepted"]]', b'[[2,"maybe"]]']
)
def test_verdicts_that_are_not_one_for_each_event_are_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        unpack_verdicts(raw, 2)


def test_an_entry_is_lines_of_text_anyone_can_make() -> None:
    made = entry_bytes(7, bytes(32), EVENT, REPLICA, 3, Verdict(Outcome.PARKED, "stale-base"), AT)
    lines = ["ledgerflow/entry/v1", "7", "00" * 32, EVENT, REPLICA, "3", "parked", "stale-base", "0", AT, ""]
    assert made == "\n".join(lines).encode()
    [leaf] = leaves_of(7, [(EVENT, bytes(32))], [Verdict(Outcome.PARKED, "stale-base")], (REPLICA, 3), AT)
    assert leaf == hashlib.sha256(b"\0" + made).digest()


def test_a_batch_in_the_log_knows_the_place_of_each_new_event() -> None:
    chain = Chain()
    chain.sales(4)
    batch = LogBatch(10, 1, AT, (ACCEPTED, Verdict(Outcome.PARKED, "invalid"), ACCEPTED), chain.seal())
    assert batch.last == 12
    assert [(gseq, seq) for gseq, seq, _, _ in batch.entries()] == [(10, 2), (11, 3), (12, 4)]
    assert [raw for _, _, raw, _ in batch.entries()] == chain.events[1:]
