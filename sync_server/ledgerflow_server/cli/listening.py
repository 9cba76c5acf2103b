"""The port the server answers at: taken before anything else is started, or refused with the reason."""

import errno
import socket
from typing import Any

from ledgerflow_core.errors import refuse

_BACKLOG = 2048


class HeldPort(socket.socket):
    """A port that is bound and not listened at. Each process it is sent to gets a socket of its own that listens there.

    At a socket that several processes share, whoever wakes first takes all who wait: after a restart one of them may
    have all offices, and the others nothing to do. Over sockets of the same port the kernel spreads them.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _at_the_same, (self.family, self.getsockname()[:2])


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there, for one process; port 0 is any free one.

    Raises `port-taken` or `address-unusable`.
    """
    try:
        return socket.create_server((host, port), family=_family(host, port), backlog=_BACKLOG)
    except OSError as error:
        code = "port-taken" if error.errno == errno.EADDRINUSE else "address-unusable"
        raise refuse(code, f"{host}:{port}", reason=error.strerror) from None


def held(host: str, port: int) -> HeldPort:
    """Return a port for several processes to listen at; raises as `listening`."""
    # Another server shares its port with its own processes, and would with ours: so it is asked for alone first.
    with listening(host, port) as alone:
        address, family = alone.getsockname(), alone.family
    bound = HeldPort(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.bind(address)
    return bound


def _at_the_same(family: int, address: tuple[str, int]) -> socket.socket:
    return socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=True)


def _family(host: str, port: int) -> int:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
