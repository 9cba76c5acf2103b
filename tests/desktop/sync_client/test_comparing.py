from collections.abc import Sequence

import pytest

from desktop.sync_client.memory_http import World
from ledgerflow_core.errors import Damaged
from ledgerflow_core.sync.log import ACCEPTED, LogBatch, Outcome, Verdict
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.sync_client.comparing import differences


@pytest.fixture(scope="module")
def log() -> list[LogBatch]:
    """Four batches of three events each, as a server took them."""
    world = World()
    office = world.office("P", first=True)
    held, at = [], 1
    for _ in range(4):
        world.post(office, 3)
        batch = office.replica.batch(3 * len(held) + 1, 3)
        held.append(LogBatch(at, 0, "2026-11-21T10:00:00.000Z", (ACCEPTED,) * 3, batch))
        at += 3
    return held


class Server:
    """A server whose log is what a test made of it: two batches a piece, one where one is asked for."""

    def __init__(self, log: list[LogBatch | None]) -> None:
        self.log = log

    def fetch(self, after: int, most: int) -> Sequence[LogBatch]:
        piece = self.log[after // 3 :][: 1 if most == 1 else 2]
        if None in piece:
            raise Damaged(f"log entry {after + 1}", reason="digest-differs")
        return [batch for batch in piece if batch is not None]


def found(held: list[LogBatch], server: list[LogBatch | None]) -> list[tuple[str, object, object]]:
    problems = differences(held, Server(server).fetch)
    return [(problem.code, problem.facts.get("first"), problem.facts.get("reason")) for problem in problems]


def test_equal_logs_differ_in_nothing_and_a_longer_one_at_the_server_is_no_difference(log: list[LogBatch]) -> None:
    assert found(log, [*log]) == []
    assert found(log[:2], [*log]) == []


def test_a_changed_byte_of_the_events_is_named_with_its_batch(log: list[LogBatch]) -> None:
    batch = log[1].batch
    other = log[1]._replace(batch=batch._replace(body=batch.body.replace(b"100", b"900", 1)))
    assert found(log, [log[0], other, *log[2:]]) == [("log-batch-differs", 4, "events")]


@pytest.mark.parametrize("place", range(4))
def test_what_does_not_open_at_all_is_named_and_the_rest_is_still_compared(log: list[LogBatch], place: int) -> None:
    server: list[LogBatch | None] = [*log]
    server[place] = None
    assert found(log, server) == [("log-batch-differs", 3 * place + 1, "digest-differs")]


def test_verdicts_time_place_and_signature_count_as_well(log: list[LogBatch]) -> None:
    parked = (Verdict(Outcome.PARKED, "stale-base"), ACCEPTED, ACCEPTED)
    signed = Signed(log[3].batch.signed.statement, bytes(64))
    server: list[LogBatch | None] = [
        log[0]._replace(verdicts=parked),
        log[1]._replace(at="2026-11-21T11:00:00.000Z"),
        log[2]._replace(known=1),
        log[3]._replace(batch=log[3].batch._replace(signed=signed)),
    ]
    assert [reason for _, _, reason in found(log, server)] == ["verdicts", "time", "place", "header"]


def test_a_log_that_ends_early_is_said_once(log: list[LogBatch]) -> None:
    assert found(log, [*log[:2]]) == [("server-log-missing", None, None)]
