"""Proves a company's log and books: every seal, chain, verdict and leaf, and every row against the log read anew.

What the disk or somebody with the database's own password changed is named with the entry where it shows. The log is
read once to prove it, a few batches at a time, and then once more for the rows (`comparing`): what is held in memory
grows with the masters and replicas of a company, not with its vouchers.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.identifiers import CompanyId, ReplicaId
from ledgerflow_core.sync.admission import known_events, read_events
from ledgerflow_core.sync.batch import SealedBatch, from_wire
from ledgerflow_core.sync.log import leaves_of, unpack_verdicts
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.receipts import acknowledges, read_receipt
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import Signed
from ledgerflow_server.database.connecting import Row
from ledgerflow_server.ledger.repository import heads, log, registers, rows
from ledgerflow_server.ledger.repository.log import WholeBatch, leaves_in, text_of
from ledgerflow_server.ledger.service.comparing import STRETCH_BYTES, STRETCH_ENTRIES, compare_rows
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.findings import Verification
from ledgerflow_server.ledger.service.refolding import Registers
from ledgerflow_server.ledger.service.wire import expand_stored
from ledgerflow_server.tenancy.session import TenantSession

_BATCHES_AT_ONCE = 8


@dataclass(slots=True)
class _Walk:
    """Where the reading of the log stands: the tree so far, the end of each replica's chain, the registers."""

    keys: dict[int, bytes]
    replicas: dict[int, ReplicaId]
    tree: Frontier = field(default_factory=Frontier.empty)
    ends: dict[int, Head] = field(default_factory=dict)
    registers: Registers = field(default_factory=Registers)


async def verify_company(
    desk: Desk,
    session: TenantSession,
    company: CompanyId,
    *,
    stretch_entries: int = STRETCH_ENTRIES,
    stretch_bytes: int = STRETCH_BYTES,
) -> Verification:
    """Prove one company. The session should be a snapshot, read only, with limits that leave it time.

    `stretch_entries` and `stretch_bytes` (of events) are how much of the log is compared with the rows at once, and so
    held in memory: it ends where either is reached.

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
    result.entries, result.vouchers = walk.tree.size, walk.registers.posted
    await _compare_heads(session, company_no, walk, stored, result)
    if not result.has("seal-wrong", "chain-wrong", "verdicts-wrong"):
        await compare_rows(session, company_no, walk.registers, walk.tree.size, result, stretch_entries, stretch_bytes)
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
    new = events[known:]
    try:
        walk.registers.take(new, verdicts, gseq)
    except (KeyError, AssertionError):
        result.found("verdicts-wrong", gseq, "cannot take effect")
        return False
    origin, at = (header.replica, header.first + known), text_of(stored.received_at)
    leaves = leaves_of(gseq, [(read.id, read.hash) for read in new], verdicts, origin, at)
    for number, (kept, made) in enumerate(zip(leaves_in(stored.leaves), leaves, strict=False)):
        if kept != made:
            result.found("leaves-differ", gseq + number)
    tree = walk.tree.extend(leaves)
    if stored.frontier != tree.to_bytes():
        result.found("tree-differs", gseq)
    _prove_receipt(desk, stored, tree, batch, result)
    walk.tree, walk.ends[replica_no] = tree, Head(header.last, bytes.fromhex(header.head))
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
    facts, kept = walk.registers.facts, await registers.details(session, company_no)
    found = (kept.locked_until, (kept.lock_version or b"").hex(), (kept.company_version or b"").hex())
    if found != (facts.locked_until, facts.lock_version, facts.company_version):
        result.found("register-differs", None, "lock or company")
