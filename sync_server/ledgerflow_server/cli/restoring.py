"""`restore`, `restore-tenant` and `end-recovery`: a server out of its backup, and what happens until it is whole."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from ledgerflow_core.errors import refuse
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.cli import passphrases
from ledgerflow_server.cli.databases import Reached, reached
from ledgerflow_server.cli.running import nobody_running
from ledgerflow_server.cli.services import Hands, opened, server_of
from ledgerflow_server.keys import files, incarnation
from ledgerflow_server.ledger.service.recovery import end_recovery
from ledgerflow_server.operations import recovering, restore
from ledgerflow_server.operations.archive import Archive
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Tenant

_AFTER = """
Every company is recovering: it takes nothing new until the desktops have handed back what came after the backup.
They do so by themselves at their next sync. What happens next:
  ledgerflow-server serve
  ledgerflow-server doctor          names the companies that still recover
"""
_UNKNOWN = """\
How long {unknown} of the logs was is not known: no beacon here is from after the backup. Either nothing came after it,
or the beacons were lost with the old server. Recovery goes on until you end it. Once every desktop that can come has
synced, stop 'serve' and 'worker', then:
  ledgerflow-server end-recovery    read what it says first
"""
_ENDING = """\
What no desktop has handed back by now will not be waited for. The log begins a new life (incarnation): every desktop
compares its log with the server's, keeps all it has, and hands in anew what the server lacks. What was on the lost
server and on no desktop is lost. Let every desktop that has not synced since the restore sync first.
"""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the three commands."""
    if arguments.command == "end-recovery":
        return _end_recovery(arguments, settings)
    source: Path = arguments.source
    with Archive(source) as archive:
        archive.check()
        archive.unlock(passphrases.read(arguments.passphrase_fd, new=False))
        if arguments.command == "restore-tenant":
            return _restore_tenant(archive, arguments.tenant, settings)
        count, unknown = put_back(archive, settings)
        print(f"Restored {len(archive.manifest.tenants)} tenant(s) as of {archive.manifest.made_at}; {count} book(s).")
    print(_AFTER + (_UNKNOWN.format(unknown=unknown) if unknown else ""))
    return 0


def put_back(archive: Archive, settings: Settings) -> tuple[int, int]:
    """Restore everything from an opened backup; every company with a book then recovers. Return as `recovering.begin`.

    Refuses what `put_files` and `put_rows` do.
    """
    files.make_folder(settings.data_folder)
    restore.put_files(archive, settings)
    with reached(settings) as found:
        restore.put_rows(archive, found.database, found.administration)
        return asyncio.run(_begin(settings, found))


async def _begin(settings: Settings, found: Reached) -> tuple[int, int]:
    async with opened(settings, found.database) as hands:
        tenants = await hands.services.directory.all()
        begun = [await recovering.begin(hands.desk, server_of(tenant)) for tenant in tenants]
    return sum(count for count, _ in begun), sum(unknown for _, unknown in begun)


def _restore_tenant(archive: Archive, said: str, settings: Settings) -> int:
    with reached(settings) as found:
        entry = restore.put_tenant(archive, settings, found.database, found.administration, said)
        unknown = asyncio.run(_begin_tenant(settings, found, entry.public_id))
    print(f"Restored tenant {said} as of {archive.manifest.made_at}, beside the others.")
    print(_AFTER + (_UNKNOWN.format(unknown=unknown) if unknown else ""))
    return 0


async def _begin_tenant(settings: Settings, found: Reached, public_id: str) -> int:
    async with opened(settings, found.database) as hands:
        tenant = await hands.tenant(public_id)
        _, unknown = await recovering.begin(hands.desk, server_of(tenant))
        async with hands.services.tenants.session(server_of(tenant)) as session:
            await record(session, hands.services.now(), Action.TENANT_RESTORED, f"tenant/{tenant.tenant_no}")
    return unknown


def _end_recovery(arguments: argparse.Namespace, settings: Settings) -> int:
    print(_ENDING)
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise refuse("not-confirmed", "end-recovery")
        if input("Type 'go on' to go on: ").strip() != "go on":
            raise refuse("not-confirmed", "end-recovery")
    with reached(settings) as found, nobody_running(settings, found.database):
        incarnation.renew(settings.data_folder, os.urandom)
        asyncio.run(_end(settings, found))
    print("The log goes on in a new life.\nNext: ledgerflow-server serve")
    return 0


async def _end(settings: Settings, found: Reached) -> None:
    async with opened(settings, found.database) as hands:
        for tenant in await hands.services.directory.all():
            await _end_of(hands, tenant)


async def _end_of(hands: Hands, tenant: Tenant) -> None:
    for company in await end_recovery(hands.desk, server_of(tenant)):
        print(f"ended         {tenant.name} {company}")
