"""Puts a backup back: a whole server where there is none, or one tenant beside the living ones."""

import re
from pathlib import Path

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.database import migrating
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.keys import certificates, files, incarnation, server_keys
from ledgerflow_server.keys.beacon import Beacons, decoded
from ledgerflow_server.operations import repository
from ledgerflow_server.operations.archive import Archive, BackupDamaged, Table, TenantEntry
from ledgerflow_server.settings.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9_-][\w.-]*(/[\w-][\w.-]*)*")
# Of this machine, and made anew when its names or the date ask for it.
_OF_THE_MACHINE = frozenset({f"keys/{certificates.SERVER}", f"keys/{certificates.SERVER_KEY}", incarnation.FILE})


def put_files(archive: Archive, settings: Settings) -> None:
    """Write keys, certificates, incarnation, beacons and attachments.

    Nothing that stands is overwritten: `restore-would-overwrite` for a key that differs, before anything is written.
    The incarnation that stands here is kept, and of two beacons the one that is further: what lies outside of the
    database may know more than the backup does.
    """
    contents = {name: b"".join(archive.read(_checked(name))) for name in archive.manifest.files if _is_small(name)}
    for name, content in contents.items():
        path = settings.data_folder / name
        if name.startswith("keys/") and name not in _OF_THE_MACHINE and path.exists() and path.read_bytes() != content:
            raise refuse("restore-would-overwrite", str(path))
    for name, content in contents.items():
        if name.startswith("beacons/"):
            of_tenant = Beacons((settings.data_folder / name).parent)
            beacon = decoded(content, Path(name))
            if beacon is not None:
                of_tenant.write(CompanyId(Path(name).stem), beacon)
        elif not (settings.data_folder / name).exists():
            files.make_folder((settings.data_folder / name).parent)
            mode = files.SECRET_MODE if name.endswith(".key") else files.PUBLIC_MODE
            files.replace(settings.data_folder / name, content, mode)
    put_attachments(archive, settings)


def put_attachments(archive: Archive, settings: Settings) -> None:
    """Write the attachments that are not here: their names are their hashes."""
    for name in archive.manifest.files:
        path = settings.data_folder / _checked(name)
        if not _is_small(name) and not path.exists():
            files.make_folder(path.parent)
            files.replace(path, b"".join(archive.read(name)))


def put_rows(archive: Archive, database: Database, administration: str) -> None:
    """Make the tables of the backup's time, fill them, and bring them to this program's version.

    All rows or none. Refuses `backup-newer` and `database-not-empty`.
    """
    if archive.manifest.revision > migrating.HEAD:
        raise refuse("backup-newer", backup=archive.manifest.revision, program=migrating.HEAD)
    migrating.migrate(database, administration, target=archive.manifest.revision)
    with repository.loading(database, administration) as connection:
        if repository.known_tenants(connection):
            raise refuse("database-not-empty")
        _load(archive, connection, archive.manifest.tables)
    migrating.migrate(database, administration)


def put_tenant(
    archive: Archive, settings: Settings, database: Database, administration: str, public_id: str
) -> TenantEntry:
    """Put one tenant back beside the others, with its number, and return it.

    Refuses `no-such-tenant` for one the backup lacks, `tenant-lives`, `tenant-number-taken`, `backup-of-another-server`
    for other keys than ours, whose seals could not be opened here, and `backup-of-another-version`.
    """
    tenant = next((one for one in archive.manifest.tenants if one.public_id == public_id), None)
    if tenant is None:
        known = ", ".join(one.public_id for one in archive.manifest.tenants)
        raise refuse("no-such-tenant", public_id, known=known or "none")
    if archive.manifest.revision != migrating.HEAD:
        raise refuse("backup-of-another-version", backup=archive.manifest.revision, program=migrating.HEAD)
    for name in (server_keys.LOG, server_keys.SEAL):
        if b"".join(archive.read(f"keys/{name}")) != files.read(settings.key_folder / name):
            raise refuse("backup-of-another-server", f"keys/{name}")
    with repository.loading(database, administration) as connection:
        for tenant_no, living in repository.known_tenants(connection):
            if living == public_id:
                raise refuse("tenant-lives", public_id)
            if tenant_no == tenant.tenant_no:
                raise refuse("tenant-number-taken", public_id, by=living)
        of_tenant = [table for table in archive.manifest.tables if table.tenant_no == tenant.tenant_no]
        _load(archive, connection, of_tenant)
    put_attachments(archive, settings)
    return tenant


def _load(archive: Archive, connection: Connection, tables: list[Table]) -> None:
    repository.make_months(connection, archive.manifest.months)
    for table in tables:
        repository.load(connection, table, archive.read(table.member))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BackupDamaged(name, reason="is no name of a file")
    return name


def _is_small(name: str) -> bool:
    return not name.startswith("attachments/")
