"""Ledger lines of a voucher as entries. A list of theirs stays in the object, so what is not taken is kept."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.records import CostRecord, EntryRecord, InstrumentRecord
from ledgerflow_desktop.interchange.tally_xml.bills import entry_bills
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies
from ledgerflow_desktop.interchange.tally_xml.names import (
    PRIMARY_COST_CATEGORY,
    LedgerNames,
    is_none,
    one_line,
)
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.values import read_amount, read_date


class Context(NamedTuple):
    """What the masters of the file say that its vouchers are read with."""

    ledgers: LedgerNames
    currencies: Currencies
    category_by_centre: dict[str, str]


def entry_record(node: Node, begin: str, context: Context) -> EntryRecord:
    """Return one ledger line; `begin` is the day (ISO) from which credit periods count.

    Refuses a line without a ledger (`missing-name`) and what `read_amount`, `read_date` and `entry_bills`
    refuse.
    """
    fields, lists = node.fields, node.lists
    ledger = fields.pop("LEDGERNAME", "")
    if not ledger:
        raise refuse("missing-name", "LEDGERNAME")
    if "AMOUNT" in lists:
        raise refuse("bad-amount", "AMOUNT")
    written = fields.pop("AMOUNT", "")
    if fields.get("VATEXPAMOUNT") == written:
        del fields["VATEXPAMOUNT"]
    amount = read_amount(written, context.currencies)
    bills = costs = instrument = None
    if "BILLALLOCATIONS.LIST" in lists:
        bills = entry_bills(lists["BILLALLOCATIONS.LIST"], amount.base, begin, context.currencies)
    if "CATEGORYALLOCATIONS.LIST" in lists or "COSTCENTREALLOCATIONS.LIST" in lists:
        costs = _costs(node, context)
    if "BANKALLOCATIONS.LIST" in lists:
        instrument = _instrument(lists["BANKALLOCATIONS.LIST"][0])
    narration = fields.pop("NARRATION", "")
    name = context.ledgers.canonical(ledger)
    return EntryRecord(name, amount.base, amount.foreign, bills, costs, instrument, narration)


def _costs(node: Node, context: Context) -> list[CostRecord] | None:
    """Return the cost allocations; a category is kept aside only where the centre's own master says another."""
    costs = []
    groups = [(node, "")]
    for found in node.lists.get("CATEGORYALLOCATIONS.LIST", ()):
        groups.append((found, one_line(found.take("CATEGORY"))))
    for group, category in groups:
        for allocation in group.lists.get("COSTCENTREALLOCATIONS.LIST", ()):
            centre = one_line(allocation.take("NAME") or allocation.take("COSTCENTRENAME"))
            if is_none(centre):
                continue
            amount = read_amount(allocation.take("AMOUNT"), context.currencies).base
            costs.append(CostRecord(centre=centre, amount=amount))
            if category and context.category_by_centre.get(centre, PRIMARY_COST_CATEGORY) != category:
                group.fields.setdefault("CATEGORY", category)
    return costs or None


def _instrument(node: Node) -> InstrumentRecord | None:
    kind, number = node.take("TRANSACTIONTYPE"), node.take("INSTRUMENTNUMBER")
    day, cleared = node.take("INSTRUMENTDATE"), node.take("BANKERSDATE")
    node.take("DATE")
    node.take("AMOUNT")
    if not (kind or number or day or cleared):
        return None
    return InstrumentRecord(
        kind=kind,
        number=number,
        date=read_date(day) if day else "",
        cleared=read_date(cleared) if cleared else "",
    )


def total(entries: Iterable[EntryRecord]) -> Decimal:
    """Return the sum of the entries; zero when they balance."""
    return sum((Decimal(entry.amount) for entry in entries), Decimal(0))


def merged(entries: list[EntryRecord]) -> list[EntryRecord]:
    """Return one entry for each ledger of an invoice's lines, as Tally's own ledger shows them.

    Lines in a foreign currency merge at the same rate only; lines with and without cost centres stay apart,
    since the centres of an entry add up to it.
    """
    found: dict[tuple[object, ...], EntryRecord] = {}
    for entry in entries:
        foreign = entry.foreign
        key: tuple[object, ...] = (
            entry.ledger, foreign and (foreign.currency, foreign.rate), entry.costs is None, entry.bills is None
        )  # fmt: skip
        if entry.bills is not None or entry.narration or entry.instrument is not None:
            key = (len(found), entry.ledger)
        earlier = found.get(key)
        found[key] = entry if earlier is None else _added(earlier, entry)
    return list(found.values())


def _added(one: EntryRecord, other: EntryRecord) -> EntryRecord:
    foreign = one.foreign
    if foreign is not None and other.foreign is not None:
        foreign = type(foreign)(
            currency=foreign.currency, amount=_sum(foreign.amount, other.foreign.amount), rate=foreign.rate
        )
    costs: list[CostRecord] | None = None
    if one.costs is not None and other.costs is not None:
        by_centre: dict[str, str] = {}
        for cost in (*one.costs, *other.costs):
            by_centre[cost.centre] = _sum(by_centre.get(cost.centre, "0"), cost.amount)
        costs = [CostRecord(centre=centre, amount=amount) for centre, amount in by_centre.items()]
    return EntryRecord(one.ledger, _sum(one.amount, other.amount), foreign, None, costs)


def _sum(one: str, other: str) -> str:
    added = Decimal(one) + Decimal(other)
    return f"{added:f}" if added else "0"
