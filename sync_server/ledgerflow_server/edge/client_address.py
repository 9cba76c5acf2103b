"""Whose request it is by address: what a proxy says is believed only where the proxy is ours."""

import ipaddress
from collections.abc import Sequence

from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(said: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of trusted proxies."""
    return tuple(ipaddress.ip_network(network) for network in said)


def address_of(scope: Scope, trusted: Sequence[Network]) -> str:
    """Return the client's address: the last one of X-Forwarded-For that no trusted proxy stands at.

    Anyone can send the header, so it is read from its end (what our own proxy added) and only if the connection
    itself comes from a trusted proxy. IPv6 clients count by their /64: one household has 2^64 addresses.
    """
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if trusted and _is_in(peer, trusted):
        for hop in reversed(_forwarded(scope)):
            peer = hop
            if not _is_in(hop, trusted):
                break
    return _counted(peer)


def _forwarded(scope: Scope) -> list[str]:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return [hop.strip() for value in values for hop in value.split(",") if hop.strip()]


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _counted(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
