"""What a client is told when something is refused: RFC 9457 problems with a stable code and no inner detail.

`type` ends with the code of the first problem; `problems` lists all of them as the core has them (code, place,
facts), so that the desktop turns them into sentences as it does with its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ledgerflow_core.errors import Fact, LedgerFlowError, Problem
from ledgerflow_core.sync.refusals import REFUSALS
from ledgerflow_server.keys.files import KeysDamaged

TYPE = "https://ledgerflow.example/problems/"
MEDIA_TYPE = "application/problem+json"

# What a code of the core or of a lower layer means in HTTP. Codes that are not here are the input's fault (422).
# A feature raises `Refused`, which carries its own status.
_STATUS_OF_CODE = {code: refusal.status for code, refusal in REFUSALS.items()} | {
    "json-refused": 400,
    "not-found": 404,
    "not-permitted": 403,
    "schema-behind": 503,
    "transaction-broken": 500,
    "keys-missing": 500,
    "damaged": 500,
}
_CODE_OF_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
_CODE_OF_VALIDATION = {"missing": "missing-field", "extra_forbidden": "unknown-field", "json_invalid": "json-refused"}

_LATER = {"Retry-After": "5"}

_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "problems"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "instance": {"type": "string", "description": "names the request in the server's log"},
        "problems": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "place", "facts"],
                "properties": {
                    "code": {"type": "string"},
                    "place": {"type": "string"},
                    "facts": {"type": "object"},
                },
            },
        },
    },
}
# For `FastAPI(responses=...)`: whatever is not the answer of success is a problem.
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    "default": {"description": "a problem (RFC 9457)", "content": {MEDIA_TYPE: {"schema": _SCHEMA}}}
}

_log = structlog.get_logger("ledgerflow.edge")


class Refused(LedgerFlowError):
    """A request is refused with a code and an HTTP status: ``raise Refused(403, "not-permitted", role="viewer")``."""

    def __init__(
        self, status: int, said: str, place: str = "", *, headers: Mapping[str, str] | None = None, **facts: Fact
    ) -> None:
        super().__init__(place, **facts)
        self.status = status
        self.said = said
        self.headers = dict(headers or {})

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.said, self.place, self.facts),)

    def __str__(self) -> str:
        return f"{self.status} {self.said} {self.place}".strip()


def problem_response(code: str, status: int, place: str = "", **facts: Fact) -> Response:
    """Return the answer for one problem."""
    return problems_response([Problem(code, place, facts)], status)


def problems_response(problems: Sequence[Problem], status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer for everything that is wrong, at least one, in the order given."""
    first = problems[0].code
    document: dict[str, object] = {"type": TYPE + first, "title": first.replace("-", " "), "status": status}
    request_id = structlog.contextvars.get_contextvars().get("request")
    if request_id:
        document["instance"] = f"urn:ledgerflow:request:{request_id}"
    document["problems"] = [{"code": p.code, "place": p.place, "facts": p.facts} for p in problems]
    return Response(msgspec.json.encode(document), status, headers, media_type=MEDIA_TYPE)


def response_of(error: Exception) -> Response:
    """Return the answer for any error; what nobody foresaw is `internal` and says no more than the request's id."""
    match error:
        case Refused():
            return problems_response(error.problems, error.status, error.headers)
        case KeysDamaged():
            # Its place is a path on the server's disk: `doctor` names it, a client need not know it.
            return problem_response(error.code, 500)
        case LedgerFlowError():
            status = max(_STATUS_OF_CODE.get(problem.code, 422) for problem in error.problems)
            return problems_response(error.problems, status)
        case RequestValidationError():
            return _response_of_validation(error)
        case psycopg.errors.LockNotAvailable() | psycopg.errors.QueryCanceled():
            return problems_response([Problem("busy")], 503, _LATER)
        case psycopg.OperationalError():
            return problems_response([Problem("database-unavailable")], 503, _LATER)
        case HTTPException():
            code = _CODE_OF_STATUS.get(error.status_code, "refused")
            return problems_response([Problem(code)], error.status_code, error.headers)
        case _:
            return problem_response("internal", 500)


def install(app: FastAPI) -> None:
    """Make the application answer every error it knows with a problem. Others reach `request_context`."""
    for kind in (LedgerFlowError, RequestValidationError, HTTPException, psycopg.OperationalError):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    response = response_of(error)
    if response.status_code >= 500:
        _log.error("refused", error=type(error).__name__, code=getattr(error, "said", getattr(error, "code", "")))
    return response


def _response_of_validation(error: RequestValidationError) -> Response:
    """Name the fields that are wrong, and never the values they had."""
    problems = [
        Problem(
            _CODE_OF_VALIDATION.get(found["type"], "invalid-field"),
            ".".join(str(part) for part in found["loc"]),
            {"rule": found["type"]},
        )
        for found in error.errors()
    ]
    return problems_response(problems, 422)
