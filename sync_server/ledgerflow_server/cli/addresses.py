"""By which names and addresses clients reach this server."""

import socket
from urllib.parse import urlsplit

from ledgerflow_server.settings.settings import Settings


def hosts_of(settings: Settings) -> list[str]:
    """Return the names a certificate must stand for, beside this machine's local ones."""
    found = [socket.gethostname()]
    for host in (settings.host, urlsplit(settings.public_url).hostname or ""):
        if host and host not in ("0.0.0.0", "::", *found):  # noqa: S104 - a comparison, nothing listens here
            found.append(host)
    return found


def public_url(settings: Settings) -> str:
    """Return the address clients are told."""
    return settings.public_url or f"https://{socket.gethostname()}:{settings.port}"
