"""A VOUCHER as a record: which of its lists post, which of its fields the books know, and the rest kept."""

import hashlib
from typing import Literal

import msgspec

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.records import EntryRecord, StockRecord, VoucherRecord
from ledgerflow_desktop.interchange.tally_xml.entries import Context, entry_record, merged, total
from ledgerflow_desktop.interchange.tally_xml.kept import kept_of
from ledgerflow_desktop.interchange.tally_xml.names import is_none, one_line
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.stock import (
    STOCK_LISTS,
    WITHIN_ENTRY,
    stock_line,
    stock_records,
)
from ledgerflow_desktop.interchange.tally_xml.values import read_date

ALL_ENTRIES, INVOICE_ENTRIES = "ALLLEDGERENTRIES.LIST", "LEDGERENTRIES.LIST"

State = Literal["regular", "optional", "post-dated", "cancelled"]


def is_deleted(node: Node) -> bool:
    """Whether the file says that the voucher is no more."""
    action = node.attributes.get("ACTION", "").casefold()
    return action == "delete" or node.fields.get("ISDELETED", "").casefold() == "yes"


def voucher_record(node: Node, context: Context) -> VoucherRecord:
    """Return a voucher, debit positive. It is not checked for balance: that is the books' own rule.

    Refuses a voucher without a type (`missing-voucher-type`), with a date that is none (`bad-date`), and
    what its lines refuse.
    """
    fields = node.fields
    day = read_date(fields.pop("DATE", ""))
    effective = fields.pop("EFFECTIVEDATE", "")
    effective = read_date(effective) if effective else day
    kind = one_line(fields.pop("VOUCHERTYPENAME", "") or node.attributes.get("VCHTYPE", ""))
    if not kind:
        raise refuse("missing-voucher-type", "VOUCHERTYPENAME")
    entries, stock = _lines(node, effective, context)
    party = fields.pop("PARTYLEDGERNAME", "")
    if fields.get("PARTYNAME") == party:
        fields.pop("PARTYNAME", None)
    reference_date, reverses_on = fields.pop("REFERENCEDATE", ""), fields.pop("APPLICABLEUPTO", "")
    record = VoucherRecord(
        id=_identity(node),
        type=kind,
        date=day,
        entries=entries,
        number=one_line(fields.pop("VOUCHERNUMBER", "")),
        party=None if is_none(party) else context.ledgers.canonical(party),
        narration=fields.pop("NARRATION", ""),
        effective="" if effective == day else effective,
        reference=one_line(fields.pop("REFERENCE", "")),
        reference_date=read_date(reference_date) if reference_date else "",
        state=_state(node),
        reverses_on=read_date(reverses_on) if reverses_on else "",
        stock=stock,
        kept=_kept(node),
    )
    return record if record.id else msgspec.structs.replace(record, id=_derived_identity(record))


def _lines(node: Node, begin: str, context: Context) -> tuple[list[EntryRecord], list[StockRecord]]:
    """Return the entries and the goods.

    A voucher seen as accounts has all its lines in one list; one seen as an invoice has the party and the
    taxes in another and each item's sales or purchase ledger inside the item. Answers over HTTP give both
    at once: what balances by itself already is not posted a second time, and the repetition is kept aside.
    """
    entries: list[EntryRecord] = []
    stock: list[StockRecord] = []
    for name in (ALL_ENTRIES, INVOICE_ENTRIES):
        if entries and name in node.lists and not total(entries):
            break
        for line in node.lists.get(name, ()):
            entry = entry_record(line, begin, context)
            entries.append(entry)
            for goods in line.take_lists(WITHIN_ENTRY):
                stock += stock_records(goods, str(entry.ledger), context)
    inside: list[EntryRecord] = []
    for name in STOCK_LISTS:
        for line in node.lists.pop(name, ()):
            explained, posted = stock_line(line, begin, context)
            stock += explained
            inside += posted
    if inside and (total(entries) or not total(inside)):
        entries += merged(inside)
    return entries, stock


def _state(node: Node) -> State:
    cancelled, optional = node.take_flag("ISCANCELLED"), node.take_flag("ISOPTIONAL")
    post_dated = node.take_flag("ISPOSTDATED")
    if cancelled or node.attributes.get("ACTION", "").casefold() == "cancel":
        return "cancelled"
    if optional:
        return "optional"
    return "post-dated" if post_dated else "regular"


def _identity(node: Node) -> str:
    """Return the voucher's own id; the other one stays with the object where the two differ."""
    guid, remote = node.fields.pop("GUID", ""), node.attributes.get("REMOTEID", "").strip()
    if guid and remote and guid != remote:
        node.put("@REMOTEID", remote)
    return guid or remote


def _derived_identity(record: VoucherRecord) -> str:
    """A file made by hand has no ids: the same voucher gets the same one whenever it is read."""
    return "tally-" + hashlib.sha256(msgspec.json.encode(record)).hexdigest()[:40]


def _kept(node: Node) -> dict[str, str]:
    kept = kept_of(node)
    if key := node.attributes.get("VCHKEY", "").strip():
        kept["@VCHKEY"] = key
    return kept
