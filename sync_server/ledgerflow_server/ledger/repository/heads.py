"""Where a company's log ends and where each replica's chain ends in it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_server.database.connecting import Row
from ledgerflow_server.tenancy.session import TenantSession

_PLACE = """
    SELECT tenant.public_id::text, company.company_no, company.created_at
    FROM lf.company JOIN lf.tenant USING (tenant_no)
    WHERE tenant_no = %s AND company.public_id = %s
"""
_ADD_HEAD = "INSERT INTO lf.company_head (tenant_no, company_no) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_HEAD = """
    SELECT frontier, masters_at, state, incarnation::text FROM lf.company_head WHERE tenant_no = %s AND company_no = %s
"""
# Statements are planned once for a connection, perhaps while a table is still empty, and kept: whoever holds a head
# writes to few rows of large tables, so a plan that reads a table from end to end is never the right one.
LOCKED_HEAD = """
    SELECT frontier, masters_at, state, incarnation::text, set_config('enable_seqscan', 'off', true)
    FROM lf.company_head WHERE tenant_no = %s AND company_no = %s FOR NO KEY UPDATE
"""
_SET_HEAD = """
    UPDATE lf.company_head SET size = %s, root = %s, frontier = %s, masters_at = %s, locked_until = %s,
        lock_version = %s, company_version = %s, incarnation = %s
    WHERE tenant_no = %s AND company_no = %s
"""
_SET_STATE = "UPDATE lf.company_head SET state = %s WHERE tenant_no = %s AND company_no = %s"
_BEGIN_LIFE = """
    UPDATE lf.company_head SET state = 'normal', incarnation = %s WHERE tenant_no = %s AND company_no = %s
"""
_SIZES = "SELECT company_no, size FROM lf.company_head WHERE tenant_no = %s AND company_no = ANY(%s)"
_COMPANIES = """
    SELECT company.public_id::text, head.state
    FROM lf.company JOIN lf.company_head AS head USING (tenant_no, company_no)
    WHERE tenant_no = %s AND company.public_id IS NOT NULL ORDER BY company_no
"""

_REPLICA = """
    SELECT replica_no, device_no, public_key, head_seq, head_hash, state, public_id::text AS public_id
    FROM lf.replica WHERE tenant_no = %s AND company_no = %s AND public_id = %s
"""
_SET_REPLICA_HEAD = """
    UPDATE lf.replica SET head_seq = %s, head_hash = %s WHERE tenant_no = %s AND company_no = %s AND replica_no = %s
"""
_SET_HELLO = """
    UPDATE lf.replica SET last_hello = %s, outbox_count = %s, clock_skew = %s
    WHERE tenant_no = %s AND company_no = %s AND replica_no = %s
"""
_SET_REPLICA_STATE = """
    UPDATE lf.replica SET state = %s
    WHERE tenant_no = %s AND company_no = %s AND public_id = ANY(%s) AND state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Which tenant and company an address means; `created_at` is when the server first had the company."""

    tenant: str
    company_no: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CompanyHead:
    """The end of a company's log. `masters_at` is the last entry that changed more than vouchers; `state` is
    normal or recovering; `incarnation` is the life of the log this is a state of, empty before its first entry."""

    log: Frontier
    masters_at: int
    state: str
    incarnation: str


class HeadRegisters(Protocol):
    """What the head keeps of the registers, so that a report need not look for it. Versions are hashes in hex."""

    @property
    def locked_until(self) -> date | None: ...
    @property
    def lock_version(self) -> str: ...
    @property
    def company_version(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    """A replica as the server knows it: its key, and the end of its chain in the log."""

    replica_no: int
    device_no: int
    public_key: bytes
    head_seq: int
    head_hash: bytes | None
    state: str
    public_id: str

    @property
    def head(self) -> Head:
        """The end of its chain in the log; its genesis where the log has none of it."""
        if self.head_hash is None:
            return genesis(ReplicaId(self.public_id))
        return Head(self.head_seq, self.head_hash)


async def place(session: TenantSession, company: CompanyId) -> Place | None:
    """Return where a company is; None where the session sees none by this id."""
    row = await session.fetch_one(_PLACE, [session.tenant_no, company])
    return None if row is None else Place(*row)


async def head(session: TenantSession, company_no: int) -> CompanyHead:
    """Return the end of a company's log as it is now."""
    row = await session.fetch_one(_HEAD, [session.tenant_no, company_no])
    return head_of(row) if row else CompanyHead(Frontier.empty(), 0, "normal", "")


