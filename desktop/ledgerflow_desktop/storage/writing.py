"""One unit of change: events sealed onto the chain, rows and totals beside them, all in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlcipher3.dbapi2 as sqlcipher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.errors import Fact, InvalidInput, Problem
from ledgerflow_core.events.chain import sign_head, version_hash
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    ConflictResolved,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
)
from ledgerflow_core.identifiers import MasterId, to_bytes, to_text
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.masters.company import Company
from ledgerflow_core.posting.projection import Projector, Rows, VoucherRow
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.numbering import NumberSeries
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import log_store, master_store, row_store, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.master_store import COMPANY_CREATED_AT, COMPANY_VERSION, LOCK_VERSION
from ledgerflow_desktop.storage.merging import project_again, vouchers_on
from ledgerflow_desktop.storage.preparing import BookFacts, Prepared, Preparer, WritePoint


@dataclass(frozen=True, slots=True)
class StoredVoucher:
    """A voucher's current version and where it stands; `version_hash` (hex) is what an alteration is based on."""

    voucher: Voucher
    no: int
    version: int
    position: int
    version_hash: str


def write_point(connection: Connection, replica_no: int, no_by_id: Mapping[str, int]) -> WritePoint:
    """Return where a file's next event and voucher go."""
    id_by_no = {no: master_id for master_id, no in no_by_id.items()}
    return WritePoint(
        head=log_store.replica(connection, replica_no).head,
        position=log_store.last_position(connection),
        next_voucher_no=int(master_store.get_meta(connection, "next_voucher_no") or 1),
        serials={
            (id_by_no[type_no], year): serial
            for type_no, year, serial in connection.execute("SELECT type_no, year, serial FROM number_series")
        },
    )


