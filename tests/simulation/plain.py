"""What the programs have, put into plain words for the checker, which knows nothing of them."""

from collections.abc import Callable
from typing import Protocol

from ledgerflow_core.events.chain import event_hash
from ledgerflow_core.identifiers import ReplicaId
from ledgerflow_core.sync.facts import Facts
from ledgerflow_core.sync.log import LogBatch, entry_bytes
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from simulation.checker import Final
from simulation.oracle import Books, RawPiece
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer


class _Disk(Protocol):
    log: tuple[LogBatch, ...]
    facts: Facts


def final_of(name: str, disk: _Disk, replica: SimReplica | None = None) -> Final:
    """Return what a place has at the end; of a replica also what its user sees."""
    books = books_of(disk.facts)
    log = [raw_piece(piece) for piece in disk.log]
    if replica is None:
        return Final(name, log, books, books)
    seen = replica.books()
    return Final(name, log, books, books if seen is disk.facts else books_of(seen))


def raw_piece(piece: LogBatch) -> RawPiece:
    """Return a batch of a log as plain data."""
    signed = piece.batch.signed
    verdicts = tuple((str(verdict.outcome), verdict.reason, verdict.of) for verdict in piece.verdicts)
    return RawPiece(piece.gseq, piece.known, piece.at, verdicts, signed.statement, signed.signature, piece.batch.body)


def lines_of(piece: LogBatch) -> list[bytes]:
    """Return the lines the entries of a batch are hashed as."""
    replica = piece.batch.header.replica
    return [
        entry_bytes(gseq, event_hash(raw), event_id(raw), replica, seq, verdict, piece.at)
        for gseq, seq, raw, verdict in piece.entries()
    ]


def committed_at(server: SimServer) -> Callable[[str, int], tuple[int, str] | None]:
    """Return what looks up (gseq, event id) of a place in a chain on the disk as a power cut would leave it."""
    disk = server.durable
    ids = {known.gseq: event for event, known in disk.facts.events.items()}

    def look_up(replica: str, seq: int) -> tuple[int, str] | None:
        place = disk.places.get((ReplicaId(replica), seq))
        return None if place is None else (place[1], ids.get(place[2].of or place[1], ""))

    return look_up


def event_id(raw: bytes) -> str:
    """Return the id of an event of any version."""
    return raw[13:49].decode()


def books_of(facts: Facts) -> Books:
    """Return the books the program keeps, in plain words."""
    books = Books()
    for voucher_id, (version, voucher) in facts.vouchers.items():
        books.vouchers[voucher_id] = _plain(version, voucher)
        for account, amount in books.vouchers[voucher_id][4]:
            books.balances[account] = books.balances.get(account, 0) + amount
    books.numbers = {(kind, str(year.year), number) for kind, year, number in facts.numbers}
    books.masters = dict(facts.master_versions)
    books.company = facts.company_version
    books.locked_until = facts.locked_until.isoformat() if facts.locked_until else ""
    books.lock = facts.lock_version
    return books


def _plain(version: str, voucher: Voucher) -> tuple[str, str, str, str, tuple[tuple[str, int], ...]]:
    cancelled = voucher.state is VoucherState.CANCELLED
    amounts = () if cancelled else tuple((entry.account, entry.amount) for entry in voucher.entries)
    return version, str(voucher.state), voucher.date.isoformat(), voucher.number, amounts
