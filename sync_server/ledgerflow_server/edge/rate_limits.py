"""Nobody takes all of the server: sliding windows by address before any work, by device and tenant after the token.

Counted in this process. With N processes a client may get up to N times as much; the limits keep a server alive,
they are no quota.
"""

import math
from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from ledgerflow_server.edge.client_address import Network, address_of
from ledgerflow_server.edge.problems import Refused, response_of
from ledgerflow_server.observing.metrics import Metrics

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class _Window:
    """How often each came in the last second, minute or hour, guessed from the count of this one and the one before.

    A request costs the same however many clients there are, and what is old goes all at once: the storage of `limits`
    (5.8) starts a thread for nearly every request and has it look at every client.
    """

    def __init__(self, rate: str) -> None:
        count, _, unit = rate.partition("/")
        self.seconds = _SECONDS[unit]
        self._most = int(count)
        self._number = 0.0
        self._before: dict[str, int] = {}
        self._now: dict[str, int] = {}

    def take(self, who: str, now: float) -> bool:
        """Count a request at `now` (seconds) unless there were too many; return whether it was counted."""
        number, into = divmod(now, self.seconds)
        if number != self._number:
            self._before = self._now if number == self._number + 1 else {}
            self._now, self._number = {}, number
        counted = self._now.get(who, 0)
        if counted + math.ceil(self._before.get(who, 0) * (1 - into / self.seconds)) >= self._most:
            return False
        self._now[who] = counted + 1
        return True


class RateLimits:
    """The three limits. A rate is `COUNT/second|minute|hour`; an empty one limits nothing. `seconds` only rises."""

    def __init__(self, address: str, device: str, tenant: str, seconds: Callable[[], float]) -> None:
        self._address, self._device, self._tenant = (
            _Window(rate) if rate else None for rate in (address, device, tenant)
        )
        self._seconds = seconds

    def take_address(self, address: str) -> None:
        """Count a request of an address. Raises `Refused` (429 `rate-limited`, Retry-After in seconds)."""
        self._take(self._address, "address", address)

    def take_device(self, tenant_no: int, device_no: int) -> None:
        """Count a request of an authenticated device; raises as `take_address`."""
        self._take(self._device, "device", f"{tenant_no}/{device_no}")

    def take_tenant(self, tenant_no: int) -> None:
        """Count a request of a tenant; raises as `take_address`."""
        self._take(self._tenant, "tenant", str(tenant_no))

    def _take(self, window: _Window | None, of: str, who: str) -> None:
        if window is None or window.take(who, self._seconds()):
            return
        # Told in whole seconds of the window rather than to the moment: all who wait need not come back at once.
        seconds = max(1, window.seconds // 10)
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
