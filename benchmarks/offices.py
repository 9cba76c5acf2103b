"""Real company files at a real server, for benchmarks of what an office waits for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import books
from sealed_books import Branch, ids, with_services
from served import Served

from ledgerflow_core.sync.replica import Status
from ledgerflow_core.sync.roles import Role
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client.progress import Progress
from ledgerflow_desktop.sync_client.session import Store
from ledgerflow_server.app import Services, companies_of, devices_of
from ledgerflow_server.identity import repository as users
from ledgerflow_server.tenancy.principal import Principal

_HOURS = 24
Value = TypeVar("Value")


@dataclass
class Synced:
    """How a sync went: seconds in all, those of them in which the book was worked on, and what was moved.

    `processor` are the processor's seconds of the work on the book: what it takes where nothing else runs.
    """

    seconds: float
    on_book: float
    processor: float
    progress: Progress


def code_for_first_book(server: Served) -> str:
    """Make a tenant with a company that waits for its first book; return the code for that."""

    async def make(services: Services) -> str:
        tenant = await services.directory.create(ids.new(), "Bench")
        owner = Principal(tenant.tenant_no, role=Role.OWNER)
        user = ids.new()
        async with services.people.session(owner) as session:
            await users.lock(session)
            await users.add(session, user, user, "Bench", Role.OWNER, None)
        async with services.tenants.session(owner) as session:
            company = await companies_of(services).create(session, "Bench")
        return (await devices_of(services).new_code(owner, company.company_no, user, _HOURS)).code

    return with_services(server.folder, server.database, make)


def code_for_device(server: Served, branch: Branch) -> str:
    """Return a code for one more device of a branch's company."""

    async def make(services: Services) -> str:
        owner = Principal(branch.tenant_no, role=Role.OWNER)
        return (await devices_of(services).new_code(owner, branch.company_no, branch.author.user, _HOURS)).code

    return with_services(server.folder, server.database, make)


def sync(book: Book) -> Synced:
    """Sync an enrolled book until there is nothing left to do; fails where that is not reached."""
    replica = EnrolledReplica(book)
    worked = processor = 0.0

    def on_book(work: Callable[[Store], Value], /) -> Value:
        nonlocal worked, processor
        begun, used = time.perf_counter(), time.thread_time()
        try:
            return work(replica)
        finally:
            worked += time.perf_counter() - begun
            processor += time.thread_time() - used

    around = Surroundings(books.machine(), on_book, time.sleep, lambda: False, lambda _: None)
    begin = time.perf_counter()
    connected = Connected(book, around)
    try:
        progress = connected.session.run_once(patience=3)
    finally:
        connected.close()
    assert progress.status is Status.UP_TO_DATE, progress
    return Synced(time.perf_counter() - begin, worked, processor, progress)
