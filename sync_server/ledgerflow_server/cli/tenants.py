"""`create-tenant`, `create-company` and `list`: whose books this server keeps."""

import argparse
import os
import time
from datetime import UTC, datetime

from ledgerflow_core.identifiers import IdentifierSource
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.cli.services import Hands, new_password, run_with, server_of
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.identity.repository import User
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Tenant


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the three commands."""
    acts = {"create-tenant": _create_tenant, "create-company": _create_company, "list": _list}
    run_with(settings, lambda hands: acts[arguments.command](hands, arguments))
    return 0


async def make_tenant(hands: Hands, name: str, login: str) -> tuple[Tenant, User]:
    """Make a tenant with its first owner and print the owner's password, this once."""
    identifiers = IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)
    tenant = await hands.services.directory.create(identifiers.new(), name)
    password = new_password(os.urandom)
    owner = await hands.people.create_first_owner(tenant.tenant_no, login, login, password)
    print(f"tenant        {tenant.name}, id {tenant.public_id}")
    print(f"owner         {owner.login}")
    print(f"password      {password}    (shown this once; to be changed at the first sign-in)")
    return tenant, owner


async def make_company(hands: Hands, tenant: Tenant, name: str) -> Company:
    """Make a company that waits for its first book."""
    async with hands.services.tenants.session(server_of(tenant)) as session:
        company = await hands.companies.create(session, name)
    print(f"company       {company.name}, number {company.company_no}")
    return company


async def _create_tenant(hands: Hands, arguments: argparse.Namespace) -> None:
    await make_tenant(hands, arguments.name, arguments.owner)


async def _create_company(hands: Hands, arguments: argparse.Namespace) -> None:
    await make_company(hands, await hands.tenant(arguments.tenant), arguments.name)


async def _list(hands: Hands, arguments: argparse.Namespace) -> None:
    tenants = await hands.services.directory.all()
    if arguments.tenant:
        tenants = [await hands.tenant(arguments.tenant)]
    for tenant in tenants:
        print(f"tenant {tenant.public_id}  {tenant.name}  {tenant.state}")
        for company in await hands.companies.all(server_of(tenant)):
            book = company.public_id or "waits for its first book"
            print(f"  company {company.company_no}  {company.name}  {company.state}  {book}")
        for user in await hands.people.all(server_of(tenant)):
            seen = "all companies" if user.companies is None else f"companies {', '.join(map(str, user.companies))}"
            print(f"  user {user.public_id}  {user.login}  {Role(user.role)}  {user.state}  {seen}")
        held = await hands.devices.all(server_of(tenant))
        for device in held.devices:
            replicas = [one for one in held.replicas if one.device_no == device.device_no]
            seen_at = max((one.last_hello for one in replicas if one.last_hello), default=None)
            said = f"last seen {_text(seen_at)}" if seen_at else "never seen"
            print(f"  device {device.public_id}  {device.name}  {device.state}  {said}")


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
