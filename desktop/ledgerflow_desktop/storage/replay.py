"""Replays a log from its first event: proves the chains, and yields every row the tables must hold.

This is the other way to the same books: what `writing` keeps up to date voucher by voucher is made here in
one pass from nothing but the log. Memory grows with the masters and with the vouchers that were ever altered,
not with the book: which ones were, and which masters were merged, is found in a first, light pass.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.errors import Damaged, Fact, Problem
from ledgerflow_core.events.chain import Head, check_head, event_hash, genesis, version_hash
from ledgerflow_core.events.event import (
    CompanyChanged,
    CompanyCreated,
    Event,
    EventTooNew,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    ReplicaOpened,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
    decode_event,
)
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.chart import Chart, Master, join, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.voucher_type import VoucherType
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_core.vouchers.lifecycle import cancelled
from ledgerflow_core.vouchers.numbering import NumberSeries, series_of
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import held_log, log_store, master_store, sync_facts, without_effect
from ledgerflow_desktop.storage.encrypted_database import Connection
from ledgerflow_desktop.storage.log_store import ReplicaRow, Run
from ledgerflow_desktop.storage.master_store import COMPANY_CREATED_AT
from ledgerflow_desktop.storage.numbering_history import NumberingHistory

Progress = Callable[[int, int], None]  # (done, of)

# What the light pass looks for. In a text inside an event the quotes are escaped, so it cannot look like this.
_LOOKED_FOR = (
    b'"type":"company.created"',
    b'"type":"voucher.altered"',
    b'"type":"voucher.cancelled"',
    b'"type":"master.',
)
FINDINGS_MAX = 200


@dataclass(slots=True)
class _Current:
    """The latest version of a voucher that will be altered again, and its rows."""

    voucher: Voucher
    no: int
    version: int
    position: int
    base: str
    rows: Rows
    is_unique: bool | None


@dataclass(slots=True)
class _Chain:
    """One replica's chain as far as it was followed."""

    row: ReplicaRow
    hash: str
    seq: int = 0
    key: str = ""
    tag: str = ""
    serials: dict[tuple[int, int], int] = field(default_factory=dict)


