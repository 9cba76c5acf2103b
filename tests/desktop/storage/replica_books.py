"""Real company files as replicas of one server in memory, for tests of the store."""

import random
import shutil
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path

from desktop.builders import NOW, PASSPHRASE, Clock, MemoryKeyStore, a_company_folder, opened
from ledgerflow_core.identifiers import DeviceId, UserId, named
from ledgerflow_desktop.actions import companies
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage import sync_facts
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.replica_store import ReplicaStore
from ledgerflow_desktop.storage.verification import verify_book
from shared.sync.memory_server import TENANT, MemoryServer, sync


def an_office_machine(name: str, place: Path | None = None) -> Machine:
    """The machine of one office; `place` is where it remembers things."""
    return Machine(
        milliseconds=Clock(NOW),
        random_bytes=random.Random(name).randbytes,
        sleep=lambda seconds: None,
        key_store=MemoryKeyStore(),
        device=DeviceId(named("device", name)),
        user=UserId(named("user", name)),
        user_name=name,
        state=place,
    )


def an_enrolment(server: MemoryServer, name: str) -> sync_facts.Enrolment:
    device = DeviceId(named("device", name))
    return sync_facts.Enrolment(TENANT, "http://localhost", server.key_hex, "", device)


@dataclass
class Office:
    """An open book that syncs."""

    book: Book
    server: MemoryServer

    @property
    def store(self) -> ReplicaStore:
        return ReplicaStore(self.book)

    def sync(self, **options: int) -> list[str]:
        return sync(self.store, self.server, **options)

    def figures(self) -> dict[str, tuple[int, int]]:
        """Every account's name with its balance and count of entries."""
        counts = dict(self.book.connection.execute("SELECT account_no, count(*) FROM entry GROUP BY 1").fetchall())
        balances = self.book.closing_balances()
        return {
            account.id: (balances[account.id], counts.get(self.book.no_by_id[account.id], 0))
            for account in self.book.chart.accounts.values()
        }

    def findings(self) -> list[str]:
        report = verify_book(self.book)
        return [f"{found.code} {found.place} {found.facts}" for found in report.findings]


def enrol(book: Book, server: MemoryServer, name: str) -> None:
    """Keep in a book that it syncs with a server."""
    with book.writing():
        sync_facts.write_enrolment(book.connection, an_enrolment(server, name))


def a_first_office(tmp_path: Path, name: str = "head", *, state: Path | None = None) -> Office:
    """The office whose books the company begins with; the caller closes the book."""
    folder = a_company_folder(tmp_path, name)
    with opened(folder, machine=an_office_machine(name)) as book:
        server = MemoryServer(book.company.id)
        enrol(book, server, name)
    return reopened(folder, server, name, state=state)


def reopened(
    folder: Path, server: MemoryServer, name: str, *, state: Path | None = None, turn: int = 0,
    key_store: MemoryKeyStore | None = None,
) -> Office:  # fmt: skip
    """Open a folder on the machine of an office; `turn` gives its chance another seed, `key_store` its secrets."""
    machine = replaced(an_office_machine(name, state), random_bytes=random.Random(f"{name}{turn}").randbytes)
    machine = replaced(machine, key_store=key_store or machine.key_store)
    return Office(companies.open_company(folder, machine, passphrase=PASSPHRASE), server)


def a_further_office(tmp_path: Path, first: Office, name: str) -> Office:
    """Another office: a copy of the first one's file, which takes an identity of its own when it is opened."""
    folder = tmp_path / f"{name}.ledgerflow"
    first.book.checkpoint()
    shutil.copytree(first.book.folder.path, folder)
    office = reopened(folder, first.server, name)
    office.store.rehome()
    return office
