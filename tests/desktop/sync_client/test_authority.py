from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledgerflow_core.errors import InvalidInput
from ledgerflow_desktop.sync_client.authority import (
    AuthorityDiffers,
    checked_authority,
    fingerprint_of,
    read_address,
    read_code,
)
from ledgerflow_server.keys import certificates


def test_the_fingerprint_is_the_one_the_server_puts_into_its_codes(tmp_path: Path) -> None:
    certificate = certificates.create_authority(tmp_path, datetime.now(UTC))
    named = certificates.fingerprint(certificate)
    assert fingerprint_of(certificate) == named
    pem = (tmp_path / certificates.AUTHORITY).read_bytes()
    assert checked_authority(pem, named).encode() == pem


def test_another_authority_is_not_taken(tmp_path: Path) -> None:
    certificates.create_authority(tmp_path / "a", datetime.now(UTC))
    other = certificates.create_authority(tmp_path / "b", datetime.now(UTC))
    pem = (tmp_path / "a" / certificates.AUTHORITY).read_bytes()
    with pytest.raises(AuthorityDiffers):
        checked_authority(pem, certificates.fingerprint(other))
    with pytest.raises(AuthorityDiffers):
        checked_authority(b"<html>", certificates.fingerprint(other))


def test_a_code_is_read_as_people_type_it() -> None:
    code = read_code(" k7qm-2xv9-ohjt-5bcd.0123456789abcdel ")
    assert (code.secret, code.fingerprint) == ("K7QM-2XV9-0HJT-5BCD", "0123456789ABCDE1")


def test_a_code_of_a_server_that_a_public_authority_vouches_for_has_no_fingerprint() -> None:
    assert read_code("K7QM-2XV9-0HJT-5BCD") == ("K7QM-2XV9-0HJT-5BCD", "")


@pytest.mark.parametrize("typed", ["", "K7QM-2XV9-0HJT", "K7QM-2XV9-0HJT-5BCD.", "K7QM.0123456789ABCDEF", "....."])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_code(typed)
    assert raised.value.problems[0].code == "bad-code"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("books.example:8443", "https://books.example:8443"),
        (" https://books.example/ledger/ ", "https://books.example/ledger"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_an_address_is_read_in_one_form(typed: str, read: str) -> None:
    assert read_address(typed) == read


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("http://books.example", "address-insecure"),
        ("http://192.168.1.4:8443", "address-insecure"),
        ("ftp://books.example", "bad-address"),
        ("https://user@books.example", "bad-address"),
        ("https://books.example?x=1", "bad-address"),
        ("https://books.example:port", "bad-address"),
        ("https://[::1", "bad-address"),
        (f"https://{'a' * 64}.example", "bad-address"),
        ("", "bad-address"),
    ],
)
def test_an_address_that_would_not_be_safe_is_refused(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_address(typed)
    assert raised.value.problems[0].code == code