async def locked_head(session: TenantSession, company_no: int) -> CompanyHead:
    """Return the end of a company's log and keep it to the end of the transaction: whoever else writes waits."""
    row = await session.fetch_one(LOCKED_HEAD, [session.tenant_no, company_no])
    if row is None:
        await add_head(session, company_no)
        row = await session.fetch_one(LOCKED_HEAD, [session.tenant_no, company_no])
        assert row is not None, "a head that was added is there"
    return head_of(row)


async def add_head(session: TenantSession, company_no: int) -> None:
    """Let a company have a head, of an empty log, unless it has one."""
    await session.execute(_ADD_HEAD, [session.tenant_no, company_no])


def head_of(row: Row) -> CompanyHead:
    """Return the head that a row of `LOCKED_HEAD` is."""
    frontier, masters_at, state, incarnation = row[:4]
    log = Frontier.from_bytes(frontier) if frontier else Frontier.empty()
    return CompanyHead(log, masters_at, state, incarnation or "")


async def set_head(
    session: TenantSession,
    company_no: int,
    log: Frontier,
    masters_at: int,
    registers: HeadRegisters,
    incarnation: str,
) -> None:
    """Move the end of a log of this life; `masters_at` is the last entry that changed a register."""
    await session.execute(
        _SET_HEAD,
        [
            log.size,
            log.root(),
            log.to_bytes(),
            masters_at,
            registers.locked_until,
            bytes.fromhex(registers.lock_version) or None,
            bytes.fromhex(registers.company_version) or None,
            incarnation,
            session.tenant_no,
            company_no,
        ],
    )


async def set_state(session: TenantSession, company_no: int, state: str) -> None:
    """Set a company's state: normal or recovering."""
    await session.execute(_SET_STATE, [state, session.tenant_no, company_no])


async def begin_life(session: TenantSession, company_no: int, incarnation: str) -> None:
    """Let a company's log go on from here in another life, its recovery at an end."""
    await session.execute(_BEGIN_LIFE, [incarnation, session.tenant_no, company_no])


async def sizes(session: TenantSession, companies: list[int]) -> dict[int, int]:
    """Return how long the logs of these companies are."""
    return dict(await session.fetch_all(_SIZES, [session.tenant_no, companies]))


async def companies(session: TenantSession) -> list[tuple[CompanyId, str]]:
    """Return every company of the tenant that has a book, with its state, by number."""
    rows = await session.fetch_all(_COMPANIES, [session.tenant_no])
    return [(CompanyId(company), state) for company, state in rows]


async def replica(session: TenantSession, company_no: int, public_id: ReplicaId) -> ReplicaRow | None:
    """Return a replica of a company, None where it has none by this id."""
    found = await session.fetch_as(ReplicaRow, _REPLICA, [session.tenant_no, company_no, public_id])
    return found[0] if found else None


async def set_replica_head(session: TenantSession, company_no: int, replica_no: int, end: Head) -> None:
    """Move the end of a replica's chain."""
    await session.execute(_SET_REPLICA_HEAD, [end.seq, end.hash, session.tenant_no, company_no, replica_no])


async def set_hello(
    session: TenantSession, company_no: int, replica_no: int, at: datetime, pending: int, skew_seconds: int | None
) -> None:
    """Remember that a replica said hello, how much it has to send and how far its clock is ahead of ours."""
    await session.execute(_SET_HELLO, [at, pending, skew_seconds, session.tenant_no, company_no, replica_no])


async def close_replicas(session: TenantSession, company_no: int, public_ids: list[ReplicaId]) -> None:
    """Take nothing more from these replicas; one whose device was shut out stays as it is."""
    await session.execute(_SET_REPLICA_STATE, ["closed", session.tenant_no, company_no, public_ids])
