"""Attachments over HTTP: sent in pieces over a line that breaks, proven, kept encrypted, read whole or in ranges."""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from ledgerflow_server.attachments.store import RECORD
from ledgerflow_server.database.connecting import Database
from sync_server.ledger.office import Branch, Office, an_office
from sync_server.people_app import World, code_of, world

pytestmark = pytest.mark.anyio
CONTENT = os.urandom(3 * RECORD + 4_321)


@dataclass
class Sender:
    """A branch that sends files."""

    branch: Branch

    async def ask(self, method: str, content: bytes, piece: bytes = b"", **headers: str) -> httpx.Response:
        name = hashlib.sha256(content).hexdigest()
        said = self.branch.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"{self.branch.path}/attachments/{name}"
        return await self.branch.world.client.request(method, path, content=piece, headers=said)

    async def begin(self, content: bytes, piece: bytes = b"", media: str = "image/png") -> httpx.Response:
        return await self.ask("PUT", content, piece, Upload_Length=str(len(content)), Content_Type=media)

    async def more(self, content: bytes, offset: int, piece: bytes) -> httpx.Response:
        return await self.ask("PATCH", content, piece, Upload_Offset=str(offset))

    async def offset(self, content: bytes) -> int:
        answer = await self.ask("HEAD", content)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])


@pytest.fixture
async def made(tmp_path: Path, database: Database) -> AsyncIterator[World]:
    async with world(tmp_path, database) as one:
        yield one


@pytest.fixture
async def office(made: World) -> Office:
    return await an_office(made)


@pytest.fixture
async def pune(office: Office) -> Sender:
    return Sender(await office.first_branch())


def folder_of(office: Office) -> Path:
    settings = office.world.services.settings
    return settings.attachment_folder / str(office.tenant.tenant_no) / str(office.company_no)


async def test_a_file_is_sent_at_once_and_read_back(pune: Sender) -> None:
    answer = await pune.begin(CONTENT, CONTENT)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    read = await pune.ask("GET", CONTENT)
    assert read.status_code == 200 and read.content == CONTENT
    assert read.headers["Content-Type"] == "image/png"
    assert read.headers["Content-Disposition"] == "attachment"
    assert read.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_is_sent_on_from_where_the_line_broke(pune: Sender) -> None:
    assert (await pune.begin(CONTENT)).status_code == 202
    first = await pune.more(CONTENT, 0, CONTENT[: RECORD + 100])
    # What does not fill a record is not kept: it comes again.
    assert first.headers["Upload-Offset"] == str(RECORD) == str(await pune.offset(CONTENT))
    assert (await pune.ask("GET", CONTENT)).status_code == 404
    wrong = await pune.more(CONTENT, RECORD + 100, CONTENT[RECORD + 100 :])
    assert code_of(wrong) == (409, "offset-differs") and wrong.headers["Upload-Offset"] == str(RECORD)
    last = await pune.more(CONTENT, RECORD, CONTENT[RECORD:])
    assert last.headers["Upload-Offset"] == str(len(CONTENT))
    assert (await pune.ask("GET", CONTENT)).content == CONTENT


async def test_a_file_sent_twice_is_there_once(pune: Sender) -> None:
    await pune.begin(CONTENT, CONTENT)
    again = await pune.begin(CONTENT, CONTENT)
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, str(len(CONTENT)))
    assert code_of(await pune.more(CONTENT, 0, CONTENT)) == (409, "offset-differs")


@pytest.mark.parametrize("size", [0, 1, RECORD - 1, RECORD, RECORD + 1, 2 * RECORD])
async def test_every_size_around_a_record_is_kept(pune: Sender, size: int) -> None:
    content = CONTENT[:size]
    assert (await pune.begin(content, content)).status_code == 201
    assert (await pune.ask("GET", content)).content == content


async def test_bytes_that_are_not_what_they_are_called_are_thrown_away(office: Office, pune: Sender) -> None:
    await pune.begin(CONTENT, CONTENT[:RECORD])
    answer = await pune.more(CONTENT, RECORD, bytes(len(CONTENT) - RECORD))
    assert code_of(answer) == (422, "hash-differs") and await pune.offset(CONTENT) == 0
    assert list(folder_of(office).iterdir()) == []
    assert (await pune.begin(CONTENT, CONTENT)).status_code == 201


async def test_nothing_of_a_file_can_be_read_on_the_disk_nor_altered_there(office: Office, pune: Sender) -> None:
    content = b"a very plain text " * 10_000
    await pune.begin(content, content)
    [file] = folder_of(office).iterdir()
    stored = file.read_bytes()
    assert b"plain" not in stored and len(stored) > len(content)
    file.write_bytes(stored[:100] + bytes([stored[100] ^ 1]) + stored[101:])
    assert code_of(await pune.ask("GET", content)) == (500, "damaged")


