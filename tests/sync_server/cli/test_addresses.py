"""What `serve` says of where it is reached, for every way to listen; the certificate stands for all of it."""

import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName

from ledgerflow_server.cli import addresses
from ledgerflow_server.keys import certificates
from ledgerflow_server.settings import reading
from ledgerflow_server.settings.settings import Settings
from sync_server.machines import new_machine

OWN = ["192.0.2.7", "2001:db8::7"]


def settings(**given: str) -> Settings:
    return reading.read({f"LEDGERFLOW_{name}": value for name, value in given.items()})


@pytest.mark.parametrize(
    ("given", "bound", "here", "elsewhere"),
    [
        ({"HOST": "127.0.0.1"}, "127.0.0.1", "https://127.0.0.1:8443", []),
        ({"HOST": "::1"}, "::1", "https://[::1]:8443", []),
        ({"HOST": "10.9.8.7"}, "10.9.8.7", "https://10.9.8.7:8443", ["https://10.9.8.7:8443"]),
        ({"PUBLIC_URL": "https://books.test"}, "0.0.0.0", "https://localhost:8443", ["https://books.test"]),
    ],
)
def test_an_address_that_was_chosen_is_said_as_it_is_reached(
    given: Mapping[str, str], bound: str, here: str, elsewhere: list[str]
) -> None:
    assert addresses.reached_at(settings(**given), "https", (bound, 8443), OWN) == (here, elsewhere)


@pytest.mark.parametrize("bound", ["0.0.0.0", "::"])
def test_who_listens_everywhere_is_reached_by_name_and_by_own_addresses_and_never_by_the_wildcard(bound: str) -> None:
    here, elsewhere = addresses.reached_at(settings(HOST=bound), "https", (bound, 8443), OWN)
    assert here == "https://localhost:8443"
    assert elsewhere == [
        f"https://{socket.gethostname()}:8443", "https://192.0.2.7:8443", "https://[2001:db8::7]:8443"
    ]  # fmt: skip


def test_the_certificate_stands_for_every_address_that_is_said(tmp_path: Path) -> None:
    given = settings(HOST="0.0.0.0")
    certificates.create_authority(tmp_path, datetime.now(UTC))
    certificates.ensure_server_certificate(tmp_path, addresses.hosts_of(given, OWN), datetime.now(UTC))
    held = certificates.read_certificate(tmp_path / certificates.SERVER).extensions
    names = held.get_extension_for_class(SubjectAlternativeName).value
    known = {*names.get_values_for_type(DNSName), *map(str, names.get_values_for_type(IPAddress))}
    here, elsewhere = addresses.reached_at(given, "https", ("0.0.0.0", 8443), OWN)
    assert {urlsplit(address).hostname for address in (here, *elsewhere)} <= known | {socket.gethostname().lower()}


def test_codes_for_a_server_of_this_machine_alone_name_this_machine() -> None:
    assert addresses.public_url(settings(HOST="127.0.0.1")) == "https://localhost:8443"
    assert addresses.public_url(settings()) == f"https://{socket.gethostname()}:8443"


def test_a_server_of_this_machine_alone_says_that_no_other_reaches_it() -> None:
    with new_machine() as machine:
        assert machine.run("init").returncode == 0
        with machine.serving() as (_, process):
            assert process.stderr is not None
            assert process.stderr.readline().startswith("No other machine reaches it: it listens on loopback alone")
