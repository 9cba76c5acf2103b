"""`init`: from an empty machine to a server that can be started, in one command that may be repeated."""

import argparse
import os
from datetime import UTC, datetime

from ledgerflow_server.cli import addresses
from ledgerflow_server.cli.databases import reached
from ledgerflow_server.database import migrating
from ledgerflow_server.keys import certificates, files, incarnation, server_keys
from ledgerflow_server.settings.settings import Settings


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Make what is missing and say what was made."""
    files.make_folder(settings.data_folder)
    print(f"data folder   {settings.data_folder}")
    _make_keys(settings)
    with reached(settings) as found:
        migrating.migrate(found.database, found.administration)
        kind = "of PostgreSQL at LEDGERFLOW_DATABASE_URL" if settings.database_url else "of our own PostgreSQL"
        print(f"database      revision {migrating.HEAD} {kind}")
    print("\nNext: ledgerflow-server serve")
    return 0


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
        certificates.ensure_server_certificate(folder, addresses.hosts_of(settings), now)
        authority = certificates.read_certificate(folder / certificates.AUTHORITY)
        print(f"authority     fingerprint {certificates.fingerprint(authority)}")
    files.make_folder(settings.beacon_folder)
