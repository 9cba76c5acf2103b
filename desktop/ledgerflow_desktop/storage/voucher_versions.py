"""Any version of a voucher, from the event that made it."""

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.event import VoucherAltered, VoucherCancelled, VoucherPosted, decode_event
from ledgerflow_core.identifiers import VoucherId, to_bytes
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_store import Reader


def version_at(connection: Connection, reader: Reader, position: int) -> Voucher:
    """Return the voucher as the event at `position` of the log left it; `Damaged` where it is no voucher's."""
    body = decode_event(reader.read(position)).body
    match body:
        case VoucherPosted() | VoucherAltered():
            return body.voucher
        case VoucherCancelled():
            earlier = _position_before(connection, body.voucher, position)
            return cancelled(version_at(connection, reader, earlier))
        case _:
            raise Damaged(f"log position {position}", reason="not a voucher event")


def _position_before(connection: Connection, voucher_id: VoucherId, position: int) -> int:
    row = connection.execute(
        """SELECT max(position) FROM voucher_version
           WHERE voucher_no = (SELECT no FROM voucher WHERE id = ?) AND position < ?""",
        (to_bytes(voucher_id), position),
    ).fetchone()
    if row is None or row[0] is None:
        raise Damaged(f"log position {position}", reason="cancels a voucher that has no earlier version")
    return int(row[0])
