"""Proves a company's log and books: every seal, chain, verdict and leaf, and every row against the log read anew.

What the disk or somebody with the database's own password changed is named with the entry where it shows. The whole
company is held in memory meanwhile: about a gigabyte for a million vouchers.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.admission import known_events, read_events, take
from ledgerflow_core.sync.batch import SealedBatch, from_wire
from ledgerflow_core.sync.log import unpack_verdicts
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import acknowledges, read_receipt
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.database.connecting import Row
from ledgerflow_server.ledger.repository import heads, log, registers, rows
from ledgerflow_server.ledger.repository.log import WholeBatch, leaves_in, text_of
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.refolding import Refolding
from ledgerflow_server.ledger.service.wire import expand_stored
from ledgerflow_server.ledger.service.writing import changes_of
from ledgerflow_server.tenancy.session import TenantSession

_BATCHES_AT_ONCE = 20
_FINDINGS_MOST = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is not as it was written. `gseq` is the entry where it shows, None for rows that belong to none."""

    code: str
    gseq: int | None
    detail: str = ""


@dataclass(slots=True)
class Verification:
    """What was proven: entries of the log and vouchers in the books, and what is wrong (the first hundred)."""

    entries: int = 0
    vouchers: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, gseq: int | None, detail: str = "") -> None:
        """Add a finding."""
        if len(self.findings) < _FINDINGS_MOST:
            self.findings.append(Finding(code, gseq, detail))


@dataclass(slots=True)
class _Walk:
    """Where the reading of the log stands: the tree so far and the end of each replica's chain."""

    keys: dict[int, bytes]
    replicas: dict[int, ReplicaId]
    tree: Frontier = field(default_factory=Frontier.empty)
    ends: dict[int, Head] = field(default_factory=dict)
    books: Refolding = field(default_factory=Refolding)


async def verify_company(desk: Desk, session: TenantSession, company: CompanyId) -> Verification:
    """Prove one company. The session should be a snapshot, read only, with limits that leave it time.

    The codes: seal-wrong, chain-wrong, key-differs, not-contiguous, verdicts-wrong, leaves-differ, tree-differs,
    receipt-wrong, head-differs, replica-differs, register-differs, row-missing, row-extra, row-differs.
    """
    company_no = (await desk.place(session, company)).company_no
    result = Verification()
    stored = await rows.replicas(session, company_no)
    walk = _Walk({row[0]: bytes(row[2]) for row in stored}, {row[0]: ReplicaId(row[1]) for row in stored})
    async for batch in _batches(session, company_no):
        if not _follow(desk, walk, batch, result):
            # What comes after an unreadable batch cannot be told apart from what is wrong by itself.
            return result
    result.entries, result.vouchers = walk.tree.size, len(walk.books.lines)
    await _compare_heads(session, company_no, walk, stored, result)
    if not any(finding.code in ("seal-wrong", "chain-wrong", "verdicts-wrong") for finding in result.findings):
        await _compare_rows(session, company_no, walk, result)
    return result


async def _batches(session: TenantSession, company_no: int) -> AsyncIterator[WholeBatch]:
    after = 0
    while found := await log.whole(session, company_no, after, _BATCHES_AT_ONCE):
        for batch in found:
            yield batch
        after = found[-1].first_gseq


