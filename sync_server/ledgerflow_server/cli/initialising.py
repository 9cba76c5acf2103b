"""`init`: from an empty machine to a server that can be started, in one command that may be repeated."""

import argparse
import asyncio
import os
from datetime import UTC, datetime

from ledgerflow_server.cli import addresses
from ledgerflow_server.cli.databases import reached
from ledgerflow_server.cli.devices import make_code
from ledgerflow_server.cli.services import opened
from ledgerflow_server.cli.tenants import make_company, make_tenant
from ledgerflow_server.database import migrating
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.keys import certificates, files, incarnation, server_keys
from ledgerflow_server.settings.settings import Settings

_FIRST_HOURS = 72


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make what is missing and say what was made."""
    files.make_folder(settings.data_folder)
    print(f"data folder   {settings.data_folder}")
    _make_keys(settings)
    with reached(settings) as found:
        migrating.migrate(found.database, found.administration)
        kind = "of PostgreSQL at LEDGERFLOW_DATABASE_URL" if settings.database_url else "of our own PostgreSQL"
        print(f"database      revision {migrating.HEAD} {kind}")
        asyncio.run(_make_first(arguments, settings, found.database))
    print("\nNext: ledgerflow-server serve")
    print("and beside it: ledgerflow-server worker")
    return 0


async def _make_first(arguments: argparse.Namespace, settings: Settings, database: Database) -> None:
    """Make the first tenant, its owner, a company and a code for a device, where there is no tenant yet."""
    async with opened(settings, database) as hands:
        if tenants := await hands.services.directory.all():
            print(f"tenants       kept as they are: {len(tenants)}")
            return
        tenant, owner = await make_tenant(hands, arguments.tenant, arguments.owner)
        company = await make_company(hands, tenant, arguments.company or tenant.name)
        await make_code(hands, tenant, company, owner, _FIRST_HOURS)


def _make_keys(settings: Settings) -> None:
    folder, now = settings.key_folder, datetime.now(UTC)
    if (folder / server_keys.LOG).exists():
        server_keys.load(folder)
        print("keys          kept as they are")
    else:
        server_keys.create(folder, os.urandom)
        print(f"keys          made in {folder}; back this folder up apart from the database")
    if not (settings.data_folder / incarnation.FILE).exists():
        incarnation.renew(settings.data_folder, os.urandom)
    if settings.certificate is None:
        if not (folder / certificates.AUTHORITY).exists():
            certificates.create_authority(folder, now)
        certificates.ensure_server_certificate(folder, addresses.hosts_of(settings, addresses.own_addresses()), now)
        authority = certificates.read_certificate(folder / certificates.AUTHORITY)
        print(f"authority     fingerprint {certificates.fingerprint(authority)}")
    log_key = server_keys.load(folder).log.public_key().public_bytes_raw().hex()
    print(f"log key       {log_key}")
    files.make_folder(settings.beacon_folder)
