"""Bill references: those open when the books begin, and what an entry does with them."""

from decimal import Decimal
from typing import Literal

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange.records import BillRecord, OpeningBillRecord
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.values import read_amount, read_date, read_due

_Kind = Literal["new", "against", "advance", "on-account"]
_KIND: dict[str, _Kind] = {
    "new ref": "new", "agst ref": "against", "against ref": "against", "advance": "advance", "on account": "on-account"
}  # fmt: skip
# How the part of an opening balance that no bill explains is named; Tally shows it under the same words.
ON_ACCOUNT = "On Account"


def opening_bills(nodes: list[Node], opening: str, currencies: Currencies) -> list[OpeningBillRecord]:
    """Return a ledger's bills at the opening, debit positive; they add up to `opening`.

    What Tally holds on account stands as a bill of that name, dated as the oldest. Refuses a bill without
    a date (`bad-date`).
    """
    bills = []
    for node in nodes:
        name = node.take("NAME")
        amount = read_amount(node.take("OPENINGBALANCE") or node.take("AMOUNT"), currencies).base
        if not name and not Decimal(amount):
            continue
        day = read_date(node.take("BILLDATE") or node.take("DATE"))
        period = node.take("BILLCREDITPERIOD")
        due = read_due(period, day) if period else ""
        bills.append(OpeningBillRecord(name=name or ON_ACCOUNT, date=day, amount=amount, due="" if due == day else due))
    if bills:
        left = Decimal(opening) - sum(Decimal(bill.amount) for bill in bills)
        if left:
            bills.append(OpeningBillRecord(name=ON_ACCOUNT, date=min(b.date for b in bills), amount=f"{left:f}"))
    return bills


def entry_bills(nodes: list[Node], amount: str, begin: str, currencies: Currencies) -> list[BillRecord] | None:
    """Return an entry's allocations, debit positive; they add up to `amount`, what is left being on account.

    A credit period counts from `begin` (ISO). Refuses a kind of reference Tally has not (`bad-bill-type`).
    """
    bills = []
    for node in nodes:
        name, written = node.take("NAME"), node.take("BILLTYPE")
        kind = _KIND.get(written.casefold()) if written else "new"
        if kind is None:
            raise refuse("bad-bill-type", "BILLTYPE", given=written[:40])
        part = read_amount(node.take("AMOUNT"), currencies).base
        if kind == "on-account" or not name:
            if not Decimal(part):
                continue
            if name:
                node.put("NAME", name)
            kind, name = "on-account", ""
        due = ""
        if kind == "new" and (period := node.take("BILLCREDITPERIOD")):
            due = read_due(period, begin)
        bills.append(BillRecord(kind=kind, amount=part, name=name, due=due))
    if not bills:
        return None
    left = Decimal(amount) - sum(Decimal(bill.amount) for bill in bills)
    if left:
        bills.append(BillRecord(kind="on-account", amount=f"{left:f}"))
    return bills
