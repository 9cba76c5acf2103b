"""Vouchers as TallyPrime imports them: seen as accounts, with each item inside the entry it explains."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledgerflow_desktop.interchange.records import (
    BillRecord,
    CostRecord,
    EntryRecord,
    FileId,
    InstrumentRecord,
    StockRecord,
    VoucherRecord,
)
from ledgerflow_desktop.interchange.tally_xml.currencies import symbol_of
from ledgerflow_desktop.interchange.tally_xml.kept import kept_xml
from ledgerflow_desktop.interchange.tally_xml.markup import (
    date_xml,
    due_xml,
    element,
    exchanged,
    field,
    flag,
    text_xml,
    turned,
)
from ledgerflow_desktop.interchange.tally_xml.names import PRIMARY_COST_CATEGORY, predefined_voucher_type
from ledgerflow_desktop.interchange.tally_xml.stock import COMES_IN, GOES_OUT, PRIMARY_BATCH, WITHIN_ENTRY

_BILL_TYPE = {"new": "New Ref", "against": "Agst Ref", "advance": "Advance", "on-account": "On Account"}
# Kept fields that mean the same to Tally however a voucher is seen; the others go into our own list.
_TALLYS_OWN = frozenset({"PARTYNAME", "PARTYGSTIN", "PLACEOFSUPPLY", "STATENAME", "COUNTRYOFRESIDENCE"})


class Names(NamedTuple):
    """What the masters written before say: ledger names by account id, categories by cost centre, the base."""

    ledger_by_id: Mapping[FileId, str]
    category_by_centre: Mapping[str, str]
    base: str

    def ledger(self, account: FileId) -> str:
        """Return the ledger's name; an account without a master is named by its id."""
        return self.ledger_by_id.get(account, str(account))


def voucher_xml(voucher: VoucherRecord, names: Names) -> Iterator[str]:
    """Yield one VOUCHER; amounts take Tally's sign."""
    kind = predefined_voucher_type(voucher.type.replace("-", " ")) or voucher.type
    kept = dict(voucher.kept)
    remote, key = kept.pop("@REMOTEID", voucher.id), kept.pop("@VCHKEY", "")
    attributes = f' REMOTEID="{text_xml(remote)}" VCHTYPE="{text_xml(kind)}" ACTION="Create"'
    attributes += f' VCHKEY="{text_xml(key)}"' if key else ""
    own = {name: kept.pop(name) for name in sorted(_TALLYS_OWN & kept.keys())}
    lines = [
        field("DATE", date_xml(voucher.date)),
        field("EFFECTIVEDATE", date_xml(voucher.effective or voucher.date)),
        field("GUID", voucher.id),
        field("VOUCHERTYPENAME", kind),
        field("VOUCHERNUMBER", voucher.number),
        field("REFERENCE", voucher.reference),
        field("REFERENCEDATE", date_xml(voucher.reference_date)),
        field("PARTYLEDGERNAME", "" if voucher.party is None else names.ledger(voucher.party)),
        field("NARRATION", voucher.narration),
        field("APPLICABLEUPTO", date_xml(voucher.reverses_on)),
        flag("ISCANCELLED", is_set=voucher.state == "cancelled"),
        flag("ISOPTIONAL", is_set=voucher.state == "optional"),
        flag("ISPOSTDATED", is_set=voucher.state == "post-dated"),
        *(field(name, text) for name, text in own.items()),
        *_lines(voucher, kind, names),
        *kept_xml(kept),
    ]
    yield from element("VOUCHER", lines, attributes)


def _lines(voucher: VoucherRecord, kind: str, names: Names) -> Iterator[str]:
    left = list(voucher.stock)
    for entry in voucher.entries:
        explained = [line for line in left if line.ledger == entry.ledger]
        left = [line for line in left if line.ledger != entry.ledger]
        yield from element("ALLLEDGERENTRIES.LIST", _entry(entry, explained, names))
    for line in left:
        if kind == "Stock Journal":
            yield from _stock(line, GOES_OUT if line.quantity.startswith("-") else COMES_IN)
        else:
            yield from _stock(line, "ALLINVENTORYENTRIES.LIST")


def _entry(entry: EntryRecord, stock: list[StockRecord], names: Names) -> Iterator[str]:
    debit = not entry.amount.startswith("-")
    yield field("LEDGERNAME", names.ledger(entry.ledger))
    yield flag("ISDEEMEDPOSITIVE", is_set=debit)
    yield field("AMOUNT", _amount(entry, names.base))
    yield field("NARRATION", entry.narration)
    for line in stock:
        yield from _stock(line, WITHIN_ENTRY)
    for bill in entry.bills or ():
        yield from _bill(bill)
    yield from _costs(entry.costs or [], names)
    if entry.instrument is not None:
        yield from _instrument(entry.instrument, entry.amount)


def _amount(entry: EntryRecord, base: str) -> str:
    foreign = entry.foreign
    if foreign is None:
        return turned(entry.amount)
    return exchanged(
        entry.amount,
        symbol_of(base),
        foreign=foreign.amount,
        symbol=symbol_of(foreign.currency),
        rate=foreign.rate,
    )


def _bill(bill: BillRecord) -> Iterator[str]:
    yield from element(
        "BILLALLOCATIONS.LIST",
        [
            field("NAME", bill.name),
            field("BILLTYPE", _BILL_TYPE[bill.kind]),
            field("BILLCREDITPERIOD", due_xml(bill.due)),
            field("AMOUNT", turned(bill.amount)),
        ],
    )


def _costs(costs: list[CostRecord], names: Names) -> Iterator[str]:
    by_category: dict[str, list[CostRecord]] = {}
    for cost in costs:
        category = names.category_by_centre.get(cost.centre, "") or PRIMARY_COST_CATEGORY
        by_category.setdefault(category, []).append(cost)
    for category, allocated in by_category.items():
        lines = [
            line
            for cost in allocated
            for line in element(
                "COSTCENTREALLOCATIONS.LIST",
                [field("NAME", cost.centre), field("AMOUNT", turned(cost.amount))],
            )
        ]
        yield from element("CATEGORYALLOCATIONS.LIST", [field("CATEGORY", category), *lines])


def _instrument(instrument: InstrumentRecord, amount: str) -> Iterator[str]:
    yield from element(
        "BANKALLOCATIONS.LIST",
        [
            field("INSTRUMENTDATE", date_xml(instrument.date)),
            field("BANKERSDATE", date_xml(instrument.cleared)),
            field("TRANSACTIONTYPE", instrument.kind),
            field("INSTRUMENTNUMBER", instrument.number),
            field("AMOUNT", turned(amount)),
        ],
    )


def _stock(line: StockRecord, tag: str) -> Iterator[str]:
    digits = line.quantity.removeprefix("-")
    quantity = f" {digits} {line.unit}".rstrip() if digits else ""
    amount = "" if line.amount == "0" else turned(line.amount)
    rate = line.rate and (f"{line.rate}/{line.unit}" if line.unit else line.rate)
    counted = [field("AMOUNT", amount), field("ACTUALQTY", quantity), field("BILLEDQTY", quantity)]
    place = [field("GODOWNNAME", line.godown), field("BATCHNAME", line.batch or PRIMARY_BATCH)]
    yield from element(
        tag,
        [
            field("STOCKITEMNAME", line.item),
            flag("ISDEEMEDPOSITIVE", is_set=not line.quantity.startswith("-")),
            field("RATE", rate),
            *counted,
            *(element("BATCHALLOCATIONS.LIST", [*place, *counted]) if line.godown or line.batch else ()),
            *kept_xml(line.kept),
        ],
    )
