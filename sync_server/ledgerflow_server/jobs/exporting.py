"""Makes the file with everything of a tenant: its logs byte for byte, what proves them, and lists of the rest.

It can be read, and checked against the server's signatures, with docs/protocol.md alone.
"""

import hashlib
import zipfile
from pathlib import Path

import msgspec

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.jobs import repository
from ledgerflow_server.jobs.verifying import books_of
from ledgerflow_server.keys import files
from ledgerflow_server.ledger.repository import log
from ledgerflow_server.ledger.service import pull
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits

_PIECE_BYTES = 4 * 2**20
_RECEIPTS_AT_ONCE = 100
_READ = 2**20
_LONG = Limits(statement=60_000, idle=60_000)


def file_of(desk: Desk, export_id: str) -> Path:
    """Return where the file of an export lies."""
    return desk.settings.export_folder / f"{export_id}.zip"


async def export(desk: Desk, tenant_no: int, export_id: str) -> None:
    """Make the file of an export that waits; nothing for one that is ready or gone. Safe to repeat."""
    everything = Principal(tenant_no)
    async with desk.tenants.session(everything, read_only=True) as session:
        asked = await repository.export(session, export_id)
    if asked is None or asked.state == "ready":
        return
    path = file_of(desk, export_id)
    draft = path.with_suffix(".part")
    files.make_folder(path.parent)
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as out:
        draft.chmod(files.SECRET_MODE)
        for company in await books_of(desk, tenant_no):
            await _add_company(desk, everything, company, out)
        await _add_lists(desk, everything, out)
    draft.replace(path)
    size, sha256 = path.stat().st_size, _hash_of(path)
    async with desk.tenants.session(everything) as session:
        await repository.export_ready(session, export_id, desk.now(), size, sha256)
        await record(session, desk.now(), Action.EXPORTED, f"export/{export_id}", {"bytes": size})


async def _add_company(desk: Desk, everything: Principal, company: CompanyId, out: zipfile.ZipFile) -> None:
    """Add a company's log in pieces as they travel, each with its checkpoint, and the receipts that were given."""
    after = 0
    while True:
        piece = await pull.piece(desk, everything, company, after, _PIECE_BYTES)
        assert piece.body is not None, "nothing is held of it already"
        out.writestr(f"companies/{company}/log/{after:012}.log", piece.body)
        if piece.last >= piece.size:
            break
        after = piece.last
    async with desk.tenants.session(everything, read_only=True, limits=_LONG) as session:
        company_no = (await desk.place(session, company)).company_no
        after = 0
        while batches := await log.whole(session, company_no, after, _RECEIPTS_AT_ONCE):
            for batch in batches:
                out.writestr(f"companies/{company}/receipts/{batch.first_gseq:012}.receipt", batch.receipt)
            after = batches[-1].first_gseq


async def _add_lists(desk: Desk, everything: Principal, out: zipfile.ZipFile) -> None:
    async with desk.tenants.session(everything, read_only=True) as session:
        lists = {
            "replicas.json": await repository.replicas(session),
            "attachments.json": await repository.attachments(session),
        }
    for name, lines in lists.items():
        out.writestr(name, msgspec.json.format(msgspec.json.encode(lines), indent=1))
    key = desk.keys.log.public_key().public_bytes_raw().hex()
    about = {"format": 1, "server_key": key, "made_at": log.text_of(desk.now())}
    out.writestr("export.json", msgspec.json.format(msgspec.json.encode(about), indent=1))


def _hash_of(path: Path) -> bytes:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(_READ):
            digest.update(part)
    return digest.digest()
