"""Give the books to other programs."""

from typing import BinaryIO

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange import beancount, book_csv, hledger, jsonl, tally_xml
from ledgerflow_desktop.interchange.book_records import records_of
from ledgerflow_desktop.storage.book import Book

FORMATS = ("jsonl", "hledger", "beancount", "tally", "csv")


def export(book: Book, format: str, out: BinaryIO) -> None:
    """Write the whole book. `jsonl` holds everything that is current; the others what their programs know of."""
    with book.reading():
        records = records_of(book)
        match format:
            case "jsonl":
                jsonl.write(records, out)
            case "hledger":
                hledger.write(records, out)
            case "beancount":
                beancount.write(records, out)
            case "tally":
                tally_xml.write(records, out, company=book.company.name)
            case "csv":
                book_csv.write(records, out)
            case _:
                raise refuse("unknown-format", given=format)
