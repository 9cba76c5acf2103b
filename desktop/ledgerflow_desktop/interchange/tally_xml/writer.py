"""Records as a Tally XML file: what TallyPrime imports, and what our own reader reads back as the same records."""

from collections.abc import Iterable, Iterator
from io import TextIOBase
from typing import BinaryIO, Literal, TextIO

from ledgerflow_desktop.interchange.records import (
    AccountRecord,
    CompanyRecord,
    CostCategoryRecord,
    CostCentreRecord,
    CurrencyRecord,
    FileId,
    GroupRecord,
    NotImported,
    Record,
    VoucherRecord,
    VoucherTypeRecord,
)
from ledgerflow_desktop.interchange.tally_xml import master_xml
from ledgerflow_desktop.interchange.tally_xml.markup import field
from ledgerflow_desktop.interchange.tally_xml.voucher_xml import Names, voucher_xml

Encoding = Literal["utf-8", "utf-16"]


def write(records: Iterable[Record], out: BinaryIO | TextIO, *, company: str, encoding: Encoding = "utf-8") -> None:
    """Write one envelope with a message for each record, masters in the order given, before their vouchers.

    `company` is the company to import into, as Tally names it. A binary `out` gets UTF-8, or UTF-16 (little
    end first) with its mark; a text `out` encodes as it was opened. A group named only in an account's path
    is written before the account. `NotImported` is passed over.
    """
    if isinstance(out, TextIOBase):
        for text in _file(records, company):
            out.write(text)
        return
    codec = "utf-8" if encoding == "utf-8" else "utf-16-le"
    if encoding == "utf-16":
        out.write(b"\xff\xfe")  # type: ignore[arg-type]  # TextIOBase is gone, which mypy does not infer
    for text in _file(records, company):
        out.write(text.encode(codec))  # type: ignore[arg-type]  # the same


def _file(records: Iterable[Record], company: str) -> Iterator[str]:
    yield "<ENVELOPE>\r\n <HEADER>\r\n  <TALLYREQUEST>Import Data</TALLYREQUEST>\r\n </HEADER>\r\n <BODY>\r\n"
    yield "  <IMPORTDATA>\r\n   <REQUESTDESC>\r\n    <REPORTNAME>All Masters</REPORTNAME>\r\n"
    yield f"    <STATICVARIABLES>\r\n     {field('SVCURRENTCOMPANY', company)}\r\n    </STATICVARIABLES>\r\n"
    yield "   </REQUESTDESC>\r\n   <REQUESTDATA>\r\n"
    for lines in _Messages(company).of(records):
        yield '    <TALLYMESSAGE xmlns:UDF="TallyUDF">\r\n     '
        yield "\r\n     ".join(lines)
        yield "\r\n    </TALLYMESSAGE>\r\n"
    yield "   </REQUESTDATA>\r\n  </IMPORTDATA>\r\n </BODY>\r\n</ENVELOPE>\r\n"


class _Messages:
    """Turns records into objects, remembering of the masters what the vouchers need."""

    def __init__(self, company: str) -> None:
        self._company = company
        self._base = "INR"
        self._groups = master_xml.GroupNames()
        self._ledger_by_id: dict[FileId, str] = {}
        self._category_by_centre: dict[str, str] = {}

    def of(self, records: Iterable[Record]) -> Iterator[Iterator[str]]:
        """Yield the lines of each object."""
        for record in records:
            if isinstance(record, VoucherRecord):
                yield voucher_xml(record, Names(self._ledger_by_id, self._category_by_centre, self._base))
            else:
                yield from self._masters(record)

    def _masters(self, record: Record) -> Iterator[Iterator[str]]:
        match record:
            case CompanyRecord():
                self._base = record.currency or self._base
                yield master_xml.company_xml(record, self._company)
            case CurrencyRecord():
                yield master_xml.currency_xml(record, self._base)
            case GroupRecord():
                yield self._groups.group_xml(record)
            case CostCategoryRecord():
                yield master_xml.cost_category_xml(record.name)
            case CostCentreRecord():
                self._category_by_centre[record.name] = record.category
                yield master_xml.cost_centre_xml(record)
            case VoucherTypeRecord():
                yield master_xml.voucher_type_xml(record)
            case AccountRecord():
                self._ledger_by_id[record.id] = record.name
                yield from self._missing_groups(record.group)
                yield master_xml.ledger_xml(record, self._base, self._groups.written(record.group))
            case VoucherRecord() | NotImported():
                return

    def _missing_groups(self, path: list[str]) -> Iterator[Iterator[str]]:
        for depth in range(1, len(path) + 1):
            if not self._groups.knows(path[:depth]):
                yield self._groups.group_xml(GroupRecord(path=path[:depth]))
