"""One unit of change: events sealed onto the chain, rows and totals beside them, all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlcipher3.dbapi2 as sqlcipher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, Problem
from ledgerflow_core.events.chain import Author, Head, next_event, sign_head
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    MasterChanged,
    MasterCreated,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import EventId, VoucherTypeId, to_bytes
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import Numbering
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.numbering import NumberSeries, series_of
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import log_store, master_store, row_store
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.projection import Projector, Rows


@dataclass(frozen=True, slots=True)
class StoredVoucher:
    """A voucher's current version and where it stands; `event_hash` (hex) is what an alteration is based on."""

    voucher: Voucher
    no: int
    version: int
    position: int
    event_hash: str


class Writing:
    """What may be done inside one transaction. Checks what only the store can know: ids, numbers, versions.

    Everything else about a voucher or master has been checked before it comes here.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        company: Company,
        chart: Chart,
        no_by_id: dict[str, int],
        locked_until: date | None,
        machine: Machine,
        author: Author,
        replica_no: int,
        head: Head,
        cause: str,
    ) -> None:
        self._connection = connection
        self._company = company
        self._chart = chart
        self._no_by_id = no_by_id
        self._author = author
        self._replica_no = replica_no
        self._head = head
        self._cause = cause
        self._at = machine.timestamp()
        self._ids = machine.identifiers()
        self._position = log_store.last_position(connection)
        self._next_voucher_no = int(master_store.get_meta(connection, "next_voucher_no") or 1)
        self._projector = Projector(chart.voucher_types, no_by_id, company.financial_year)
        self._series_seen: dict[tuple[str, int], tuple[NumberSeries, int]] = {}
        self.locked_until = locked_until
        self.masters_changed = False

    def record(self, bodies: Sequence[Body]) -> int:
        """Seal events onto the chain and append them; return the position of the first."""
        first, first_seq = self._position + 1, self._head.seq + 1
        events: list[bytes] = []
        head = self._head
        for event_id, body in zip(self._ids.many(len(bodies)), bodies, strict=True):
            raw, head = next_event(
                head, body, author=self._author, event_id=EventId(event_id), at=self._at, cause=self._cause
            )
            events.append(raw)
        log_store.append(self._connection, events, replica_no=self._replica_no, first=first, first_seq=first_seq)
        self._head = head
        self._position += len(events)
        return first

    def post(self, vouchers: Sequence[Voucher]) -> list[Voucher]:
        """Post checked vouchers; return them as posted, with their numbers.

        A voucher of an automatic type without a number gets the next of its series; a number it brings is
        kept, and when it has the form of the series, the series goes on after it. Refuses
        `number-taken` and `voucher-already-posted`, placed ``vouchers[i]``.
        """
        numbered = [self._numbered(voucher) for voucher in vouchers]
        first = self.record([VoucherPosted(voucher=voucher) for voucher in numbered])
        rows, no = Rows(), self._next_voucher_no
        for at, voucher in enumerate(numbered):
            self._projector.add(rows, voucher, no=no + at, version=1, position=first + at)
        self._insert(rows, numbered)
        self._next_voucher_no += len(numbered)
        return numbered

    def alter(self, before: StoredVoucher, after: Voucher) -> None:
        """Replace a voucher's current version; refuses `stale-version` when it is no longer the current one."""
        self._require_current(before)
        position = self.record([VoucherAltered(base=before.event_hash, voucher=after)])
        self._replace_rows(before, after, position)

    def cancel(self, before: StoredVoucher, reason: str) -> None:
        """Make a voucher move nothing any more; its number stays."""
        self._require_current(before)
        position = self.record([VoucherCancelled(base=before.event_hash, voucher=before.voucher.id, reason=reason)])
        self._replace_rows(before, cancelled(before.voucher), position)

    def create_masters(self, masters: Sequence[Master]) -> None:
        """Add checked masters."""
        first = self.record([MasterCreated(master=master) for master in masters])
        for at, master in enumerate(masters):
            self._no_by_id.update(master_store.insert(self._connection, [master], position=first + at))
            self._chart.put(master)
        self.masters_changed = True

    def change_master(self, master: Master) -> None:
        """Replace a master by a checked new state."""
        position = self.record([MasterChanged(master=master)])
        master_store.update(self._connection, master, position=position)
        self._chart.put(master)
        self.masters_changed = True

    def change_company(self, company: Company) -> None:
        """Replace the company's details."""
        self.record([CompanyChanged(company=company)])
        master_store.write_company(self._connection, company)
        self.masters_changed = True

    def lock(self, until: date | None, reason: str = "") -> None:
        """Move the period lock: forward to `until`, or back (or off) for a reason."""
        forward = until is not None and (self.locked_until is None or until > self.locked_until)
        self.record([PeriodLocked(until=until) if forward and until else PeriodUnlocked(until=until, reason=reason)])
        master_store.set_meta(self._connection, "locked_until", until.isoformat() if until else "")
        self.locked_until = until
        self.masters_changed = True

    def finish(self, key: Ed25519PrivateKey) -> None:
        """Write the series and the signed head; the transaction commits next."""
        for (type_id, year), (_, serial) in self._series_seen.items():
            self._connection.execute(
                """INSERT INTO number_series VALUES (?, ?, ?)
                   ON CONFLICT DO UPDATE SET serial = max(serial, excluded.serial)""",
                (self._no_by_id[type_id], year, serial),
            )
        master_store.set_meta(self._connection, "next_voucher_no", str(self._next_voucher_no))
        signature = sign_head(key, self._author.replica, self._head)
        log_store.set_head(self._connection, self._replica_no, self._head, signature)

    def _numbered(self, voucher: Voucher) -> Voucher:
        voucher_type = self._chart.voucher_types[voucher.type]
        if voucher_type.numbering is not Numbering.AUTOMATIC:
            return voucher
        series, last = self._series(voucher.type, voucher.date)
        year = self._projector.days_of(voucher.date)[1]
        if not voucher.number:
            self._series_seen[voucher.type, year] = (series, last + 1)
            return replace(voucher, number=series.number(last + 1))
        brought = series.serial(voucher.number)
        if brought is not None and brought > last:
            self._series_seen[voucher.type, year] = (series, brought)
        return voucher

    def _series(self, type_id: VoucherTypeId, day: date) -> tuple[NumberSeries, int]:
        year = self._projector.days_of(day)[1]
        seen = self._series_seen.get((type_id, year))
        if seen is None:
            row = self._connection.execute(
                "SELECT serial FROM number_series WHERE type_no = ? AND year = ?", (self._no_by_id[type_id], year)
            ).fetchone()
            tag = master_store.get_meta(self._connection, "replica_tag")
            series = series_of(self._chart.voucher_types[type_id], self._company.financial_year, day, replica_tag=tag)
            seen = self._series_seen[type_id, year] = (series, row[0] if row else 0)
        return seen

    def _insert(self, rows: Rows, vouchers: Sequence[Voucher]) -> None:
        try:
            row_store.insert(self._connection, rows)
        except sqlcipher.IntegrityError:
            raise InvalidInput(self._clashes(rows, vouchers)) from None

    def _clashes(self, rows: Rows, vouchers: Sequence[Voucher]) -> list[Problem]:
        """Find which vouchers the unique indexes refused: against the book, and against each other."""
        problems: list[Problem] = []
        ids: set[object] = set()
        numbers: set[object] = set()
        first_no = rows.vouchers[0][1]
        for at, (row, voucher) in enumerate(zip(rows.vouchers, vouchers, strict=True)):
            number = (row[3], row[4], row[5])
            id_known = self._connection.execute(
                "SELECT 1 FROM voucher WHERE id = ? AND no < ?", (row[2], first_no)
            ).fetchone()
            number_known = self._connection.execute(
                "SELECT 1 FROM voucher WHERE type_no = ? AND year = ? AND number = ? AND no < ?", (*number, first_no)
            ).fetchone()
            if id_known or row[2] in ids:
                problems.append(Problem("voucher-already-posted", f"vouchers[{at}]", {"id": voucher.id}))
            elif row[4] is not None and (number_known or number in numbers):
                name = self._chart.voucher_types[voucher.type].name
                facts = {"number": voucher.number, "type": name}
                problems.append(Problem("number-taken", f"vouchers[{at}]", dict(facts)))
            ids.add(row[2])
            numbers.add(number)
        return problems or [Problem("number-taken", "vouchers")]

    def _require_current(self, before: StoredVoucher) -> None:
        row = self._connection.execute(
            "SELECT position FROM voucher WHERE id = ?", (to_bytes(before.voucher.id),)
        ).fetchone()
        if row is None or row[0] != before.position:
            raise InvalidInput([Problem("stale-version", "", {"number": before.voucher.number})])

    def _replace_rows(self, before: StoredVoucher, after: Voucher, position: int) -> None:
        old, new = Rows(), Rows()
        self._projector.add(old, before.voucher, no=before.no, version=before.version, position=before.position)
        self._projector.add(new, after, no=before.no, version=before.version + 1, position=position)
        row_store.take_back(self._connection, old)
        self._insert(new, [after])
        self._connection.execute(
            "INSERT INTO voucher_version VALUES (?, ?, ?)", (before.no, before.version, before.position)
        )
