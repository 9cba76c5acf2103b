"""Goods on a voucher: lines with their batches, and the accounting side that stands inside them in an invoice."""

from decimal import Decimal

from ledgerflow_desktop.interchange.records import EntryRecord, StockRecord
from ledgerflow_desktop.interchange.tally_xml.entries import Context, entry_record
from ledgerflow_desktop.interchange.tally_xml.kept import kept_of
from ledgerflow_desktop.interchange.tally_xml.names import is_none, one_line
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.values import read_amount, read_quantity, read_rate

PRIMARY_BATCH = "Primary Batch"
COMES_IN, GOES_OUT = "INVENTORYENTRIESIN.LIST", "INVENTORYENTRIESOUT.LIST"
# Tally's names for the lines of an invoice, of a note or order, and of a stock journal's two sides.
STOCK_LISTS = ("ALLINVENTORYENTRIES.LIST", "INVENTORYENTRIES.LIST", COMES_IN, GOES_OUT)
WITHIN_ENTRY = "INVENTORYALLOCATIONS.LIST"


def stock_line(node: Node, begin: str, context: Context) -> tuple[list[StockRecord], list[EntryRecord]]:
    """Return one inventory line as records, one for each batch, and the entries its accounting side posts.

    Amounts are debit positive; a quantity is positive when goods come in. A quantity without a single
    number (``2 Doz 3 Nos``) is left empty and kept as written.
    """
    entries = [entry_record(found, begin, context) for found in node.lists.get("ACCOUNTINGALLOCATIONS.LIST", ())]
    ledger = str(entries[0].ledger) if entries else None
    return stock_records(node, ledger, context), entries


def stock_records(node: Node, ledger: str | None, context: Context) -> list[StockRecord]:
    """Return an inventory line's goods, explaining `ledger` where one is given."""
    item = one_line(node.take("STOCKITEMNAME"))
    amount = read_amount(node.take("AMOUNT"), context.currencies).base
    comes_in = _comes_in(node, amount)
    rate = _taken_rate(node)
    batches = node.lists.get("BATCHALLOCATIONS.LIST", [])
    if len(batches) > 1 and _explain(batches, amount, context):
        split = [
            _record(batch, item, read_amount(batch.take("AMOUNT"), context.currencies).base, rate,
                    comes_in=comes_in, ledger=ledger)
            for batch in batches
        ]  # fmt: skip
        _drop_quantities(node)
        kept = kept_of(node)
        if kept:
            first = split[0]
            split[0] = _with_kept(first, kept)
        return split
    if batches:
        _lift_batch(node, batches[0])
    made = _record(node, item, amount, rate, comes_in=comes_in, ledger=ledger)
    kept = kept_of(node)
    return [_with_kept(made, kept) if kept else made]


def _comes_in(node: Node, amount: str) -> bool:
    if node.name in (COMES_IN, GOES_OUT):
        return node.name == COMES_IN
    deemed = node.fields.pop("ISDEEMEDPOSITIVE", "")
    return deemed.casefold() == "yes" if deemed else Decimal(amount) > 0


def _taken_rate(node: Node) -> str:
    text = node.fields.get("RATE", "")
    rate = read_rate(text) if text else None
    if rate is None:
        return ""
    if "=" not in text:
        node.take("RATE")
    return rate


def _explain(batches: list[Node], amount: str, context: Context) -> bool:
    """Whether the batches' amounts add up to the line's; if not, the line stays whole and they are kept aside."""
    parts = (read_amount(batch.fields.get("AMOUNT", ""), context.currencies).base for batch in batches)
    return sum((Decimal(part) for part in parts), Decimal(0)) == Decimal(amount)


def _lift_batch(node: Node, batch: Node) -> None:
    """Move the place of a line's only batch up to the line, and drop what repeats it."""
    for name in ("GODOWNNAME", "BATCHNAME"):
        if text := batch.take(name):
            node.fields.setdefault(name, text)
    for name in ("ACTUALQTY", "BILLEDQTY"):
        text = batch.fields.get(name, "")
        if text and node.fields.setdefault(name, text) == text:
            del batch.fields[name]
    batch.take("AMOUNT")


def _drop_quantities(node: Node) -> None:
    node.take("ACTUALQTY")
    node.take("BILLEDQTY")


def _record(node: Node, item: str, amount: str, rate: str, *, comes_in: bool, ledger: str | None) -> StockRecord:
    actual, billed = node.take("ACTUALQTY"), node.take("BILLEDQTY")
    quantity = read_quantity(actual or billed)
    if billed and actual and billed != actual:
        node.put("BILLEDQTY", billed)
    if (actual or billed) and (quantity is None or not quantity.exact):
        node.put("ACTUALQTY", actual or billed)
    godown, batch = one_line(node.take("GODOWNNAME")), one_line(node.take("BATCHNAME"))
    digits = quantity.digits if quantity else ""
    return StockRecord(
        item=item,
        quantity=digits if comes_in else _turned(digits),
        unit=quantity.unit if quantity else "",
        rate=rate,
        amount=amount,
        ledger=ledger,
        godown="" if is_none(godown) else godown,
        batch="" if is_none(batch) or batch == PRIMARY_BATCH else batch,
    )


def _turned(digits: str) -> str:
    if digits.startswith("-"):
        return digits[1:]
    return f"-{digits}" if digits.strip("0.") else digits


def _with_kept(line: StockRecord, kept: dict[str, str]) -> StockRecord:
    return StockRecord(
        item=line.item, quantity=line.quantity, unit=line.unit, rate=line.rate, amount=line.amount,
        ledger=line.ledger, godown=line.godown, batch=line.batch, kept=kept,
    )  # fmt: skip
