"""Files of vouchers over a line: in pieces, on from where it broke off, proved, and never in the way."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop.sync_client.answering import Answer, answering
from desktop.sync_client.file_server import FileServer, refused
from desktop.sync_client.memory_http import problem
from ledgerflow_desktop.storage.attachment_index import Known
from ledgerflow_desktop.storage.attachments import RECORD, AttachmentStore, Content
from ledgerflow_desktop.storage.failures import DiskFull
from ledgerflow_desktop.sync_client.attachments import Carried, Carrier, Plan, Tools
from ledgerflow_desktop.sync_client.transport import (
    NoAnswer,
    NotTheServer,
    Reply,
    Request,
    ServerRefused,
    Transport,
)

CONTENT = os.urandom(5 * RECORD + 4_321)


@dataclass
class Notes:
    """What a book would be told."""

    plan_: Plan
    sent: list[Known] = field(default_factory=list)
    fetched: list[Known] = field(default_factory=list)

    looked: list[bool] = field(default_factory=list)

    def plan(self, *, looks: bool) -> Plan:
        self.looked.append(looks)
        return self.plan_

    def note_sent(self, known: Known) -> None:
        self.sent.append(known)

    def note_fetched(self, known: Known) -> None:
        self.fetched.append(known)


@dataclass
class Clock:
    """Seconds that pass by waiting alone."""

    now: float = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds


def known(content: bytes, media: str = "image/png") -> Known:
    return Known(Content(hashlib.sha256(content).hexdigest(), len(content)), media)


def tools(clock: Clock | None = None, must_stop: Callable[[], bool] = lambda: False) -> Tools:
    clock = clock or Clock()
    return Tools(lambda: clock.now, must_stop, clock.pause)


def store_with(folder: Path, *contents: bytes) -> AttachmentStore:
    store = AttachmentStore(folder, bytes(range(32)), os.urandom)
    for content in contents:
        store.append(known(content).content.sha256, 0, content)
        assert store.complete(known(content).content)
    return store


def sending(folder: Path, *contents: bytes) -> Notes:
    return Notes(Plan(store_with(folder, *contents), [known(content) for content in contents], []))


def fetching(folder: Path, *contents: bytes) -> Notes:
    return Notes(Plan(store_with(folder), [], [known(content) for content in contents]))


def content_in(store: AttachmentStore, content: bytes) -> bytes:
    return b"".join(store.parts(known(content).content.sha256))


@pytest.mark.parametrize("size", [0, 1, RECORD, 2 * RECORD, len(CONTENT)])
def test_a_file_goes_there_and_comes_back_as_it_was(tmp_path: Path, size: int) -> None:
    server, content = FileServer(), CONTENT[:size]
    one, other = sending(tmp_path / "one", content), fetching(tmp_path / "other", content)
    assert Carrier(server).carry(one, tools()) == Carried(sent=1)
    assert server.whole == {known(content).content.sha256: content} and one.sent == [known(content)]
    assert Carrier(server).carry(other, tools()) == Carried(fetched=1)
    assert content_in(other.plan_.store, content) == content and other.fetched == [known(content)]


def test_what_the_server_has_from_somebody_else_is_not_sent(tmp_path: Path) -> None:
    server = FileServer(whole={known(CONTENT).content.sha256: CONTENT})
    assert Carrier(server).carry(sending(tmp_path, CONTENT), tools()) == Carried(sent=1)
    assert [request.method for request in server.asked] == ["PUT"] and not server.asked[0].body


class Line:
    """Lets so many requests through and then breaks; it is mended after `down` more."""

    def __init__(self, good: int, down: int) -> None:
        self.good, self.down = good, down

    def __call__(self, request: Request) -> None:
        self.good -= 1
        if -self.down <= self.good < 0:
            raise NoAnswer(reason="unreachable")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("way", [sending, fetching])
def test_over_a_line_that_breaks_nothing_is_carried_twice_but_a_piece(
    tmp_path: Path, way: Callable[..., Notes], *, before: bool
) -> None:
    server, notes = FileServer(), way(tmp_path, CONTENT)
    if way is fetching:
        server.whole[known(CONTENT).content.sha256] = CONTENT
    # It breaks before the server hears of it, or with the answer on its way.
    setattr(server, "before" if before else "after", Line(2, 2))
    carrier, clock = Carrier(server), Clock()
    carried = carrier.carry(notes, tools(clock))
    assert carried.sent + carried.fetched == 1 and not carried.trouble
    assert clock.now == 3.0  # after one second, after two
    moved = [request for request in server.asked if request.method != "PUT"]
    sizes = {request.headers for request in moved}
    assert len(moved) <= len(sizes) + 2


def test_a_piece_that_arrives_twice_is_there_once(tmp_path: Path) -> None:
    server = FileServer()

    def once_more(request: Request) -> None:
        if request.method == "PATCH" and len(server.asked) == 2:
            server.exchange(request)

    server.before = once_more
    assert Carrier(server).carry(sending(tmp_path, CONTENT), tools()) == Carried(sent=1)
    assert list(server.whole.values()) == [CONTENT]


def test_a_line_that_stays_away_is_left_for_the_next_time_which_goes_on_from_there(tmp_path: Path) -> None:
    server = FileServer(whole={known(CONTENT).content.sha256: CONTENT})
    server.before = Line(2, 1_000)
    notes = fetching(tmp_path, CONTENT)
    assert Carrier(server).carry(notes, tools()) == Carried(trouble="unreachable")
    server.before, before = lambda request: None, len(server.asked)
    assert Carrier(server).carry(notes, tools()) == Carried(fetched=1)
    first = server.asked[before].headers
    assert first == (("Range", f"bytes={3 * RECORD}-{4 * RECORD - 1}"),)


@pytest.mark.parametrize("way", [sending, fetching])
def test_between_two_pieces_the_session_comes_first(tmp_path: Path, way: Callable[..., Notes]) -> None:
    server, notes = FileServer(), way(tmp_path, CONTENT)
    if way is fetching:
        server.whole[known(CONTENT).content.sha256] = CONTENT
    carrier = Carrier(server)
    done = Carried()
    for _ in range(20):
        asked = len(server.asked)
        # Let one piece through at a time: announcing comes first where one sends.
        most = asked + (2 if way is sending else 1)
        done = carrier.carry(notes, tools(must_stop=lambda most=most: len(server.asked) >= most))  # type: ignore[misc]
        assert not done.trouble and len(server.asked) <= most
        if done.sent + done.fetched:
            break
    assert done.sent + done.fetched == 1


def test_a_piece_is_as_large_as_the_line_carries_in_some_seconds(tmp_path: Path) -> None:
    server, clock = FileServer(), Clock()
    notes = sending(tmp_path, os.urandom(40 * RECORD))
    server.before = lambda request: clock.pause(1.0 + len(request.body) / RECORD)
    Carrier(server).carry(notes, tools(clock))
    sizes = [len(request.body) // RECORD for request in server.asked if request.method == "PATCH"]
    assert sizes[:3] == [1, 2, 4] and max(sizes) == 4 and sum(sizes) == 40


def test_what_is_not_what_it_is_called_is_thrown_away_and_fetched_anew(tmp_path: Path) -> None:
    sha256 = known(CONTENT).content.sha256
    server = FileServer(whole={sha256: CONTENT[:-1] + b"x"})
    notes, clock = fetching(tmp_path, CONTENT), Clock()
    carrier = Carrier(server)
    assert carrier.carry(notes, tools(clock)) == Carried(trouble="damaged", is_said=True)
    assert not notes.plan_.store.has(sha256) and notes.plan_.store.received(sha256) == 0
    server.whole[sha256] = CONTENT
    assert carrier.carry(notes, tools(clock)) == Carried(), "it is left alone for a while"
    clock.pause(1_000)
    assert carrier.carry(notes, tools(clock)) == Carried(fetched=1)
    assert content_in(notes.plan_.store, CONTENT) == CONTENT


def test_what_nobody_has_sent_yet_keeps_nothing_waiting_and_is_no_trouble(tmp_path: Path) -> None:
    server = FileServer(whole={known(b"here").content.sha256: b"here"})
    notes = fetching(tmp_path, b"not here", b"here")
    carrier, clock = Carrier(server), Clock()
    assert carrier.carry(notes, tools(clock)) == Carried(fetched=1)
    assert notes.fetched == [known(b"here")]
    # It is asked for again soon, and then less and less often.
    asked: list[float] = []
    for _ in range(2_000):
        clock.pause(1.0)
        before = len(server.asked)
        carrier.carry(notes, tools(clock))
        asked += [clock.now] * (len(server.asked) - before)
    assert asked == [10.0, 30.0, 70.0, 150.0, 310.0, 630.0, 1270.0]


def test_one_file_the_server_does_not_take_keeps_no_other_waiting(tmp_path: Path) -> None:
    large, small = known(b"large"), known(b"small")
    server = FileServer()

    def before(request: Request) -> None:
        if large.content.sha256 in request.path:
            raise refused(413, "attachment-too-large")

    server.before = before
    assert Carrier(server).carry(sending(tmp_path, b"large", b"small"), tools()) == Carried(
        sent=1, trouble="attachment-too-large", is_said=True
    )
    assert list(server.whole) == [small.content.sha256]


def test_who_may_only_read_sends_nothing_and_fetches(tmp_path: Path) -> None:
    server = FileServer(whole={known(b"theirs").content.sha256: b"theirs"})

    def before(request: Request) -> None:
        if request.method != "GET":
            raise refused(403, "not-permitted")

    server.before = before
    both = sending(tmp_path, b"one", b"two")
    both.plan_.fetch.append(known(b"theirs"))
    assert Carrier(server).carry(both, tools()) == Carried(fetched=1)
    assert [request.method for request in server.asked] == ["PUT", "GET"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_asked_no_more(tmp_path: Path, status: int) -> None:
    server = FileServer()

    def before(request: Request) -> None:
        raise refused(status, "busy")

    server.before = before
    assert Carrier(server).carry(sending(tmp_path, b"one", b"two"), tools()) == Carried(trouble="busy", is_said=True)
    assert len(server.asked) == 1


def test_a_damaged_file_is_not_sent(tmp_path: Path) -> None:
    notes, server = sending(tmp_path, CONTENT, b"sound"), FileServer()
    path = tmp_path / known(CONTENT).content.sha256
    path.write_bytes(bytes(len(path.read_bytes())))
    assert Carrier(server).carry(notes, tools()) == Carried(sent=1, trouble="attachment-differs", is_said=True)
    assert list(server.whole) == [known(b"sound").content.sha256]


def test_a_disk_that_is_full_ends_it_for_this_time(tmp_path: Path) -> None:
    class FullStore(AttachmentStore):
        def append(self, sha256: str, offset: int, piece: bytes) -> None:
            raise DiskFull(str(self.folder))

    server = FileServer(whole={known(CONTENT).content.sha256: CONTENT})
    store = FullStore(tmp_path, bytes(32), os.urandom)
    full = Notes(Plan(store, [], [known(CONTENT)]))
    assert Carrier(server).carry(full, tools()) == Carried(trouble="disk-full", is_said=True)


def test_a_file_shorter_than_its_voucher_says_keeps_no_other_waiting(tmp_path: Path) -> None:
    short, whole = known(b"short"), known(b"a whole file")
    server = FileServer(whole={short.content.sha256: b"short", whole.content.sha256: b"a whole file"})
    notes = fetching(tmp_path, b"a whole file")
    notes.plan_.fetch.insert(0, Known(Content(short.content.sha256, 9), short.media_type))
    clock = Clock()
    assert Carrier(server).carry(notes, tools(clock)) == Carried(fetched=1, trouble="damaged", is_said=True)
    assert notes.fetched == [whole] and clock.now == 0.0


def test_the_folder_is_looked_through_once_and_what_was_lost_is_asked_for_until_it_is_here(tmp_path: Path) -> None:
    server, notes, clock = FileServer(), fetching(tmp_path, CONTENT), Clock()
    carrier = Carrier(server)
    notes.plan_.store.append("ab" * 32, 0, b"nobody waits for this any more")
    assert carrier.carry(notes, tools(clock)) == Carried()
    assert not list(tmp_path.glob(".fetching-*"))
    notes.plan_.fetch.clear()  # lost, so it counts as kept: only a look into the folder tells of it
    server.whole[known(CONTENT).content.sha256] = CONTENT
    clock.pause(1_000)
    assert carrier.carry(notes, tools(clock)) == Carried(fetched=1)
    assert carrier.carry(notes, tools(clock)) == Carried()
    assert notes.looked == [True, False, False]


def test_two_programs_never_fetch_at_once(tmp_path: Path) -> None:
    server = FileServer(whole={known(CONTENT).content.sha256: CONTENT})
    notes = fetching(tmp_path, CONTENT)
    with notes.plan_.store.carrying():
        assert Carrier(server).carry(notes, tools()) == Carried() and not server.asked
    assert Carrier(server).carry(notes, tools()) == Carried(fetched=1)


def test_a_type_no_header_may_carry_is_not_sent(tmp_path: Path) -> None:
    server, notes = FileServer(), sending(tmp_path, b"one")
    notes.plan_.send[0] = known(b"one", "text/html\r\nX-Evil: 1")
    Carrier(server).carry(notes, tools())
    assert server.asked[0].media == "application/octet-stream"


def test_an_answer_of_something_else_is_not_taken_for_the_server_s(tmp_path: Path) -> None:
    class Portal:
        def exchange(self, request: Request) -> Reply:
            return Reply(200, {"content-type": "text/html"}, b"<html>sign in</html>")

    both = sending(tmp_path, CONTENT)
    assert Carrier(Portal()).carry(both, tools()).trouble == "not-the-server"
    assert Carrier(Portal()).carry(fetching(tmp_path / "other", b"x" * 20), tools()).trouble == "damaged"
    assert not both.sent


# --- over HTTP --------------------------------------------------------------------------------------


def test_an_exchange_gives_headers_and_names_refusals() -> None:
    with answering(Answer(b"abc", 206, "image/png", headers={"Upload-Offset": "3"})) as server:
        transport = Transport(server.address, None)
        reply = transport.exchange(Request("GET", "/x", "*/*", headers=(("Range", "bytes=0-2"),)))
        assert (reply.status, reply.headers["upload-offset"], reply.body) == (206, "3", b"abc")
        transport.exchange(Request("PUT", "/x", "*/*", media="image/png", headers=(("Upload-Length", "3"),)))
        transport.close()
    assert server.asked[0].headers["range"] == "bytes=0-2"
    assert server.asked[1].headers["upload-length"] == "3" and server.asked[1].headers["content-type"] == "image/png"
    for answer, kind in ((problem("not-found", 404), ServerRefused), (Answer(b"", 502, "text/html"), NotTheServer)):
        with answering(answer) as server:
            transport = Transport(server.address, None)
            with pytest.raises(kind):
                transport.exchange(Request("GET", "/x", "*/*"))
            transport.close()
