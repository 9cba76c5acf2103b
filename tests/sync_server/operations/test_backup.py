"""A backup made while the server takes batches, put back into another database, and finished by what came later."""

import os
import shutil
import uuid
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest
from msgspec.structs import replace as replaced

from builders import a_sale
from ledgerflow_core.errors import InvalidInput
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_server.app import create_app, ledger_of
from ledgerflow_server.database.connecting import Database, connect
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.jobs import verifying
from ledgerflow_server.keys import files, incarnation, server_keys
from ledgerflow_server.keys.beacon import Beacon, Beacons
from ledgerflow_server.ledger.service.recovery import end_recovery
from ledgerflow_server.operations import recovering, restore
from ledgerflow_server.operations.archive import Archive, BackupDamaged, PassphraseWrong
from ledgerflow_server.operations.backup import back_up
from ledgerflow_server.settings.settings import Settings
from sync_server.ledger.office import Branch, Office, an_open_office, compress, desk_of, restarted
from sync_server.people_app import World

pytestmark = pytest.mark.anyio
PASSPHRASE = "correct horse battery staple"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MARKER = "Marker & Daughters 4711"


@dataclass
class Backed:
    """A server with some load, a backup of it, and what a branch had pulled after more load."""

    office: Office
    branch: Branch
    settings: Settings
    file: Path
    at_backup: list[tuple[bytes, str]]
    later: bytes


@pytest.fixture
async def backed(tmp_path: Path, database: Database) -> AsyncIterator[Backed]:
    async with an_open_office(tmp_path / "first", database) as office:
        settings = office.world.services.settings
        settings.database_secrets.write_bytes(msgspec.json.encode(database.secrets))
        settings.database_secrets.chmod(0o600)
        branch = await office.first_branch()
        branch.post(*(replaced(a_sale(f"A{at}", number=f"A{at}"), narration=MARKER) for at in range(20)))
        await branch.send()
        stored = settings.attachment_folder / "ab" / ("ab" * 32)
        stored.parent.mkdir(parents=True)
        stored.write_bytes(MARKER.encode() * 10)
        file = tmp_path / "one.backup"
        back_up(settings, database, file, PASSPHRASE, NOW)
        at_backup = await branch.entries()
        branch.post(*(a_sale(f"B{at}", number=f"B{at}") for at in range(7)))
        await branch.send()
        later = (await branch.get("/log", params={"after": len(at_backup)})).content
        yield Backed(office, branch, settings, file, at_backup, later)


