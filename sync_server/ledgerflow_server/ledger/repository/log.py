"""The stored log: sealed batches as they came, and the events inside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ledgerflow_core.sync.log import Verdict, unpack_verdicts
from ledgerflow_core.sync.merkle import HASH_BYTES, Frontier
from ledgerflow_server.edge.threads import in_thread
from ledgerflow_server.tenancy.session import TenantSession

_OF_COMPANY = "tenant_no = %s AND company_no = %s"
_ADD = """
    INSERT INTO lf.log_batch (tenant_no, company_no, first_gseq, last_gseq, replica_no, first_seq, last_seq, known,
        batch_hash, sealed, outcomes, leaves, frontier, receipt, received_at, device_no)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_COLUMNS = "first_gseq, last_gseq, first_seq, last_seq, known, outcomes, received_at"
_OF_REPLICA = f"""
    SELECT {_COLUMNS} FROM lf.log_batch
    WHERE {_OF_COMPANY} AND replica_no = %s AND last_seq >= %s AND first_seq <= %s ORDER BY first_gseq
"""  # noqa: S608
_LENGTHS = f"""
    SELECT first_gseq, last_gseq, octet_length(sealed) FROM lf.log_batch
    WHERE {_OF_COMPANY} AND first_gseq > %s ORDER BY first_gseq LIMIT %s
"""  # noqa: S608
_BETWEEN = f"""
    SELECT {_COLUMNS}, sealed FROM lf.log_batch
    WHERE {_OF_COMPANY} AND first_gseq > %s AND first_gseq <= %s ORDER BY first_gseq
"""  # noqa: S608
_ENDS_AT = f"""
    SELECT last_gseq, frontier, received_at FROM lf.log_batch
    WHERE {_OF_COMPANY} AND first_gseq <= %s ORDER BY first_gseq DESC LIMIT 1
"""  # noqa: S608
_FRONTIER_BELOW = f"""
    SELECT frontier FROM lf.log_batch
    WHERE {_OF_COMPANY} AND last_gseq <= %s AND first_gseq <= %s ORDER BY first_gseq DESC LIMIT 1
"""  # noqa: S608
_LEAVES = f"""
    SELECT first_gseq, leaves FROM lf.log_batch
    WHERE {_OF_COMPANY} AND first_gseq > %s AND first_gseq <= %s ORDER BY first_gseq
"""  # noqa: S608
_HOLDING = f"""
    SELECT first_gseq, known, sealed FROM lf.log_batch WHERE {_OF_COMPANY} AND first_gseq = ANY(ARRAY(
        SELECT DISTINCT (SELECT max(first_gseq) FROM lf.log_batch
                         WHERE {_OF_COMPANY} AND first_gseq <= wanted.gseq)
        FROM unnest(%s::bigint[]) AS wanted (gseq)))
    ORDER BY first_gseq
"""  # noqa: S608
_HOLDING_SEQ = f"""
    SELECT first_seq, sealed FROM lf.log_batch
    WHERE {_OF_COMPANY} AND replica_no = %s AND first_seq <= %s AND last_seq >= %s ORDER BY first_gseq LIMIT 1
"""  # noqa: S608
_WHOLE = f"""
    SELECT first_gseq, last_gseq, replica_no, first_seq, last_seq, known, batch_hash, sealed, outcomes, leaves,
        frontier, receipt, received_at
    FROM lf.log_batch WHERE {_OF_COMPANY} AND first_gseq > %s ORDER BY first_gseq LIMIT %s
"""  # noqa: S608

_BARE = f"""
    SELECT first_gseq, last_gseq, known, sealed, outcomes
    FROM lf.log_batch WHERE {_OF_COMPANY} AND first_gseq > %s ORDER BY first_gseq LIMIT %s
"""  # noqa: S608

# Batches of one event are many: their leaves are hashed together.
LEAVES_AT_ONCE = 8_192
# The log is cut into pieces of whole batches: so many are looked at for one piece.
_BATCHES_MOST = 2_000


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch in the log without its bytes. `outcomes` are its packed verdicts, of the events behind `known`."""

    first_gseq: int
    last_gseq: int
    first_seq: int
    last_seq: int
    known: int
    outcomes: bytes
    received_at: datetime

    @property
    def at(self) -> str:
        """When the server took it, as it stands in the entries."""
        return text_of(self.received_at)

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts of the events it brought."""
        return unpack_verdicts(self.outcomes, self.last_gseq - self.first_gseq + 1)


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch on its way into the log; see the columns of the table."""

    first_gseq: int
    last_gseq: int
    replica_no: int
    first_seq: int
    last_seq: int
    known: int
    batch_hash: bytes
    sealed: bytes
    outcomes: bytes
    leaves: Sequence[bytes]
    frontier: Frontier
    receipt: bytes
    received_at: datetime
    device_no: int


@dataclass(frozen=True, slots=True)
class WholeBatch:
    """Everything that is stored of a batch, for proving it."""

    first_gseq: int
    last_gseq: int
    replica_no: int
    first_seq: int
    last_seq: int
    known: int
    batch_hash: bytes
    sealed: bytes
    outcomes: bytes
    leaves: bytes
    frontier: bytes
    receipt: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class BareBatch:
    """What reading a proven log again needs of a batch."""

    first_gseq: int
    last_gseq: int
    known: int
    sealed: bytes
    outcomes: bytes

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts of the events it brought."""
        return unpack_verdicts(self.outcomes, self.last_gseq - self.first_gseq + 1)


