"""By which names and addresses clients reach this server."""

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from ledgerflow_server.settings.settings import Settings

_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - a comparison, nothing listens here
# Addresses for documents (RFC 5737, RFC 3849): nobody has them, and nothing is sent there.
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def hosts_of(settings: Settings, own: Sequence[str]) -> list[str]:
    """Return what a certificate must stand for beside this machine's local names; `own` are its addresses."""
    found = [socket.gethostname()]
    for host in (settings.host, urlsplit(settings.public_url).hostname or ""):
        if host and host not in (*_EVERY_ADDRESS, *found):
            found.append(host)
    return found + (list(own) if settings.host in _EVERY_ADDRESS else [])


def public_url(settings: Settings) -> str:
    """Return the address clients are told."""
    host = "localhost" if is_loopback(settings.host) else socket.gethostname()
    return settings.public_url or f"https://{host}:{settings.port}"


def reached_at(settings: Settings, scheme: str, bound: tuple[str, int], own: Sequence[str]) -> tuple[str, list[str]]:
    """Return the address on this machine of a server bound to `bound`, and those from other machines, best first.

    `own` are this machine's addresses. From elsewhere there is none where it listens on loopback alone, and only
    LEDGERFLOW_PUBLIC_URL where that is set.
    """
    host, port = bound

    def url(name: str) -> str:
        return f"{scheme}://[{name}]:{port}" if ":" in name else f"{scheme}://{name}:{port}"

    everywhere = host in _EVERY_ADDRESS
    here = url("localhost" if everywhere else host)
    if settings.public_url:
        return here, [settings.public_url]
    if everywhere:
        return here, [url(name) for name in (socket.gethostname(), *own)]
    return here, [] if is_loopback(host) else [here]


def is_loopback(host: str) -> bool:
    """Whether a host means this machine and no other."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own_addresses() -> list[str]:
    """Return the addresses this machine has towards others; none without a network."""
    found = []
    for family, elsewhere in _ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as way:
                way.connect((elsewhere, 9))
                found.append(str(way.getsockname()[0]))
        except OSError:
            continue
    return [host for host in found if not is_loopback(host)]
