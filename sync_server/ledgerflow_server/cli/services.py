"""What commands act through: the server's own services over open pools, put together as for serving, without HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from ledgerflow_core.errors import refuse
from ledgerflow_core.sync.enrolment import SYMBOLS, grouped
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import Services, companies_of, create_app, devices_of, ledger_of, people_of
from ledgerflow_server.cli.databases import reached
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.companies.service import Companies
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.devices.service import Devices
from ledgerflow_server.identity.people import People
from ledgerflow_server.identity.repository import User
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Tenant
from ledgerflow_server.tenancy.principal import Principal

_PASSWORD_SYMBOLS = 20  # a hundred random bits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hands:
    """The services a command may use. They work while `opened` does."""

    services: Services
    companies: Companies
    people: People
    devices: Devices
    desk: Desk

    async def tenant(self, said: str | None) -> Tenant:
        """Return the tenant with this id or name; without one, the only one. `no-such-tenant`, `which-tenant`."""
        tenants = await self.services.directory.all()
        return pick("tenant", tenants, said, lambda tenant: (tenant.public_id, tenant.name))

    async def company(self, tenant: Tenant, said: str | None) -> Company:
        """Return the company with this number, id or name; without one, the only one."""
        found = await self.companies.all(server_of(tenant))
        return pick("company", found, said, lambda one: (str(one.company_no), one.public_id or "", one.name))

    async def user(self, tenant: Tenant, said: str | None) -> User:
        """Return the user with this login, id or name; without one, the only one."""
        found = await self.people.all(server_of(tenant))
        return pick("user", found, said, lambda user: (user.login, user.public_id, user.name))


def server_of(tenant: Tenant) -> Principal:
    """Return who acts when a command does: the server itself, with all the rights of an owner."""
    return Principal(tenant.tenant_no, role=Role.OWNER)


def run_with(settings: Settings, act: Callable[[Hands], Awaitable[T]]) -> T:
    """Run `act` with open services on the database of the settings; our own PostgreSQL is started if need be."""
    with reached(settings) as found:
        return asyncio.run(_act(settings, found.database, act))


@asynccontextmanager
async def opened(settings: Settings, database: Database) -> AsyncIterator[Hands]:
    """Open the services while the block runs. Raises what keeps a server from starting."""
    keys = server_keys.load(settings.key_folder)
    app = create_app(settings, keys, incarnation.read(settings.data_folder), database)
    services: Services = app.state.services
    async with app.router.lifespan_context(app):
        yield Hands(
            services, companies_of(services), people_of(services), devices_of(services), ledger_of(services).desk
        )


def pick(what: str, found: Sequence[T], said: str | None, names: Callable[[T], Iterable[str]]) -> T:
    """Return the one that has the name `said`, or the only one there is where none is said.

    Refuses `no-such-<what>` and `which-<what>`; the fact `known` lists their last names, each with the first one,
    which tells it from the others.
    """
    wanted = None if said is None else said.casefold()
    meant = [one for one in found if wanted is None or wanted in (name.casefold() for name in names(one))]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(_told_apart(*names(one)) for one in (meant or found)[:10])
    raise refuse(f"which-{what}" if meant else f"no-such-{what}", said or what, known=known or "none")


def _told_apart(first: str, *more: str) -> str:
    return f"{more[-1]} ({first})" if more and more[-1].casefold() != first.casefold() else first


def new_password(random_bytes: Callable[[int], bytes]) -> str:
    """Return a password of a hundred random bits, in groups that can be typed."""
    return grouped("".join(SYMBOLS[byte & 31] for byte in random_bytes(_PASSWORD_SYMBOLS)))


async def _act(settings: Settings, database: Database, act: Callable[[Hands], Awaitable[T]]) -> T:
    async with opened(settings, database) as hands:
        return await act(hands)
