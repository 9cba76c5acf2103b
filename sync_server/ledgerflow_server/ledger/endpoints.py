"""The paths of the ledger, as docs/protocol.md has them."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.responses import StreamingResponse

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync.messages import Hello
from ledgerflow_server.edge import json_body
from ledgerflow_server.edge.problems import Refused as EdgeRefused
from ledgerflow_server.identity.access import Asker
from ledgerflow_server.ledger.service import hello, pull
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.feed import Feed
from ledgerflow_server.ledger.service.ledger import Ledger

BATCH = "application/vnd.ledgerflow.batch"
LOG = "application/vnd.ledgerflow.log"
STATEMENT = "application/vnd.ledgerflow.statement"
MIB = 2**20
# A piece is held in memory while it is handed out; whoever asks for more gets this. At 64 kbit/s one of this size takes
# ten minutes: whoever has such a line asks for less.
PIECE_BYTES_MOST = 4 * MIB

Company = Annotated[CompanyId, Path(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Size = Annotated[int, Query(ge=0, le=2**53)]


def router(ledger: Ledger) -> APIRouter:
    """Return the routes over a ledger."""
    routes = APIRouter(prefix="/v1/companies/{company}", tags=["ledger"])
    _add_writing(routes, ledger)
    _add_log(routes, ledger.desk)
    _add_proofs(routes, ledger.desk)
    return routes


def _add_writing(routes: APIRouter, ledger: Ledger) -> None:

    @routes.post("/hello")
    async def say_hello(company: Company, asker: Asker, request: Request) -> Response:
        """Compare heads: where the replica stands, and where the log does."""
        said = json_body.decode(await request.body(), Hello)
        return _json(await hello.answer(ledger.desk, asker, company, said))

    @routes.post("/batches")
    async def send_batch(company: Company, asker: Asker, request: Request) -> Response:
        """Take a sealed batch into the log. The receipt says that it is on disk."""
        _require_type(request, BATCH)
        return Response(await ledger.take(asker, company, await request.body()), media_type=STATEMENT)

    @routes.post("/adoptions")
    async def hand_back(company: Company, asker: Asker, request: Request) -> Response:
        """Take back a piece of the log that this server signed and lost; answer how long the log is now."""
        _require_type(request, LOG)
        size = await ledger.adopt(asker, company, await request.body())
        return Response(msgspec.json.encode({"size": size}), media_type="application/json")


def _add_log(routes: APIRouter, desk: Desk) -> None:
    feed = Feed(desk)

    @routes.get("/log")
    async def read_log(
        company: Company,
        asker: Asker,
        request: Request,
        after: Size = 0,
        most: Annotated[int, Query(ge=1, le=2**53)] = PIECE_BYTES_MOST,
    ) -> Response:
        """Hand out the log behind `after`, in whole batches of about `most` bytes (4 MiB at most), at least one."""
        held = request.headers.get("if-none-match", "")
        piece = await pull.piece(desk, asker, company, after, min(most, PIECE_BYTES_MOST), held)
        headers = {"ETag": piece.tag, "Cache-Control": "private, no-cache"}
        if piece.body is None:
            return Response(status_code=304, headers=headers)
        return Response(piece.body, media_type=LOG, headers=headers)

    @routes.get("/feed")
    async def follow(company: Company, asker: Asker) -> StreamingResponse:
        """Hint, as server-sent events, that the log has grown: the id is its size, and there is no more to it."""
        parts = await feed.follow(asker, company)
        return StreamingResponse(parts, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _add_proofs(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/checkpoint")
    async def read_checkpoint(company: Company, asker: Asker) -> Response:
        """Say what the log is now: its size and root, signed."""
        signed = await pull.checkpoint(desk, asker, company)
        return Response(signed.to_bytes(), media_type=STATEMENT)

    @routes.get("/proofs/inclusion")
    async def prove_inclusion(company: Company, asker: Asker, entry: Size, size: Size) -> Response:
        """Prove that an entry is in the log of a size (RFC 6962): hashes in hex, lowest first."""
        return _hashes(await pull.inclusion(desk, asker, company, entry, size))

    @routes.get("/proofs/consistency")
    async def prove_consistency(company: Company, asker: Asker, first: Size, second: Size) -> Response:
        """Prove that the log of one size begins with that of another (RFC 6962): hashes in hex."""
        return _hashes(await pull.consistency(desk, asker, company, first, second))


def _require_type(request: Request, wanted: str) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise EdgeRefused(415, "content-type-not-accepted", "Content-Type", wanted=wanted)


def _json(value: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _hashes(proof: list[bytes]) -> Response:
    return Response(msgspec.json.encode({"hashes": [part.hex() for part in proof]}), media_type="application/json")
