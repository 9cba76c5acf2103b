"""Writes everything a server is into one sealed file, while it serves."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ledgerflow_core import __version__
from ledgerflow_server.database import migrating
from ledgerflow_server.database.connecting import Database, connect
from ledgerflow_server.keys import incarnation
from ledgerflow_server.keys.beacon import Beacons
from ledgerflow_server.operations import repository
from ledgerflow_server.operations.archive import ArchiveWriter, Manifest, Table, TenantEntry
from ledgerflow_server.settings import reading
from ledgerflow_server.settings.settings import MIB, Settings


def back_up(settings: Settings, database: Database, target: Path, passphrase: str, now: datetime) -> Manifest:
    """Write a backup to `target` and return what is in it. Raises `FileExistsError`, `SchemaBehind`.

    Rows are as one moment has them. Beacons are read before that moment, everything else outside the database after
    it: a beacon never tells of more than the rows hold, and no row speaks of a file that is not there.
    """
    with connect(database, "lf_ro") as connection:
        migrating.require_current(connection)
        version = connection.info.server_version
    writer = ArchiveWriter(target, passphrase)
    try:
        files = _add_beacons(writer, settings)
        tables, months = _add_rows(writer, database, tenants := repository.tenants(database))
        files += _add_files(writer, settings)
        manifest = Manifest(
            made_at=now.isoformat(timespec="seconds"),
            program=__version__,
            revision=migrating.HEAD,
            postgresql=version,
            salt=writer.salt.hex(),
            settings={line.variable: line.value for line in reading.table(settings)},
            tenants=tenants,
            tables=tables,
            months=sorted(months),
            files=files,
            members=writer.members,
        )
        writer.finish(manifest)
    finally:
        writer.abandon()
    return manifest


def _add_rows(writer: ArchiveWriter, database: Database, tenants: list[TenantEntry]) -> tuple[list[Table], set[str]]:
    tables: list[Table] = []
    months: set[str] = set()
    with repository.snapshot(database) as moment:
        for tenant in tenants:
            of_tenant, its_months = repository.dump(database, moment, tenant, writer.add)
            tables += of_tenant
            months |= its_months
    return tables, months


def _add_beacons(writer: ArchiveWriter, settings: Settings) -> list[str]:
    """Add each beacon as it is between two writes of the server, which goes on meanwhile."""
    beacons, added = Beacons(settings.beacon_folder), []
    for tenant_no in beacons.tenants():
        of_tenant = beacons.of(tenant_no)
        for company in of_tenant.companies():
            added.append(f"{settings.beacon_folder.name}/{tenant_no}/{company}.json")
            writer.add(added[-1], [of_tenant.raw(company)])
    return added


def _add_files(writer: ArchiveWriter, settings: Settings) -> list[str]:
    """Add keys, certificates, the incarnation and attachments. Files that are being written (`.name`) are left out."""
    found = [settings.data_folder / incarnation.FILE]
    for folder in (settings.key_folder, settings.attachment_folder):
        found += sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return [_add(writer, settings, path) for path in found]


def _add(writer: ArchiveWriter, settings: Settings, path: Path) -> str:
    name = path.relative_to(settings.data_folder).as_posix()
    writer.add(name, _content(path))
    return name


def _content(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while part := file.read(MIB):
            yield part
