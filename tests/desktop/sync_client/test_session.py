import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.sync_client.answering import Answer, Asked
from desktop.sync_client.memory_http import COMPANY, SimStore, World, problem
from ledgerflow_core.errors import Damaged, LedgerFlowError, refuse
from ledgerflow_core.sync.replica import FAILURES_MOST, Engine, Status
from ledgerflow_desktop.sync_client.progress import Progress
from ledgerflow_desktop.sync_client.server import SyncServer
from ledgerflow_desktop.sync_client.session import Session, Tools
from ledgerflow_desktop.sync_client.transport import Transport


class Desk:
    """What a session is given here: a clock that stands still, rests that are noted, and a book worker."""

    def __init__(self, world: World, store: SimStore, address: str) -> None:
        self.now = 0.0
        self.rests: list[float] = []
        self.shown: list[Progress] = []
        self.stop_when: Callable[[], bool] = lambda: False
        self.on_rest: Callable[[], None] = lambda: None
        self.trouble: LedgerFlowError | None = None
        self.store = store
        self.worker = ThreadPoolExecutor(1)
        self.book_threads: set[int] = set()
        self.transport = Transport(address, None)
        known_as = store.known_as()
        line = SyncServer(self.transport, COMPANY.id, known_as.identity, lambda: 500)
        tools = Tools(
            self._on_book, lambda: self.now, lambda: "2026-11-21T10:00:00.000Z", self._rest,
            self._stopped, self.shown.append,
        )  # fmt: skip
        self.session = Session(Engine(world.http.server.key.public_key()), line, tools)

    def _on_book(self, work: Callable[[Any], Any]) -> Any:
        def run() -> Any:
            self.book_threads.add(threading.get_ident())
            if self.trouble is not None:
                raise self.trouble
            return work(self.store)

        return self.worker.submit(run).result()

    def _stopped(self) -> bool:
        return self.stop_when()

    def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.on_rest()


@contextmanager
def desk(world: World, store: SimStore, address: str) -> Iterator[Desk]:
    made = Desk(world, store, address)
    try:
        yield made
    finally:
        made.worker.shutdown()
        made.transport.close()


def synced(world: World, store: SimStore, address: str) -> Progress:
    with desk(world, store, address) as one:
        return one.session.run_once()


def test_two_offices_come_to_the_same_log_and_say_so() -> None:
    world = World()
    pune, delhi = world.office("P", first=True), world.office("D")
    world.post(pune, 700)
    world.post(delhi, 3)
    with world.served() as server:
        first = synced(world, pune, server.address)
        assert synced(world, delhi, server.address).status is Status.UP_TO_DATE
        assert synced(world, pune, server.address).status is Status.UP_TO_DATE
    assert (first.pushed, first.to_push, first.pulled, first.to_pull) == (702, 702, 702, 702)
    assert first.sent > 10_000 and first.received > 10_000
    log = world.http.server.disk.frontier
    assert pune.standing().log.root() == delhi.standing().log.root() == log.root()
    assert log.size == 706
    assert len(pune.replica.books().vouchers) == len(delhi.replica.books().vouchers) == 703


def test_progress_counts_what_is_left_at_the_start_and_never_goes_back() -> None:
    world = World()
    pune, delhi = world.office("P", first=True), world.office("D")
    world.post(delhi, 900)
    with world.served() as server:
        synced(world, pune, server.address)
        synced(world, delhi, server.address)
        world.post(pune, 1_100)
        cuts = [problem("busy", 503), problem("busy", 503)]

        def busy(asked: Asked) -> Answer | None:
            return cuts.pop() if cuts and len(world.http.server.disk.log) >= 5 else None

        world.http.before = busy
        with desk(world, pune, server.address) as one:
            one.session.engine = replace(one.session.engine, acknowledged=2)  # what the receipts in the book say
            end = one.session.run_once(patience=3)
            assert len(one.rests) == 2
    assert one.shown[0].to_push == 1_100, "the two that were sent before are not counted"
    for earlier, later in pairwise(one.shown):
        assert later.pushed >= earlier.pushed and later.to_push >= earlier.to_push
        assert later.pulled >= earlier.pulled and later.to_pull >= earlier.to_pull
        assert later.pushed <= later.to_push and later.pulled <= later.to_pull
    assert end.status is Status.UP_TO_DATE
    assert (end.pushed, end.to_push) == (1_100, 1_100)
    assert (end.pulled, end.to_pull) == (2_001, 2_001)


def test_a_watch_counts_anew_once_there_was_nothing_to_do() -> None:
    world = World()
    office = world.office("P", first=True)
    world.post(office, 5)
    with world.served() as server, desk(world, office, server.address) as one:
        one.on_rest = lambda: world.post(office, 2)
        one.stop_when = lambda: len(one.rests) == 2
        one.session.run()
    totals = [shown.to_push for shown in one.shown]
    assert totals[0] == 7
    assert totals[-1] == 2


