"""Masters other than groups as records: ledgers, cost categories and centres, currencies, voucher types."""

from typing import Literal

from ledgerflow_core.errors import refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CostCentreRecord,
    CurrencyRecord,
    OpeningBillRecord,
    VoucherTypeRecord,
)
from ledgerflow_desktop.interchange.tally_xml.bills import opening_bills
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies
from ledgerflow_desktop.interchange.tally_xml.groups import Groups
from ledgerflow_desktop.interchange.tally_xml.names import (
    PRIMARY_COST_CATEGORY,
    PROFIT_AND_LOSS,
    is_none,
    one_line,
    predefined_voucher_type,
)
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.parties import read_party
from ledgerflow_desktop.interchange.tally_xml.values import read_amount, read_date, read_rate

_RATE_LISTS = (
    ("DAILYSTDRATES.LIST", "RATE"),
    ("DAILYSELLINGRATES.LIST", "RATE"),
    ("DAILYBUYINGRATES.LIST", "RATE"),
)


def names_of(node: Node) -> tuple[str, list[str]]:
    """Return a master's name and its aliases, in every language the file gives; no name is refused (`missing-name`)."""
    given = [node.attributes.get("NAME", ""), *node.take_all("NAME")]
    for names in node.take_lists("NAME.LIST"):
        given += names.take_all("NAME")
    for language in node.take_lists("LANGUAGENAME.LIST"):
        for names in language.take_lists("NAME.LIST"):
            given += names.take_all("NAME")
    found: dict[str, str] = {}
    for text in given:
        if name := one_line(text):
            found.setdefault(folded(name), name)
    if not found:
        raise refuse("missing-name")
    name, *aliases = found.values()
    return name, aliases


def account_record(node: Node, groups: Groups, currencies: Currencies) -> AccountRecord:
    """Return a LEDGER as an account; its id is its name. Balances are debit positive."""
    name, aliases = names_of(node)
    parent = node.take("PARENT")
    opening = read_amount(node.take("OPENINGBALANCE"), currencies)
    closing = node.take("CLOSINGBALANCE")
    currency = currencies.foreign_code(node.take("CURRENCYNAME"))
    if opening.foreign is not None:
        currency = opening.foreign.currency
    bank_lists = node.take_lists("PAYMENTDETAILS.LIST")
    bank_account = node.take("BANKDETAILS") or next(
        (found for bank in bank_lists if (found := bank.fields.get("ACCOUNTNUMBER", ""))), ""
    )
    bills: list[OpeningBillRecord] = opening_bills(node.take_lists("BILLALLOCATIONS.LIST"), opening.base, currencies)
    reserved = _reserved(node, name, groups.reserved_of(parent))
    return AccountRecord(
        id=name,
        name=name,
        group=groups.path("Capital Account" if is_none(parent) and reserved else _group_name(parent)),
        opening=opening.base,
        closing=read_amount(closing, currencies).base if closing else "",
        currency=currency,
        opening_foreign=opening.foreign.amount if opening.foreign else "",
        aliases=aliases,
        bill_by_bill=node.take_flag("ISBILLWISEON"),
        cost_centres=node.take_flag("ISCOSTCENTRESON"),
        opening_bills=bills,
        party=read_party(node, name, currencies),
        bank_account=bank_account,
        notes=node.take("NARRATION") or node.take("DESCRIPTION"),
        reserved=reserved,
    )


def _group_name(parent: str) -> str:
    if is_none(parent):
        raise refuse("unknown-group", "parent", given=parent)
    return one_line(parent)


def _reserved(node: Node, name: str, parent: str) -> str:
    """Tally makes two ledgers with every company; only the first says so in its reserved name."""
    if folded(PROFIT_AND_LOSS) in (folded(node.attributes.get("RESERVEDNAME", "")), folded(name)):
        return "profit-and-loss"
    return "cash" if folded(name) == "cash" and parent == "cash-in-hand" else ""


def cost_centre_record(node: Node) -> CostCentreRecord:
    """Return a COSTCENTRE; Tally's own primary category and a primary parent are left empty."""
    name, _ = names_of(node)
    category, parent = one_line(node.take("CATEGORY")), one_line(node.take("PARENT"))
    return CostCentreRecord(
        name=name,
        category="" if is_none(category) or folded(category) == folded(PRIMARY_COST_CATEGORY) else category,
        parent="" if is_none(parent) else parent,
    )


def currency_record(node: Node, code: str) -> CurrencyRecord:
    """Return a foreign CURRENCY with the standard rates; where it has none, the selling, then the buying rates."""
    for list_name, field in _RATE_LISTS:
        rates: dict[str, str] = {}
        for dated in node.take_lists(list_name):
            rate = read_rate(dated.take(field) or dated.take("SPECIFIEDRATE"))
            if rate is None:
                raise refuse("bad-rate", list_name)
            if rate.strip("0."):
                rates[read_date(dated.take("DATE"))] = rate
        if rates:
            return CurrencyRecord(code=code, rates=sorted(rates.items()))
    return CurrencyRecord(code=code)


class VoucherTypes:
    """The voucher types of a file: which are its own, and which of the 24 each derives from."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._own: dict[str, tuple[str, VoucherTypeRecord]] = {}

    def put(self, node: Node, place: str) -> None:
        """Note a VOUCHERTYPE; a predefined one under its own name adds nothing the books do not know."""
        name, _ = names_of(node)
        parent = predefined_voucher_type(node.attributes.get("RESERVEDNAME", "")) or one_line(node.take("PARENT"))
        if predefined_voucher_type(name) or folded(name) in self._parents:
            return
        self._parents[folded(name)] = parent
        series = (*node.take_lists("VOUCHERNUMBERSERIES.LIST"), node)
        record = VoucherTypeRecord(
            name=name,
            parent=parent,
            abbreviation=one_line(node.take("ABBREVIATION") or node.take("MAILINGNAME")),
            numbering=_numbering(series),
            prefix=_prefix(series),
        )
        self._own[folded(name)] = (place, record)

    def records(self) -> list[tuple[str, VoucherTypeRecord]]:
        """Return (place, record) of the file's own types; a parent none of the 24 is behind is refused
        (`unknown-voucher-type`)."""
        found = []
        for place, record in self._own.values():
            at, steps = record.parent, 0
            while not (predefined := predefined_voucher_type(at)):
                at, steps = self._parents.get(folded(at), ""), steps + 1
                if not at or steps > len(self._parents):
                    raise refuse("unknown-voucher-type", place, name=record.name, parent=record.parent)
            found.append((place, VoucherTypeRecord(
                name=record.name, parent=predefined, abbreviation=record.abbreviation,
                numbering=record.numbering, prefix=record.prefix,
            )))  # fmt: skip
        return found


def _numbering(series: tuple[Node, ...]) -> Literal["automatic", "manual", "manual-repeatable"]:
    """Newer releases keep the method with the first number series and leave an empty one beside it."""
    for node in series:
        method = node.fields.get("NUMBERINGMETHOD", "").casefold()
        if method.startswith(("automatic", "multi")):
            return "automatic"
        if method.startswith("manual"):
            return "manual" if node.fields.get("PREVENTDUPLICATES", "").casefold() == "yes" else "manual-repeatable"
    return "manual-repeatable"


def _prefix(series: tuple[Node, ...]) -> str:
    """Return the prefix that applies from the last day."""
    dated = [
        (found.fields.get("DATE", ""), found.fields.get("NAME", "") or found.fields.get("PARTICULARS", ""))
        for node in series
        for found in node.lists.get("PREFIXLIST.LIST", ())
    ]
    return max(dated, default=("", ""))[1]
