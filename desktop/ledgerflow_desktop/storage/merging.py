"""Moves rows from one master to another when the two become one, a stretch of vouchers at a time."""

from collections.abc import Sequence
from typing import NamedTuple

from ledgerflow_core.identifiers import VoucherId, to_text
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_desktop.storage import row_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_store import Reader
from ledgerflow_desktop.storage.voucher_versions import version_at

_VOUCHERS_AT_ONCE = 1_000


class Standing(NamedTuple):
    """A voucher's current version as the tables have it; `is_unique` where it has its number for itself."""

    id: VoucherId
    no: int
    version: int
    position: int
    is_unique: bool


def vouchers_on(connection: Connection, master_no: int) -> list[Standing]:
    """Return the vouchers with rows on an account or a cost centre. Reads every voucher's row."""
    rows = connection.execute(
        """SELECT id, no, version, position, year IS NOT NULL FROM voucher WHERE account_no = :no OR no IN
           (SELECT voucher_no FROM entry WHERE account_no = :no
            UNION SELECT voucher_no FROM cost_entry WHERE centre_no = :no)""",
        {"no": master_no},
    )
    return [
        Standing(VoucherId(to_text(found)), no, version, position, bool(is_unique))
        for found, no, version, position, is_unique in rows
    ]


def project_again(connection: Connection, vouchers: Sequence[Standing], before: Projector, after: Projector) -> None:
    """Replace the rows of vouchers, which `before` made, by those `after` makes. Bounded in memory."""
    reader = Reader(connection)
    for at in range(0, len(vouchers), _VOUCHERS_AT_ONCE):
        old, new = Rows(), Rows()
        for found in vouchers[at : at + _VOUCHERS_AT_ONCE]:
            voucher = version_at(connection, reader, found.position)
            for projector, rows in ((before, old), (after, new)):
                no, version, position = found.no, found.version, found.position
                projector.add(rows, voucher, no=no, version=version, position=position, is_unique=found.is_unique)
        row_store.take_back(connection, old)
        row_store.insert(connection, new)