def _follow(desk: Desk, walk: _Walk, stored: WholeBatch, result: Verification) -> bool:
    """Prove one batch and take it in; return whether the log can be read on from here."""
    gseq, replica_no = stored.first_gseq, stored.replica_no
    if gseq != walk.tree.size + 1:
        result.found("not-contiguous", gseq, f"expected {walk.tree.size + 1}")
        return False
    try:
        batch = from_wire(stored.sealed, expand_stored)
        events = read_events(batch)
        end = walk.ends.get(replica_no) or genesis(batch.header.replica)
        known = known_events(batch, events, end, None)
        verdicts = unpack_verdicts(stored.outcomes, len(events) - known)
    except Refused as error:
        result.found("seal-wrong" if not error.place.startswith("event") else "chain-wrong", gseq, error.code)
        return False
    except (Damaged, ValueError) as error:
        code = "verdicts-wrong" if isinstance(error, Damaged) else "seal-wrong"
        result.found(code, gseq, "not readable")
        return False
    header = batch.header
    if walk.keys.get(replica_no, b"").hex() != header.signer or walk.replicas.get(replica_no) != header.replica:
        result.found("key-differs", gseq, header.replica)
    said = (stored.known, stored.first_seq, stored.last_seq, stored.batch_hash, stored.last_gseq)
    if said != (known, header.first, header.last, batch.hash, gseq + len(events) - known - 1):
        result.found("chain-wrong", gseq, "batch row differs from its seal")
    try:
        at = text_of(stored.received_at)
        taken = take(batch, events, known, walk.tree, walk.books.decider, at, verdicts)
    except (KeyError, AssertionError, Refused):
        result.found("verdicts-wrong", gseq, "cannot take effect")
        return False
    for number, (kept, made) in enumerate(zip(leaves_in(stored.leaves), taken.leaves, strict=False)):
        if kept != made:
            result.found("leaves-differ", gseq + number)
    if stored.frontier != taken.frontier.to_bytes():
        result.found("tree-differs", gseq)
    _prove_receipt(desk, stored, taken.frontier, batch, result)
    walk.tree, walk.ends[replica_no] = taken.frontier, Head(header.last, bytes.fromhex(header.head))
    walk.books.note(changes_of(events[known:], taken.decisions, gseq))
    return True


def _prove_receipt(desk: Desk, stored: WholeBatch, tree: Frontier, batch: SealedBatch, result: Verification) -> None:
    try:
        receipt = read_receipt(desk.keys.log.public_key(), Signed.from_bytes(stored.receipt, "receipt"))
    except Damaged:
        result.found("receipt-wrong", stored.first_gseq)
        return
    if not acknowledges(receipt, batch) or (receipt.size, receipt.root) != (tree.size, tree.root().hex()):
        result.found("receipt-wrong", stored.first_gseq, "of another log")


async def _compare_heads(
    session: TenantSession, company_no: int, walk: _Walk, stored: list[Row], result: Verification
) -> None:
    head = await heads.head(session, company_no)
    if head.log != walk.tree:
        result.found("head-differs", walk.tree.size, f"head says {head.log.size}")
    for replica_no, public_id, _, seq, hashed in stored:
        end = walk.ends.get(replica_no) or genesis(ReplicaId(public_id))
        if (seq, bytes(hashed) if hashed else genesis(ReplicaId(public_id)).hash) != (end.seq, end.hash):
            result.found("replica-differs", None, public_id)
    facts, kept = walk.books.decider.facts, await registers.details(session, company_no)
    found = (kept.locked_until, (kept.lock_version or b"").hex(), (kept.company_version or b"").hex())
    if found != (facts.locked_until, facts.lock_version, facts.company_version):
        result.found("register-differs", None, "lock or company")


async def _compare_rows(session: TenantSession, company_no: int, walk: _Walk, result: Verification) -> None:
    """Compare every row of every table with what the log says."""
    masters = await registers.masters(session, company_no)
    expected = walk.books.expected({row.public_id: row.master_no for row in masters})
    for table in rows.TABLES:
        wanted = {_key(table, row): row for row in expected.get(table, [])}
        async for row in rows.every(session, company_no, table):
            key = _key(table, row)
            meant = wanted.pop(key, None)
            if meant is None:
                result.found("row-extra", _entry_of(table, row), f"{table} {key}")
            elif tuple(meant) != tuple(row):
                result.found("row-differs", _entry_of(table, row), f"{table} {key}")
        for key, row in wanted.items():
            result.found("row-missing", _entry_of(table, row), f"{table} {key}")


# How many of a row's first columns name it, and which column holds the entry that made it (None: many did).
_SHAPES: Mapping[str, tuple[int, int | None]] = {
    "voucher": (1, 11),
    "voucher_number": (3, 3),
    "voucher_version": (2, 2),
    "posting": (4, 2),
    "bill_entry": (6, 3),
    "cost_entry": (5, 2),
    "foreign_entry": (4, 2),
    "day_total": (2, None),
    "month_total": (2, None),
    "day_count": (1, None),
    "event_key": (2, 0),
    "parked": (1, 0),
    "master": (1, None),
}


def _key(table: str, row: tuple[object, ...]) -> tuple[object, ...]:
    return row[: _SHAPES[table][0]]


def _entry_of(table: str, row: tuple[object, ...]) -> int | None:
    column = _SHAPES[table][1]
    entry = None if column is None else row[column]
    return entry if isinstance(entry, int) else None
