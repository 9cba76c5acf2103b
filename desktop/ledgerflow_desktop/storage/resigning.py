"""Puts events that stand elsewhere behind one's own: same ids, same payloads, another place in another chain.

Their version hashes stay as they are, so what names them as its base goes on to do so.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ledgerflow_core.calendar import day_number
from ledgerflow_core.events.chain import Head, event_hash, sign_head, version_hash
from ledgerflow_core.events.event import Event, VoucherPosted, decode_event, encode_event
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_core.vouchers.numbering import series_of
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_fold import LogFold
from ledgerflow_desktop.storage.pending import OwnEvent, Undone, decide_again


def resigned(raws: Sequence[bytes], replica: ReplicaId, head: Head) -> list[bytes]:
    """Return the events as the next ones of a replica's chain that ends with `head`."""
    made: list[bytes] = []
    for raw in raws:
        event = replace(decode_event(raw), replica=replica, seq=head.seq + 1, prev=head.hash.hex())
        again = encode_event(event)
        assert version_hash(again) == version_hash(raw), "id and payload stay"
        made.append(again)
        head = Head(event.seq, event_hash(again))
    return made


def add_own(connection: Connection, replica_no: int, raws: Sequence[bytes], key: Ed25519PrivateKey) -> None:
    """Append events that continue the own chain, give effect to those that may have it, and sign the new head."""
    if not raws:
        return
    row = log_store.replica(connection, replica_no)
    first = log_store.last_position(connection) + 1
    log_store.append(connection, raws, replica_no=replica_no, first=first, first_seq=row.head.seq + 1)
    head = Head(row.head.seq + len(raws), event_hash(raws[-1]))
    log_store.set_head(connection, replica_no, head, sign_head(key, row.id, head))
    fold = LogFold(connection)
    waiting = []
    for at, raw in enumerate(raws):
        event = decode_event(raw)
        own = OwnEvent(first + at, row.head.seq + 1 + at, event, version_hash(raw).hex())
        waiting.append(Undone(own, fold.numbers_of(event)))
    decide_again(connection, fold, waiting, {})
    fold.finish()


def count_numbers(connection: Connection, events: Sequence[Event], tag: str) -> None:
    """Let the own series go on behind the numbers that these events bring."""
    fold = LogFold(connection)
    if fold.company is None:
        return
    year = fold.company.financial_year
    for event in events:
        if isinstance(event.body, VoucherPosted):
            voucher = event.body.voucher
            kind = fold.chart.voucher_types.get(voucher.type)
            serial = series_of(kind, year, voucher.date, replica_tag=tag).serial(voucher.number) if kind else None
            if serial is not None:
                connection.execute(
                    """INSERT INTO number_series VALUES (?, ?, ?)
                       ON CONFLICT DO UPDATE SET serial = max(serial, excluded.serial)""",
                    (fold.no_by_id[voucher.type], day_number(year.year_of(voucher.date).first), serial),
                )
