"""Tenants, companies, users, codes and devices from the command line, against a server that answers meanwhile."""

import re
import time
from collections.abc import Iterator
from subprocess import CompletedProcess

import httpx
import pytest

from ledgerflow_core.sync.enrolment import CODE_SYMBOLS, secret_of
from ledgerflow_server.devices.repository import server_device
from sync_server.machines import Machine, new_machine
from sync_server.people_app import Laptop, ids

Server = tuple[Machine, httpx.Client, str]
OWN_PASSWORD = "eight little tigers"


def said(done: CompletedProcess[str], what: str) -> str:
    """Return what a command printed behind a word."""
    assert done.returncode == 0, done.stderr
    found = re.search(rf"^{what}\s+(\S.*?)(?:    .*)?$", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return found.group(1)


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[Machine, CompletedProcess[str]]]:
    with new_machine() as machine:
        yield (
            machine,
            machine.run("init", "--tenant", "Sharma & Sons", "--owner", "Asha", "--company", "Sharma Traders"),
        )


@pytest.fixture(scope="module")
def server(first: tuple[Machine, CompletedProcess[str]]) -> Iterator[Server]:
    machine, done = first
    assert done.returncode == 0, done.stderr
    with machine.serving() as (url, _), httpx.Client(base_url=url, verify=machine.trust(), timeout=20) as client:
        deadline = time.monotonic() + 20
        while True:
            try:
                client.get("/health/live")
                break
            except httpx.ConnectError:
                assert time.monotonic() < deadline, "nobody serves"
        yield machine, client, said(done, "tenant").split("id ")[1]


def sign_in(server: Server, login: str, password: str, new: str | None = None) -> httpx.Response:
    body = {"tenant": server[2], "login": login, "password": password, "new_password": new}
    return server[1].post("/v1/sessions", json=body)


def enrol(client: httpx.Client, code: str, laptop: Laptop | None = None) -> httpx.Response:
    return client.post("/v1/enrolments", json=(laptop or Laptop()).enrolment(code.partition(".")[0], ids.new()))


def test_init_makes_all_that_the_first_device_needs(
    first: tuple[Machine, CompletedProcess[str]], server: Server
) -> None:
    done = first[1]
    code = said(done, "code")
    assert len(secret_of(code)) == CODE_SYMBOLS
    assert code.endswith(said(done, "authority").removeprefix("fingerprint "))
    assert re.search(rf"ledgerflow enrol BOOK https://\S+:\d+ {re.escape(code)}$", done.stdout, re.MULTILINE)
    assert sign_in(server, "asha", said(done, "password"), OWN_PASSWORD).status_code == 201
    answer = enrol(server[1], code)
    assert (answer.status_code, answer.json()["user"]["role"]) == (201, "owner")


def test_init_again_makes_no_second_tenant(server: Server) -> None:
    done = server[0].run("init")
    assert "tenants       kept as they are: 1" in done.stdout
    assert "password" not in done.stdout


def test_a_user_is_made_signs_in_and_gets_another_password(server: Server) -> None:
    made = server[0].run("create-user", "ravi", "--role", "branch", "--company", "sharma traders")
    password = said(made, "password")
    assert sign_in(server, "ravi", password).status_code == 403
    assert sign_in(server, "ravi", password, OWN_PASSWORD).json()["user"]["companies"] == [1]
    again = server[0].run("create-user", "RAVI")
    assert (again.returncode, again.stderr) == (1, "login: another user has this login [login-taken]\n")
    other = said(server[0].run("reset-password", "ravi", "--second-factor"), "password")
    assert other != password
    assert sign_in(server, "ravi", OWN_PASSWORD).status_code == 401
    assert sign_in(server, "ravi", other).status_code == 403
    assert sign_in(server, "ravi", other, f"{OWN_PASSWORD} again").status_code == 201


def test_a_code_for_a_company_made_here_lets_one_device_in_until_it_is_revoked(server: Server) -> None:
    machine, client, tenant = server
    assert said(machine.run("create-company", "Sharma Exports"), "company") == "Sharma Exports, number 2"
    made = machine.run("enrol-code", "asha", "--company", "2", "--hours", "1")
    laptop = Laptop()
    assert enrol(client, said(made, "code"), laptop).status_code == 201

    def token() -> httpx.Response:
        challenge = client.post("/v1/devices/challenge").json()["challenge"]
        return client.post("/v1/devices/token", json=laptop.token_request(tenant, challenge))

    assert token().status_code == 200
    assert machine.run("revoke-device", laptop.device).returncode == 0
    assert token().status_code == 403
    listed = machine.run("list").stdout
    assert f"device {laptop.device}  Till 2  revoked" in listed
    assert "company 2  Sharma Exports  active" in listed


def test_the_server_itself_is_not_shut_out_by_its_id_or_the_name_offices_see(server: Server) -> None:
    machine, client, tenant = server
    for given in (server_device(tenant), "server"):
        done = machine.run("revoke-device", given)
        assert (done.returncode, done.stderr) == (
            1,
            "device: this is the server itself, which cannot be shut out [server-itself]\n",
        )
    namesake = Laptop()
    enrolment = namesake.enrolment(secret_of(said(machine.run("enrol-code", "asha", "--company", "1"), "code")), None)
    enrolment["device"] = {"id": namesake.device, "name": "Server"}
    made = client.post("/v1/enrolments", json=enrolment)
    assert made.status_code == 201, made.text
    assert machine.run("revoke-device", "server").stdout == f"Server ({namesake.device}) is shut out.\n"


def test_who_is_not_there_or_not_told_from_others_is_named(server: Server) -> None:
    machine = server[0]
    unknown = machine.run("enrol-code", "nobody", "--company", "1")
    assert (unknown.returncode, unknown.stderr.endswith("[no-such-user]\n")) == (1, True)
    astray = machine.run("enrol-code", "asha", "--company", "Sharma Mills")
    assert astray.stderr.startswith("Sharma Mills: there is no such company; there are: Sharma Traders (1)")
    wrong = machine.run("enrol-code", "asha", "--hours", "0")
    assert wrong.stderr == "--hours: must be a whole number from 1 to 168 [wrong-setting]\n"
    second = machine.run("create-tenant", "Gupta", "--owner", "meera")
    assert said(second, "owner") == "meera"
    several = machine.run("create-company", "Gupta Mills")
    assert several.returncode == 1
    assert "say which with --tenant [which-tenant]" in several.stderr
    assert machine.run("create-company", "Gupta Mills", "--tenant", "gupta").returncode == 0
