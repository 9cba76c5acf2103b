"""What a book must still say after it was copied, upgraded or restored: counts, totals and the end of the log."""

import hashlib
from typing import NamedTuple

from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection


class BookDigest(NamedTuple):
    """Voucher and event counts, the hash of every account's debits and credits by month, and the chains' heads."""

    vouchers: int
    events: int
    balances: str
    heads: str


def digest_of(connection: Connection) -> BookDigest:
    """Return the digest of an open file of any version of the tables."""
    balances = hashlib.sha256()
    for row in connection.execute(
        "SELECT account_no, month, debit, credit, entries FROM month_total ORDER BY account_no, month"
    ):
        balances.update(repr(row).encode())
    heads = hashlib.sha256()
    for replica in log_store.replicas(connection):
        heads.update(f"{replica.id} {replica.head.seq} {replica.head.hash.hex()}\n".encode())
    vouchers = connection.execute("SELECT coalesce(sum(vouchers), 0) FROM day_count").fetchone()[0]
    return BookDigest(vouchers, log_store.last_position(connection), balances.hexdigest(), heads.hexdigest())