def text_of(at: datetime) -> str:
    """Return a time as the protocol writes it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """Return the time of `text_of`."""
    return datetime.fromisoformat(text)


def leaves_in(raw: bytes) -> list[bytes]:
    """Return the leaf hashes that stand one behind the other."""
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]


async def add(session: TenantSession, company_no: int, batch: NewBatch) -> None:
    """Append a batch."""
    await session.execute(
        _ADD,
        [
            session.tenant_no,
            company_no,
            batch.first_gseq,
            batch.last_gseq,
            batch.replica_no,
            batch.first_seq,
            batch.last_seq,
            batch.known,
            batch.batch_hash,
            batch.sealed,
            batch.outcomes,
            b"".join(batch.leaves),
            batch.frontier.to_bytes(),
            batch.receipt,
            batch.received_at,
            batch.device_no,
        ],
    )


async def of_replica(
    session: TenantSession, company_no: int, replica_no: int, first_seq: int, last_seq: int
) -> list[StoredBatch]:
    """Return a replica's batches that hold any of these sequence numbers, in the order of the log."""
    return await session.fetch_as(
        StoredBatch, _OF_REPLICA, [session.tenant_no, company_no, replica_no, first_seq, last_seq]
    )


async def piece(
    session: TenantSession, company_no: int, after: int, most_bytes: int
) -> list[tuple[StoredBatch, bytes]]:
    """Return the batches behind `after`, in order, as many as fit `most_bytes` and at least one, with their bytes."""
    lengths = await session.fetch_all(_LENGTHS, [session.tenant_no, company_no, after, _BATCHES_MOST])
    last = total = 0
    for first_gseq, _, length in lengths:
        total += length
        if last and total > most_bytes:
            break
        last = first_gseq
    rows = await session.fetch_all(_BETWEEN, [session.tenant_no, company_no, after, last])
    return [(StoredBatch(*row[:7]), bytes(row[7])) for row in rows]


async def end_of(session: TenantSession, company_no: int, gseq: int) -> tuple[int, Frontier, datetime] | None:
    """Return (last entry, tree, time) of the batch that holds entry `gseq`; None where the log does not reach it."""
    row = await session.fetch_one(_ENDS_AT, [session.tenant_no, company_no, gseq])
    if row is None or row[0] < gseq:
        return None
    return row[0], Frontier.from_bytes(row[1]), row[2]


async def frontier_at(session: TenantSession, company_no: int, size: int) -> Frontier:
    """Return the tree over the first `size` entries, which the log must have."""
    below = await session.fetch_value(_FRONTIER_BELOW, [session.tenant_no, company_no, size, size])
    tree = Frontier.empty() if below is None else Frontier.from_bytes(below)
    if tree.size == size:
        return tree
    return tree.extend(await leaves(session, company_no, tree.size, size))


async def leaves(session: TenantSession, company_no: int, after: int, size: int) -> list[bytes]:
    """Return the leaf hashes of the entries behind `after`, where a batch ends, up to `size`."""
    rows = await session.fetch_all(_LEAVES, [session.tenant_no, company_no, after, size])
    return [leaf for first_gseq, raw in rows for leaf in leaves_in(raw)[: size + 1 - first_gseq]]


async def holding(session: TenantSession, company_no: int, gseqs: Iterable[int]) -> list[tuple[int, int, bytes]]:
    """Return (first entry, known events, sealed bytes) of the batches that hold these entries."""
    of_company = [session.tenant_no, company_no]
    rows = await session.fetch_all(_HOLDING, [*of_company, *of_company, list(gseqs)])
    return [(first, known, bytes(sealed)) for first, known, sealed in rows]


async def holding_seq(session: TenantSession, company_no: int, replica_no: int, seq: int) -> tuple[int, bytes] | None:
    """Return (first sequence number, sealed bytes) of a batch that holds event `seq` of a replica."""
    row = await session.fetch_one(_HOLDING_SEQ, [session.tenant_no, company_no, replica_no, seq, seq])
    return None if row is None else (row[0], bytes(row[1]))


async def whole(session: TenantSession, company_no: int, after: int, most: int) -> list[WholeBatch]:
    """Return the next `most` batches behind entry `after` with all that is stored of them."""
    return await session.fetch_as(WholeBatch, _WHOLE, [session.tenant_no, company_no, after, most])


async def bare(session: TenantSession, company_no: int, after: int, most: int) -> list[BareBatch]:
    """Return the next `most` batches behind entry `after` without what proves them."""
    return await session.fetch_as(BareBatch, _BARE, [session.tenant_no, company_no, after, most])


async def roots(session: TenantSession, company_no: int, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the tree's root over each range (start, end) of leaves, from 0, the end outside.

    The log is read from its beginning to the last end, so many leaves at a time, which a worker thread hashes.
    """
    trees = [Frontier.empty()] * len(ranges)
    size = max((end for _, end in ranges), default=0)
    before, held = 0, list[bytes]()
    async for _, raw in session.stream(_LEAVES, [session.tenant_no, company_no, 0, size]):
        held += leaves_in(raw)
        if len(held) >= LEAVES_AT_ONCE:
            await in_thread(_grow, trees, ranges, before, held)
            before, held = before + len(held), []
    await in_thread(_grow, trees, ranges, before, held)
    return [tree.root() for tree in trees]


def _grow(trees: list[Frontier], ranges: Sequence[tuple[int, int]], before: int, held: Sequence[bytes]) -> None:
    """Extend the tree of each range by those of the leaves behind the first `before` that are in it, if any are."""
    for at, (start, end) in enumerate(ranges):
        if start < before + len(held) and before < end:
            trees[at] = trees[at].extend(held[max(start - before, 0) : end - before])