class Replay:
    """One walk through a log. Read the rows to the end, then ask for what the log came to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.findings: list[Problem] = []
        self.is_readable = True
        self.events = 0
        self.voucher_count = 0
        self.company: Company | None = None
        self.chart: Chart = predefined_chart()
        self.no_by_id = {master_id: no for no, master_id in enumerate(self.chart.masters, start=1)}
        self.position_by_id = dict.fromkeys(self.chart.masters, COMPANY_CREATED_AT)
        self.locked_until: date | None = None
        self.versions: list[tuple[int, int, int]] = []
        self.attachments: dict[str, int] = {}
        self._chains = {row.no: _Chain(row, genesis(row.id).hash.hex()) for row in log_store.replicas(connection)}
        self.company_version = ""
        self.lock_version = ""
        self._master_versions: dict[str, str] = {}
        self._later: dict[str, int] = {}
        # Events that change nothing, and how far each chain is covered by batches of the server's log.
        self._without_effect = without_effect.positions(connection)
        self._covered = {row.no: held_log.last_seq(connection, row.no) for row in log_store.replicas(connection)}
        # As at the end of the log, and the numbers of what was merged into ahead of the others.
        self._merged: dict[str, str] = {}
        self._no_in_rows = self.no_by_id.copy()
        self._numbering = NumberingHistory(connection, self.chart.voucher_types.values())
        self._current: dict[str, _Current] = {}
        self._projector: Projector | None = None
        self._highest_id = ""
        self._ids_out_of_order: set[str] = set()
        self._series: dict[tuple[str, date, str], tuple[NumberSeries, tuple[int, int]]] = {}

    def rows(self, progress: Progress | None = None) -> Iterator[Rows]:
        """Yield the rows of every voucher's current version, run by run; fill `findings` on the way."""
        total = log_store.last_position(self._connection)
        try:
            self._look_ahead()
            expected = 1
            for run in log_store.runs(self._connection):
                if run.first != expected:
                    self._find("log-position-missing", f"log position {expected}", next=run.first)
                yield self._rows_of(run)
                expected = run.first + len(run.events)
                self.events += len(run.events)
                if progress is not None:
                    progress(self.events, total)
        except Damaged as error:
            self.is_readable = False
            self._find("log-unreadable", error.place, **error.facts)
            return
        self._check_heads()
        self._check_ids()

    def serials_of(self, replica_no: int) -> dict[tuple[int, int], int]:
        """Return the last serial of each automatic series of a replica by (type number, year)."""
        return self._chains[replica_no].serials if replica_no in self._chains else {}

    def chain_of(self, replica_no: int) -> tuple[str, str] | None:
        """Return the public key (hex) and tag a replica was opened with, None where there is no such chain."""
        chain = self._chains.get(replica_no)
        return None if chain is None else (chain.key, chain.tag)

    def _find(self, code: str, place: str, **facts: Fact) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Problem(code, place, facts))

    # --- the chain ------------------------------------------------------------------------------

    def _rows_of(self, run: Run) -> Rows:
        chain = self._chains.get(run.replica_no)
        out = Rows()
        if chain is None:
            self._find("replica-unknown", f"log position {run.first}", replica_no=run.replica_no)
            return out
        if run.first_seq != chain.seq + 1:
            self._find("chain-broken", f"log position {run.first}", reason="sequence number of the run differs")
        for position, raw in enumerate(run.events, start=run.first):
            hashed = event_hash(raw).hex()
            try:
                event = decode_event(raw)
            except (Damaged, EventTooNew) as error:
                self.is_readable = False
                code = "event-of-unknown-version" if isinstance(error, EventTooNew) else "event-undecodable"
                self._find(code, f"log position {position}", **error.facts)
                chain.seq, chain.hash = chain.seq + 1, hashed
                continue
            self._follow(chain, event, hashed, position)
            try:
                if position in self._without_effect:
                    self._pass_over(chain, event, position)
                else:
                    self._apply(chain, event, raw, position, out)
            except KeyError as error:
                self._find("event-names-unknown-master", f"log position {position}", master=str(error.args[0])[:60])
        return out

    def _follow(self, chain: _Chain, event: Event, hashed: str, position: int) -> None:
        if event.seq != chain.seq + 1 or event.prev != chain.hash or event.replica != chain.row.id:
            self._find("chain-broken", f"log position {position}", sequence=event.seq, replica=chain.row.id)
        # Go on from what is there: one break is one finding.
        chain.seq, chain.hash = event.seq, hashed
        if event.id > self._highest_id:
            self._highest_id = event.id
        elif position not in self._without_effect:
            self._ids_out_of_order.add(event.id)

    def _check_heads(self) -> None:
        for chain in self._chains.values():
            row, head = chain.row, Head(chain.seq, bytes.fromhex(chain.hash))
            if head != row.head:
                self._find("head-differs", f"replica {row.id}", log_ends=head.seq, kept=row.head.seq)
            if chain.seq == 0:
                continue  # a chain that was here before the file was made anew, with what the server signed for it
            if not chain.key and self._covered[row.no] == chain.seq:
                continue  # a batch ended before the event that opens it; all that came is signed by its batches
            if chain.key != row.public_key.hex():
                self._find("replica-key-differs", f"replica {row.id}")
            if not row.signature and self._covered[row.no] == chain.seq:
                continue  # the batches it came in are signed instead (`log_verification`)
            try:
                key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(chain.key))
                check_head(key, row.id, head, row.signature)
            except (Damaged, ValueError):
                self._find("signature-wrong", f"replica {row.id}", sequence=chain.seq)

    def _check_ids(self) -> None:
        """Ids rise but where two moments fall together; only those that did not are looked for again."""
        if not self._ids_out_of_order:
            return
        seen: set[str] = set()
        for run in log_store.runs(self._connection):
            for position, raw in enumerate(run.events, start=run.first):
                event_id = _ID.decode(raw).id
                if event_id in self._ids_out_of_order and position not in self._without_effect:
                    if event_id in seen:
                        self._find("event-id-twice", f"log position {position}", event=event_id)
                    seen.add(event_id)

    # --- what it says ---------------------------------------------------------------------------

    def _look_ahead(self) -> None:
        if sync_facts.is_enrolled(self._connection):
            # The event it began with may be one a server lost; where the log has it, that is what counts.
            self._begin(master_store.read_company(self._connection))
        no_by_id = self.no_by_id.copy()
        for run in log_store.runs(self._connection):
            for position, raw in enumerate(run.events, start=run.first):
                if any(mark in raw for mark in _LOOKED_FOR):
                    try:
                        body = decode_event(raw).body
                    except (Damaged, EventTooNew):
                        continue  # named when its turn comes
                    if isinstance(body, MasterCreated):
                        no_by_id.setdefault(body.master.id, len(no_by_id) + 1)
                    if isinstance(body, MasterCreated | MasterChanged):
                        if isinstance(body.master, VoucherType) and position not in self._without_effect:
                            at = (run.replica_no, run.first_seq + position - run.first, position)
                            self._numbering.note(body.master, at)
                    elif position in self._without_effect:
                        continue
                    elif isinstance(body, CompanyCreated):
                        self._begin(body.company)
                    elif isinstance(body, VoucherAltered):
                        self._later[body.voucher.id] = self._later.get(body.voucher.id, 0) + 1
                    elif isinstance(body, VoucherCancelled):
                        self._later[body.voucher] = self._later.get(body.voucher, 0) + 1
                    elif isinstance(body, MasterMerged):
                        join(self._merged, body.merged, body.into)
        self._no_in_rows.update((end, no_by_id[end]) for end in self._merged.values() if end in no_by_id)

    def _begin(self, company: Company) -> None:
        """Know the company from the first event on, wherever in this file the one stands that it began with."""
        self.company = company
        year = company.financial_year
        self._projector = Projector(self.chart.voucher_types, self._no_in_rows, year, self._merged)

    def _apply(self, chain: _Chain, event: Event, raw: bytes, position: int, out: Rows) -> None:
        body = event.body
        match body:
            case VoucherPosted():
                self._post(chain, body.voucher, raw, position, out)
            case VoucherAltered():
                self._replace(body.voucher.id, body.voucher, body.base, (raw, position), out)
            case VoucherCancelled():
                self._replace(body.voucher, None, body.base, (raw, position), out)
            case MasterCreated() | MasterChanged():
                if isinstance(body, MasterChanged):
                    self._require_base(body.base, *self._version_of(body.master.id), position)
                self._put(body.master, raw, position)
            case MasterMerged():
                self._require_base(body.base, *self._version_of(body.merged), position)
                self._require_base(body.into_base, *self._version_of(body.into), position)
                self.chart.merge(body.merged, body.into)
                self._version_made((body.merged, body.into), raw, position)
            case MasterRetired():
                self._require_base(body.base, *self._version_of(body.master), position)
                self.chart.retire(body.master)
                self._version_made((body.master,), raw, position)
            case CompanyChanged():
                self._require_base(body.base, self.company_version, body.company.name, position)
                self.company_version = version_hash(raw).hex()
                self._begin(body.company)
            case PeriodLocked() | PeriodUnlocked():
                self._require_base(body.base, self.lock_version, "the period lock", position)
                self.locked_until, self.lock_version = body.until, version_hash(raw).hex()
            case ReplicaOpened():
                self._open(chain, body)
            case _:
                pass  # changes no row

    def _pass_over(self, chain: _Chain, event: Event, position: int) -> None:
        """Take in what an event that changes nothing has all the same: local numbers, a serial, a key."""
        match event.body:
            case VoucherPosted(voucher=voucher):
                self.voucher_count += 1
                if voucher.type in self.chart.voucher_types:
                    self._count_serial(chain, voucher)
            case MasterCreated(master=master):
                # Where another office made it as well, vouchers may name it before that event has come.
                no = self.no_by_id.setdefault(master.id, len(self.no_by_id) + 1)
                self._no_in_rows.setdefault(master.id, no)
                if isinstance(master, VoucherType):
                    self.chart.voucher_types.setdefault(master.id, master)
            case ReplicaOpened() as opened:
                self._open(chain, opened)
            case _:
                pass

    def _open(self, chain: _Chain, body: ReplicaOpened) -> None:
        if chain.tag != body.tag:
            chain.serials.clear()  # other numbers, in series that begin at 1
        chain.key, chain.tag = body.key, body.tag

    def _require_base(self, base: str, version: str, name: str, position: int) -> None:
        if base != version:
            self._find("changes-other-version", f"log position {position}", name=name)

    def _version_of(self, master: MasterId) -> tuple[str, str]:
        """Return the version hash (hex) of a master as it is, and its name."""
        return self._master_versions.get(master, ""), self.chart.masters[master].name

    def _version_made(self, masters: Iterable[MasterId], raw: bytes, position: int) -> None:
        version = version_hash(raw).hex()
        for master in masters:
            self.position_by_id[master] = position
            self._master_versions[master] = version

    def _put(self, master: Master, raw: bytes, position: int) -> None:
        self.chart.put(master)
        self._no_in_rows[master.id] = self.no_by_id.setdefault(master.id, len(self.no_by_id) + 1)
        self._version_made((master.id,), raw, position)
        if isinstance(master, VoucherType):
            self._series.clear()  # its prefix may be another from here on

    def _post(self, chain: _Chain, voucher: Voucher, raw: bytes, position: int, out: Rows) -> None:
        self.voucher_count += 1
        no = self.voucher_count
        self._check_voucher(voucher, position)
        self._count_serial(chain, voucher)
        is_unique = self._numbering.is_unique(voucher, (chain.row.no, chain.seq, position))
        if voucher.id not in self._later:
            self._project(out, voucher, no=no, version=1, position=position, is_unique=is_unique)
            return
        rows = Rows()
        self._project(rows, voucher, no=no, version=1, position=position, is_unique=is_unique)
        self._current[voucher.id] = _Current(voucher, no, 1, position, version_hash(raw).hex(), rows, is_unique)

    def _replace(self, voucher_id: str, after: Voucher | None, base: str, at: tuple[bytes, int], out: Rows) -> None:
        raw, position = at
        before = self._current.get(voucher_id)
        if before is None:
            self._find("alters-unknown-voucher", f"log position {position}", voucher=voucher_id)
            return
        if before.base != base:
            self._find("alters-other-version", f"log position {position}", voucher=voucher_id)
        voucher = cancelled(before.voucher) if after is None else after
        self._check_voucher(voucher, position)
        self.versions.append((before.no, before.version, before.position))
        rows = Rows()
        version = before.version + 1
        self._project(rows, voucher, no=before.no, version=version, position=position, is_unique=before.is_unique)
        self._later[voucher_id] -= 1
        if self._later[voucher_id]:
            self._current[voucher_id] = _Current(
                voucher, before.no, version, position, version_hash(raw).hex(), rows, before.is_unique
            )
        else:
            del self._current[voucher_id]
            for made, kept in ((rows.vouchers, out.vouchers), (rows.entries, out.entries), (rows.bills, out.bills),
                               (rows.costs, out.costs), (rows.foreign, out.foreign)):  # fmt: skip
                kept.extend(made)  # type: ignore[arg-type]  # pairs of the same kind

    def _project(
        self, rows: Rows, voucher: Voucher, *, no: int, version: int, position: int, is_unique: bool | None
    ) -> None:
        if self._projector is None:
            self._find("company-missing", f"log position {position}")
            return
        self._projector.add(rows, voucher, no=no, version=version, position=position, is_unique=is_unique)

    def _check_voucher(self, voucher: Voucher, position: int) -> None:
        difference = sum([entry.amount for entry in voucher.entries])
        if difference and self.chart.voucher_types[voucher.type].posts_to_books:
            self._find(
                "voucher-unbalanced", f"log position {position}", number=voucher.number, difference_minor=difference
            )
        for attachment in voucher.attachments:
            self.attachments.setdefault(attachment.sha256, position)

    def _count_serial(self, chain: _Chain, voucher: Voucher) -> None:
        voucher_type = self.chart.voucher_types[voucher.type]
        if self._projector is None or self.company is None:
            return
        key_of_day = (voucher.type, voucher.date, chain.tag)
        known = self._series.get(key_of_day)
        if known is None:
            year = self._projector.days_of(voucher.date)[1]
            series = series_of(voucher_type, self.company.financial_year, voucher.date, replica_tag=chain.tag)
            known = self._series[key_of_day] = (series, (self.no_by_id[voucher.type], year))
        series, key = known
        serial = series.serial(voucher.number)
        if serial is not None and serial > chain.serials.get(key, 0):
            chain.serials[key] = serial


class _EventId(msgspec.Struct):
    id: str


_ID = msgspec.json.Decoder(_EventId)
