"""Keys are made once, kept for their owner alone, and refused when something is wrong with them."""

import os
import stat
from pathlib import Path

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_server.keys import server_keys
from ledgerflow_server.keys.files import FileExists, KeysDamaged, KeysMissing

NAMES = ["log.key", "seal.key", "token.key"]


def test_keys_are_readable_for_their_owner_alone_and_load_again(tmp_path: Path) -> None:
    made = server_keys.create(tmp_path / "keys", os.urandom)
    loaded = server_keys.load(tmp_path / "keys")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == NAMES
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert loaded.log.public_key() == made.log.public_key()
    assert loaded.token.public_key() != loaded.log.public_key()


def test_keys_that_stand_are_never_overwritten(tmp_path: Path) -> None:
    server_keys.create(tmp_path, os.urandom)
    before = {name: (tmp_path / name).read_bytes() for name in NAMES}
    with pytest.raises(FileExists):
        server_keys.create(tmp_path, os.urandom)
    assert {name: (tmp_path / name).read_bytes() for name in NAMES} == before


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_is_missing_or_damaged_is_named(tmp_path: Path, name: str) -> None:
    server_keys.create(tmp_path, os.urandom)
    (tmp_path / name).write_bytes(b"not a key")
    with pytest.raises(KeysDamaged, match=name):
        server_keys.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(KeysMissing, match=name):
        server_keys.load(tmp_path)


def test_every_key_others_may_read_is_named_and_none_is_used(tmp_path: Path) -> None:
    server_keys.create(tmp_path, os.urandom)
    (tmp_path / "log.key").chmod(0o640)
    (tmp_path / "seal.key").chmod(0o604)
    with pytest.raises(InvalidInput) as caught:
        server_keys.load(tmp_path)
    assert [(problem.code, Path(problem.place).name, problem.facts) for problem in caught.value.problems] == [
        ("key-readable-by-others", "log.key", {"mode": "0640"}),
        ("key-readable-by-others", "seal.key", {"mode": "0604"}),
    ]


def test_what_is_sealed_for_one_owner_opens_for_no_other(tmp_path: Path) -> None:
    keys = server_keys.create(tmp_path, os.urandom)
    sealed = keys.sealed(b"JBSWY3DPEHPK3PXP", "totp/7/31", os.urandom)
    assert b"JBSWY3DP" not in sealed
    assert keys.unsealed(sealed, "totp/7/31") == b"JBSWY3DPEHPK3PXP"
    altered = bytes([*sealed[:-1], sealed[-1] ^ 1])
    for wrong, owner in ((sealed, "totp/7/32"), (altered, "totp/7/31"), (b"", "totp/7/31")):
        with pytest.raises(KeysDamaged):
            keys.unsealed(wrong, owner)


def test_keys_do_not_show_themselves(tmp_path: Path) -> None:
    keys = server_keys.create(tmp_path, os.urandom)
    assert repr(keys) == "ServerKeys(...)"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    server_keys.create(tmp_path, os.urandom)
    (tmp_path / "seal.key").write_text("00" * 16)
    with pytest.raises(KeysDamaged, match="seal"):
        server_keys.load(tmp_path)
