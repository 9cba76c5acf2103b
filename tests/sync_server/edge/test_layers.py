"""What every request meets before a feature does, and every answer on its way back."""

import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest

from ledgerflow_server.observing import logs
from ledgerflow_server.settings.settings import Settings
from sync_server.edge_app import SECRET, edge_app

pytestmark = pytest.mark.anyio


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    with logs.configured("debug", stream):
        yield stream


@pytest.fixture
def app() -> FastAPI:
    return edge_app(Settings(json_limit=1024, body_limit=4096))


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as found:
        yield found


def client_of(app: FastAPI, address: str = "192.0.2.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 5000))
    return httpx.AsyncClient(transport=transport, base_url="https://server")


def problem_of(answer: httpx.Response) -> tuple[int, list[tuple[str, str, dict[str, Any]]]]:
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"https://ledgerflow.example/problems/{document['problems'][0]['code']}"
    assert document["instance"] == f"urn:ledgerflow:request:{answer.headers['request-id']}"
    return answer.status_code, [(p["code"], p["place"], p["facts"]) for p in document["problems"]]


async def test_every_answer_has_a_name_of_ours_a_digest_and_the_headers(client: httpx.AsyncClient) -> None:
    first = await client.post("/echo", content=b"abc", headers={"Request-Id": "mine\r\n", "X-Request-Id": "mine"})
    second = await client.get("/none")
    assert first.headers["request-id"] != second.headers["request-id"]
    for answer in (first, second):
        assert "mine" not in answer.headers["request-id"]
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        assert answer.headers["content-digest"] == f"sha-256=:{digest}:"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("kind", "status", "problems"),
    [
        ("refused", 403, [("not-permitted", "role", {"role": "viewer"})]),
        ("invalid", 422, [("not-balanced", "entries", {"by": 5}), ("no-date", "date", {})]),
        ("unknown", 422, [("some-new-code", "", {})]),
        ("damaged", 500, [("damaged", "log", {})]),
        ("bug", 500, [("internal", "", {})]),
    ],
)
async def test_every_error_is_a_problem(
    client: httpx.AsyncClient, log: io.StringIO, kind: str, status: int, problems: list[Any]
) -> None:
    answer = await client.get(f"/error/{kind}")
    assert problem_of(answer) == (status, problems)


async def test_a_bug_tells_neither_client_nor_log_what_it_was_about(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    answer = await client.get("/error/bug?name=Sharma")
    assert SECRET not in answer.text
    assert "Sharma" not in log.getvalue()
    failed, answered = (json.loads(line) for line in log.getvalue().splitlines() if "ledgerflow.request" in line)
    assert failed["error"] == "RuntimeError"
    assert "edge_app.py" in failed["frames"][-1]
    assert answered["request"] == failed["request"] == answer.headers["request-id"]
    assert (answered["route"], answered["status"]) == ("/error/{kind}", 500)


async def test_what_does_not_exist_is_a_problem_too(client: httpx.AsyncClient) -> None:
    assert problem_of(await client.get("/none")) == (404, [("not-found", "", {})])
    assert problem_of(await client.put("/echo")) == (405, [("method-not-allowed", "", {})])


async def test_wrong_fields_are_named_and_their_values_are_not(client: httpx.AsyncClient) -> None:
    answer = await client.post("/named/a", json={"count": SECRET, "extra": SECRET})
    assert problem_of(answer) == (
        422,
        [
            ("missing-field", "body.name", {"rule": "missing"}),
            ("invalid-field", "body.count", {"rule": "int_type"}),
            ("unknown-field", "body.extra", {"rule": "extra_forbidden"}),
        ],
    )
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "raw", [b'{"name":"a","name":"b"}', b'{"name":NaN}', b"[" * 17 + b"]" * 17, b'{"name":"\\u0000"}']
)
async def test_json_that_can_be_read_in_two_ways_reaches_no_endpoint(client: httpx.AsyncClient, raw: bytes) -> None:
    for path in ("/named/a", "/echo"):
        answer = await client.post(path, content=raw, headers={"content-type": "application/json; charset=utf-8"})
        status, [(code, _, _)] = problem_of(answer)
        assert (status, code) == (400, "json-refused")


async def test_bodies_have_a_limit_and_json_a_smaller_one(client: httpx.AsyncClient) -> None:
    large = b'"' + b"a" * 2000 + b'"'
    assert (await client.post("/echo", content=large)).content == large
    as_json = await client.post("/echo", content=large, headers={"content-type": "application/json"})
    assert problem_of(as_json) == (413, [("body-too-large", "Content-Length", {"most": 1024})])
    assert as_json.headers["connection"] == "close"
    assert problem_of(await client.post("/echo", content=b"a" * 4097))[0] == 413


