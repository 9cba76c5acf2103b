"""What the server says of itself to anybody: which authority signed it, what it is, and what time it has."""

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from fastapi import APIRouter
from starlette.responses import Response

from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.shapes import Answer

PROTOCOLS = (1,)
_PEM = "application/x-pem-file"


class ServerAnswer(Answer):
    """Name and version of the program, the versions of the protocol it speaks, milliseconds since 1970 (UTC)."""

    name: str
    version: str
    protocols: list[int]
    time: int


def introducing(authority: Certificate | None, version: str, milliseconds: Callable[[], int]) -> APIRouter:
    """Return the routes. `authority` is None where a public authority signed the server's certificate."""
    router = APIRouter(prefix="/v1", tags=["server"])

    @router.get("/authority", response_class=Response)
    async def get_authority() -> Response:
        """Give the certificate of the server's own authority; its fingerprint stands in every enrolment code."""
        if authority is None:
            raise Refused(404, "not-found")
        return Response(authority.public_bytes(Encoding.PEM), media_type=_PEM)

    @router.get("/server")
    async def get_server() -> ServerAnswer:
        """Say what answers here. No clock but the server's own is compared with this time."""
        return ServerAnswer(name="ledgerflow-server", version=version, protocols=list(PROTOCOLS), time=milliseconds())

    return router
