"""The operating system's keyring behind three calls, loaded only when a key slot asks for it."""

import importlib
from typing import Any

from ledgerflow_core.errors import LedgerFlowError

_SERVICE = "LedgerFlow"


class KeyStoreUnavailable(LedgerFlowError):
    """This machine has no keyring, or it does not answer."""

    code = "key-store-unavailable"


class SystemKeyStore:
    """Secrets in the operating system's keyring (Keychain, Credential Manager, Secret Service)."""

    def _keyring(self) -> Any:
        # Loaded late: finding the backends takes a quarter of a second that most commands never need.
        return importlib.import_module("keyring")

    def get(self, name: str) -> str | None:
        """Return a secret, or None where there is none."""
        try:
            secret: str | None = self._keyring().get_password(_SERVICE, name)
        except Exception as error:  # noqa: BLE001 - backends raise whatever their platform does
            raise KeyStoreUnavailable(reason=type(error).__name__) from None
        return secret

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        try:
            self._keyring().set_password(_SERVICE, name, secret)
        except Exception as error:  # noqa: BLE001
            raise KeyStoreUnavailable(reason=type(error).__name__) from None

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        try:
            if self._keyring().get_password(_SERVICE, name) is not None:
                self._keyring().delete_password(_SERVICE, name)
        except Exception as error:  # noqa: BLE001
            raise KeyStoreUnavailable(reason=type(error).__name__) from None
