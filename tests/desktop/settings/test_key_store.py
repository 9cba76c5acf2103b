"""The system's keyring behind keyring's own interface: real stores alone, and nobody waits for one for ever."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from keyring import get_keyring, set_keyring
from keyring.backend import KeyringBackend
from keyring.backends.null import Keyring as NullKeyring

from desktop.settings.keyrings import RememberingKeyring, SecretServiceKeyring
from ledgerflow_desktop.settings.key_store import KeyStoreUnavailable, NoKeyStore, SystemKeyStore, system_keyring


class PlaintextKeyring(RememberingKeyring):
    """Named as the one that keeps secrets in a file in the clear."""

    __module__ = "keyrings.alt.file"


class ManyKeyrings(RememberingKeyring):
    """Several at once, as keyring's chainer: it passes a secret to whichever takes it."""

    __module__ = "keyring.backends.chainer"

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = list(backends)


class LockedKeyring(RememberingKeyring):
    """Asks a person to unlock it, and there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.answered = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.answered.wait(60)
        return None


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = get_keyring()
    yield
    set_keyring(before)


def test_a_secret_is_kept_given_back_and_forgotten() -> None:
    keyring = SecretServiceKeyring()
    store = SystemKeyStore(lambda: keyring)
    assert store.get("a") is None
    store.put("a", "1")
    assert store.get("a") == "1"
    assert keyring.secrets == {("LedgerFlow", "a"): "1"}
    store.remove("a")
    store.remove("a")
    assert store.get("a") is None


def test_a_store_of_the_system_is_used() -> None:
    set_keyring(SecretServiceKeyring())
    SystemKeyStore().put("a", "1")
    assert SystemKeyStore().get("a") == "1"


@pytest.mark.parametrize("set_to", [NullKeyring(), PlaintextKeyring(), ManyKeyrings(PlaintextKeyring())])
def test_a_file_in_the_clear_and_a_store_that_keeps_nothing_are_never_used(set_to: Any) -> None:
    set_keyring(set_to)
    for ask in (lambda store: store.get("a"), lambda store: store.put("a", "1"), lambda store: store.remove("a")):
        with pytest.raises(KeyStoreUnavailable) as raised:
            ask(SystemKeyStore())
        assert raised.value.facts == {"reason": "no-key-store"}
    assert getattr(set_to, "secrets", {}) == {}


def test_of_several_the_real_one_is_used() -> None:
    clear, real = PlaintextKeyring(), SecretServiceKeyring()
    set_keyring(ManyKeyrings(clear, real))
    assert system_keyring() is real
    SystemKeyStore().put("a", "1")
    assert (clear.secrets, real.secrets) == ({}, {("LedgerFlow", "a"): "1"})


def test_a_store_nobody_unlocks_is_waited_for_once_and_not_for_ever() -> None:
    keyring = LockedKeyring()
    store = SystemKeyStore(lambda: keyring, seconds=0.05)
    for _ in range(3):
        with pytest.raises(KeyStoreUnavailable) as raised:
            store.get("a")
        assert raised.value.facts == {"reason": "no-answer"}
    keyring.answered.set()
    assert keyring.asked == 1


def test_a_store_that_was_unlocked_late_is_asked_again() -> None:
    keyring = LockedKeyring()
    store = SystemKeyStore(lambda: keyring, seconds=0.05)
    with pytest.raises(KeyStoreUnavailable):
        store.get("a")
    keyring.answered.set()
    for thread in threading.enumerate():
        if thread.name == "key store":
            thread.join(30)
    assert store.get("a") is None
    assert keyring.asked == 2


def test_what_goes_wrong_in_a_store_is_named_by_its_kind_and_says_no_secret() -> None:
    def broken() -> Any:
        raise RuntimeError("password hunter2 is wrong")

    store = SystemKeyStore(broken)
    for _ in range(2):
        with pytest.raises(KeyStoreUnavailable) as raised:
            store.put("a", "1")
        assert raised.value.facts == {"reason": "RuntimeError"}


def test_a_machine_without_a_store_says_so() -> None:
    for ask in (lambda store: store.get("a"), lambda store: store.put("a", "1"), lambda store: store.remove("a")):
        with pytest.raises(KeyStoreUnavailable):
            ask(NoKeyStore())
