"""What one look round a file tells before its ledgers are read: company, currencies, groups, cost centres, types."""

from collections.abc import Iterator
from pathlib import Path

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_desktop.interchange.records import (
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    NotImported,
    Placed,
)
from ledgerflow_desktop.interchange.tally_xml.currencies import Currencies
from ledgerflow_desktop.interchange.tally_xml.groups import Groups
from ledgerflow_desktop.interchange.tally_xml.masters import (
    VoucherTypes,
    cost_centre_record,
    currency_record,
    names_of,
)
from ledgerflow_desktop.interchange.tally_xml.names import PRIMARY_COST_CATEGORY, one_line
from ledgerflow_desktop.interchange.tally_xml.node import Node
from ledgerflow_desktop.interchange.tally_xml.objects import ObjectStream
from ledgerflow_desktop.interchange.tally_xml.values import read_date

SURVEYED = frozenset({"COMPANY", "CURRENCY", "GROUP", "COSTCATEGORY", "COSTCENTRE", "VOUCHERTYPE"})
_READ = SURVEYED | {"LEDGER", "STOCKITEM", "VOUCHER"}
# Kinds of Tally's that the books have no place for yet, in words; any other is named as its tag.
_WORDS = {
    "STOCKITEM": "stock item", "STOCKGROUP": "stock group", "STOCKCATEGORY": "stock category", "UNIT": "unit",
    "GODOWN": "godown", "BUDGET": "budget", "SCENARIO": "scenario", "PRICELEVEL": "price level",
    "ATTENDANCETYPE": "attendance type", "TAXUNIT": "tax unit", "INCOMETAXCLASSIFICATION": "income tax classification",
    "INCOMETAXSLAB": "income tax slab", "GSTCLASSIFICATION": "GST classification",
}  # fmt: skip


class Survey:
    """The small masters of a file, noted as they come and given out as records once all are known."""

    def __init__(self, path: Path) -> None:
        self._file = path.name
        self.groups = Groups()
        self.currencies = Currencies()
        self.category_by_centre: dict[str, str] = {}
        self.is_empty = True
        self._types = VoucherTypes()
        self._company = CompanyRecord()
        self._states_company = False
        self._rates: dict[str, tuple[str, CurrencyRecord]] = {}
        self._without_code: list[str] = []
        self._categories: dict[str, tuple[str, str]] = {}
        self._centres: dict[str, tuple[str, CostCentreRecord]] = {}
        self._valued_items: list[str] = []
        self._stock_items: set[str] = set()

    def put(self, node: Node) -> None:
        """Note one master; a problem in it is raised with its place."""
        self.is_empty = False
        name = one_line(node.attributes.get("NAME", ""))
        place = f"{self._file}: {node.name.lower()} {name} (line {node.line})"
        try:
            self._put(node, place)
        except InvalidInput as error:
            if error.place.startswith(self._file):
                raise
            raise InvalidInput([problem.at(place) for problem in error.problems]) from None

    def _put(self, node: Node, place: str) -> None:
        match node.name:
            case "COMPANY":
                self._put_company(node)
            case "CURRENCY":
                self._put_currency(node, place)
            case "GROUP":
                self.groups.put(node, place)
            case "VOUCHERTYPE":
                self._types.put(node, place)
            case "COSTCATEGORY":
                name, _ = names_of(node)
                if folded(name) != folded(PRIMARY_COST_CATEGORY):
                    self._categories.setdefault(folded(name), (place, name))
            case _:
                record = cost_centre_record(node)
                self._centres.setdefault(folded(record.name), (place, record))
                self.category_by_centre[record.name] = record.category or PRIMARY_COST_CATEGORY

    def _put_company(self, node: Node) -> None:
        remote = [found.take("REMOTECMPNAME") for found in node.take_lists("REMOTECMPINFO.LIST")]
        symbol, formal = node.take("BASECURRENCYSYMBOL"), node.take("FORMALNAME")
        if symbol:
            self.currencies.state_base(symbol, formal)
        begin = node.take("BOOKSFROM") or node.take("STARTINGFROM")
        name = one_line(node.attributes.get("NAME", "")) or node.take("NAME") or next(iter(remote), "")
        self._company = CompanyRecord(
            name=name or self._company.name,
            books_begin=read_date(begin) if begin else self._company.books_begin,
        )

    def _put_currency(self, node: Node, place: str) -> None:
        symbol, code = self.currencies.put(node)
        if code:
            self._rates.setdefault(symbol, (place, currency_record(node, code)))
        elif symbol not in self._without_code:
            self._without_code.append(symbol)

    def put_stock_item(self, node: Node) -> None:
        """Count a stock item, and that its opening value is not imported."""
        name = one_line(node.attributes.get("NAME", "") or node.fields.get("NAME", ""))
        if name in self._stock_items:
            return
        self._stock_items.add(name)
        value = node.fields.get("OPENINGVALUE", "")
        if value.strip("-0."):
            self._valued_items.append(f"{name}: {value}")

    def settle(self, stream: ObjectStream) -> None:
        """Decide what only the whole file tells: the base currency and the company's name."""
        self.currencies.settle()
        self._states_company = bool(stream.company or self._company.name or self._company.books_begin)
        self._company = CompanyRecord(
            name=self._company.name or one_line(stream.company),
            currency=self.currencies.base,
            books_begin=self._company.books_begin,
        )

    def records(self) -> Iterator[Placed]:
        """Yield what was noted: company, currencies, groups, cost categories and centres, voucher types."""
        if self._states_company or self._company.currency:
            yield Placed(self._file, self._company)
        for symbol, (place, currency) in self._rates.items():
            if not self.currencies.is_base(symbol, currency.code):
                yield Placed(place, currency)
        for place, group in self.groups.records():
            yield Placed(place, group)
        for place, category in self._categories.values():
            yield Placed(place, CostCategoryRecord(name=category))
        for place, centre in self._centres_in_order():
            yield Placed(place, centre)
        for place, voucher_type in self._types.records():
            yield Placed(place, voucher_type)

    def _centres_in_order(self) -> list[tuple[str, CostCentreRecord]]:
        """Return the cost centres, parents before children; a ring of parents is refused (`stands-under-itself`)."""
        depth: dict[str, int] = {}
        for key in self._centres:
            chain = [key]
            while (parent := folded(self._centres[chain[-1]][1].parent)) in self._centres and parent not in depth:
                if parent in chain or len(chain) > 1000:
                    place, centre = self._centres[key]
                    raise refuse("stands-under-itself", place, name=centre.name)
                chain.append(parent)
            above = depth.get(parent, -1)
            for at, found in enumerate(reversed(chain), 1):
                depth[found] = above + at
        return [self._centres[key] for key in sorted(self._centres, key=lambda found: depth[found])]

    def notes(self, passed_over: dict[str, dict[str, None]]) -> Iterator[NotImported]:
        """Yield what of the masters is not imported, with a count and an example of each kind."""
        if self._stock_items:
            yield _note("stock item", self._stock_items)
        if self._valued_items:
            yield _note("opening stock value", self._valued_items)
        for tag, names in passed_over.items():
            if tag not in _READ:
                yield _note(_WORDS.get(tag, tag.lower()), names)
        if self._without_code:
            yield _note("currency without an ISO code", self._without_code)
        if self.groups.moved:
            yield _note("primary position of a group", self.groups.moved)


def _note(what: str, names: "list[str] | set[str] | dict[str, None]") -> NotImported:
    return NotImported(what=what, count=len(names), example=min(names)[:200])
