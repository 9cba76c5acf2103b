"""What could not take effect when the server took it: what it says, what stands in its place, and what each does.

Nothing here changes the books; `resolving` does what a person decides.
"""

from dataclasses import dataclass
from datetime import date

from ledgerflow_core.errors import refuse
from ledgerflow_core.events.event import (
    Body,
    CompanyChanged,
    MasterChanged,
    MasterCreated,
    MasterMerged,
    MasterRetired,
    PeriodLocked,
    PeriodUnlocked,
    VoucherAltered,
    VoucherCancelled,
    VoucherPosted,
)
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.sync import resolution
from ledgerflow_core.sync.facts import Facts, VoucherNow
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.storage import edit_log
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.field_changes import FieldChange, Names, changes_between
from ledgerflow_desktop.storage.replica_store import Conflict, ReplicaStore

_ID_LENGTH_MIN = 4


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What one account gets from what stands and would get from what is parked; minor units, debit positive."""

    account: str
    is_tax: bool
    stands: int
    parked: int

    @property
    def difference(self) -> int:
        """What the account would change by if the parked version were applied."""
        return self.parked - self.stands


@dataclass(frozen=True, slots=True)
class Sides:
    """A parked event beside what stands.

    `stands` and `parked` are the two versions of a voucher where it is about one; `fields` what differs between
    what stands and what is parked; `rival` the voucher that has the number, where that is the reason.
    """

    conflict: Conflict
    subject: str
    stands: Voucher | None
    parked: Voucher | None
    fields: tuple[FieldChange, ...]
    effects: tuple[EffectLine, ...]
    rival: Voucher | None


def open_conflicts(book: Book) -> list[Conflict]:
    """Return what waits for a decision, in the order the server took it.

    What a later version of the program wrote is left out: only that version can decide about it.
    """
    with book.reading():
        return ReplicaStore(book).conflicts()


def find(book: Book, given: str) -> Conflict:
    """Return the conflict a person names by its id, or by its beginning or end; refuses `unknown-conflict`."""
    wanted = given.strip().lower()
    found = [one for one in open_conflicts(book) if one.id.startswith(wanted) or one.id.endswith(wanted)]
    if len(found) != 1 or len(wanted) < _ID_LENGTH_MIN:
        raise refuse("unknown-conflict", given=given[:60])
    return found[0]


def facts_of(book: Book, body: Body) -> Facts:
    """Return what stands of what an event is about; versions of all but vouchers are left out."""
    facts = Facts(company=book.company, chart=book.chart, locked_until=book.locked_until)
    voucher_id = resolution.voucher_of(body)
    stored = None if voucher_id is None else book.voucher(voucher_id)
    if stored is not None:
        facts.vouchers[stored.voucher.id] = VoucherNow(stored.version_hash, stored.voucher)
    return facts


def sides(book: Book, conflict: Conflict) -> Sides:
    """Return both versions side by side, with the effect of each on every account."""
    body, names = conflict.event.body, Names(book.chart, book.company)
    with book.reading():
        stands, parked = resolution.sides(body, facts_of(book, body))
        rival = _rival(book, parked) if conflict.reason == "number-duplicate" and parked is not None else None
    if parked is not None or stands is not None:
        fields = changes_between(stands, parked, names)
    else:
        fields = changes_between(_standing_state(book, body), _parked_state(body), names)
    return Sides(conflict, subject_of(book, body), stands, parked, fields, _effects(book, stands, parked), rival)


def subject_of(book: Book, body: Body) -> str:
    """Return what an event is about: type and number of a voucher, the name of a master, else what it is."""
    names = Names(book.chart, book.company)
    match body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return " ".join(part for part in (names.of(voucher.type), voucher.number) if part)
        case VoucherCancelled(voucher=voucher_id):
            stored = book.voucher(voucher_id)
            return "" if stored is None else f"{names.of(stored.voucher.type)} {stored.voucher.number}".strip()
        case MasterCreated(master=master) | MasterChanged(master=master):
            return master.name
        case MasterRetired(master=master_id):
            return names.of(master_id)
        case MasterMerged(merged=merged, into=into):
            return f"{names.of(merged)} → {names.of(into)}"
        case _:
            return ""


def kind_of(body: Body) -> str:
    """Return what the log calls an event, such as ``voucher.altered``."""
    return str(body.__struct_config__.tag)


def day_of(body: Body) -> date | None:
    """Return the date of the voucher an event carries, None where it carries none."""
    match body:
        case VoucherPosted(voucher=voucher) | VoucherAltered(voucher=voucher):
            return voucher.date
        case _:
            return None


def _current(book: Book, voucher_id: VoucherId) -> Voucher | None:
    stored = book.voucher(voucher_id)
    return None if stored is None else stored.voucher


def _rival(book: Book, parked: Voucher) -> Voucher | None:
    year = book.company.financial_year
    for voucher_id in edit_log.vouchers_numbered(book, parked.number):
        found = _current(book, voucher_id)
        if found is not None and found.type == parked.type and year.year_of(found.date) == year.year_of(parked.date):
            return found
    return None


def _standing_state(book: Book, body: Body) -> object:
    match body:
        case MasterCreated(master=master) | MasterChanged(master=master):
            return book.chart.masters.get(master.id)
        case CompanyChanged():
            return {"company": book.company}
        case PeriodLocked() | PeriodUnlocked():
            return {"until": book.locked_until}
        case _:
            return None


def _parked_state(body: Body) -> object:
    match body:
        case MasterCreated(master=master) | MasterChanged(master=master):
            return master
        case _:
            return {name: getattr(body, name) for name in body.__struct_fields__ if name != "base"}


def _effects(book: Book, stands: Voucher | None, parked: Voucher | None) -> tuple[EffectLine, ...]:
    lines = []
    for account, one, other in resolution.effects(stands, parked, book.chart):
        master = book.chart.accounts.get(account)
        is_tax = master is not None and book.chart.is_under(master.id, "duties-and-taxes")
        lines.append(EffectLine(account if master is None else master.name, is_tax, one, other))
    return tuple(lines)
