"""The operating system's keyring behind three calls, loaded only when something in it is asked for.

Only stores that keep a secret from others are used: never a file in the clear, whatever this machine is set to. A store
may ask the person at the screen to unlock it. Where nobody sits there, the call ends after a while, and as long as the
store keeps that question open it is not asked another one.
"""

import importlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ledgerflow_core.errors import LedgerFlowError

Value = TypeVar("Value")
_SERVICE = "LedgerFlow"
# Time to type the password of one's keyring; a machine without a person is not kept longer.
ANSWER_SECONDS = 30.0
# The reason where there is nothing that might answer later.
NO_KEY_STORE = "no-key-store"
_REAL_STORES = tuple(
    f"keyring.backends.{name}" for name in ("macOS", "Windows", "SecretService", "kwallet", "libsecret")
)


class KeyStoreUnavailable(LedgerFlowError):
    """This machine has no keyring, or it does not answer."""

    code = "key-store-unavailable"


def system_keyring() -> Any:
    """Return the keyring this machine is set to, the best of several; `KeyStoreUnavailable` where it is no real one."""
    # Loaded late: finding the backends takes a quarter of a second that most commands never need.
    chosen = importlib.import_module("keyring").get_keyring()
    for found in getattr(chosen, "backends", None) or [chosen]:
        if type(found).__module__.startswith(_REAL_STORES):
            return found
    raise KeyStoreUnavailable(reason=NO_KEY_STORE)


class SystemKeyStore:
    """Secrets in the operating system's keyring (Keychain, Credential Manager, Secret Service, KWallet)."""

    def __init__(self, find: Callable[[], Any] = system_keyring, *, seconds: float = ANSWER_SECONDS) -> None:
        self._find = find
        self._seconds = seconds
        self._unanswered: threading.Thread | None = None

    def get(self, name: str) -> str | None:
        """Return a secret, or None where there is none."""
        secret: str | None = self._ask(lambda keyring: keyring.get_password(_SERVICE, name))
        return secret

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self._ask(lambda keyring: keyring.set_password(_SERVICE, name, secret))

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""

        def remove(keyring: Any) -> None:
            if keyring.get_password(_SERVICE, name) is not None:
                keyring.delete_password(_SERVICE, name)

        self._ask(remove)

    def _ask(self, question: Callable[[Any], Value]) -> Value:
        """Ask in a thread that may hang without anybody waiting for it longer than said."""
        answers: list[Value] = []
        reasons: list[str] = []

        def ask() -> None:
            try:
                answers.append(question(self._find()))
            except KeyStoreUnavailable as error:
                reasons.append(str(error.facts["reason"]))
            except Exception as error:  # noqa: BLE001 - backends raise whatever their platform does
                reasons.append(type(error).__name__)

        if self._unanswered is None or not self._unanswered.is_alive():
            asking = threading.Thread(target=ask, name="key store", daemon=True)
            asking.start()
            asking.join(self._seconds)
            if answers:
                return answers[0]
            self._unanswered = asking
        raise KeyStoreUnavailable(reason=reasons[0] if reasons else "no-answer")


class NoKeyStore:
    """A machine without a keyring: for books that are made to be looked at and thrown away."""

    def get(self, name: str) -> str | None:
        """Raise `KeyStoreUnavailable`."""
        raise KeyStoreUnavailable(reason=NO_KEY_STORE)

    def put(self, name: str, secret: str) -> None:
        """Raise `KeyStoreUnavailable`."""
        raise KeyStoreUnavailable(reason=NO_KEY_STORE)

    def remove(self, name: str) -> None:
        """Raise `KeyStoreUnavailable`."""
        raise KeyStoreUnavailable(reason=NO_KEY_STORE)
