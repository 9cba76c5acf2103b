"""Tally files put together for one test: an envelope around objects, vouchers of a few plain lines."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from ledgerflow_desktop.interchange.records import NotImported, Record, VoucherRecord
from ledgerflow_desktop.interchange.tally_xml import read

Kind = TypeVar("Kind", bound=Record)

HERE = Path(__file__).parent
TARANG = HERE / "tarang.utf16.xml"
FERRY = HERE / "ferry.utf8.xml"


def envelope(*objects: str) -> str:
    messages = "\n".join(f"<TALLYMESSAGE>\n{found}\n</TALLYMESSAGE>" for found in objects)
    begin = "<ENVELOPE>\n<BODY>\n<IMPORTDATA>\n<REQUESTDATA>"
    end = "</REQUESTDATA>\n</IMPORTDATA>\n</BODY>\n</ENVELOPE>"
    return f"{begin}\n{messages}\n{end}\n"


def entry(ledger: str, amount: str, inside: str = "", *, tag: str = "ALLLEDGERENTRIES.LIST") -> str:
    return f"<{tag}>\n<LEDGERNAME>{ledger}</LEDGERNAME>\n<AMOUNT>{amount}</AMOUNT>\n{inside}</{tag}>\n"


def voucher(*lines: str, fields: str = "", kind: str = "Journal", day: str = "20240401", guid: str = "g-1") -> str:
    return (
        f'<VOUCHER VCHTYPE="{kind}">\n<DATE>{day}</DATE>\n<GUID>{guid}</GUID>\n'
        f"<VOUCHERTYPENAME>{kind}</VOUCHERTYPENAME>\n{fields}{''.join(lines)}</VOUCHER>"
    )


def ledger(name: str, parent: str = "Sundry Debtors", inside: str = "") -> str:
    return f'<LEDGER NAME="{name}">\n<PARENT>{parent}</PARENT>\n{inside}</LEDGER>'


def saved(folder: Path, content: str | bytes, name: str = "book.xml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def records(path: Path) -> list[Record]:
    return [placed.record for placed in read(path)]


def of(path: Path, kind: type[Kind]) -> list[Kind]:
    return [found for found in records(path) if isinstance(found, kind)]


def vouchers(path: Path) -> dict[str, VoucherRecord]:
    return {found.number: found for found in records(path) if isinstance(found, VoucherRecord)}


def without_notes(found: Iterable[Record]) -> list[Record]:
    return [record for record in found if not isinstance(record, NotImported)]
