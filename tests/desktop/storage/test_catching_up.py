"""After the program is updated a book understands what it had to leave aside, and takes postings again."""

from contextlib import suppress
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from builders import a_payment, a_sale, voucher_id
from desktop.storage.replica_books import a_first_office, a_further_office, reopened
from ledgerflow_core.posting.projection import Projector, Rows
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage import sync_facts
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.master_store import get_meta, set_meta
from ledgerflow_desktop.storage.row_store import take_back


def test_a_book_opened_by_a_version_that_understands_more_is_folded_anew(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    vouchers.post(head.book, [a_sale("s1"), a_payment("p1")])
    head.sync()
    branch = a_further_office(tmp_path, head, "branch")
    branch.sync()
    vouchers.post(head.book, [a_sale("s2", 70_000)])
    head.sync()
    branch.sync()
    expected = branch.figures()
    # As a version left it that did not understand the posting: kept in the log, in no row, and said so.
    book = branch.book
    stored = vouchers.load(book, voucher_id("s2"))
    rows = Rows()
    projector = Projector(book.chart.voucher_types, book.no_by_id, book.company.financial_year)
    projector.add(rows, stored.voucher, no=stored.no, version=1, position=stored.position)
    with transaction(book.connection, "book"):
        take_back(book.connection, rows)
        set_meta(book.connection, sync_facts.TOO_NEW, str(stored.position))
    assert branch.figures() != expected
    folder = book.folder.path
    book.close()
    again = reopened(folder, branch.server, "branch", turn=1)
    try:
        assert get_meta(again.book.connection, sync_facts.TOO_NEW) == ""
        assert again.figures() == expected
        vouchers.post(again.book, [a_payment("p2")])
        again.sync()
        assert again.findings() == []
    finally:
        for office in (again, head):
            with suppress(sqlcipher.ProgrammingError):
                office.book.close()
