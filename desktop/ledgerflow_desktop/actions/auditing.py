"""Give an outside auditor what the sync server took and signed, to be checked without LedgerFlow."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from ledgerflow_core.errors import refuse
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.actions.enrolling import require_enrolment
from ledgerflow_desktop.interchange.audit_pack import PackFacts, write_pack
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import FileExists, translated
from ledgerflow_desktop.storage.replica_store import ReplicaStore


class _OfLog(msgspec.Struct):
    """What a checkpoint and a receipt have in common: which log they speak of, and its size."""

    incarnation: str
    size: int


def export_pack(book: Book, target: Path) -> int:
    """Write the audit pack of the log held to a new file; return how many entries it has.

    The books are in it in the clear. Refuses `not-enrolled`, `nothing-synced` and `file-exists`.
    """
    enrolled = require_enrolment(book)
    with book.reading():
        store = ReplicaStore(book)
        standing = store.standing()
        if not standing.log.size:
            raise refuse("nothing-synced", str(book.folder.path))
        facts = PackFacts(
            tenant=enrolled.tenant,
            company=book.company.id,
            company_name=book.company.name,
            server_key=enrolled.server_key,
            incarnation=standing.incarnation,
            size=standing.log.size,
            exported_at=book.machine.timestamp(),
        )

        def of_this_log(statements: Iterator[Signed]) -> Iterator[Signed]:
            # A receipt may be of entries not pulled yet, or of a life of the log that ended.
            for signed in statements:
                said = msgspec.json.decode(signed.statement, type=_OfLog)
                if said.incarnation == facts.incarnation and said.size <= facts.size:
                    yield signed

        with translated(str(target)):
            try:
                write_pack(
                    target,
                    facts,
                    store.server_log(),
                    checkpoints=of_this_log(store.checkpoints()),
                    receipts=of_this_log(store.receipts()),
                )
            except FileExistsError:
                raise FileExists(str(target)) from None
    return facts.size
