"""The port of the server: taken or refused with a reason, and shared by its processes alone."""

import pickle
import socket
from collections.abc import Callable

import pytest

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.cli.listening import held, listening

CONNECTIONS = 200


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def test_connections_are_spread_over_all_who_listen() -> None:
    with held("127.0.0.1", 0) as port:
        # As the processes get it: through a pipe, pickled.
        sent = pickle.dumps(port)
        listeners: list[socket.socket] = [pickle.loads(sent) for _ in range(2)]
        assert {listener.getsockname() for listener in listeners} == {port.getsockname()}
        for listener in listeners:
            listener.listen(CONNECTIONS)
        clients = [connected(port.getsockname()[1]) for _ in range(CONNECTIONS)]
        counts = [0, 0]
        for at, listener in enumerate(listeners):
            listener.setblocking(False)
            while counts[at] < CONNECTIONS:
                try:
                    listener.accept()[0].close()
                except BlockingIOError:
                    break
                counts[at] += 1
            listener.close()
        for client in clients:
            client.close()
    assert sum(counts) == CONNECTIONS
    assert min(counts) > CONNECTIONS // 5


def test_a_held_port_answers_nobody_until_a_process_listens() -> None:
    with held("127.0.0.1", 0) as port:
        with pytest.raises(ConnectionRefusedError):
            connected(port.getsockname()[1])
        with pickle.loads(pickle.dumps(port)) as served:
            with pytest.raises(ConnectionRefusedError):
                connected(port.getsockname()[1])
            served.listen()
            connected(port.getsockname()[1]).close()


@pytest.mark.parametrize("take", [held, listening])
@pytest.mark.parametrize("first", [held, listening])
def test_a_port_that_another_server_has_is_refused(
    first: Callable[[str, int], socket.socket], take: Callable[[str, int], socket.socket]
) -> None:
    with first("127.0.0.1", 0) as port:
        number = port.getsockname()[1]
        with pytest.raises(LedgerFlowError, match="port-taken"):
            take("127.0.0.1", number)
        listener = pickle.loads(pickle.dumps(port)) if first is held else port
        listener.listen()
        with pytest.raises(LedgerFlowError, match="port-taken"):
            take("127.0.0.1", number)
        listener.close()


@pytest.mark.parametrize("take", [held, listening])
def test_an_address_of_another_machine_is_refused(take: Callable[[str, int], socket.socket]) -> None:
    with pytest.raises(LedgerFlowError, match="address-unusable"):
        take("192.0.2.1", 0)


@pytest.mark.parametrize("take", [held, listening])
@pytest.mark.parametrize("first", [held, listening])
def test_a_port_is_free_once_everyone_who_listened_has_gone(
    first: Callable[[str, int], socket.socket], take: Callable[[str, int], socket.socket]
) -> None:
    with first("127.0.0.1", 0) as port:
        number = port.getsockname()[1]
        with pickle.loads(pickle.dumps(port)) if first is held else port as served:
            served.listen()
            client = connected(number)
            served.accept()[0].close()
            client.close()
    with take("127.0.0.1", number) as again:
        assert again.getsockname()[1] == number