def test_a_copy_counts_what_it_signs_anew_and_not_what_it_was() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server:
        synced(world, office, server.address)
        before = office.replica.disk
        world.post(office, 4)
        synced(world, office, server.address)
        office.replica.disk = before
        world.post(office, 1)
        with desk(world, office, server.address) as one:
            one.session.engine = replace(one.session.engine, acknowledged=2)
            end = one.session.run_once()
    assert all(shown.pushed == 0 for shown in one.shown if shown.to_push == 1), "nothing of it was sent yet"
    assert end.pushed == end.to_push


def test_the_book_is_touched_on_its_own_thread_alone() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.session.run_once()
        assert len(one.book_threads) == 1
        assert threading.get_ident() not in one.book_threads


def test_with_no_server_it_waits_says_why_and_loses_nothing() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server:
        address = server.address
    with desk(world, office, address) as one:
        end = one.session.run_once(patience=2)
        assert (end.status, end.trouble) == (Status.WAITING, "unreachable")
        assert one.rests == [1.0, 2.0]
        assert [shown.waits_seconds for shown in one.shown if shown.waits_seconds] == [1.0, 2.0]
        assert end.waits_seconds is None, "nobody tries again after the last attempt"
    assert end.to_push == 2


def test_a_captive_portal_is_waited_out() -> None:
    world = World()
    office = world.office("P", first=True)
    portal = [Answer(b"<html>sign in</html>", media="text/html"), Answer(b"<html>x</html>", 511, "text/html")]
    world.http.before = lambda asked: portal.pop() if portal else None
    with world.served() as server, desk(world, office, server.address) as one:
        assert one.session.run_once(patience=5).status is Status.UP_TO_DATE
    assert {shown.trouble for shown in one.shown} >= {"not-the-server", ""}


def test_a_token_that_ran_out_is_renewed_without_a_word() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.session.run_once()
        world.http.tokens.clear()
        world.post(office)
        assert one.session.run_once().status is Status.UP_TO_DATE
        assert one.rests == []


def test_the_role_comes_with_each_hello_and_is_kept_when_it_changes() -> None:
    world = World()
    office = world.office("P", first=True)
    world.http.role = "branch"
    with world.served() as server, desk(world, office, server.address) as one:
        one.session.run_once()
        assert office.role == "branch"
        world.http.role = "viewer"
        one.session.run_once()
        assert office.role == "viewer"
        world.http.role = ""
        one.session.run_once()
        assert office.role == "viewer", "a server that says nothing changes nothing"


def test_a_refusal_that_needs_a_person_stops_and_names_it() -> None:
    world = World()
    office = world.office("P", first=True)
    world.http.before = lambda asked: problem("device-revoked", 403) if asked.path.endswith("hello") else None
    with world.served() as server:
        end = synced(world, office, server.address)
    assert (end.status, end.trouble) == (Status.ATTENTION, "device-revoked")
    assert office.trouble == "device-revoked", "the book knows it without asking again"
    with world.served() as server:
        world.http.before = lambda asked: None
        assert synced(world, office, server.address).status is Status.UP_TO_DATE
        assert (office.ended, office.trouble) == (Status.UP_TO_DATE, "")
        office.ended = Status.SYNCING
        assert synced(world, office, server.address).status is Status.UP_TO_DATE
    assert office.ended is Status.UP_TO_DATE, "a sync with nothing to do is one, too"


@pytest.mark.parametrize("code", ["Sign in at http://evil.example", "x" * 65, "", "\x1b[2J", "two--dashes"])
def test_a_code_that_is_none_is_not_repeated(code: str) -> None:
    world = World()
    office = world.office("P", first=True)
    world.http.before = lambda asked: problem(code, 500) if asked.path.endswith("hello") else None
    with world.served() as server:
        end = synced(world, office, server.address)
    assert (end.status, end.trouble) == (Status.WAITING, "error")


def test_a_server_that_fails_at_every_batch_calls_a_person_and_is_tried_on() -> None:
    world = World()
    office = world.office("P", first=True)
    world.http.before = lambda asked: problem("internal", 500) if asked.path.endswith("batches") else None
    with world.served() as server, desk(world, office, server.address) as one:
        one.stop_when = lambda: len(one.rests) == FAILURES_MOST + 1
        one.session.run()
        assert (one.session.progress.status, one.session.progress.trouble) == (Status.ATTENTION, "server-failing")
        assert one.rests[-1] > one.rests[-2] > 60
        world.http.before = lambda asked: None
        one.stop_when = lambda: one.session.progress.status is Status.UP_TO_DATE
        one.session.run()
    assert world.http.server.disk.frontier.size == 2


def test_batches_shrink_while_the_line_is_slow_and_grow_back() -> None:
    world = World()
    office = world.office("P", first=True)
    world.post(office, 1_200)
    with world.served() as server, desk(world, office, server.address) as one:
        seconds = [30.0, 30.0, 30.0, 1.0]

        def slow(asked: Asked) -> None:
            if asked.path.endswith("batches"):
                one.now += seconds.pop(0) if seconds else 1.0

        world.http.before = slow
        assert one.session.run_once().status is Status.UP_TO_DATE
    lengths = [piece.batch.header.last - piece.batch.header.first + 1 for piece in world.http.server.disk.log]
    assert lengths[:5] == [500, 250, 125, 62, 124]
    assert sum(lengths) == 1_202


