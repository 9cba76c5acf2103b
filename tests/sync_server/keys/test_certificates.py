"""The server's own authority, the certificate it signs, and when that is made anew."""

import hashlib
import ipaddress
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from ledgerflow_server.keys import certificates
from ledgerflow_server.keys.files import FileExists, KeysMissing

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certificates.create_authority(tmp_path, NOW)
    certificates.ensure_server_certificate(tmp_path, ["books.example", "192.0.2.7"], NOW)
    return tmp_path


def test_openssl_accepts_the_chain(folder: Path) -> None:
    """Judged by OpenSSL's own verifier, not by the library that made it."""
    said = subprocess.run(
        ["openssl", "verify", "-attime", str(int(NOW.timestamp())), "-verify_hostname", "books.example", "-x509_strict",
         "-purpose", "sslserver", "-CAfile", folder / "authority.pem", folder / "server.pem"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr


def test_it_stands_for_this_machine_and_the_names_given(folder: Path) -> None:
    held = certificates.read_certificate(folder / "server.pem").extensions
    names = held.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "books.example"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address(text) for text in ("127.0.0.1", "::1", "192.0.2.7")
    ]


def test_it_lasts_397_days_and_the_authority_ten_years(folder: Path) -> None:
    assert certificates.days_left(certificates.read_certificate(folder / "server.pem"), NOW) == 397
    authority = certificates.read_certificate(folder / "authority.pem")
    assert authority.not_valid_after_utc == datetime(2036, 4, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(("days", "renewed"), [(0, False), (367, False), (368, True), (500, True)])
def test_it_is_renewed_with_less_than_30_days_left(folder: Path, days: int, renewed: bool) -> None:
    hosts = ["books.example", "192.0.2.7"]
    later = NOW + timedelta(days=days)
    assert certificates.ensure_server_certificate(folder, hosts, later) is renewed
    assert certificates.days_left(certificates.read_certificate(folder / "server.pem"), later) >= 30


def test_it_is_renewed_for_a_new_name_by_the_same_authority(folder: Path) -> None:
    pinned = certificates.fingerprint(certificates.read_certificate(folder / "authority.pem"))
    assert certificates.ensure_server_certificate(folder, ["other.example"], NOW)
    certificate = certificates.read_certificate(folder / "server.pem")
    certificate.verify_directly_issued_by(certificates.read_certificate(folder / "authority.pem"))
    assert certificates.fingerprint(certificates.read_certificate(folder / "authority.pem")) == pinned


def test_it_is_renewed_when_its_key_is_another_ones(folder: Path) -> None:
    (folder / "server.key").write_bytes((folder / "authority.key").read_bytes())
    assert certificates.ensure_server_certificate(folder, ["books.example"], NOW)
    assert not certificates.ensure_server_certificate(folder, ["books.example"], NOW)


def test_the_fingerprint_is_the_first_80_bits_in_crockfords_base_32(folder: Path) -> None:
    """Recomputed from OpenSSL's export of the public key, bit by bit."""
    der = subprocess.run(
        "openssl x509 -in authority.pem -noout -pubkey | openssl pkey -pubin -outform der",
        shell=True, cwd=folder, capture_output=True, check=True,
    ).stdout  # fmt: skip
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(der).digest()[:10])
    symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    worked = "".join(symbols[int(bits[at : at + 5], 2)] for at in range(0, 80, 5))
    assert certificates.fingerprint(certificates.read_certificate(folder / "authority.pem")) == worked
    assert len(worked) == 16


def test_an_authority_is_never_replaced(folder: Path) -> None:
    with pytest.raises(FileExists):
        certificates.create_authority(folder, NOW)


def test_without_an_authority_nothing_is_signed(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"authority\.pem"):
        certificates.ensure_server_certificate(tmp_path, [], NOW)
