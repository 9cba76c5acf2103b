"""Makes the receipt of a batch: for each of its events where it stands in the log, and what was decided."""

from collections.abc import Sequence

import msgspec

from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.log import Verdict, VerdictRun, pack_verdicts
from ledgerflow_core.sync.receipts import Receipt, ReceiptRun
from ledgerflow_server.ledger.repository.log import StoredBatch

_RUNS = msgspec.json.Decoder(tuple[VerdictRun, ...])


def runs_of(verdicts: Sequence[Verdict]) -> tuple[VerdictRun, ...]:
    """Return verdicts as runs, as they travel."""
    return _RUNS.decode(pack_verdicts(verdicts))


def known_runs(stored: Sequence[StoredBatch], first: int, last: int) -> list[ReceiptRun]:
    """Return the places and verdicts of a replica's events `first` .. `last`, all of which the log has.

    `stored` are the replica's batches that hold them, in the order of the log.
    """
    runs: list[ReceiptRun] = []
    at = first
    for batch in stored:
        begins = batch.first_seq + batch.known
        if at > last or at > batch.last_seq:
            continue
        verdicts = batch.verdicts()[at - begins : last + 1 - begins]
        runs.append(ReceiptRun(gseq=batch.first_gseq + at - begins, verdicts=runs_of(verdicts)))
        at = batch.last_seq + 1
    return runs


def receipt_of(
    batch: SealedBatch, incarnation: str, results: Sequence[ReceiptRun], size: int, root: bytes, at: str
) -> Receipt:
    """Return the receipt for a batch that is in the log; `size` and `root` are the log's."""
    header = batch.header
    return Receipt(
        tenant=header.tenant,
        company=header.company,
        incarnation=incarnation,
        batch=batch.hash.hex(),
        replica=header.replica,
        first=header.first,
        last=header.last,
        head=header.head,
        results=tuple(results),
        size=size,
        root=root.hex(),
        at=at,
    )
