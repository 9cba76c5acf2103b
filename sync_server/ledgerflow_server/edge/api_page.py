"""The page at /docs: every request there is, made of the API's own description; no script, nothing from elsewhere.

It is built as a tree, so that whatever a description says is text in it and never markup.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, tostring

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from ledgerflow_server.edge.security_headers import STRICT

Described = dict[str, Any]  # the OpenAPI document, or a part of it

_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h3 { margin: 1.5rem 0 0; }
p { margin: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding-right: 1.5rem; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {"Content-Security-Policy": f"{STRICT}; style-src 'sha256-{_HASH}'"}


def router(description: Callable[[], Described]) -> APIRouter:
    """Return /docs. `description` gives the OpenAPI document."""
    made = APIRouter()

    @made.get("/docs", include_in_schema=False)
    async def api_page() -> HTMLResponse:
        """Show every request there is."""
        return HTMLResponse(page(description()), headers=_HEADERS)

    return made


def page(document: Described) -> str:
    """Return the page of an OpenAPI document: by tag, each request with what is given and how it is answered."""
    title = f"{document['info']['title']} {document['info']['version']}"
    sections: dict[str, list[Element]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            [tag] = operation["tags"]
            sections.setdefault(tag, [_element("h2", tag, id=tag)])
            sections[tag].append(_section(document, f"{method.upper()} {path}", operation))
    rule = "What is refused is answered with application/problem+json (RFC 9457) and a code that stays."
    programs = _element("p", "The same for programs: ", _element("a", "openapi.json", href="openapi.json"))
    contents = _element("ul", *(_element("li", _element("a", tag, href=f"#{tag}")) for tag in sections))
    body = _element("body", _element("h1", title), _element("p", rule), programs, _element("nav", contents))
    body.extend(part for parts in sections.values() for part in parts)
    viewport = _element("meta", name="viewport", content="width=device-width")
    style = _element("style", _STYLE)
    head = _element("head", _element("meta", charset="utf-8"), viewport, _element("title", title), style)
    return "<!DOCTYPE html>\n" + tostring(_element("html", head, body, lang="en"), "unicode", method="html")


def _section(document: Described, name: str, operation: Described) -> Element:
    given = [(one["name"], one["in"], one["schema"], one["required"]) for one in operation.get("parameters", [])]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        body = _resolved(document, content["schema"])
        needed = body.get("required", [])
        fields = [(field, "body", schema, field in needed) for field, schema in body.get("properties", {}).items()]
        given += fields or [(media_type, "body", body, True)]
    rows = [
        _element("tr", _element("th", field), _element("td", place), _element("td", _kind(document, schema, required)))
        for field, place, schema, required in given
    ]
    answers = [
        _element("p", f"{status}: {_fields(document, answer) or answer['description']}")
        for status, answer in operation["responses"].items()
        if status != "default"
    ]
    said = (_element("h3", _element("code", name)), _element("p", operation["description"]))
    return _element("section", *said, *([_element("table", *rows)] if rows else []), *answers)


def _fields(document: Described, answer: Described) -> str:
    """Return the names in an answer, in brackets where it is a list; empty where it names none."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    names = ", ".join(_resolved(document, schema.get("items", schema)).get("properties", {}))
    return f"[{names}]" if names and "items" in schema else names


def _kind(document: Described, schema: Described, required: bool) -> str:
    """Return what a value is, the rule it follows, and what stands for it where it is left out."""
    found = _resolved(document, schema)
    if "properties" in found:
        said = f"object: {', '.join(found['properties'])}"
    elif "enum" in found:
        said = " | ".join(found["enum"])
    else:
        said = f"{found.get('description', found.get('type', ''))} {found.get('pattern', '')}".strip()
    said += " or null" if {"type": "null"} in schema.get("anyOf", []) else ""
    if required:
        return said
    return f"{said}; {json.dumps(found['default'])} if left out" if "default" in found else f"{said}; may be left out"


def _resolved(document: Described, schema: Described) -> Described:
    """Return a schema with what it refers to; of something or null, the something."""
    if "anyOf" in schema:
        return schema | _resolved(document, schema["anyOf"][0])
    if "$ref" in schema:
        schema = schema | document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _element(tag: str, *inside: Element | str, **attributes: str) -> Element:
    """Return an element with text before its children, as far as it has either."""
    made = Element(tag, attributes)
    made.text = "".join(part for part in inside if isinstance(part, str))
    made.extend(part for part in inside if not isinstance(part, str))
    return made
