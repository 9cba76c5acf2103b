"""Masters as the objects TallyPrime imports."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ledgerflow_core.masters.chart import folded
from ledgerflow_core.masters.group import PREDEFINED_GROUP_BY_RESERVED, PredefinedGroup
from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CostCentreRecord,
    CurrencyRecord,
    GroupRecord,
    PartyRecord,
    VoucherTypeRecord,
)
from ledgerflow_desktop.interchange.tally_xml.currencies import symbol_of
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
from ledgerflow_desktop.interchange.tally_xml.names import (
    PRIMARY_COST_CATEGORY,
    PROFIT_AND_LOSS,
    reserved_group,
)

_METHOD = {"automatic": "Automatic", "manual": "Manual", "manual-repeatable": "Manual"}
# The dated details of a party are stated from the day before which Tally keeps no books.
_ALWAYS = "19000101"


def company_xml(company: CompanyRecord, name: str) -> Iterator[str]:
    """Yield the company: its name and, for our own reader, base currency and the start of its books."""
    base = company.currency
    yield from element(
        "COMPANY",
        [
            field("NAME", company.name or name),
            field("BASECURRENCYSYMBOL", symbol_of(base) if base else ""),
            field("FORMALNAME", base),
            field("BOOKSFROM", date_xml(company.books_begin)),
        ],
    )


def named(
    tag: str, name: str, lines: list[str], *, aliases: list[str] | None = None, reserved: str = ""
) -> Iterator[str]:
    """Yield a master with its name where Tally looks for it: in the attribute and in the list of languages."""
    names = element("NAME.LIST", [field("NAME", found) for found in (name, *(aliases or []))], ' TYPE="String"')
    language = element("LANGUAGENAME.LIST", [*names, field("LANGUAGEID", "1033")])
    attributes = f' NAME="{text_xml(name)}" RESERVEDNAME="{text_xml(reserved)}" ACTION="Create"'
    yield from element(tag, [*lines, *language], attributes)


def currency_xml(currency: CurrencyRecord, base: str) -> Iterator[str]:
    """Yield a foreign currency under its sign, with its dated rates."""
    symbol, base_symbol = symbol_of(currency.code), symbol_of(base)
    rates = [
        line
        for day, rate in currency.rates
        for line in element(
            "DAILYSTDRATES.LIST",
            [field("DATE", date_xml(day)), field("SPECIFIEDRATE", f"{base_symbol} {rate}/{symbol}")],
        )
    ]
    lines = [
        field("ORIGINALNAME", symbol),
        field("EXPANDEDSYMBOL", currency.code),
        field("MAILINGNAME", currency.code),
    ]
    attributes = f' NAME="{text_xml(symbol)}" RESERVEDNAME="" ACTION="Create"'
    yield from element("CURRENCY", [*lines, *rates], attributes)


class GroupNames:
    """The names under which a file's groups are written.

    A predefined group may have one of the company's own. Tally knows a group by its name alone, so of two
    with one name under different groups the second is written with what it stands under beside it.
    """

    def __init__(self) -> None:
        self._by_path: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()

    def knows(self, path: Sequence[str]) -> bool:
        """Whether the group was written, or is one that every company has."""
        return _key(path) in self._by_path or bool(reserved_group(path[-1]))

    def written(self, path: Sequence[str]) -> str:
        """Return the name by which the group at a path is referred to; empty for no path."""
        return self._by_path.get(_key(path), path[-1] if path else "")

    def group_xml(self, group: GroupRecord) -> Iterator[str]:
        """Yield a group under its parent, and remember its name.

        A path that maps to a predefined group is that group if it has its name or renames it, else a group
        of its own directly under it.
        """
        name = group.path[-1]
        above = group.path[:-1]
        reserved = ""
        if predefined := PREDEFINED_GROUP_BY_RESERVED.get(group.maps_to):
            if group.renamed or folded(name) == folded(predefined.name):
                reserved = predefined.name
                above = _path_of(predefined)[:-1]
            else:
                above = _path_of(predefined)
        parent = self.written(above)
        shown = self._free(group.renamed or name, parent, reserved)
        self._by_path[_key(group.path)] = shown
        self._taken.add(folded(shown))
        return named("GROUP", shown, [field("PARENT", parent)], reserved=reserved)

    def _free(self, name: str, parent: str, reserved: str) -> str:
        free, count = name, 1
        while folded(free) in self._taken or (not reserved and reserved_group(free)):
            free = f"{name} ({parent})" if count == 1 else f"{name} ({parent} {count})"
            count += 1
        return free


def _key(path: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(folded, path))


def _path_of(predefined: PredefinedGroup) -> list[str]:
    above = PREDEFINED_GROUP_BY_RESERVED.get(predefined.parent or "")
    return [above.name, predefined.name] if above else [predefined.name]


def cost_category_xml(name: str) -> Iterator[str]:
    """Yield a cost category that revenue and other ledgers are allocated to."""
    yield from named(
        "COSTCATEGORY", name, [flag("ALLOCATEREVENUE", is_set=True), flag("ALLOCATENONREVENUE", is_set=True)]
    )


def cost_centre_xml(centre: CostCentreRecord) -> Iterator[str]:
    """Yield a cost centre in its category."""
    lines = [field("PARENT", centre.parent), field("CATEGORY", centre.category or PRIMARY_COST_CATEGORY)]
    yield from named("COSTCENTRE", centre.name, lines)


def voucher_type_xml(kind: VoucherTypeRecord) -> Iterator[str]:
    """Yield a voucher type of the company's own."""
    prefix = element("PREFIXLIST.LIST", [field("DATE", _ALWAYS), field("NAME", kind.prefix)]) if kind.prefix else ()
    lines = [
        field("PARENT", kind.parent),
        field("MAILINGNAME", kind.abbreviation),
        field("NUMBERINGMETHOD", _METHOD[kind.numbering]),
        flag("PREVENTDUPLICATES", is_set=kind.numbering == "manual"),
        *prefix,
    ]
    yield from named("VOUCHERTYPE", kind.name, lines)


