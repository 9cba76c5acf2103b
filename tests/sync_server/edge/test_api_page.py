"""The page at /docs: every request of the API, nothing from elsewhere, nothing of a description taken for markup."""

import base64
import hashlib
import os
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from ledgerflow_server.app import create_app
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.edge.api_page import page
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.settings.settings import Settings

pytestmark = pytest.mark.anyio


class Seen(HTMLParser):
    """What a browser makes of a page: its tags, what they lead to, their marks, and the text by tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("href", "src", "action", "style")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.text.setdefault(self.tags[-1], []).append(data)


@pytest.fixture
def app(tmp_path: Path, database: Database) -> FastAPI:
    settings = Settings(data_folder=tmp_path, docs=True)
    keys = server_keys.create(settings.key_folder, os.urandom)
    return create_app(settings, keys, incarnation.renew(tmp_path, os.urandom), database)


@pytest.fixture
async def answer(app: FastAPI) -> AsyncIterator[httpx.Response]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://a") as client:
        yield await client.get("/docs")


async def test_every_request_is_on_the_page_once_with_its_sentence(app: FastAPI, answer: httpx.Response) -> None:
    paths = app.openapi()["paths"]
    assert answer.status_code == 200
    seen = Seen(answer.text)
    assert sorted(seen.text["code"]) == sorted(
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods
    )
    said = {operation["description"] for methods in paths.values() for operation in methods.values()}
    assert said <= set(seen.text["p"])


async def test_what_is_given_and_what_comes_back_is_shown(answer: httpx.Response) -> None:
    section = answer.text.partition("<code>PATCH /v1/companies/{number}</code>")[2].partition("</section>")[0]
    seen = Seen(section)
    assert seen.text["th"] == ["number", "name", "state"]
    assert seen.text["td"][1] == "integer"
    assert seen.text["td"][5] == "active | archived or null; may be left out"
    assert seen.text["p"] == ["Rename or archive a company.", "200: number, id, name, state"]


async def test_nothing_comes_from_elsewhere_and_nothing_runs(answer: httpx.Response) -> None:
    seen = Seen(answer.text)
    assert not re.search(r"https?:|//|@import|url\(", "".join(seen.text["style"]) + " ".join(seen.sources))
    assert not {"script", "link", "img", "iframe", "form", "object"} & set(seen.tags)
    inside = {source.removeprefix("#") for source in seen.sources if source.startswith("#")}
    assert inside == set(seen.ids)
    assert set(seen.sources) - {f"#{mark}" for mark in inside} == {"openapi.json"}


async def test_the_policy_allows_its_one_style_and_nothing_else(answer: httpx.Response) -> None:
    [style] = Seen(answer.text).text["style"]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert [rule for rule in policy if "-src" in rule][1:] == [f"style-src 'sha256-{allowed}'"]


def test_a_description_is_text_and_never_markup() -> None:
    evil = "<script>alert('&amp;')</script>"
    field = {"name": evil, "in": evil, "required": False, "schema": {"type": evil, "default": evil}}
    operation = {
        "tags": [evil],
        "description": evil,
        "parameters": [field],
        "responses": {evil: {"description": evil}},
    }
    text = page({"info": {"title": evil, "version": "1"}, "paths": {evil: {evil: operation}}})
    seen = Seen(text)
    assert "script" not in seen.tags
    assert (seen.text["h2"], seen.text["th"], seen.ids) == ([evil], [evil], [evil])
