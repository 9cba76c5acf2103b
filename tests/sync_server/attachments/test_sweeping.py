"""Clearing up takes what was given up, and nothing that an office sends at that very moment."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import attachments_of, ledger_of
from ledgerflow_server.attachments.repository import Announced
from ledgerflow_server.attachments.service import Attachments, sweep
from ledgerflow_server.attachments.store import RECORD, Place, Store
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.database.failures import StorageFull
from ledgerflow_server.tenancy.principal import Principal
from sync_server.ledger.office import Office, an_open_office

pytestmark = pytest.mark.anyio
CONTENT = os.urandom(RECORD + 4_321)
NAME = hashlib.sha256(CONTENT).hexdigest()
# Uploads were given up where they were written before; `old` is before that.
BEFORE = datetime(2026, 1, 31, tzinfo=UTC).timestamp()
OLD = datetime(2025, 12, 31, tzinfo=UTC)
EVER = 2.0**40


@dataclass(frozen=True, slots=True)
class SlowDisk(Store):
    """A disk that says when it is about to write, and waits until it may."""

    writing: threading.Event = field(default_factory=threading.Event)
    may_write: threading.Event = field(default_factory=threading.Event)

    def append(self, place: Place, offset: int, piece: bytes) -> None:
        self.writing.set()
        assert self.may_write.wait(10)
        Store.append(self, place, offset, piece)


@dataclass
class Pune:
    """A sender who goes on where the disk is slow, and the place of what is sent."""

    attachments: Attachments
    disk: SlowDisk
    sender: Principal
    company_no: int
    office: Office

    @property
    def place(self) -> Place:
        return Place(self.sender.tenant_no, self.company_no, NAME)

    async def begin(self, content: bytes = CONTENT, piece: bytes = CONTENT[:RECORD]) -> Announced:
        name = hashlib.sha256(content).hexdigest()
        return await self.attachments.begin(self.sender, self.office.details.id, name, len(content), "a/b", piece)

    async def content(self) -> bytes:
        found, place = await self.attachments.read(self.sender, self.office.details.id, NAME)
        return b"".join(await self.attachments.parts(place, 0, found.size))

    def on_the_slow_disk(self) -> Attachments:
        return replace(self.attachments, store=self.disk)

    async def swept(self, before: float = BEFORE) -> int:
        tenant = Principal(self.sender.tenant_no)
        return await sweep(self.attachments.desk.tenants, tenant, self.company_no, self.attachments.store, before)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.disk.folder_of(self.place).iterdir())


@pytest.fixture
async def pune(tmp_path: Path, database: Database) -> AsyncIterator[Pune]:
    async with an_open_office(tmp_path, database) as office:
        branch = await office.first_branch()
        services = office.world.services
        attachments = attachments_of(services, ledger_of(services).desk)
        store = attachments.store
        disk = SlowDisk(store.folder, store.keys, store.random_bytes)
        sender = replace(office.tenant, role=Role.OWNER)
        yield Pune(attachments, disk, sender, branch.company_no, office)


def age(pune: Pune, administrator: Connection, content: bytes = CONTENT) -> None:
    """Let what was begun have been begun and written long ago."""
    sha256 = hashlib.sha256(content)
    administrator.execute("UPDATE lf.attachment SET begun_at = %s WHERE sha256 = %s", [OLD, sha256.digest()])
    age_file(pune.disk.folder_of(pune.place) / f".{sha256.hexdigest()}")


def age_file(path: Path) -> None:
    os.utime(path, (OLD.timestamp(),) * 2)


async def test_what_was_given_up_is_swept_away_and_what_is_whole_stays(pune: Pune) -> None:
    await pune.begin(piece=CONTENT)
    begun = CONTENT[::-1]
    await pune.begin(begun, begun[:RECORD])
    stray = replace(pune.place, sha256="ab" * 32)
    pune.attachments.store.append(stray, 0, b"of a row that was undone")
    assert await pune.swept(before=0.0) == 0
    assert await pune.swept(before=EVER) == 2
    assert pune.files() == [NAME] and await pune.content() == CONTENT


async def test_an_upload_that_is_finished_while_it_is_swept_is_kept(pune: Pune, as_administrator: Connection) -> None:
    other = CONTENT[::-1]
    for content in (CONTENT, other):
        await pune.begin(content, content[:RECORD])
        age(pune, as_administrator, content)
    slow, company = pune.on_the_slow_disk(), pune.office.details.id
    sending = asyncio.create_task(slow.append(pune.sender, company, NAME, RECORD, CONTENT[RECORD:]))
    assert await asyncio.to_thread(pune.disk.writing.wait, 10)
    sweeping = asyncio.create_task(pune.swept())
    # Who waits for the row here would go on once the upload is whole.
    await asyncio.wait({sweeping}, timeout=1)
    pune.disk.may_write.set()
    assert (await sending).complete
    assert await sweeping == 1, "the other, which nobody sends"
    assert await pune.content() == CONTENT


async def test_an_upload_begun_long_ago_that_went_on_lately_is_kept(pune: Pune, as_administrator: Connection) -> None:
    await pune.begin()
    age(pune, as_administrator)
    (pune.disk.folder_of(pune.place) / f".{NAME}").touch()
    assert await pune.swept() == 0
    last = await pune.attachments.append(pune.sender, pune.office.details.id, NAME, RECORD, CONTENT[RECORD:])
    assert last.complete and await pune.content() == CONTENT


async def test_a_file_without_a_row_that_is_announced_while_it_is_swept_is_kept(pune: Pune) -> None:
    for stray in (pune.place, replace(pune.place, sha256="ab" * 32)):
        pune.attachments.store.append(stray, 0, CONTENT[:RECORD])
        age_file(pune.disk.folder_of(stray) / f".{stray.sha256}")
    slow, company = pune.on_the_slow_disk(), pune.office.details.id
    sending = asyncio.create_task(slow.begin(pune.sender, company, NAME, len(CONTENT), "a/b", CONTENT))
    assert await asyncio.to_thread(pune.disk.writing.wait, 10)
    assert await pune.swept() == 1
    assert pune.files() == [f".{NAME}"]
    pune.disk.may_write.set()
    assert (await sending).complete and await pune.content() == CONTENT


async def test_the_bytes_stay_where_their_row_could_not_be_forgotten(pune: Pune, as_administrator: Connection) -> None:
    await pune.begin()
    age(pune, as_administrator)
    as_administrator.execute(
        """
        CREATE FUNCTION lf.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON lf.attachment
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lf.refuse();
        """
    )
    try:
        with pytest.raises(StorageFull):
            await pune.swept()
    finally:
        as_administrator.execute("DROP FUNCTION lf.refuse CASCADE")
    assert pune.files() == [f".{NAME}"]
    assert await pune.swept() == 1 and pune.files() == []
