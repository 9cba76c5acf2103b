"""Generated books as sealed batches of several branches, and a real server's companies to send them to."""

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import generated as files
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.events.chain import Author, genesis, next_event
from ledgerflow_core.events.event import CompanyCreated, MasterCreated, VoucherPosted
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
ids = IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)
_GROUPS = {
    "cash": "cash-in-hand",
    "bank": "bank-accounts",
    "customer": "sundry-debtors",
    "supplier": "sundry-creditors",
}


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


async def streams(
    folder: Path, database: Database, accounts: list[Account], shares: list[list[list[Voucher]]]
) -> list[Stream]:
    """Register a company for each share and a replica for each part of it; return what each replica sends."""
    settings = Settings(data_folder=folder)
    keys = server_keys.load(settings.key_folder)
    app = create_app(settings, keys, incarnation.read(folder), database)
    made: list[Stream] = []
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        tenant = await services.directory.create(ids.new(), "Bench")
        for share in shares:
            made += await _company(services, tenant.tenant_no, tenant.public_id, accounts, share)
    return made


async def _company(
    services: Services, tenant_no: int, tenant_id: str, accounts: list[Account], share: list[list[Voucher]]
) -> list[Stream]:
    company = CompanyId(ids.new())
    principal = Principal(tenant_no)
    async with services.people.session(principal) as session:
        await users.lock(session)
        user_id = ids.new()
        user_no = await users.add(session, user_id, user_id, "Bench", Role.OWNER, None)
    async with services.tenants.session(principal) as session:
        company_no = await companies.add(session, f"Bench {company}")
        await companies.bind(session, company_no, company)
    made = []
    for part, vouchers in enumerate(share):
        replica, key = ReplicaId(ids.new()), Ed25519PrivateKey.generate()
        async with services.tenants.session(principal) as session:
            await devices.lock_devices(session)
            device_no = await devices.add_device(session, ids.new(), "Bench", user_no, datetime.now(UTC))
            public = key.public_key().public_bytes_raw()
            await devices.add_replica(session, company_no, replica, device_no, public, "", datetime.now(UTC))
        token = services.tokens.issue(Bearer(tenant_no, user_no, Role.OWNER, None, device_no=device_no))
        sender = Sender(tenant_id, company, replica, services.incarnation)
        author = Author(replica, UserId(user_id))
        opening = [] if part else [CompanyCreated(company=_details(company)), *map(_created, accounts)]
        made.append(Stream(company, token, _sealed(author, sender, key, opening, vouchers), not part))
    return made


def _created(account: Account) -> MasterCreated:
    return MasterCreated(master=account)


def _details(company: CompanyId) -> Company:
    begin = date(2025, 4, 1)
    return Company(
        id=company, name="Bench", country="IN", state="27", currency="INR", exponent=2, year_start_month=4,
        year_start_day=1, books_begin=begin,
    )  # fmt: skip


def _sealed(author: Author, sender: Sender, key: Ed25519PrivateKey, opening: list, vouchers: list) -> list[bytes]:
    runs = [opening] if opening else []
    posted = [VoucherPosted(voucher=voucher) for voucher in vouchers]
    runs += [posted[at : at + BATCH] for at in range(0, len(posted), BATCH)]
    head, wires = genesis(author.replica), []
    compress = zstandard.ZstdCompressor(level=3).compress
    for run in runs:
        before, raws = head, []
        for event_id, body in zip(ids.many(len(run)), run, strict=True):
            raw, head = next_event(head, body, author=author, event_id=EventId(event_id), at=AT)
            raws.append(raw)
        wires.append(to_wire(seal(raws, before, sender, key), compress))
    return wires


def made_streams(*arguments) -> list[Stream]:
    """As `streams`, for callers that do nothing else meanwhile."""
    return asyncio.run(streams(*arguments))
