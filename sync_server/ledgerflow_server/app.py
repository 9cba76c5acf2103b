"""The one place where everything is put together. A feature is added by one line in `_features`."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.x509 import Certificate
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from pwdlib.hashers.argon2 import Argon2Hasher

from ledgerflow_core import __version__
from ledgerflow_core.identifiers import IdentifierSource, UserId
from ledgerflow_server.attachments import endpoints as attachments
from ledgerflow_server.attachments.service import Attachments
from ledgerflow_server.attachments.store import Store
from ledgerflow_server.audit import endpoints as audit
from ledgerflow_server.companies import endpoints as companies
from ledgerflow_server.companies.service import Companies
from ledgerflow_server.conflicts import endpoints as conflicts
from ledgerflow_server.conflicts.service import Conflicts
from ledgerflow_server.database.connecting import Database, Pool, pool_of
from ledgerflow_server.devices import endpoints as devices_endpoints
from ledgerflow_server.devices.challenges import Challenges
from ledgerflow_server.devices.enrolling import Enrolling
from ledgerflow_server.devices.introducing import introducing
from ledgerflow_server.devices.repository import Device
from ledgerflow_server.devices.service import Devices
from ledgerflow_server.edge import api_page, client_address, problems, readiness, stack
from ledgerflow_server.edge.precedence import Precedence
from ledgerflow_server.edge.rate_limits import RateLimits
from ledgerflow_server.identity import endpoints as identity
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity.access import Access, asking, principal
from ledgerflow_server.identity.own_account import OwnAccount
from ledgerflow_server.identity.passwords import Passwords
from ledgerflow_server.identity.people import People
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.identity.second_factor import SecondFactor
from ledgerflow_server.identity.signing_in import SigningIn
from ledgerflow_server.identity.tokens import Tokens, issuer_of
from ledgerflow_server.jobs import endpoints as exports
from ledgerflow_server.keys import certificates
from ledgerflow_server.keys.beacon import Beacons
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.ledger import endpoints as ledger
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.ledger import Ledger
from ledgerflow_server.ledger.service.revoking import revoke_keys
from ledgerflow_server.observing import health, tracing
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.reports import endpoints as reports
from ledgerflow_server.reports.service import Reports
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Directory
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession
from ledgerflow_server.vouchers import endpoints as vouchers
from ledgerflow_server.vouchers.posting import Posting
from ledgerflow_server.vouchers.service import Vouchers


@dataclass(frozen=True, slots=True)
class Services:
    """What features are made of, made once per application. `seconds` only rises; `milliseconds` is the time of day.

    `tenants` opens sessions as lf_app, `people` as lf_auth (users, sessions, secrets); `directory` finds and makes
    tenants. They work while the application lives.
    """

    settings: Settings
    keys: ServerKeys
    incarnation: str
    beacons: Beacons
    database: Database
    tenants: Tenants
    people: Tenants
    directory: Directory
    metrics: Metrics
    limits: RateLimits
    precedence: Precedence
    tokens: Tokens
    access: Access
    password_hasher: Argon2Hasher
    identifiers: IdentifierSource
    milliseconds: Callable[[], int]
    seconds: Callable[[], float]
    random_bytes: Callable[[int], bytes]

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self.milliseconds())


def create_app(
    settings: Settings,
    keys: ServerKeys,
    incarnation: str,
    database: Database,
    *,
    milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    seconds: Callable[[], float] = time.monotonic,
    random_bytes: Callable[[int], bytes] = os.urandom,
    password_hasher: Argon2Hasher | None = None,
) -> FastAPI:
    """Return the application. Nothing is connected until its lifespan begins; `app.state.services` are its services."""
    pool = pool_of(database, "lf_app", most=settings.pool_size)
    auth_pool = pool_of(database, "lf_auth", most=settings.pool_size)
    key, now = database.secrets.context_keys[0], lambda: milliseconds() / 1000
    people = Tenants(auth_pool, key, now, random_bytes)
    limits = RateLimits(settings.rate_address, settings.rate_device, settings.rate_tenant, seconds)
    precedence = Precedence()
    tokens = Tokens(keys.token, issuer_of(keys.log), settings.token_minutes, milliseconds)
    services = Services(
        settings=settings,
        keys=keys,
        incarnation=incarnation,
        beacons=Beacons(settings.beacon_folder),
        database=database,
        tenants=Tenants(pool, key, now, random_bytes),
        people=people,
        directory=Directory(auth_pool),
        metrics=Metrics(),
        limits=limits,
        precedence=precedence,
        tokens=tokens,
        access=Access(tokens, people, limits),
        password_hasher=password_hasher or Argon2Hasher(),
        identifiers=IdentifierSource(milliseconds, random_bytes),
        milliseconds=milliseconds,
        seconds=seconds,
        random_bytes=random_bytes,
    )
    app = FastAPI(
        title="LedgerFlow sync server",
        version=__version__,
        lifespan=_lifespan(services, pool, auth_pool),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
        responses=problems.DOCUMENTED,
        middleware=stack.layers(settings, services.metrics, services.limits, precedence, seconds),
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.access = services.access
    problems.install(app)
    app.include_router(health.router(readiness.checks(pool, database, seconds)))
    for router in _features(services):
        app.include_router(router)
    if settings.docs:
        app.include_router(api_page.router(app.openapi))
    return app


def _features(services: Services) -> Sequence[APIRouter]:
    """Return the router of every feature, each made from the services it needs."""
    return (*_people(services), *_devices(services), *_books(services))


def _books(services: Services) -> Sequence[APIRouter]:
    """Return the ledger and what is read from it and written through it."""
    held = ledger_of(services)
    posting = Posting(held.desk, services.people)
    return (
        ledger.router(held),
        exports.router(held.desk, asking(Permission.EXPORT_TENANT)),
        reports.router(Reports(held.desk)),
        vouchers.router(Vouchers(posting), services.identifiers),
        conflicts.router(Conflicts(posting)),
        attachments.router(attachments_of(services, held.desk)),
    )


def attachments_of(services: Services, desk: Desk) -> Attachments:
    """Return the attachments of all tenants."""
    settings = services.settings
    store = Store(settings.attachment_folder, services.keys, services.random_bytes)
    return Attachments(desk, store, settings.attachment_limit, settings.attachment_quota)


def companies_of(services: Services) -> Companies:
    """Return the companies of all tenants."""
    return Companies(services.tenants, services.now)


def people_of(
    services: Services, passwords: Passwords | None = None, second_factor: SecondFactor | None = None
) -> People:
    """Return the users of all tenants."""
    return People(
        services.people,
        passwords or Passwords(services.password_hasher),
        second_factor or SecondFactor(services.keys, services.random_bytes),
        companies_of(services).numbers,
        now=services.now,
        new_id=services.identifiers.new,
    )


def devices_of(services: Services) -> Devices:
    """Return the devices of all tenants. Shutting one out is said in the books of its companies, too."""
    desk = ledger_of(services).desk

    async def say_in_the_books(session: TenantSession, device: Device) -> None:
        user_no = session.principal.user_no or device.user_no
        async with services.people.session(Principal(session.tenant_no), read_only=True) as people:
            user = await users.by_no(people, user_no)
        if user is not None:
            await revoke_keys(desk, session, device.device_no, UserId(user.public_id))

    return Devices(
        services.tenants,
        services.people,
        services.directory,
        services.tokens,
        Challenges(services.keys.seal, services.milliseconds, services.random_bytes),
        now=services.now,
        random_bytes=services.random_bytes,
        on_revoked=say_in_the_books,
    )


def authority_of(settings: Settings) -> Certificate | None:
    """Return the authority of the server's own that signed its certificate; None where another one did."""
    file = settings.key_folder / certificates.AUTHORITY
    return certificates.read_certificate(file) if settings.certificate is None and file.exists() else None


