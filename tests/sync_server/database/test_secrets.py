"""The file of passwords and context keys: made once, for its owner alone, never shown."""

import os
from pathlib import Path

import pytest

from ledgerflow_server.database.failures import SecretsUnreadable
from ledgerflow_server.database.secrets import LOGIN_ROLES, make_secrets, read_or_make


def test_secrets_are_made_once_and_kept_for_their_owner(tmp_path: Path) -> None:
    file = tmp_path / "database.json"
    made = read_or_make(file, os.urandom)
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_or_make(file, os.urandom) == made
    assert set(made.passwords) == set(LOGIN_ROLES)
    assert len(set(made.passwords.values())) == len(LOGIN_ROLES)
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "database.json"
    read_or_make(file, os.urandom)
    file.chmod(0o640)
    with pytest.raises(SecretsUnreadable, match="chmod 600"):
        read_or_make(file, os.urandom)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"passwords": {}, "context_keys": []}'])
def test_a_file_that_holds_something_else_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "database.json"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SecretsUnreadable):
        read_or_make(file, os.urandom)
    assert file.read_bytes() == content


def test_showing_secrets_shows_none() -> None:
    secrets = make_secrets(os.urandom)
    shown = f"{secrets!r} {secrets}"
    assert not any(password in shown for password in secrets.passwords.values())
    assert repr(secrets.context_keys[0].key) not in shown