def ledger_xml(account: AccountRecord, base: str, parent: str) -> Iterator[str]:
    """Yield a ledger of the group `parent`; balances take Tally's sign.

    What Tally has no field for (code, kind, uid) is left out.
    """
    is_result = account.reserved == "profit-and-loss"
    bills = [
        line
        for bill in account.opening_bills
        for line in element(
            "BILLALLOCATIONS.LIST",
            [
                field("BILLDATE", date_xml(bill.date)),
                field("NAME", bill.name),
                field("BILLCREDITPERIOD", due_xml(bill.due)),
                field("OPENINGBALANCE", turned(bill.amount)),
            ],
        )
    ]
    lines = [
        field("PARENT", "" if is_result else parent),
        field("CURRENCYNAME", symbol_of(account.currency) if account.currency else ""),
        field("OPENINGBALANCE", _opening(account, base)),
        field("CLOSINGBALANCE", turned(account.closing)),
        flag("ISBILLWISEON", is_set=account.bill_by_bill),
        flag("ISCOSTCENTRESON", is_set=account.cost_centres),
        field("BANKDETAILS", account.bank_account),
        field("NARRATION", account.notes),
        *(_party(account.party, account.name) if account.party else ()),
        *bills,
    ]
    reserved = PROFIT_AND_LOSS if is_result else ""
    yield from named("LEDGER", account.name, lines, aliases=account.aliases, reserved=reserved)


def _opening(account: AccountRecord, base: str) -> str:
    if account.opening_foreign and Decimal(account.opening_foreign):
        rate = f"{abs(Decimal(account.opening) / Decimal(account.opening_foreign)):.6f}".rstrip("0").rstrip(".")
        return exchanged(
            account.opening, symbol_of(base), foreign=account.opening_foreign, symbol=symbol_of(account.currency),
            rate=rate,
        )  # fmt: skip
    return "" if account.opening == "0" else turned(account.opening)


def _party(party: PartyRecord, name: str) -> Iterator[str]:
    yield field("LEDGERCONTACT", party.contact)
    yield field("LEDGERPHONE", party.phone)
    yield field("EMAIL", party.email)
    yield field("INCOMETAXNUMBER", party.tax_ids.get("PAN", ""))
    yield field("VATTINNUMBER", party.tax_ids.get("VAT", ""))
    yield field("VATREGISTRATIONNUMBER", party.tax_ids.get("TRN", ""))
    yield field("BILLCREDITPERIOD", "" if party.credit_days is None else f"{party.credit_days} Days")
    yield field("CREDITLIMIT", party.credit_limit)
    if party.mailing_name or party.address or party.state or party.country or party.postcode:
        lines = element("ADDRESS.LIST", [field("ADDRESS", line) for line in party.address], ' TYPE="String"')
        yield from element(
            "LEDMAILINGDETAILS.LIST",
            [
                *(lines if party.address else ()),
                field("APPLICABLEFROM", _ALWAYS),
                field("MAILINGNAME", party.mailing_name or name),
                field("STATE", party.state),
                field("COUNTRY", party.country),
                field("PINCODE", party.postcode),
            ],
        )
    if gstin := party.tax_ids.get("GSTIN", ""):
        yield field("PARTYGSTIN", gstin)
        yield from element(
            "LEDGSTREGDETAILS.LIST",
            [
                field("APPLICABLEFROM", _ALWAYS),
                field("GSTREGISTRATIONTYPE", "Regular"),
                field("GSTIN", gstin),
            ],
        )
