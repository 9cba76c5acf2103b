"""The one place where everything is put together. A feature is added by one line in `_features`."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.x509 import Certificate
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from ledgerflow_core import __version__
from ledgerflow_server.database.connecting import Database, Pool, pool_of
from ledgerflow_server.devices import endpoints
from ledgerflow_server.devices.challenges import Challenges
from ledgerflow_server.devices.enrolling import Enrolling
from ledgerflow_server.devices.introducing import introducing
from ledgerflow_server.devices.service import Devices
from ledgerflow_server.edge import problems, readiness, stack
from ledgerflow_server.edge.rate_limits import RateLimits
from ledgerflow_server.identity.access import Access
from ledgerflow_server.identity.tokens import Tokens, issuer_of
from ledgerflow_server.keys import certificates
from ledgerflow_server.keys.beacon import Beacons
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.observing import health, tracing
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.directory import Directory
from ledgerflow_server.tenancy.session import Tenants


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
    tokens: Tokens
    access: Access
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
) -> FastAPI:
    """Return the application. Nothing is connected until its lifespan begins; `app.state.services` are its services."""
    pool = pool_of(database, "lf_app", most=settings.pool_size)
    auth_pool = pool_of(database, "lf_auth", most=max(2, settings.pool_size // 4))
    key, now = database.secrets.context_keys[0], lambda: milliseconds() / 1000
    people = Tenants(auth_pool, key, now, random_bytes)
    limits = RateLimits(settings.rate_address, settings.rate_device, settings.rate_tenant)
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
        tokens=tokens,
        access=Access(tokens, people, limits),
        milliseconds=milliseconds,
        seconds=seconds,
        random_bytes=random_bytes,
    )
    app = FastAPI(
        title="LedgerFlow sync server",
        version=__version__,
        lifespan=_lifespan(services, pool, auth_pool),
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
        responses=problems.DOCUMENTED,
        middleware=stack.layers(settings, services.metrics, services.limits, seconds),
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.access = services.access
    problems.install(app)
    app.include_router(health.router(readiness.checks(pool, database, seconds)))
    for router in _features(services):
        app.include_router(router)
    return app


def _features(services: Services) -> Sequence[APIRouter]:
    """Return the router of every feature, each made from the services it needs."""
    return (*_devices(services),)


def _devices(services: Services) -> Sequence[APIRouter]:
    """Return how devices get in, prove themselves and are shut out."""
    now, random_bytes = services.now, services.random_bytes
    enrolling = Enrolling(services.tenants, services.people, now, random_bytes)
    devices = Devices(
        services.tenants,
        services.people,
        services.directory,
        services.tokens,
        Challenges(services.keys.seal, services.milliseconds, random_bytes),
        now=now,
        random_bytes=random_bytes,
    )
    authority = _authority(services.settings)
    return (
        introducing(authority, __version__, services.milliseconds),
        endpoints.joining(enrolling, services.keys.log.public_key().public_bytes_raw()),
        endpoints.proving(devices, services.tokens.seconds),
        endpoints.managing(devices, certificates.fingerprint(authority) if authority else ""),
    )


def _authority(settings: Settings) -> Certificate | None:
    """Return the authority of the server's own that signed its certificate; None where another one did."""
    file = settings.key_folder / certificates.AUTHORITY
    return certificates.read_certificate(file) if settings.certificate is None and file.exists() else None


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
