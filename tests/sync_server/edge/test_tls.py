"""Whom the server's TLS lets in: who knows its authority, by TLS 1.3."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledgerflow_server.cli.serving import strict_tls
from ledgerflow_server.keys import certificates
from ledgerflow_server.settings.settings import Settings
from sync_server.edge_app import edge_app
from sync_server.serving import served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    certificates.create_authority(folder, datetime.now(UTC))
    certificates.ensure_server_certificate(folder, [], datetime.now(UTC))
    return folder


@pytest.fixture(scope="module")
def tls_port(folder: Path) -> Iterator[int]:
    options = {"ssl_certfile": folder / "server.pem", "ssl_keyfile": folder / "server.key"}
    with served(edge_app(Settings()), **options, ssl_context_factory=strict_tls) as port:
        yield port


def connect(port: int, context: ssl.SSLContext, name: str) -> str:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as line,
        context.wrap_socket(line, server_hostname=name) as secured,
    ):
        return str(secured.version())


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_who_knows_the_authority_gets_in_by_tls_1_3(folder: Path, tls_port: int, name: str) -> None:
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    assert connect(tls_port, context, name) == "TLSv1.3"


def test_another_authority_of_the_same_name_is_not_taken_for_it(tmp_path: Path, tls_port: int) -> None:
    certificates.create_authority(tmp_path, datetime.now(UTC))
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(tls_port, ssl.create_default_context(cafile=tmp_path / "authority.pem"), "localhost")


def test_nothing_older_than_tls_1_3_is_spoken(folder: Path, tls_port: int) -> None:
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        connect(tls_port, context, "localhost")


def test_the_server_sends_the_authority_a_client_pins_by_its_fingerprint(folder: Path, tls_port: int) -> None:
    """A client that has only the enrolment code looks at the chain before it trusts it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", tls_port), timeout=10) as line,
        context.wrap_socket(line) as secured,
    ):
        chain = secured._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # public from Python 3.13
    sent = [certificate.public_bytes() for certificate in chain]
    assert sent[-1] == (folder / "authority.pem").read_text("ascii")
