"""A device without a book makes one from the beginning of the server's log."""

import shutil
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_sale
from desktop.builders import CHEAP, PASSPHRASE
from desktop.storage.replica_books import Office, a_first_office, an_enrolment, an_office_machine, reopened
from ledgerflow_core.identifiers import ReplicaId, named
from ledgerflow_core.sync.messages import signed_of
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.joining import Beginning, Newcomer, join_company
from shared.sync.memory_server import MemoryServer

NEWCOMER = Newcomer(ReplicaId(named("replica", "joined")), Ed25519PrivateKey.from_private_bytes(b"j" * 32), "JN")


def joined(folder: Path, server: MemoryServer, turn: int) -> Office:
    """The book of one code and passphrase, which give the same identity every time."""
    piece = server.pull(0)
    beginning = Beginning(piece.batches, signed_of(piece.end.checkpoint, "checkpoint"))
    enrolled, machine = an_enrolment(server, "joined"), an_office_machine(f"joined{turn}")
    join_company(CompanyFolder.named(folder), enrolled, NEWCOMER, beginning, PASSPHRASE, machine, costs=CHEAP)
    return reopened(folder, server, "joined", turn=turn)


def test_a_book_that_is_made_again_with_the_same_code_goes_on_under_another_identity(tmp_path: Path) -> None:
    head = a_first_office(tmp_path)
    folder = tmp_path / "joined.ledgerflow"
    with head.book:
        head.sync()
        first = joined(folder, head.server, 1)
        with first.book:
            (lost,) = vouchers.post(first.book, [a_sale("s1")]).value
            first.sync()
            assert first.findings() == []
        shutil.rmtree(folder)
        again = joined(folder, head.server, 2)
        with again.book:
            assert again.book.replica != NEWCOMER.replica
            (made,) = vouchers.post(again.book, [a_sale("s2")]).value
            again.sync()
            head.sync()
            assert made.number != lost.number
            assert again.findings() == head.findings() == []
            assert again.figures() == head.figures()
            assert again.store.conflicts() == []
