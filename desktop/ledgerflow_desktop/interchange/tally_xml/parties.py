"""Who stands behind a ledger: TallyPrime keeps the details in dated lists, older releases in plain fields."""

from ledgerflow_desktop.interchange.records import PartyRecord
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies
from ledgerflow_desktop.interchange.tally_xml.names import is_none
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.values import read_amount, read_days

_EMPTY = PartyRecord()
# Beside PAN and GSTIN: the number under which each scheme's office knows the party.
_TAX_FIELDS = (("VATTINNUMBER", "VAT"), ("VATREGISTRATIONNUMBER", "TRN"), ("TRN", "TRN"))


def read_party(ledger: Node, name: str, currencies: Currencies) -> PartyRecord | None:
    """Return the party's details, the latest where they are dated; None if the ledger says nothing of one."""
    mailing = _latest(ledger.take_lists("LEDMAILINGDETAILS.LIST"))
    registration = _latest(ledger.take_lists("LEDGSTREGDETAILS.LIST"))
    contact = _latest(ledger.take_lists("CONTACTDETAILS.LIST"))
    tax_ids: dict[str, str] = {}
    if gstin := _first(registration.fields.get("GSTIN", ""), ledger.fields.get("PARTYGSTIN", ""), ledger.take("GSTIN")):
        tax_ids["GSTIN"] = gstin
    if pan := _first(ledger.take("INCOMETAXNUMBER"), ledger.take("PANIT")):
        tax_ids["PAN"] = pan
    for field, scheme in _TAX_FIELDS:
        if number := _first(ledger.take(field)):
            tax_ids.setdefault(scheme, number)
    own_name = [text for node in ledger.take_lists("MAILINGNAME.LIST") for text in node.take_all("MAILINGNAME")]
    mailing_name = _first(mailing.fields.get("MAILINGNAME", ""), ledger.take("MAILINGNAME"), *own_name)
    limit = ledger.take("CREDITLIMIT")
    party = PartyRecord(
        mailing_name="" if mailing_name == name else mailing_name,
        address=_address(mailing) or _address(ledger),
        state=_first(mailing.fields.get("STATE", ""), ledger.take("LEDSTATENAME"), ledger.take("STATENAME")),
        country=_first(
            mailing.fields.get("COUNTRY", ""), ledger.take("COUNTRYOFRESIDENCE"), ledger.take("COUNTRYNAME")
        ),
        postcode=_first(mailing.fields.get("PINCODE", ""), ledger.take("PINCODE")),
        contact=_first(ledger.take("LEDGERCONTACT"), contact.fields.get("NAME", "")),
        phone=_first(ledger.take("LEDGERPHONE"), ledger.take("LEDGERMOBILE"), contact.fields.get("PHONENUMBER", "")),
        email=_first(ledger.take("EMAIL"), ledger.take("EMAILCC")),
        tax_ids=tax_ids,
        credit_days=read_days(ledger.take("BILLCREDITPERIOD")),
        credit_limit=read_amount(limit, currencies).base.lstrip("-") if limit else "",
    )
    return None if party == _EMPTY else party


def _latest(nodes: list[Node]) -> Node:
    """Return the list that applies from the last day; an empty one if there is none."""
    return max(nodes, key=lambda node: node.fields.get("APPLICABLEFROM", ""), default=Node("", {}))


def _first(*texts: str) -> str:
    return next((text for text in texts if not is_none(text)), "")


def _address(node: Node) -> list[str]:
    return [line for found in node.take_lists("ADDRESS.LIST") for line in found.take_all("ADDRESS")]