def test_what_is_too_large_for_the_server_is_sent_in_smaller_batches_for_good() -> None:
    world = World()
    office = world.office("P", first=True)
    world.post(office, 700)

    def small_only(asked: Asked) -> Answer | None:
        large = asked.path.endswith("batches") and len(asked.body) > 40_000
        return problem("body-too-large", 413) if large else None

    world.http.before = small_only
    with world.served() as server, desk(world, office, server.address) as one:
        assert one.session.run_once().status is Status.UP_TO_DATE
        assert one.rests == []
    lengths = [piece.batch.header.last - piece.batch.header.first + 1 for piece in world.http.server.disk.log]
    assert sum(lengths) == 702
    assert len(set(lengths[:-1])) == 1, "it is not tried larger again"


def test_a_copy_takes_a_new_identity_and_makes_it_known_before_it_speaks() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server:
        synced(world, office, server.address)
        before = office.replica.disk
        world.post(office, 2)
        synced(world, office, server.address)
        office.replica.disk = before  # restored from a backup
        world.post(office, 1)
        end = synced(world, office, server.address)
    assert end.status is Status.UP_TO_DATE
    assert office.replica.rehomed == 1
    assert office.replica.disk.replica in world.http.replicas
    assert office.known_as().new is None
    assert len(office.replica.books().vouchers) == 3


@pytest.mark.parametrize("watching", [False, True])
def test_a_new_identity_that_could_not_be_made_known_is_made_known_after_the_pause(watching: bool) -> None:
    world = World()
    office = world.office("P", first=True)
    refusals = [problem("busy", 503)]
    world.http.before = lambda asked: refusals.pop() if refusals and asked.path.endswith("/replicas") else None
    with world.served() as server:
        synced(world, office, server.address)
        before = office.replica.disk
        world.post(office, 2)
        synced(world, office, server.address)
        office.replica.disk = before
        world.post(office, 1)
        with desk(world, office, server.address) as one:
            one.stop_when = lambda: len(one.rests) == 2
            if watching:
                one.session.run()
            else:
                one.session.run_once(patience=2)
            assert one.session.progress.status is Status.UP_TO_DATE
    assert refusals == []
    assert office.known_as().new is None


def test_a_server_that_lost_the_end_of_its_log_gets_it_back_and_the_book_hears_of_it() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server:
        synced(world, office, server.address)
        backup = world.http.server.disk
        world.post(office, 5)
        synced(world, office, server.address)
        whole = world.http.server.disk.frontier.root()
        assert not office.heard_of_recovery
        world.http.server.restore(backup)
        assert synced(world, office, server.address).status is Status.UP_TO_DATE
    assert world.http.server.disk.frontier.root() == whole
    assert office.heard_of_recovery


def test_a_stop_is_heeded_between_two_steps() -> None:
    world = World()
    office = world.office("P", first=True)
    world.post(office, 600)
    with world.served() as server, desk(world, office, server.address) as one:
        one.stop_when = lambda: one.session.progress.pushed > 0
        one.session.run_once()
        assert world.http.server.disk.frontier.size == 500
        one.stop_when = lambda: False
        assert one.session.run_once().status is Status.UP_TO_DATE


def test_a_watch_goes_on_when_something_was_posted() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.stop_when = lambda: len(one.rests) == 3
        one.on_rest = lambda: world.post(office)
        one.session.run()
    assert world.http.server.disk.frontier.size == 4
    assert one.rests == [30.0, 30.0, 30.0]


def test_a_watch_outlives_a_book_that_cannot_be_written_for_a_while() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.trouble = refuse("disk-full")
        one.stop_when = lambda: len(one.rests) == 2

        def mended() -> None:
            one.trouble = None

        one.on_rest = mended
        one.session.run()
        assert one.session.progress.status is Status.UP_TO_DATE
    assert world.http.server.disk.frontier.size == 2


def test_damage_in_the_book_is_not_said_of_the_server() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.trouble = Damaged("event 7", reason="hash")
        one.stop_when = lambda: len(one.rests) == 1
        one.session.run()
        assert (one.session.engine.status, one.session.engine.trouble) == (Status.ATTENTION, "book-damaged")


def test_an_answer_that_is_not_the_servers_is_named_with_its_detail() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        world.http.server.key = Ed25519PrivateKey.from_private_bytes(b"?" * 32)
        end = one.session.run_once()
    assert (end.status, end.trouble) == (Status.WAITING, "answer-unsigned")
    assert end.detail == "checkpoint: not signed by this server"


def test_a_book_that_cannot_be_written_ends_a_single_sync_with_its_error() -> None:
    world = World()
    office = world.office("P", first=True)
    with world.served() as server, desk(world, office, server.address) as one:
        one.trouble = refuse("disk-full")
        with pytest.raises(LedgerFlowError):
            one.session.run_once()
