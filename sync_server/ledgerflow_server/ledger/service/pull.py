"""Hands the log out: pieces of whole batches byte for byte as they came, checkpoints, and proofs."""

from typing import NamedTuple

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync import merkle
from ledgerflow_core.sync.messages import LogEnd, LogItem, log_to_wire
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.service import checkpoints
from ledgerflow_server.ledger.service.answering import runs_of
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, TenantSession

# A proof hashes the whole tree up to its size: so many entries take about two seconds.
PROVEN_MOST = 2**20
_LONG = Limits(statement=60_000, idle=60_000)


class Piece(NamedTuple):
    """The log behind `after` up to `last`, of `size` entries by now. `body` is None where the asker has it already."""

    incarnation: str
    after: int
    last: int
    size: int
    body: bytes | None

    @property
    def tag(self) -> str:
        """What names this very piece: the same tag, the same bytes."""
        return f'"{self.incarnation}/{self.after}-{self.last}/{self.size}"'


async def piece(desk: Desk, principal: Principal, company: CompanyId, after: int, most: int, held: str = "") -> Piece:
    """Return the log behind entry `after`, whole batches of about `most` bytes, with a checkpoint of its last entry.

    `held` is the tag of what the asker has. Refuses `not-a-boundary` where no batch ends at `after`.
    """
    async with desk.tenants.session(principal, read_only=True, limits=_LONG) as session:
        company_no = (await desk.place(session, company)).company_no
        head = await heads.head(session, company_no)
        size = head.log.size
        await _require_boundary(session, company_no, after, size)
        stored = await log.piece(session, company_no, after, most) if after < size else []
        # What was committed since the head was read is for the next piece.
        stored = [(batch, wire) for batch, wire in stored if batch.last_gseq <= size]
        last = stored[-1][0].last_gseq if stored else after
        found = Piece(desk.life(head), after, last, size, None)
        if held == found.tag:
            return found
        checkpoint = await checkpoints.of(desk, session, company, last, found.incarnation)
    items = [
        (
            LogItem(
                gseq=batch.first_gseq,
                known=batch.known,
                at=batch.at,
                verdicts=runs_of(batch.verdicts()),
                bytes=len(wire),
            ),
            wire,
        )
        for batch, wire in stored
    ]
    return found._replace(body=log_to_wire(items, LogEnd(size=size, checkpoint=checkpoint.to_bytes().decode())))


async def checkpoint(desk: Desk, principal: Principal, company: CompanyId) -> Signed:
    """Return the signed checkpoint of the whole log."""
    async with desk.tenants.session(principal, read_only=True) as session:
        company_no = (await desk.place(session, company)).company_no
        head = await heads.head(session, company_no)
        return await checkpoints.of(desk, session, company, head.log.size, desk.life(head))


async def inclusion(desk: Desk, principal: Principal, company: CompanyId, entry: int, size: int) -> list[bytes]:
    """Return the proof that entry `entry` (from 1) is in the log of `size` entries. Refuses `no-such-proof`."""
    if not 1 <= entry <= size:
        raise refuse("no-such-proof", "entry", entry=entry, size=size)
    return await _roots(desk, principal, company, size, merkle.inclusion_ranges(entry - 1, size))


async def consistency(desk: Desk, principal: Principal, company: CompanyId, first: int, second: int) -> list[bytes]:
    """Return the proof that the log of `second` entries begins with that of `first`. Refuses `no-such-proof`."""
    if not 0 <= first <= second:
        raise refuse("no-such-proof", "first", first=first, second=second)
    return await _roots(desk, principal, company, second, merkle.consistency_ranges(first, second))


async def _roots(
    desk: Desk, principal: Principal, company: CompanyId, size: int, ranges: list[tuple[int, int]]
) -> list[bytes]:
    if size > PROVEN_MOST:
        raise refuse("no-such-proof", "size", size=size, most=PROVEN_MOST)
    async with desk.tenants.session(principal, read_only=True, limits=_LONG) as session:
        company_no = (await desk.place(session, company)).company_no
        have = (await heads.head(session, company_no)).log.size
        if size > have:
            raise refuse("no-such-proof", "size", size=size, most=have)
        return await log.roots(session, company_no, ranges)


async def _require_boundary(session: TenantSession, company_no: int, after: int, size: int) -> None:
    if after in (0, size):
        return
    end = await log.end_of(session, company_no, after) if 0 < after < size else None
    if end is None or end[0] != after:
        raise refuse("not-a-boundary", "after", after=after, size=size)
