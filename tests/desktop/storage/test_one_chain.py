"""A book that was restored before it is enrolled brings everything it holds, not what was written since alone."""

import shutil
from pathlib import Path

from builders import a_payment, a_sale, voucher_id
from desktop.builders import a_company_folder, opened
from desktop.storage.replica_books import Office, a_first_office, an_office_machine, enrol
from ledgerflow_core.sync.log import Outcome
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage import log_store
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.encrypted_database import transaction
from ledgerflow_desktop.storage.one_chain import make_one_chain
from ledgerflow_desktop.storage.rehoming import mark_as_copy
from shared.sync.memory_server import MemoryServer


def as_restored(book: Book) -> None:
    with transaction(book.connection, "books"):
        mark_as_copy(book.connection, book.machine.timestamp())


def chains_of(book: Book) -> int:
    return sum(row.head.seq > 0 for row in log_store.replicas(book.connection))


def test_what_was_written_before_the_restore_comes_to_the_server_as_well(tmp_path: Path) -> None:
    folder = a_company_folder(tmp_path, "head")
    with opened(folder, machine=an_office_machine("head")) as book:
        vouchers.post(book, [a_sale("before"), a_payment("p1")])
        as_restored(book)
    with opened(folder, machine=an_office_machine("again")) as book:
        vouchers.post(book, [a_sale("after")])
        vouchers.cancel(book, vouchers.load(book, voucher_id("before")))
        number = vouchers.load(book, voucher_id("after")).voucher.number
        office = Office(book, MemoryServer(book.company.id))
        figures, tag = office.figures(), book.replica_tag
        assert chains_of(book) == 2
        make_one_chain(book)
        assert (chains_of(book), office.figures(), book.replica_tag) == (1, figures, tag)
        enrol(book, office.server, "again")
        office.sync()
        assert office.figures() == figures
        assert office.findings() == []
        assert office.store.conflicts() == []
        assert {verdict.outcome for piece in office.server.log for verdict in piece.verdicts} == {Outcome.ACCEPTED}
        (after,) = vouchers.post(book, [a_sale("later")]).value
        assert (after.number != number, after.number[:-1]) == (True, number[:-1])


def test_a_restored_book_joins_the_original_that_was_enrolled_meanwhile(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    with head.book:
        vouchers.post(head.book, [a_sale("shared")])
        folder = a_company_folder(tmp_path, "older")
        shutil.rmtree(folder)
        head.book.checkpoint()
        shutil.copytree(head.book.folder.path, folder)
        with opened(folder, machine=an_office_machine("older")) as book:
            with book.writing():
                book.connection.execute("DELETE FROM meta WHERE name LIKE 'sync.%'")
            as_restored(book)
        with opened(folder, machine=an_office_machine("older")) as book:
            vouchers.post(book, [a_sale("only there")])
            make_one_chain(book)
            enrol(book, head.server, "older")
            older = Office(book, head.server)
            vouchers.post(head.book, [a_sale("only here")])
            for office in (head, older, head, older):
                office.sync()
            assert head.figures() == older.figures()
            assert head.findings() == older.findings() == []
            assert head.store.conflicts() == older.store.conflicts() == []


def test_a_book_of_one_chain_stays_as_it_is(tmp_path: Path) -> None:
    with opened(a_company_folder(tmp_path)) as book:
        replica = book.replica
        make_one_chain(book)
        assert book.replica == replica