class Writing:
    """What may be done inside one transaction. Checks what only the store can know: ids, numbers, versions.

    Everything else about a voucher or master has been checked before it comes here. `chart` and `no_by_id`
    are the book's own and move on with what is written.
    """

    def __init__(
        self,
        connection: Connection,
        facts: BookFacts,
        point: WritePoint,
        *,
        chart: Chart,
        replica_no: int,
        new_ids: Callable[[int], list[str]],
    ) -> None:
        self._connection = connection
        self._facts = facts
        self._before = point
        self._chart = chart
        self._replica_no = replica_no
        self._preparer = Preparer(facts, point, new_ids, self._free_serial)
        self._log = log_store.Reader(connection)
        self.masters_changed = False

    @property
    def preparer(self) -> Preparer:
        """What prepares vouchers from where this transaction stands."""
        return self._preparer

    def record(self, bodies: Sequence[Body]) -> int:
        """Seal events onto the chain and append them; return the position of the first."""
        first, _ = self._seal(bodies)
        for position, body in enumerate(bodies, start=first):
            if isinstance(body, ConflictResolved):
                without_effect.resolve(self._connection, body.event, position)
        return first

    @property
    def facts(self) -> BookFacts:
        """What preparing needs to know of the book."""
        return self._facts

    def post(self, vouchers: Sequence[Voucher]) -> Prepared:
        """Post checked vouchers; return them as posted, with their numbers and rows.

        Refuses `number-taken` and `voucher-already-posted`, placed ``vouchers[i]``.
        """
        prepared = self._preparer.prepare(vouchers)
        self._write(prepared)
        return prepared

    def post_prepared(self, prepared: Prepared) -> None:
        """Write vouchers that another process prepared from this transaction's point on; refuses as `post`."""
        self._write(prepared)
        self._preparer.point = prepared.after

    def alter(self, before: StoredVoucher, after: Voucher) -> None:
        """Replace a voucher's current version; refuses `stale-version` when it is no longer the current one."""
        self._require_current(before)
        position = self.record([VoucherAltered(base=before.version_hash, voucher=after)])
        self._replace_rows(before, after, position)

    def cancel(self, before: StoredVoucher, reason: str) -> None:
        """Make a voucher move nothing any more; its number stays."""
        self._require_current(before)
        position = self.record([VoucherCancelled(base=before.version_hash, voucher=before.voucher.id, reason=reason)])
        self._replace_rows(before, cancelled(before.voucher), position)

    def create_masters(self, masters: Sequence[Master]) -> None:
        """Add checked masters."""
        first = self.record([MasterCreated(master=master) for master in masters])
        for at, master in enumerate(masters):
            self._facts.no_by_id.update(master_store.insert(self._connection, [master], position=first + at))
            self._chart.put(master)
        self.masters_changed = True

    def change_master(self, master: Master) -> None:
        """Replace a master by a checked new state."""
        position = self.record([MasterChanged(master=master, base=self._base_of(master.id))])
        master_store.update(self._connection, master, position=position)
        self._chart.put(master)
        self.masters_changed = True

    def merge_masters(self, merged: MasterId, into: MasterId) -> None:
        """Let what stands on one checked account or cost centre count on another. Costs what stands there."""
        facts = self._facts
        touched = vouchers_on(self._connection, facts.no_by_id[merged])
        before = Projector(facts.voucher_types, facts.no_by_id, facts.company.financial_year, self._chart.merged.copy())
        body = MasterMerged(merged=merged, into=into, base=self._base_of(merged), into_base=self._base_of(into))
        position = self.record([body])
        self._chart.merge(merged, into)
        for master in (merged, into):
            master_store.update(self._connection, self._chart.masters[master], position=position)
        project_again(self._connection, touched, before, self._preparer.projector)
        self.masters_changed = True

    def retire_master(self, master: MasterId) -> None:
        """Offer a checked master no more."""
        position = self.record([MasterRetired(master=master, base=self._base_of(master))])
        self._chart.retire(master)
        master_store.update(self._connection, self._chart.masters[master], position=position)
        self.masters_changed = True

    def change_company(self, company: Company) -> None:
        """Replace the company's details."""
        base = master_store.get_meta(self._connection, COMPANY_VERSION)
        self._record_version(CompanyChanged(company=company, base=base), COMPANY_VERSION)
        master_store.write_company(self._connection, company)
        self.masters_changed = True

    def lock(self, until: date | None, reason: str = "") -> None:
        """Lock up to `until`, or, given a reason, unlock back to it (off, when None)."""
        base = master_store.get_meta(self._connection, LOCK_VERSION)
        if reason or until is None:
            self._record_version(PeriodUnlocked(until=until, reason=reason, base=base), LOCK_VERSION)
        else:
            self._record_version(PeriodLocked(until=until, base=base), LOCK_VERSION)
        master_store.set_meta(self._connection, "locked_until", until.isoformat() if until else "")
        self.masters_changed = True

    def finish(self, key: Ed25519PrivateKey) -> None:
        """Write the point reached and the signed head; the transaction commits next."""
        point, before = self._preparer.point, self._before
        if point.next_voucher_no != before.next_voucher_no:
            master_store.set_meta(self._connection, "next_voucher_no", str(point.next_voucher_no))
            self._connection.executemany(
                "INSERT INTO number_series VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET serial = excluded.serial",
                [
                    (self._facts.no_by_id[kind], year, serial)
                    for (kind, year), serial in point.serials.items()
                    if before.serials.get((kind, year)) != serial
                ],
            )
        if point.head != before.head:
            signature = sign_head(key, self._facts.author.replica, point.head)
            log_store.set_head(self._connection, self._replica_no, point.head, signature)

    def _free_serial(self, voucher_type: str, year: int, series: NumberSeries, serial: int) -> int:
        return row_store.free_serial(self._connection, self._facts.no_by_id[voucher_type], year, series, serial)

    def _base_of(self, master: MasterId) -> str:
        """Return the version hash (hex) of a master as it is; empty where it came with the company's creation."""
        position = master_store.position_of(self._connection, master)
        return "" if position == COMPANY_CREATED_AT else version_hash(self._log.read(position)).hex()

    def _seal(self, bodies: Sequence[Body]) -> tuple[int, list[bytes]]:
        point = self._preparer.point
        events = self._preparer.seal(bodies)
        self._append(events, point.position + 1, point.head.seq + 1)
        return point.position + 1, events

    def _record_version(self, body: Body, fact: str) -> None:
        """Record what makes a new version of the company or the lock, and keep that version's hash (hex)."""
        _, (raw,) = self._seal([body])
        master_store.set_meta(self._connection, fact, version_hash(raw).hex())

    def _write(self, prepared: Prepared) -> None:
        self._append(prepared.events, prepared.first, prepared.first_seq)
        self._insert(prepared.rows)

    def _append(self, events: list[bytes], first: int, first_seq: int) -> None:
        log_store.append(self._connection, events, replica_no=self._replica_no, first=first, first_seq=first_seq)

    def _insert(self, rows: Rows) -> None:
        try:
            row_store.insert(self._connection, rows)
        except sqlcipher.IntegrityError:
            raise InvalidInput(self._clashes(rows)) from None

    def _clashes(self, rows: Rows) -> list[Problem]:
        """Find which vouchers the unique indexes refused: against the book, and against each other."""
        problems: list[Problem] = []
        seen: set[object] = set()
        names = {self._facts.no_by_id[kind.id]: kind.name for kind in self._facts.voucher_types.values()}
        known = self._connection.execute
        made = [VoucherRow(*row) for row in rows.vouchers]
        first_no = made[0].no
        for at, row in enumerate(made):
            number = (row.type_no, row.year, row.number)
            if row.id in seen or known("SELECT 1 FROM voucher WHERE id = ? AND no < ?", (row.id, first_no)).fetchone():
                problems.append(Problem("voucher-already-posted", f"vouchers[{at}]", {"id": to_text(row.id)}))
            elif row.year is not None and (
                number in seen
                or known(
                    "SELECT 1 FROM voucher WHERE type_no = ? AND year = ? AND number = ? AND no < ?",
                    (*number, first_no),
                ).fetchone()
            ):
                facts: dict[str, Fact] = {"number": row.number, "type": names[row.type_no]}
                problems.append(Problem("number-taken", f"vouchers[{at}]", facts))
            seen |= {row.id, number}
        return problems or [Problem("number-taken", "vouchers")]

    def _require_current(self, before: StoredVoucher) -> None:
        row = self._connection.execute(
            "SELECT position FROM voucher WHERE id = ?", (to_bytes(before.voucher.id),)
        ).fetchone()
        if row is None or row[0] != before.position:
            raise InvalidInput([Problem("stale-version", "", {"number": before.voucher.number})])

    def _replace_rows(self, before: StoredVoucher, after: Voucher, position: int) -> None:
        old, new, add = Rows(), Rows(), self._preparer.projector.add
        add(old, before.voucher, no=before.no, version=before.version, position=before.position)
        (is_unique,) = self._connection.execute(
            "SELECT year IS NOT NULL FROM voucher WHERE id = ?", (to_bytes(after.id),)
        ).fetchone()
        version = before.version + 1
        add(new, after, no=before.no, version=version, position=position, is_unique=bool(is_unique))
        row_store.take_back(self._connection, old)
        self._insert(new)
        self._connection.execute(
            "INSERT INTO voucher_version VALUES (?, ?, ?)", (before.no, before.version, before.position)
        )
