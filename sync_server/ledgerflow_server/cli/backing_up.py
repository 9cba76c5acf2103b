"""`backup`: the whole server in one sealed file, and the proof that it can be put back."""

import argparse
import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ledgerflow_core.errors import LedgerFlowError, refuse
from ledgerflow_server.cli import passphrases
from ledgerflow_server.cli.databases import reached
from ledgerflow_server.cli.restoring import put_back
from ledgerflow_server.cli.services import opened
from ledgerflow_server.cli.verifying import verify
from ledgerflow_server.operations.archive import Archive
from ledgerflow_server.operations.backup import back_up
from ledgerflow_server.settings.settings import MIB, Settings


class ProofFailed(LedgerFlowError):
    """The backup was written, but what was restored from it is not as it was written."""

    code = "backup-not-proven"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write a backup, and with --prove restore it into a scratch folder and verify every company there."""
    now = datetime.now(UTC)
    target = target_of(arguments.target, now)
    passphrase = passphrases.read(arguments.passphrase_fd, new=True)
    with reached(settings) as found:
        manifest = back_up(settings, found.database, target, passphrase, now)
    rows = sum(table.rows for table in manifest.tables)
    size = target.stat().st_size / MIB
    print(f"{target}: {len(manifest.tenants)} tenant(s), {rows} rows, {len(manifest.files)} files, {size:.1f} MiB")
    if arguments.prove:
        prove(target, passphrase, settings)
        print("proven: restored into a scratch folder, and every company verified")
    return 0


def target_of(said: Path, now: datetime) -> Path:
    """Return the file to write: the one that is named, or one named after the moment in a folder that is there.

    A name without an ending means a folder. Refuses `no-such-folder`: none is made, for a disk that is not mounted
    would be taken for one that is.
    """
    if said.is_dir():
        return said / f"ledgerflow-{now:%Y%m%dT%H%M%SZ}.backup"
    folder = said.parent if said.suffix or said.exists() else said
    if not folder.is_dir():
        raise refuse("no-such-folder", str(folder))
    return said


def prove(target: Path, passphrase: str, settings: Settings) -> None:
    """Restore a backup into a scratch folder with a PostgreSQL of its own and verify it. Raises `ProofFailed`."""
    with tempfile.TemporaryDirectory(prefix="ledgerflow-proof-") as folder:
        scratch = replace(
            settings,
            data_folder=Path(folder) / "data",
            database_url="",
            database_admin_url="",
            database_pooled=False,
            trace_endpoint="",
        )
        with Archive(target) as archive:
            archive.check()
            archive.unlock(passphrase)
            put_back(archive, scratch)
        if asyncio.run(_findings(scratch)):
            raise ProofFailed(str(target))


async def _findings(settings: Settings) -> int:
    with reached(settings) as found:
        async with opened(settings, found.database) as hands:
            return await verify(hands)