async def test_the_same_file_of_two_tenants_is_kept_twice_under_two_keys(made: World, pune: Sender) -> None:
    other_office = await an_office(made)
    other = Sender(await other_office.first_branch())
    await pune.begin(CONTENT, CONTENT)
    assert (await other.ask("HEAD", CONTENT)).status_code == 404
    assert (await other.begin(CONTENT, CONTENT)).status_code == 201
    ours, theirs = (path.read_bytes() for path in sorted(made.services.settings.attachment_folder.glob("*/*/[!.]*")))
    assert ours != theirs
    keys = {path.read_bytes() for path in made.services.settings.attachment_folder.glob("*/tenant.key")}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("asked", "first", "size"),
    [
        ("bytes=0-9", 0, 10),
        (f"bytes={RECORD - 5}-{RECORD + 4}", RECORD - 5, 10),
        (f"bytes={2 * RECORD}-", 2 * RECORD, len(CONTENT) - 2 * RECORD),
        ("bytes=-7", len(CONTENT) - 7, 7),
        (f"bytes=5-{10 * RECORD}", 5, len(CONTENT) - 5),
    ],
)
async def test_a_range_is_read(pune: Sender, asked: str, first: int, size: int) -> None:
    await pune.begin(CONTENT, CONTENT)
    answer = await pune.ask("GET", CONTENT, Range=asked)
    assert answer.status_code == 206 and answer.content == CONTENT[first : first + size]
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + size - 1}/{len(CONTENT)}"


async def test_what_is_no_range_of_it(pune: Sender) -> None:
    await pune.begin(CONTENT, CONTENT)
    beyond = await pune.ask("GET", CONTENT, Range=f"bytes={len(CONTENT)}-")
    assert code_of(beyond) == (416, "range-not-there")
    assert beyond.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    several = await pune.ask("GET", CONTENT, Range="bytes=0-1,5-6")
    assert (several.status_code, several.content) == (200, CONTENT)
    other = await pune.ask("GET", CONTENT, Range="bytes=0-1", If_Range='"another"')
    assert other.status_code == 200
    tag = (await pune.ask("GET", CONTENT)).headers["ETag"]
    assert (await pune.ask("GET", CONTENT, If_None_Match=tag)).status_code == 304


async def test_limits_are_named(pune: Sender) -> None:
    large = await pune.ask("PUT", b"x", Upload_Length=str(64 * 2**20 + 1))
    assert code_of(large) == (413, "attachment-too-large")
    await pune.begin(CONTENT)
    assert code_of(await pune.more(CONTENT, 0, CONTENT + b"x")) == (413, "piece-too-large")
    assert code_of(await pune.more(CONTENT, 0, b"x")) == (422, "piece-too-small")
    differs = await pune.ask("PUT", CONTENT, Upload_Length="5")
    assert code_of(differs) == (409, "size-differs")
    assert code_of(await pune.begin(b"y", media="nonsense")) == (422, "invalid-field")
    assert code_of(await pune.ask("PUT", b"z")) == (422, "missing-field")
    assert code_of(await pune.more(b"never announced", 0, b"never announced")) == (404, "not-found")


async def test_a_company_has_room_for_so_much(office: Office, pune: Sender) -> None:
    async with office.world.services.tenants.session(office.tenant) as session:
        await session.execute(
            "INSERT INTO lf.attachment (tenant_no, company_no, sha256, size, media_type)"
            " VALUES (%s, %s, %s, %s, 'a/b')",
            [session.tenant_no, office.company_no, bytes(32), office.world.services.settings.attachment_quota],
        )
    assert code_of(await pune.begin(CONTENT)) == (507, "attachments-full")


async def test_the_disk_is_believed_where_it_holds_less_than_the_row_says(office: Office, pune: Sender) -> None:
    await pune.begin(CONTENT, CONTENT)
    [file] = folder_of(office).iterdir()
    file.unlink()
    assert await pune.offset(CONTENT) == 0 and (await pune.ask("GET", CONTENT)).status_code == 404
    assert (await pune.begin(CONTENT, CONTENT)).status_code == 201
    assert (await pune.ask("GET", CONTENT)).content == CONTENT


@pytest.mark.parametrize("role", Role)
async def test_who_may_post_may_send_and_everybody_reads(office: Office, pune: Sender, role: Role) -> None:
    await pune.begin(CONTENT, CONTENT)
    other = Sender(await office.branch(role))
    assert (await other.ask("GET", CONTENT)).status_code == 200
    assert (await other.ask("HEAD", CONTENT)).status_code == 200
    answers = [await other.begin(b"new", b"new"), await other.more(b"new", 0, b"new")]
    if Act.POST in ACTS_BY_ROLE[role]:
        assert [answer.status_code for answer in answers] == [201, 409]
    else:
        assert [code_of(answer) for answer in answers] == [(403, "not-permitted")] * 2
