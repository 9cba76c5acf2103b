"""Generated books as sealed batches of several branches, and a real server's companies to send them to."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import generated as files
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from ledgerflow_core.events.chain import Author, Head, genesis, next_event
from ledgerflow_core.events.event import Body, CompanyCreated, MasterCreated, VoucherPosted
from ledgerflow_core.identifiers import (
    AccountId,
    CompanyId,
    EventId,
    IdentifierSource,
    MasterId,
    ReplicaId,
    UserId,
    VoucherId,
    named,
)
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.sync.batch import Sender, seal, to_wire
from ledgerflow_core.sync.roles import Role
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.app import Services, create_app
from ledgerflow_server.companies import repository as companies
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity.tokens import Bearer
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.principal import Principal

BATCH = 500
AT = "2026-11-21T10:15:30.123Z"
T = TypeVar("T")
ids = IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)
COMPRESS = zstandard.ZstdCompressor(level=3).compress
# Companies made at once: as many as there are connections, with room for what each does beside.
_AT_ONCE, _CONNECTIONS = 12, 40
_GROUPS = {
    "cash": "cash-in-hand",
    "bank": "bank-accounts",
    "customer": "sundry-debtors",
    "supplier": "sundry-creditors",
}


@dataclass
class Branch:
    """One replica of a company and the end of its chain. It keeps no file: what it seals is to be sent, in order."""

    tenant_no: int
    company_no: int
    company: CompanyId
    token: str
    author: Author
    sender: Sender
    key: Ed25519PrivateKey
    head: Head
    posted: int = 0

    def sealed(self, bodies: Sequence[Body]) -> bytes:
        """Return the next events as a batch, as it goes over the wire."""
        before, raws = self.head, []
        for event_id, body in zip(ids.many(len(bodies)), bodies, strict=True):
            raw, self.head = next_event(self.head, body, author=self.author, event_id=EventId(event_id), at=AT)
            raws.append(raw)
        return to_wire(seal(raws, before, self.sender, self.key), COMPRESS)

    def opening(self, accounts: Sequence[Account]) -> bytes:
        """Return the batch that opens the books of the company."""
        return self.sealed([CompanyCreated(company=_details(self.company)), *map(_created, accounts)])

    def next_vouchers(self, like: Sequence[Voucher], count: int) -> bytes:
        """Return a batch of so many new vouchers: copies, under numbers of this branch, of the ones that come next."""
        made = []
        for voucher_id in ids.many(count):
            self.posted += 1
            number = f"{self.author.replica[-4:]}/{self.posted}"
            made.append(replace(like[self.posted % len(like)], id=VoucherId(voucher_id), number=number))
        return self.sealed([VoucherPosted(voucher=voucher) for voucher in made])


@dataclass
class Stream:
    """What one replica sends: wire bytes of batches, in order. Where it `opens` the books the first is of masters."""

    company: CompanyId
    token: str
    wires: list[bytes] = field(default_factory=list)
    opens: bool = False


def generated(count: int) -> tuple[list[Account], list[Voucher]]:
    """Return accounts and vouchers of generated books."""
    folder = files.generated(count)
    with (folder / "ledgers.jsonl").open() as lines:
        ledgers = [json.loads(line) for line in lines]
    accounts = [
        Account(id=_account(one["id"]), name=one["name"], group=group_id(_GROUPS.get(one["kind"], "indirect-expenses")))
        for one in ledgers
    ]
    with (folder / "vouchers.jsonl").open() as lines:
        return accounts, [_voucher(json.loads(line)) for line in lines]


def small() -> tuple[list[Account], list[Voucher]]:
    """Return accounts of a small shop, and vouchers of four entries in them through a year."""
    names = [f"Account {n}" for n in range(20)]
    accounts = [
        Account(id=AccountId(MasterId(named("bench-account", name))), name=name, group=group_id("indirect-expenses"))
        for name in names
    ]
    vouchers = []
    for n in range(365):
        four = [accounts[(n * step) % 5 + first].id for step, first in ((1, 0), (2, 5), (3, 10), (4, 15))]
        amounts = (118_000 + n, -100_000 - n, -9_000, -9_000)
        vouchers.append(
            Voucher(
                id=VoucherId(ids.new()),
                type=voucher_type_id(VoucherNature.JOURNAL),
                date=date.fromordinal(date(2025, 4, 1).toordinal() + n),
                narration=f"goods as ordered, no. {n}",
                entries=tuple(Entry(account=a, amount=m) for a, m in zip(four, amounts, strict=True)),
            )
        )
    return accounts, vouchers


def _account(number: int) -> AccountId:
    return AccountId(MasterId(named("bench-account", str(number))))


def _voucher(said: dict) -> Voucher:
    return Voucher(
        id=VoucherId(said["id"]),
        type=voucher_type_id(VoucherNature(said["type"])),
        date=date.fromisoformat(said["date"]),
        number=said["number"],
        narration=said["narration"],
        party=_account(said["party"]) if said.get("party") else None,
        entries=tuple(
            Entry(account=_account(one["ledger"]), amount=int(one["amount"].replace(".", "")))
            for one in said["entries"]
        ),
    )


def with_services(folder: Path, database: Database, act: Callable[[Services], Awaitable[T]]) -> T:
    """Return what `act` does with the services of the server whose data lies in `folder`."""

    async def acting() -> T:
        settings = Settings(data_folder=folder, pool_size=_CONNECTIONS)
        app = create_app(settings, server_keys.load(settings.key_folder), incarnation.read(folder), database)
        async with app.router.lifespan_context(app):
            return await act(app.state.services)

    return asyncio.run(acting())


def branches(folder: Path, database: Database, companies_of_tenants: Sequence[Sequence[int]]) -> list[Branch]:
    """Register tenants: for each, companies of so many branches. Return all branches in that order."""

    async def make(services: Services) -> list[Branch]:
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def one(counts: Sequence[int]) -> list[Branch]:
            async with at_once:
                tenant = await services.directory.create(ids.new(), "Bench")
                return [
                    branch
                    for count in counts
                    for branch in await _company(services, tenant.tenant_no, tenant.public_id, count)
                ]

        made = await asyncio.gather(*map(one, companies_of_tenants))
        return [branch for found in made for branch in found]

    return with_services(folder, database, make)


async def _company(services: Services, tenant_no: int, tenant_id: str, count: int) -> list[Branch]:
    """Register a company, a user and so many branches of it, each with a device of its own."""
    company = CompanyId(ids.new())
    principal = Principal(tenant_no)
    async with services.people.session(principal) as session:
        await users.lock(session)
        user_id = ids.new()
        user_no = await users.add(session, user_id, user_id, "Bench", Role.OWNER, None)
    made = []
    async with services.tenants.session(principal) as session:
        company_no = await companies.add(session, f"Bench {company}")
        await companies.bind(session, company_no, company)
        await devices.lock_devices(session)
        for _ in range(count):
            replica, key = ReplicaId(ids.new()), Ed25519PrivateKey.generate()
            device_no = await devices.add_device(session, ids.new(), "Bench", user_no, datetime.now(UTC))
            public = key.public_key().public_bytes_raw()
            await devices.add_replica(session, company_no, replica, device_no, public, "", datetime.now(UTC))
            token = services.tokens.issue(Bearer(tenant_no, user_no, Role.OWNER, None, device_no=device_no))
            sender = Sender(tenant_id, company, replica, services.incarnation)
            author = Author(replica, UserId(user_id))
            made.append(Branch(tenant_no, company_no, company, token, author, sender, key, genesis(replica)))
    return made


def _created(account: Account) -> MasterCreated:
    return MasterCreated(master=account)


def _details(company: CompanyId) -> Company:
    begin = date(2025, 4, 1)
    return Company(
        id=company, name="Bench", country="IN", state="27", currency="INR", exponent=2, year_start_month=4,
        year_start_day=1, books_begin=begin,
    )  # fmt: skip


def made_streams(
    folder: Path, database: Database, accounts: list[Account], shares: list[list[list[Voucher]]]
) -> list[Stream]:
    """Register a company for each share and a branch for each part of it; return what each branch sends."""
    waiting = iter(branches(folder, database, [[len(share) for share in shares]]))
    made = []
    for share in shares:
        for part, vouchers in enumerate(share):
            branch = next(waiting)
            wires = [] if part else [branch.opening(accounts)]
            posted = [VoucherPosted(voucher=voucher) for voucher in vouchers]
            wires += [branch.sealed(posted[at : at + BATCH]) for at in range(0, len(posted), BATCH)]
            made.append(Stream(branch.company, branch.token, wires, not part))
    return made
