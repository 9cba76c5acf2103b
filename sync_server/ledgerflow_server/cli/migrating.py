"""`migrate`: roles and tables of this version."""

import argparse

from ledgerflow_server.cli.databases import reached
from ledgerflow_server.database import migrating
from ledgerflow_server.settings.settings import Settings


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Bring the database to this version and say which that is."""
    with reached(settings) as found:
        migrating.migrate(found.database, found.administration)
    print(f"The database is at revision {migrating.HEAD}.")
    return 0
