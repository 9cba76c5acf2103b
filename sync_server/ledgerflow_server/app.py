"""The one place where everything is put together. A feature is added by one line in `_features`."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from ledgerflow_core import __version__
from ledgerflow_server.edge import problems, stack
from ledgerflow_server.edge.rate_limits import RateLimits
from ledgerflow_server.keys.beacon import Beacons
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.observing import health, tracing
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """What features are made of, made once per application. `seconds` only rises; `milliseconds` is the time of day."""

    settings: Settings
    keys: ServerKeys
    incarnation: str
    beacons: Beacons
    metrics: Metrics
    limits: RateLimits
    milliseconds: Callable[[], int]
    seconds: Callable[[], float]


def create_app(
    settings: Settings,
    keys: ServerKeys,
    incarnation: str,
    *,
    milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    seconds: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Return the application. Nothing is connected until its lifespan begins."""
    services = Services(
        settings=settings,
        keys=keys,
        incarnation=incarnation,
        beacons=Beacons(settings.beacon_folder),
        metrics=Metrics(),
        limits=RateLimits(settings.rate_address, settings.rate_device, settings.rate_tenant),
        milliseconds=milliseconds,
        seconds=seconds,
    )
    app = FastAPI(
        title="LedgerFlow sync server",
        version=__version__,
        lifespan=_lifespan(services),
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=_operation_id,
        responses=problems.DOCUMENTED,
        middleware=stack.layers(settings, services.metrics, services.limits, seconds),
        redirect_slashes=False,
    )
    app.state.services = services
    problems.install(app)
    app.include_router(health.router({}))
    for router in _features(services):
        app.include_router(router)
    return app


def _features(services: Services) -> Sequence[APIRouter]:
    """Return the router of every feature, each made from the services it needs."""
    return ()


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        endpoint = services.settings.trace_endpoint
        stop_tracing = tracing.start(app, endpoint, __version__) if endpoint else None
        try:
            yield
        finally:
            if stop_tracing:
                stop_tracing()

    return lifespan


def _operation_id(route: APIRoute) -> str:
    return route.name
