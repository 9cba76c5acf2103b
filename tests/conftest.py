"""What every test needs: Qt without a display, and no network beyond this machine."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
# A test never reads or writes the books, the settings or the key store of the person who runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

LOOPBACK_HOSTS = ("127.", "::1", "localhost")


def _refuse_other_machines(address: Any) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK_HOSTS):
        raise RuntimeError(f"a test tried to reach {address[0]}: tests use loopback only")


@pytest.fixture(autouse=True, scope="session")
def no_network_beyond_loopback() -> Iterator[None]:
    class LoopbackSocket(socket.socket):
        def connect(self, address: Any) -> None:
            _refuse_other_machines(address)
            super().connect(address)

        def connect_ex(self, address: Any) -> int:
            _refuse_other_machines(address)
            return super().connect_ex(address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", LoopbackSocket)
        yield
