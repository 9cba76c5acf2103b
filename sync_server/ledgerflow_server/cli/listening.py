"""The port the server answers at: taken before anything else is started, or refused with the reason."""

import errno
import socket
from typing import Any, TypeVar

from ledgerflow_core.errors import LedgerFlowError, refuse

_BACKLOG = 2048
_Socket = TypeVar("_Socket", bound=socket.socket)


class HeldPort(socket.socket):
    """A port that is bound and not listened at. Each process it is sent to gets a socket of its own bound to it.

    At a socket that several processes share, whoever wakes first takes all who wait: after a restart one of them may
    have all offices, and the others nothing to do. Over sockets of the same port the kernel spreads them. A process
    listens at its own when it is ready to answer: until then it is given nobody.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _at_the_same, (self.family, self.getsockname())


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there, for one process; port 0 is any free one.

    Raises `port-taken` or `address-unusable`.
    """
    try:
        return socket.create_server((host, port), family=_family(host, port), backlog=_BACKLOG)
    except OSError as error:
        raise _refusal(error, host, port) from None


def held(host: str, port: int) -> HeldPort:
    """Return a port for several processes to listen at; raises as `listening`."""
    # Another server shares its port with its own processes, and would with ours: so it is asked for alone first.
    with listening(host, port) as alone:
        address, family = alone.getsockname(), alone.family
    try:
        port_of_all = _bound(HeldPort(family), address)
    except OSError as error:
        raise _refusal(error, host, port) from None
    # Bound over what ended connections left of the port. From now on nobody who asks for it alone may have it.
    port_of_all.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return port_of_all


def _at_the_same(family: int, address: Any) -> socket.socket:
    return _bound(socket.socket(family), address)


def _bound(bound: _Socket, address: Any) -> _Socket:
    """Return a socket bound to a port that others of this program are bound to; closed where that is refused."""
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if bound.family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def _refusal(error: OSError, host: str, port: int) -> LedgerFlowError:
    code = "port-taken" if error.errno == errno.EADDRINUSE else "address-unusable"
    return refuse(code, f"{host}:{port}", reason=error.strerror)


def _family(host: str, port: int) -> int:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
