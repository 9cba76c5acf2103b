"""The whole application over a real database, with people and devices in it, for tests over HTTP."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from ledgerflow_core.identifiers import IdentifierSource
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement, token_statement
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.app import Services, create_app
from ledgerflow_server.audit.chain import AuditEvent
from ledgerflow_server.audit.repository import page
from ledgerflow_server.companies import repository as companies
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.devices import codes
from ledgerflow_server.devices import repository as devices
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity.repository import User
from ledgerflow_server.keys import certificates, incarnation, server_keys
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession

PASSWORD = "correct horse battery"
# As the real one, at a thousandth of its cost.
CHEAP = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
ids = IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)


@dataclass
class Laptop:
    """A device as it knows itself."""

    device: str = field(default_factory=ids.new)
    replica: str = field(default_factory=ids.new)
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> str:
        return self.key.public_key().public_bytes_raw().hex()

    def enrolment(self, code: str, book: str | None) -> dict[str, object]:
        statement = enrolment_statement(code_hash(code).hex(), self.replica, self.public)
        return {
            "code": code,
            "company": book,
            "device": {"id": self.device, "name": "Till 2"},
            "key": self.public,
            "replica": self.replica,
            "proof": self.key.sign(statement).hex(),
        }

    def token_request(self, tenant: str, challenge: str) -> dict[str, object]:
        signature = self.key.sign(token_statement(challenge, self.device)).hex()
        return {
            "tenant": tenant,
            "device": self.device,
            "challenge": challenge,
            "key": self.public,
            "signature": signature,
        }


@dataclass
class World:
    """The application under test, a client, and short ways to put things into its database."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    async def tenant(self) -> tuple[Principal, str]:
        """Make a tenant; return it with its id."""
        made = await self.services.directory.create(ids.new(), "Sharma & Sons")
        return Principal(made.tenant_no), made.public_id

    async def company(self, tenant: Principal, name: str = "Sharma Traders") -> int:
        async with self.services.tenants.session(tenant) as session:
            return await companies.add(session, name)

    async def user(
        self, tenant: Principal, role: Role = Role.ACCOUNTANT, companies: tuple[int, ...] | None = None
    ) -> User:
        async with self.services.people.session(tenant) as session:
            await users.lock(session)
            public_id = ids.new()
            number = await users.add(session, public_id, f"{role}-{public_id}", "Asha", role, companies)
            await users.set_password_hash(session, number, CHEAP.hash(PASSWORD), self.services.now(), must_change=False)
            user = await users.by_no(session, number)
        assert user is not None
        return user

    async def change_user(self, tenant: Principal, user: User) -> None:
        async with self.services.people.session(tenant) as session:
            await users.change(session, user)

    async def user_of(self, session: TenantSession, user_no: int) -> User:
        user = await users.by_no(session, user_no)
        assert user is not None
        return user

    async def waiting_for_locks(self, count: int) -> None:
        """Return once so many statements of the database wait for a lock."""
        async with self.services.tenants.session(Principal(1)) as session:
            for _ in range(2000):
                query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                if await session.fetch_value(query) >= count:
                    return
                await asyncio.sleep(0.002)
        raise AssertionError("nobody waits")

    async def code(self, tenant: Principal, company_no: int, user: User, life: timedelta = timedelta(hours=24)) -> str:
        code = codes.new_code(tenant.tenant_no, os.urandom)
        async with self.services.tenants.session(tenant) as session:
            ends = self.services.now() + life
            await devices.add_code(session, code_hash(code), company_no, user.user_no, user.role, ends)
        return code

    async def enrolled(self, tenant: Principal, company_no: int, user: User, book: str | None) -> tuple[Laptop, str]:
        """Enrol a new laptop over HTTP; return it with the tag it got."""
        laptop = Laptop()
        answer = await self.client.post(
            "/v1/enrolments", json=laptop.enrolment(await self.code(tenant, company_no, user), book)
        )
        assert answer.status_code == 201, answer.text
        return laptop, answer.json()["tag"]

    async def device_token(self, tenant_id: str, laptop: Laptop) -> httpx.Response:
        challenge = (await self.client.post("/v1/devices/challenge")).json()["challenge"]
        return await self.client.post("/v1/devices/token", json=laptop.token_request(tenant_id, challenge))

    async def sign_in(
        self,
        tenant_id: str,
        login: str,
        password: str = PASSWORD,
        code: str = "",
        address: str = "192.0.2.1",
        new: str | None = None,
    ) -> httpx.Response:
        body = {"tenant": tenant_id, "login": login, "password": password, "code": code, "new_password": new}
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://server") as client:
            return await client.post("/v1/sessions", json=body)

    async def headers(self, tenant_id: str, user: User) -> dict[str, str]:
        """Sign a person in; return the headers of their requests."""
        answer = await self.sign_in(tenant_id, user.login)
        assert answer.status_code == 201, answer.text
        return bearer(answer.json()["access_token"])

    async def device_headers(self, tenant_id: str, laptop: Laptop) -> dict[str, str]:
        """Return the headers of a device's requests."""
        answer = await self.device_token(tenant_id, laptop)
        assert answer.status_code == 200, answer.text
        return bearer(answer.json()["access_token"])

    async def audit(self, tenant: Principal) -> list[AuditEvent]:
        """Return the tenant's audit log, newest first."""
        async with self.services.tenants.session(tenant, read_only=True) as session:
            return await page(session, 2**62, None, 1000)


def bearer(token: str) -> dict[str, str]:
    """Return the headers that carry a token."""
    return {"Authorization": f"Bearer {token}"}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the first code of a problem."""
    return answer.status_code, answer.json()["problems"][0]["code"]


@asynccontextmanager
async def world(
    folder: Path, database: Database, *, rate_device: str = "", rate_tenant: str = ""
) -> AsyncIterator[World]:
    settings = Settings(data_folder=folder, rate_address="", rate_device=rate_device, rate_tenant=rate_tenant)
    keys = server_keys.create(settings.key_folder, os.urandom)
    certificates.create_authority(settings.key_folder, datetime.now(UTC))
    life = incarnation.renew(folder, os.urandom)
    app = create_app(settings, keys, life, database, password_hasher=CHEAP)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://server") as client,
    ):
        yield World(app, client)
