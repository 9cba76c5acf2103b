"""Takes a piece of the server's log into the file: bytes, verdicts and what they do to the books, in one transaction.

Own events come back with what was decided about them, events of others are put behind everything the file has. Each
thing that can change is a line of versions, so folding the file in its own order, without the events that have no
effect, gives the same books as folding the server's log.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledgerflow_core.errors import Damaged
from ledgerflow_core.events.chain import Head, genesis
from ledgerflow_core.events.event import (
    ConflictResolved,
    Event,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import EventId, ReplicaId, VoucherId, to_bytes
from ledgerflow_core.sync.admission import ReadEvent, read_events
from ledgerflow_core.sync.facts import KnownEvent
from ledgerflow_core.sync.log import LogBatch, Outcome, Verdict, leaves_of
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_desktop.storage import held_log, log_store, master_store, sync_facts, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_fold import REGISTER_BODIES, LogFold
from ledgerflow_desktop.storage.master_store import COMPANY_CREATED_AT, get_meta, set_meta
from ledgerflow_desktop.storage.pending import (
    OwnEvent,
    Register,
    Undone,
    decide_again,
    own_events,
    registers_of,
    settle,
    take_back,
    touched,
)
from ledgerflow_desktop.storage.without_effect import Numbers


class Entry(NamedTuple):
    """An entry of the log on its way in. `position` is where its event stands in the file."""

    gseq: int
    verdict: Verdict
    read: ReadEvent
    position: int
    is_own: bool


class Arrival:
    """One piece of the log on its way into an open transaction; `frontier` is the tree with what was taken.

    `replica_no` is the file's own chain; None where a file is made anew and has no events of its own yet. With
    `gives_way` all own events the server has not taken are taken back first and decided again behind what arrives.
    """

    def __init__(self, connection: Connection, replica_no: int | None, *, gives_way: bool = False) -> None:
        self._connection = connection
        self._log = log_store.Reader(connection)
        self._replica_no = replica_no
        self._gives_way = gives_way
        self._chains = {row.id: row for row in log_store.replicas(connection)}
        self._before = log_store.last_position(connection)
        self._position = self._before
        self._confirmed = 0 if replica_no is None else held_log.last_seq(connection, replica_no)
        self._heads: dict[ReplicaId, Head] = {}
        self.frontier: Frontier = sync_facts.frontier(connection)
        self.masters_changed = False
        # Own events by the place where somebody else's chain brought the same one.
        self._twins: dict[int, OwnEvent] = {}

    def take(self, batches: Sequence[LogBatch]) -> None:
        """Store batches that continue the log held; `Damaged` where they do not. The root is the caller's to check.

        Raises `OutOfOrder` where only a file in the order of the server can hold them (`Rebuilding`), and
        `TotalTooLarge` where a total has no room beside own events that do not give way.
        """
        entries: list[Entry] = []
        for piece in batches:
            entries += self._store(piece)
        for replica, head in self._heads.items():
            log_store.set_head(self._connection, self._chains[replica].no, head, b"")
        set_meta(self._connection, sync_facts.FRONTIER, self.frontier.to_bytes().hex())
        self._fold(entries)
        self._tidy(entries)

    # --- bytes ----------------------------------------------------------------------------------

    def _store(self, piece: LogBatch) -> list[Entry]:
        place = f"log entry {piece.gseq}"
        if piece.gseq != self.frontier.size + 1:
            raise Damaged(place, reason="does not continue the log held", held=self.frontier.size)
        try:
            read = read_events(piece.batch)
        except Refused as error:
            raise Damaged(place, reason=error.code, event=error.place) from None
        header = piece.batch.header
        new, first = read[piece.known :], header.first + piece.known
        leaves = leaves_of(
            piece.gseq, [(one.id, one.hash) for one in new], piece.verdicts, (header.replica, first), piece.at
        )
        self.frontier = self.frontier.extend(leaves)
        own = self._chains.get(header.replica)
        is_own = own is not None and own.no == self._replica_no
        places = self._confirm(piece, own.no) if own is not None and is_own else self._append(piece, new, read)
        held_log.add(self._connection, piece, self._chains[header.replica].no)
        return [
            Entry(piece.gseq + at, verdict, one, position, is_own)
            for at, (one, verdict, position) in enumerate(zip(new, piece.verdicts, places, strict=True))
        ]

    def _confirm(self, piece: LogBatch, own_no: int) -> Sequence[int]:
        """Hold an own batch against what was written here; return the positions of its new events."""
        header = piece.batch.header
        ours: list[bytes] = []
        places: list[int] = []
        for run in log_store.chain_runs(self._connection, own_no, after_seq=header.first - 1):
            if run.first_seq > header.last:
                break
            begin, end = max(0, header.first - run.first_seq), header.last - run.first_seq + 1
            ours += run.events[begin:end]
            places += range(run.first + begin, run.first + min(end, len(run.events)))
        if b"\n".join(ours) != piece.batch.body:
            raise Damaged(f"log entry {piece.gseq}", reason="own events differ from those in this file")
        return places[piece.known :]

    def _append(self, piece: LogBatch, new: Sequence[ReadEvent], read: Sequence[ReadEvent]) -> Sequence[int]:
        """Put the new events of another replica at the end of the file; return their positions."""
        header = piece.batch.header
        row = self._chains.get(header.replica)
        if row is None:
            head = genesis(header.replica)
            no = log_store.open_replica(self._connection, header.replica, bytes.fromhex(header.signer), head)
            row = self._chains[header.replica] = log_store.replica(self._connection, no)
        head = self._heads.get(header.replica, row.head)
        before = read[piece.known - 1].hash.hex() if piece.known else header.prev
        if (head.seq, head.hash.hex()) != (header.first + piece.known - 1, before):
            raise Damaged(f"log entry {piece.gseq}", reason="does not follow the events held", replica=header.replica)
        first = self._position + 1
        log_store.append(
            self._connection,
            [one.raw for one in new],
            replica_no=row.no,
            first=first,
            first_seq=header.first + piece.known,
        )
        self._position += len(new)
        self._heads[header.replica] = Head(header.last, bytes.fromhex(header.head))
        return range(first, self._position + 1)

    def _tidy(self, entries: Sequence[Entry]) -> None:
        connection = self._connection
        if self._replica_no is not None:
            held_log.forget_sealed(connection, self._replica_no, held_log.last_seq(connection, self._replica_no))
        if connection.execute("SELECT 1 FROM pool LIMIT 1").fetchone():
            ids = [(to_bytes(entry.read.id),) for entry in entries]
            connection.executemany("DELETE FROM pool WHERE event_id = ?", ids)

    # --- effects --------------------------------------------------------------------------------

    def _fold(self, entries: Sequence[Entry]) -> None:
        connection = self._connection
        fold = LogFold(connection)
        fold.vouchers.look_up(filter(None, (_voucher_of(entry.read.event) for entry in entries)))
        undone = self._take_back(fold, entries)
        known: dict[EventId, KnownEvent] = {}
        for entry in entries:
            self._settle(fold, entry, undone)
            known[entry.read.id] = KnownEvent(entry.gseq, entry.read.version)
        if undone:
            decide_again(connection, fold, undone.values(), known)
        fold.finish()

    def _take_back(self, fold: LogFold, entries: Sequence[Entry]) -> dict[int, Undone]:
        """Undo the own events that what arrives may not go with; note those that arrive as somebody else's as well."""
        strained = self._strained(entries, fold)
        if self._replica_no is None or not (strained or self._gives_way):
            return {}
        # What the server has taken already, from another chain, is not decided again.
        taken = without_effect.twins(self._connection)
        every = own_events(self._connection, self._replica_no, after_seq=self._confirmed)
        pending = [own for own in every if own.event.id not in taken]
        foreseen = without_effect.foreseen(self._connection)
        own_by_id = {own.event.id: own for own in pending}
        for entry in entries:
            own = own_by_id.get(entry.read.id)
            is_accepted = entry.verdict.outcome is Outcome.ACCEPTED
            if own is not None and is_accepted and not entry.is_own and own.version == entry.read.version:
                self._twins[entry.position] = own
        said_twice = {own.event.id for own in self._twins.values() if own.position not in foreseen}
        changed: set[Register] = set()
        for event in strained:
            if event.id not in said_twice:
                changed |= registers_of(event)
        concerned = pending if self._gives_way else touched(pending, changed)
        return take_back(self._connection, fold, concerned, last=self._before)

    def _settle(self, fold: LogFold, entry: Entry, undone: dict[int, Undone]) -> None:
        connection, event, position = self._connection, entry.read.event, entry.position
        accepted = entry.verdict.outcome is Outcome.ACCEPTED
        if event is not None and isinstance(event.body, REGISTER_BODIES):
            self.masters_changed = True
        if entry.is_own:
            waits = undone.pop(position, None)
            if waits is not None:
                settle(connection, fold, waits, entry.verdict, entry.gseq)
            elif not accepted:
                self._confirm_foreseen(entry)
            return
        numbers, twin = fold.numbers_of(event), self._twins.get(position)
        if twin is not None:
            # The same event stands here already, with what was made on it behind: that one goes on to count.
            duplicate = Verdict(Outcome.DUPLICATE)
            without_effect.add(connection, position, entry.read.id, event, duplicate, entry.gseq, numbers)
            waits = undone.pop(twin.position, None)
            if waits is not None:
                settle(connection, fold, waits, entry.verdict, entry.gseq)
        elif not accepted:
            without_effect.add(connection, position, entry.read.id, event, entry.verdict, entry.gseq, numbers)
        elif event is None:
            if not get_meta(connection, sync_facts.TOO_NEW):
                set_meta(connection, sync_facts.TOO_NEW, str(position))
        else:
            fold.apply(event, entry.read.version, position, numbers)

    def _confirm_foreseen(self, entry: Entry) -> None:
        known = without_effect.at(self._connection, entry.position)
        if known is None:
            return  # a twin came before it, and is without effect in its place
        numbers = Numbers(known.voucher_no, known.master_no)
        without_effect.add(
            self._connection, entry.position, entry.read.id, entry.read.event, entry.verdict, entry.gseq, numbers
        )

    # --- what pending events may not go with ----------------------------------------------------

    def _strained(self, entries: Sequence[Entry], fold: LogFold) -> list[Event]:
        """Return the events that may not go with what is pending; none where everything goes together.

        Costs look-ups by what arrives, not by what is pending.
        """
        strained: list[Event] = []
        foreseen = without_effect.foreseen(self._connection)
        own_no = self._replica_no
        has_pending = own_no is not None and log_store.replica(self._connection, own_no).head.seq > self._confirmed
        types = self._types_that_wait(fold) if has_pending else set()
        seen: set[VoucherId] = set()
        for entry in entries:
            event = entry.read.event
            accepted = entry.verdict.outcome is Outcome.ACCEPTED
            if event is None:
                continue
            if entry.is_own:
                differs = accepted == (entry.position in foreseen)
                if differs and not without_effect.has_twin(self._connection, event.id, entry.position):
                    strained.append(event)
            elif accepted and has_pending:
                if isinstance(event.body, VoucherPosted) and event.body.voucher.type in types:
                    # Its number counts by the type as the server knew it then.
                    self._gives_way = True
                if self._fits(event, fold, seen):
                    # An own version is not seen: later ones may stand on it that the server does not have.
                    seen |= {voucher for voucher in [_voucher_of(event)] if voucher is not None}
                else:
                    strained.append(event)
        return strained

    def _types_that_wait(self, fold: LogFold) -> set[str]:
        """Return the voucher types that are as an own event left them that the server has not taken."""
        waiting = set()
        for kind in fold.chart.voucher_types:
            position = master_store.position_of(self._connection, kind)
            if position != COMPANY_CREATED_AT:
                event = decode_event(self._log.read(position))
                chain = self._chains[event.replica]
                if chain.no == self._replica_no and event.seq > self._confirmed:
                    waiting.add(kind)
        return waiting

    def _fits(self, event: Event, fold: LogFold, seen: set[VoucherId]) -> bool:
        """Whether an event of others goes with the tables as they are; `seen` are vouchers they changed just now."""
        match event.body:
            case VoucherPosted(voucher=voucher):
                if fold.vouchers.place_of(voucher.id) is not None:
                    return False
                year = fold.company.financial_year.year_of(voucher.date).first if fold.company else voucher.date
                known = fold.company is not None and voucher.type in fold.no_by_id
                return not (voucher.number and known and fold.is_taken(voucher.type, year, voucher.number))
            case VoucherAltered(base=base, voucher=voucher):
                return voucher.id in seen or fold.vouchers.hash_of(voucher.id) == base
            case VoucherCancelled(base=base, voucher=voucher_id):
                return voucher_id in seen or fold.vouchers.hash_of(voucher_id) == base
            case body:
                return not isinstance(body, (*REGISTER_BODIES, ConflictResolved))


def _voucher_of(event: Event | None) -> VoucherId | None:
    match None if event is None else event.body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return voucher.id
        case VoucherCancelled(voucher=voucher_id):
            return voucher_id
        case _:
            return None
