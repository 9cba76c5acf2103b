"""Where the signing key of a book lies, from the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring import get_keyring, set_keyring
from keyring.backends.null import Keyring as NullKeyring

from desktop.actions.enrolling_server import EnrollingServer
from desktop.builders import a_company_folder
from desktop.cli.running import run
from desktop.settings.keyrings import SecretServiceKeyring


@pytest.fixture
def keyring() -> Iterator[SecretServiceKeyring]:
    """A machine with a key store that works."""
    before, made = get_keyring(), SecretServiceKeyring()
    set_keyring(made)
    yield made
    set_keyring(before)


@pytest.fixture
def server(tmp_path: Path) -> EnrollingServer:
    return EnrollingServer(tmp_path)


def test_an_enrolled_book_keeps_its_key_in_the_key_store_and_signs_with_it(
    tmp_path: Path, keyring: SecretServiceKeyring, server: EnrollingServer
) -> None:
    folder = a_company_folder(tmp_path)
    with server.served() as at:
        done = run("enrol", folder, at.address, server.code)
    assert "The signing key is in the key store of this computer" in done.out
    assert len(keyring.secrets) == 1
    assert run("retire", folder, "Rent").code == 0
    assert run("verify", folder).code == 0
    assert "The signing key is in the key store of this computer." in run("keys", folder).out
    assert run("keys", folder, "--signing-key", "book").code == 0
    assert keyring.secrets == {}
    assert run("keys", folder, "--signing-key", "key-store").code == 0
    assert len(keyring.secrets) == 1


def test_a_lost_key_is_named_and_a_new_code_lets_the_book_in_again(
    tmp_path: Path, keyring: SecretServiceKeyring, server: EnrollingServer
) -> None:
    folder = a_company_folder(tmp_path)
    with server.served() as at:
        run("enrol", folder, at.address, server.code)
        keyring.secrets.clear()
        for command in (("retire", folder, "Rent"), ("sync", folder)):
            done = run(*command)
            assert (done.code, done.codes) == (1, ["signing-key-missing"])
        assert run("report", folder, "trial-balance").code == 0
        server.give_out_another_code()
        assert run("enrol", folder, at.address, server.code).code == 0
    assert run("retire", folder, "Rent").code == 0
    assert run("verify", folder).code == 0


def test_a_key_store_that_does_not_answer_is_named_as_what_is_out_of_reach(
    tmp_path: Path, keyring: SecretServiceKeyring, server: EnrollingServer
) -> None:
    folder = a_company_folder(tmp_path)
    with server.served() as at:
        run("enrol", folder, at.address, server.code)
    set_keyring(NullKeyring())
    done = run("retire", folder, "Rent")
    assert (done.code, done.codes) == (3, ["signing-key-out-of-reach"])
    set_keyring(keyring)
    assert run("retire", folder, "Rent").code == 0


def test_a_key_that_is_lost_without_a_line_is_replaced_and_the_book_enrolled_later(
    tmp_path: Path, keyring: SecretServiceKeyring, server: EnrollingServer
) -> None:
    folder = a_company_folder(tmp_path)
    with server.served() as at:
        run("enrol", folder, at.address, server.code)
    keyring.secrets.clear()
    assert run("keys", folder, "--signing-key", "new").code == 0
    assert run("retire", folder, "Rent").code == 0
    done = run("sync", folder)
    assert (done.code, done.codes) == (1, ["enrol-again"])


def test_a_machine_without_a_key_store_says_where_the_key_stays(tmp_path: Path, server: EnrollingServer) -> None:
    folder = a_company_folder(tmp_path)
    done = run("keys", folder, "--signing-key", "key-store")
    assert (done.code, done.codes) == (3, ["not-enrolled"])
    with server.served() as at:
        done = run("enrol", folder, at.address, server.code)
    assert "the signing key stays in keys.json" in done.out
    done = run("keys", folder, "--signing-key", "key-store")
    assert (done.code, done.codes) == (1, ["no-key-store"])