async def test_a_compressed_body_is_not_accepted(client: httpx.AsyncClient) -> None:
    answer = await client.post("/echo", content=b"abc", headers={"content-encoding": "zstd"})
    assert problem_of(answer) == (415, [("content-encoding-not-accepted", "Content-Encoding", {})])


@pytest.mark.parametrize("name", ["sha-256", "sha-512"])
async def test_a_body_is_held_to_its_digest(client: httpx.AsyncClient, name: str) -> None:
    digest = base64.b64encode(hashlib.new(name.replace("-", ""), b"abc").digest()).decode()
    said = {"content-digest": f"unixsum=:AAA=:, {name}=:{digest}:"}
    assert (await client.post("/echo", content=b"abc", headers=said)).content == b"abc"
    assert problem_of(await client.post("/echo", content=b"abd", headers=said))[1][0][0] == "digest-differs"


@pytest.mark.parametrize("said", ["md5=:AAAA:", "sha-256=abc", "sha-256=:!!:", ""])
async def test_a_digest_that_says_nothing_is_refused(client: httpx.AsyncClient, said: str) -> None:
    answer = await client.post("/echo", content=b"abc", headers={"content-digest": said})
    assert answer.status_code == (400 if said else 200)


async def test_a_stream_is_passed_on_without_a_digest(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stream")
    assert answer.text == "data: 1\n\ndata: 2\n\n"
    assert "content-digest" not in answer.headers


@pytest.mark.parametrize("path", ["/error/a%00b", "/none?name=a%00"])
async def test_an_address_with_a_nul_is_refused(client: httpx.AsyncClient, path: str) -> None:
    assert problem_of(await client.get(path)) == (400, [("bad-address", "", {})])


async def test_one_address_cannot_take_more_than_its_share() -> None:
    app = edge_app(Settings(rate_address="3/minute"))
    async with client_of(app) as greedy, client_of(app, "192.0.2.2") as modest:
        answers = [await greedy.post("/echo", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert problem_of(answers[3])[1] == [("rate-limited", "", {"of": "address", "seconds": 6})]
        assert answers[3].headers["retry-after"] == "6"
        assert (await modest.post("/echo")).status_code == 200
    assert 'ledgerflow_refused_total{code="rate-limited"} 1.0' in exposed(app)


async def test_behind_our_own_proxy_the_client_counts_and_not_the_proxy() -> None:
    app = edge_app(Settings(rate_address="1/minute", trusted_proxies=("192.0.2.0/24",)))
    async with client_of(app) as proxy:
        statuses = [
            (await proxy.post("/echo", headers={"X-Forwarded-For": said})).status_code
            for said in ("198.51.100.1", "198.51.100.2", "10.0.0.1, 198.51.100.2", "198.51.100.2, 192.0.2.9")
        ]
    assert statuses == [200, 200, 429, 429]


async def test_ipv6_clients_count_by_their_network() -> None:
    app = edge_app(Settings(rate_address="1/minute"))
    async with client_of(app, "2001:db8::1") as first, client_of(app, "2001:db8::2") as same:
        assert (await first.post("/echo")).status_code == 200
        assert (await same.post("/echo")).status_code == 429


async def test_the_log_keeps_the_trace_and_no_query(client: httpx.AsyncClient, log: io.StringIO) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await client.post(
        f"/echo?token={SECRET}", content=b"abc", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    )
    await client.post("/echo", headers={"traceparent": "00-XYZ"})
    first, second = (json.loads(line) for line in log.getvalue().splitlines() if '"answered"' in line)
    assert first["trace"] == trace
    assert "trace" not in second
    assert {name: first[name] for name in ("method", "route", "status", "bytes_in", "bytes_out")} == {
        "method": "POST", "route": "/echo", "status": 200, "bytes_in": 3, "bytes_out": 3,
    }  # fmt: skip
    assert "Sharma" not in log.getvalue()


async def test_metrics_count_by_route_and_invented_paths_as_one(app: FastAPI, client: httpx.AsyncClient) -> None:
    for n in range(5):
        await client.get(f"/invented/{n}")
        await client.post(f"/named/{n}", json={"name": "a"})
    text = exposed(app)
    assert 'ledgerflow_requests_total{method="POST",route="/named/{kind}",status="200"} 5.0' in text
    assert 'ledgerflow_requests_total{method="any",route="unmatched",status="404"} 5.0' in text
    assert "ledgerflow_requests_under_way 0.0" in text


def exposed(app: FastAPI) -> str:
    return generate_latest(app.state.metrics.registry).decode()