def _people(services: Services) -> Sequence[APIRouter]:
    """Return how people sign in, who they are, what companies there are, and what was written down about it."""
    tenants, people, access, now = services.tenants, services.people, services.access, services.now
    trusted = client_address.networks(services.settings.trusted_proxies)
    passwords = Passwords(services.password_hasher)
    second_factor = SecondFactor(services.keys, services.random_bytes)
    all_companies = companies_of(services)
    users = people_of(services, passwords, second_factor)
    sessions = SigningIn(
        people,
        services.directory,
        services.tokens,
        passwords,
        second_factor,
        days=services.settings.session_days,
        now=now,
        random_bytes=services.random_bytes,
    )

    def address_of(request: Request) -> str:
        return client_address.address_of(request.scope, trusted)

    return (
        identity.signing_in(sessions, access, address_of, services.tokens.seconds),
        identity.own_account(OwnAccount(people, passwords, second_factor, now), users, access, address_of),
        identity.managing_people(users),
        companies.router(all_companies, tenants, now, principal, asking(Permission.MANAGE_COMPANIES)),
        audit.router(tenants, asking(Permission.READ_AUDIT)),
    )


def ledger_of(services: Services) -> Ledger:
    """Return the ledger, which takes batches and hands the log out."""
    return Ledger(
        Desk(
            settings=services.settings,
            keys=services.keys,
            incarnation=services.incarnation,
            beacons=services.beacons,
            tenants=services.tenants,
            identifiers=services.identifiers,
            milliseconds=services.milliseconds,
            precedence=services.precedence,
        )
    )


def _devices(services: Services) -> Sequence[APIRouter]:
    """Return how devices get in, prove themselves and are shut out."""
    now, random_bytes = services.now, services.random_bytes
    enrolling = Enrolling(services.tenants, services.people, now, random_bytes)
    devices = devices_of(services)
    authority = authority_of(services.settings)
    return (
        introducing(authority, __version__, services.milliseconds),
        devices_endpoints.joining(enrolling, services.keys.log.public_key().public_bytes_raw()),
        devices_endpoints.proving(devices, services.tokens.seconds),
        devices_endpoints.managing(devices, certificates.fingerprint(authority) if authority else ""),
    )


def _lifespan(
    services: Services, pool: Pool, auth_pool: Pool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(readiness.require_sound, services.database)
        endpoint = services.settings.trace_endpoint
        stop_tracing = tracing.start(app, endpoint, __version__) if endpoint else None
        try:
            async with pool, auth_pool:
                yield
        finally:
            if stop_tracing:
                stop_tracing()

    return lifespan


def _operation_id(route: APIRoute) -> str:
    return route.name
