"""Writes an audit pack: the log of a company as the sync server took it, with everything that was signed.

It is a zip file of plain JSON and the events' own bytes, uncompressed inside, so that `pack_verifier.py` can check it
with nothing but Python: all that is in it, though not the names and times that zip puts around. It holds the books in
the clear: whoever has the pack can read them.
"""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ledgerflow_core.sync.log import LogBatch, VerdictRun
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.interchange.pack_verifier import PACK_VERSION


class PackFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack says of itself; `server_key` is the key (hex) that signed checkpoints and receipts."""

    v: int = PACK_VERSION
    tenant: str
    company: str
    company_name: str
    server_key: str
    incarnation: str
    size: int
    exported_at: str


class _BatchLine(msgspec.Struct, frozen=True, kw_only=True):
    gseq: int
    known: int
    at: str
    verdicts: tuple[VerdictRun, ...]
    header: str
    signature: str
    bytes: int


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    statement: str
    signature: str


def write_pack(
    target: Path,
    facts: PackFacts,
    log: Iterable[LogBatch],
    *,
    checkpoints: Iterable[Signed],
    receipts: Iterable[Signed],
) -> None:
    """Write a pack in bounded memory, whole or not at all, for its owner alone to read.

    Fails with `FileExistsError` where `target` stands.
    """
    if target.exists():
        raise FileExistsError(target)
    building = target.with_name(target.name + ".part")
    try:
        out_of_sight = os.open(building, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(out_of_sight, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
            pack.writestr("pack.json", msgspec.json.encode(facts))
            with pack.open("log", "w", force_zip64=True) as out:
                for piece in log:
                    body = piece.batch.body
                    out.write(msgspec.json.encode(_line(piece)) + b"\n" + body + b"\n")
            for name, statements in (("checkpoints", checkpoints), ("receipts", receipts)):
                pack.writestr(name, b"".join(_statement_line(signed) for signed in statements))
        building.replace(target)
    finally:
        building.unlink(missing_ok=True)


def _line(piece: LogBatch) -> _BatchLine:
    return _BatchLine(
        gseq=piece.gseq,
        known=piece.known,
        at=piece.at,
        verdicts=tuple(VerdictRun(1, *verdict) for verdict in piece.verdicts),
        header=piece.batch.signed.statement.decode(),
        signature=piece.batch.signed.signature.hex(),
        bytes=len(piece.batch.body),
    )


def _statement_line(signed: Signed) -> bytes:
    line = _Statement(statement=signed.statement.decode(), signature=signed.signature.hex())
    return msgspec.json.encode(line) + b"\n"
