"""The layers around the application, in their order, with the reason for each place."""

from collections.abc import Callable

from starlette.middleware import Middleware

from ledgerflow_server.edge import client_address
from ledgerflow_server.edge.body import BodyLimits, BoundedBody
from ledgerflow_server.edge.digests import ResponseDigest
from ledgerflow_server.edge.precedence import CountSmall, Precedence
from ledgerflow_server.edge.rate_limits import AddressLimit, RateLimits
from ledgerflow_server.edge.request_context import RequestContext
from ledgerflow_server.edge.security_headers import SecurityHeaders
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.settings.settings import Settings


def layers(
    settings: Settings, metrics: Metrics, limits: RateLimits, precedence: Precedence, seconds: Callable[[], float]
) -> list[Middleware]:
    """Return the layers from the outermost inwards."""
    trusted = client_address.networks(settings.trusted_proxies)
    return [
        # Outside of everything, so that a request is named, logged and counted even if it is refused at once.
        Middleware(RequestContext, metrics=metrics, seconds=seconds),
        # Outside of all that answer, so that refusals have headers and digests, too.
        Middleware(SecurityHeaders),
        Middleware(ResponseDigest),
        # Before the body: who comes too often is not worth reading.
        Middleware(AddressLimit, limits=limits, trusted=trusted, metrics=metrics),
        # A feature finds the body read, whole, undamaged and, where it is JSON, well formed.
        Middleware(BoundedBody, limits=BodyLimits.of(settings), metrics=metrics, seconds=seconds),
        # Behind the body: one that comes slowly holds nobody up.
        Middleware(CountSmall, precedence=precedence),
    ]