@pytest.fixture
def empty(postgres: EmbeddedPostgres, database: Database) -> Iterator[Database]:
    """Gives an empty database beside the living one."""
    name = "restored"
    postgres.ensure_database(name)
    yield Database(postgres.place(name), database.secrets)
    with psycopg.connect(postgres.administration(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def opened(file: Path, passphrase: str = PASSPHRASE) -> Archive:
    archive = Archive(file)
    archive.check()
    archive.unlock(passphrase)
    return archive


def put_back(backed: Backed, folder: Path, empty: Database, postgres: EmbeddedPostgres) -> Settings:
    settings = replace(backed.settings, data_folder=folder)
    files.make_folder(folder)
    with opened(backed.file) as archive:
        restore.put_files(archive, settings)
        restore.put_rows(archive, empty, postgres.administration(empty.place["dbname"]))
    return settings


@pytest.mark.parametrize("beacons", ["kept", "lost"])
async def test_what_came_after_the_backup_is_handed_back_and_nothing_is_lost(
    backed: Backed, empty: Database, postgres: EmbeddedPostgres, tmp_path: Path, beacons: str
) -> None:
    """Where beacons were kept, recovery ends where they say; else somebody who has more may still come."""
    everything = await backed.branch.entries()
    if beacons == "kept":
        shutil.copytree(backed.settings.beacon_folder, tmp_path / "second" / "beacons")
    settings = put_back(backed, tmp_path / "second", empty, postgres)
    stored = settings.attachment_folder / "ab" / ("ab" * 32)
    assert stored.read_bytes() == MARKER.encode() * 10
    app = create_app(settings, server_keys.load(settings.key_folder), incarnation.read(settings.data_folder), empty)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://s") as client:
        branch = replace(backed.branch, world=World(app, client))
        desk = ledger_of(app.state.services).desk
        assert (await verifying.verify(desk, branch.tenant.tenant_no, branch.company)).findings == []
        assert await recovering.begin(desk, branch.tenant) == (1, 1 if beacons == "lost" else 0)
        assert (await branch.hello()).state == "recovering"
        assert await branch.entries() == backed.at_backup
        branch.post(a_sale("C1", number="C1"))
        refused = await branch.send_wire(to_wire(branch.batch(), compress))
        assert refused.json()["problems"][0]["code"] == "recovering"
        headers = branch.headers | {"Content-Type": "application/vnd.ledgerflow.log"}
        answer = await client.post(f"{branch.path}/adoptions", content=backed.later, headers=headers)
        assert answer.status_code == 200, answer.text
        assert await branch.entries() == everything
        if beacons == "lost":
            assert (await branch.hello()).state == "recovering"
            assert await end_recovery(desk, branch.tenant) == [branch.company]
        assert (await branch.hello()).state == "normal"
        await branch.send()
        assert len(await branch.entries()) == len(everything) + 1
        assert (await verifying.verify(desk, branch.tenant.tenant_no, branch.company)).findings == []


async def test_a_backup_from_before_an_ended_recovery_takes_up_the_life_that_began_then(
    backed: Backed, empty: Database, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    branch, first = backed.branch, backed.branch.incarnation
    async with restarted(branch, life=(second := str(uuid.uuid4()))):
        await end_recovery(desk_of(branch.world), branch.tenant)
        branch.incarnation = second
        branch.post(a_sale("C1", number="C1"))
        await branch.send()
        everything = await branch.entries()
        later = (await branch.get("/log", params={"after": len(backed.at_backup)})).content
    shutil.copytree(backed.settings.beacon_folder, tmp_path / "second" / "beacons")
    settings = put_back(backed, tmp_path / "second", empty, postgres)
    app = create_app(settings, server_keys.load(settings.key_folder), incarnation.read(settings.data_folder), empty)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="https://s") as client:
        branch = replace(branch, world=World(app, client))
        desk = ledger_of(app.state.services).desk
        assert await recovering.begin(desk, branch.tenant) == (1, 0)
        hello = await branch.hello()
        assert (hello.state, hello.incarnation) == ("recovering", first)
        headers = branch.headers | {"Content-Type": "application/vnd.ledgerflow.log"}
        answer = await client.post(f"{branch.path}/adoptions", content=later, headers=headers)
        assert answer.status_code == 200, answer.text
        hello = await branch.hello()
        assert (hello.state, hello.incarnation) == ("normal", second)
        assert await branch.entries() == everything
        assert (await verifying.verify(desk, branch.tenant.tenant_no, branch.company)).findings == []


async def test_a_backup_is_sealed_and_every_changed_member_is_found(backed: Backed, tmp_path: Path) -> None:
    raw = backed.file.read_bytes()
    for secret in (MARKER.encode(), backed.branch.laptop.key.private_bytes_raw(), b"PRIVATE KEY", b"Sharma"):
        assert secret not in raw
    assert backed.file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(PassphraseWrong):
        opened(backed.file, "another passphrase")
    with zipfile.ZipFile(backed.file) as whole:
        places = {member.filename: member.header_offset for member in whole.infolist()}
    for name, offset in places.items():
        at = offset + 30 + len(name) + 20 + 8
        damaged = tmp_path / "damaged.backup"
        damaged.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises((BackupDamaged, PassphraseWrong)):
            opened(damaged)
    damaged.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(BackupDamaged):
        opened(damaged)


async def test_an_existing_file_is_no_target_and_a_failed_backup_leaves_nothing(
    backed: Backed, database: Database
) -> None:
    with pytest.raises(FileExistsError):
        back_up(backed.settings, database, backed.file, PASSPHRASE, NOW)
    (backed.settings.data_folder / incarnation.FILE).unlink()
    with pytest.raises(FileNotFoundError):
        back_up(backed.settings, database, backed.file.with_name("two.backup"), PASSPHRASE, NOW)
    assert list(backed.file.parent.glob("*two.backup*")) == []


async def test_a_beacon_that_a_loss_of_power_left_empty_is_backed_up_and_restored_as_none(
    backed: Backed, database: Database, tmp_path: Path
) -> None:
    tenant_no, company = backed.branch.tenant.tenant_no, backed.branch.company
    (backed.settings.beacon_folder / str(tenant_no) / f"{company}.json").write_bytes(b"")
    file = backed.file.with_name("empty.backup")
    back_up(backed.settings, database, file, PASSPHRASE, NOW)
    fresh = replace(backed.settings, data_folder=tmp_path / "fifth")
    with opened(file) as archive:
        restore.put_files(archive, fresh)
    assert Beacons(fresh.beacon_folder).of(tenant_no).read(company) is None


async def test_nothing_that_stands_is_overwritten_and_newer_beacons_stay(
    backed: Backed, empty: Database, postgres: EmbeddedPostgres, tmp_path: Path, database: Database
) -> None:
    administration = postgres.administration(empty.place["dbname"])
    other = replace(backed.settings, data_folder=tmp_path / "other")
    server_keys.create(other.key_folder, os.urandom)
    with opened(backed.file) as archive:
        with pytest.raises(InvalidInput, match="restore-would-overwrite"):
            restore.put_files(archive, other)
        with pytest.raises(InvalidInput, match="database-not-empty"):
            restore.put_rows(archive, database, postgres.administration(database.place["dbname"]))
        # On the machine whose database was lost, what lies beside it is newer.
        newer = Beacons(backed.settings.beacon_folder).of(backed.branch.tenant.tenant_no).read(backed.branch.company)
        assert newer is not None and newer.size == len(backed.at_backup) + 7
        restore.put_files(archive, backed.settings)
        assert (
            Beacons(backed.settings.beacon_folder).of(backed.branch.tenant.tenant_no).read(backed.branch.company)
            == newer
        )
        restore.put_rows(archive, empty, administration)
        with pytest.raises(InvalidInput, match="database-not-empty"):
            restore.put_rows(archive, empty, administration)
    fresh = replace(backed.settings, data_folder=tmp_path / "third")
    with opened(backed.file) as archive:
        restore.put_files(archive, fresh)
    kept = Beacons(fresh.beacon_folder).of(backed.branch.tenant.tenant_no).read(backed.branch.company)
    assert kept is not None and kept.size <= len(backed.at_backup)
    assert isinstance(kept, Beacon)


async def test_one_tenant_comes_back_beside_a_living_one(
    backed: Backed, empty: Database, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    settings = put_back(backed, tmp_path / "fourth", empty, postgres)
    administration = postgres.administration(empty.place["dbname"])
    tenant = backed.branch.tenant_id
    with opened(backed.file) as archive:
        with pytest.raises(InvalidInput, match="tenant-lives"):
            restore.put_tenant(archive, settings, empty, administration, tenant)
        _remove(administration, backed.branch.tenant.tenant_no)
        restored = restore.put_tenant(archive, settings, empty, administration, tenant)
        with pytest.raises(InvalidInput, match="no-such-tenant"):
            restore.put_tenant(archive, settings, empty, administration, "0198c5f2-7e60-7000-8000-000000000001")
    assert restored.public_id == tenant
    with connect(empty, "lf_auth") as connection:
        assert (restored.tenant_no, tenant) in connection.execute(
            "SELECT tenant_no, public_id::text FROM lf.all_tenants()"
        ).fetchall()
    app = create_app(settings, server_keys.load(settings.key_folder), incarnation.read(settings.data_folder), empty)
    async with app.router.lifespan_context(app):
        desk = ledger_of(app.state.services).desk
        found = await verifying.verify(desk, restored.tenant_no, backed.branch.company)
        assert (found.entries, found.findings) == (len(backed.at_backup), [])


async def test_an_administrator_who_is_no_superuser_restores_just_as_well(
    backed: Backed, own_cluster: Callable[[], EmbeddedPostgres], database: Database, tmp_path: Path
) -> None:
    cluster = own_cluster()
    with psycopg.connect(cluster.administration(), autocommit=True) as admin:
        admin.execute("CREATE ROLE it LOGIN CREATEROLE PASSWORD 'given'")
        admin.execute("CREATE DATABASE books OWNER it")
    place = Database(cluster.place("books"), database.secrets)
    administration = psycopg.conninfo.make_conninfo(**cluster.place("books"), user="it", password="given")
    settings = replace(backed.settings, data_folder=tmp_path / "fifth")
    with opened(backed.file) as archive:
        restore.put_rows(archive, place, administration)
        restore.put_files(archive, settings)
    app = create_app(settings, server_keys.load(settings.key_folder), incarnation.read(settings.data_folder), place)
    async with app.router.lifespan_context(app):  # the guard finds every policy in force again
        found = await verifying.verify(
            ledger_of(app.state.services).desk, backed.branch.tenant.tenant_no, backed.branch.company
        )
        assert (found.entries, found.findings) == (len(backed.at_backup), [])


def _remove(administration: str, tenant_no: int) -> None:
    """Remove a tenant as only a disaster does."""
    with psycopg.connect(administration) as admin:
        admin.execute("SET session_replication_role = replica")
        tables = admin.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE n.nspname IN ('lf', 'idn') AND c.relkind IN ('r', 'p')"
            " AND NOT c.relispartition AND c.relname <> 'schema_version'"
        ).fetchall()
        for (table,) in tables:
            admin.execute(f"DELETE FROM {table} WHERE tenant_no = {tenant_no}".encode())
