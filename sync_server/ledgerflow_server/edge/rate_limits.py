"""Nobody takes all of the server: sliding windows by address before any work, by device and tenant after the token.

Counted in this process. With N processes a client may get up to N times as much; the limits keep a server alive,
they are no quota.
"""

from collections.abc import Sequence

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from ledgerflow_server.edge.client_address import Network, address_of
from ledgerflow_server.edge.problems import Refused, response_of
from ledgerflow_server.observing.metrics import Metrics


class RateLimits:
    """The three limits. A rate is `COUNT/second|minute|hour`; an empty one limits nothing."""

    def __init__(self, address: str, device: str, tenant: str) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._address = parse(address) if address else None
        self._device = parse(device) if device else None
        self._tenant = parse(tenant) if tenant else None

    def take_address(self, address: str) -> None:
        """Count a request of an address. Raises `Refused` (429 `rate-limited`, Retry-After in seconds)."""
        self._take(self._address, "address", address)

    def take_device(self, tenant_no: int, device_no: int) -> None:
        """Count a request of an authenticated device; raises as `take_address`."""
        self._take(self._device, "device", f"{tenant_no}/{device_no}")

    def take_tenant(self, tenant_no: int) -> None:
        """Count a request of a tenant; raises as `take_address`."""
        self._take(self._tenant, "tenant", str(tenant_no))

    def _take(self, limit: RateLimitItem | None, of: str, who: str) -> None:
        if limit is None or self._limiter.hit(limit, of, who):
            return
        # Told in whole seconds of the window rather than to the moment: all who wait need not come back at once.
        seconds = max(1, limit.get_expiry() // 10)
        raise Refused(429, "rate-limited", headers={"Retry-After": str(seconds)}, of=of, seconds=seconds)


class AddressLimit:
    """Counts each request of an address and refuses it before its body is read."""

    def __init__(self, app: ASGIApp, limits: RateLimits, trusted: Sequence[Network], metrics: Metrics) -> None:
        self.app, self._limits, self._trusted, self._metrics = app, limits, trusted, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            try:
                self._limits.take_address(address_of(scope, self._trusted))
            except Refused as refused:
                self._metrics.refused.labels("rate-limited").inc()
                await response_of(refused)(scope, receive, send)
                return
        await self.app(scope, receive, send)
