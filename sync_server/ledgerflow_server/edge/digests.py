"""RFC 9530 Content-Digest: a body a bad line changed is refused, and every answer can be checked by its reader."""

import base64
import binascii
import hashlib
import hmac
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledgerflow_server.edge.problems import Refused

HEADER = "content-digest"

# `sha-256=:BASE64:` as a member of a structured-field dictionary; other algorithms are left out, as the RFC allows.
_MEMBER = re.compile(r"\s*(sha-256|sha-512)\s*=\s*:([A-Za-z0-9+/=]*):\s*(?:;[^,]*)?")
_HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def digest_of(body: bytes) -> str:
    """Return the value of Content-Digest for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def check(said: str, body: bytes) -> None:
    """Compare a body with what the header says of it; raises `Refused` (400 `digest-differs` or `bad-digest`)."""
    known = [found for part in said.split(",") if (found := _MEMBER.fullmatch(part))]
    if not known:
        raise Refused(400, "bad-digest", "Content-Digest")
    for found in known:
        try:
            wanted = base64.b64decode(found.group(2), validate=True)
        except binascii.Error:
            raise Refused(400, "bad-digest", "Content-Digest") from None
        if not hmac.compare_digest(_HASHES[found.group(1)](body).digest(), wanted):
            raise Refused(400, "digest-differs", "Content-Digest")


class ResponseDigest:
    """Adds Content-Digest to every answer sent in one piece; a stream has no digest to send ahead of itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def send_with_digest(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None:
                start, held = held, None
                body = message.get("body", b"")
                headers = MutableHeaders(scope=start)
                if body and not message.get("more_body", False) and HEADER not in headers:
                    headers[HEADER] = digest_of(body)
                await send(start)
            await send(message)

        await self.app(scope, receive, send_with_digest)
