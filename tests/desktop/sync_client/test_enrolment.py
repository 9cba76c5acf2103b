"""What was typed wrong at an enrolment is named with what to type; the server is a real one of TLS on loopback."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from desktop.sync_client.answering import Answer, Answering, Asked, answering
from ledgerflow_core.errors import LedgerFlowError, Problem
from ledgerflow_core.identifiers import DeviceId, ReplicaId, named
from ledgerflow_desktop.phrases.problems import say
from ledgerflow_desktop.sync_client.authority import AuthorityDiffers, read_code
from ledgerflow_desktop.sync_client.enrolment import Candidate, enrol, reach
from ledgerflow_server.keys import certificates

SECRET = "K7QM-2XV9-0HJT-5BCD"
NOT_FOUND = Answer(
    json.dumps({"type": "https://ledgerflow.example/problems/not-found"}).encode(), 404, "application/problem+json"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    certificates.create_authority(made, datetime.now(UTC))
    certificates.ensure_server_certificate(made, (), datetime.now(UTC))
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Answering]:
    def answer(asked: Asked) -> Answer:
        if asked.path != "/v1/authority":
            return NOT_FOUND
        return Answer((folder / certificates.AUTHORITY).read_bytes(), media="application/x-pem-file")

    with answering(answer, tls=(str(folder / certificates.SERVER), str(folder / certificates.SERVER_KEY))) as running:
        yield running


@pytest.fixture
def code(folder: Path) -> str:
    return f"{SECRET}.{certificates.fingerprint(certificates.read_certificate(folder / certificates.AUTHORITY))}"


def try_to_enrol(address: str, code: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    replica = ReplicaId(named("test", "replica"))
    reached = reach(address, read_code(code))
    try:
        enrol(
            reached.transport,
            read_code(code),
            Candidate(None, DeviceId(named("test", "device")), "till", replica, key),
        )
    finally:
        reached.transport.close()


def refused(address: str, code: str) -> Problem:
    with pytest.raises(LedgerFlowError) as raised:
        try_to_enrol(address, code)
    return raised.value.problems[0]


def test_an_address_with_a_path_too_much_is_named_with_the_address_without_it(server: Answering, code: str) -> None:
    found = refused(f"{server.address}/books", code)
    assert (found.code, found.facts) == ("address-has-path", {"path": "/books", "address": server.address})
    assert say(found).endswith(f"Leave that out: the address is {server.address}.")


def test_a_code_without_its_second_half_is_named_where_only_that_would_say_whom_to_trust(server: Answering) -> None:
    assert refused(server.address, SECRET).code == "code-without-fingerprint"
    assert server.asked == [], "nothing is sent to somebody unknown"


def test_plain_http_to_a_server_of_tls_is_named_with_the_scheme_to_type(server: Answering, code: str) -> None:
    found = refused(server.address.replace("https", "http"), code)
    assert (found.code, found.facts["reason"]) == ("no-answer", "wants-tls")
    assert say(found).endswith("Write the address with https instead of http.")


def test_a_server_that_has_no_authority_of_its_own_is_not_the_one_of_the_code(code: str, folder: Path) -> None:
    files = (str(folder / certificates.SERVER), str(folder / certificates.SERVER_KEY))
    with answering(NOT_FOUND, tls=files) as other:
        assert refused(other.address, code).code == AuthorityDiffers.code
