"""What the server does with files of vouchers, in memory: asked directly, or behind real HTTP."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from desktop.sync_client.answering import Answer, Asked
from desktop.sync_client.memory_http import problem
from ledgerflow_core.errors import Problem
from ledgerflow_desktop.storage.attachments import RECORD
from ledgerflow_desktop.sync_client.transport import Reply, Request, ServerRefused


@dataclass
class FileServer:
    """Takes and gives files as the server does; `before` is called with each request and may raise in its place."""

    whole: dict[str, bytes] = field(default_factory=dict)
    begun: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] = lambda request: None
    after: Callable[[Request], None] = lambda request: None

    def exchange(self, request: Request) -> Reply:
        self.asked.append(request)
        self.before(request)
        headers, sha256 = dict(request.headers), request.path.removeprefix("attachments/")
        match request.method:
            case "PUT":
                reply = self._begin(sha256, int(headers["Upload-Length"]))
            case "PATCH":
                reply = self._append(sha256, int(headers["Upload-Offset"]), request.body)
            case _:
                reply = self._read(sha256, headers["Range"])
        self.after(request)
        return reply

    def _begin(self, sha256: str, size: int) -> Reply:
        if sha256 in self.whole:
            return self._at(201, len(self.whole[sha256]))
        self.begun.setdefault(sha256, (size, b""))
        return self._append(sha256, 0, b"") if not size else self._at(202, len(self.begun[sha256][1]))

    def _append(self, sha256: str, offset: int, piece: bytes) -> Reply:
        if sha256 not in self.begun:
            raise refused(409, "offset-differs")
        size, have = self.begun[sha256]
        if offset != len(have):
            raise refused(409, "offset-differs")
        have += piece
        if len(have) < size:
            assert len(have) % RECORD == 0 and piece
            self.begun[sha256] = (size, have)
        else:
            del self.begun[sha256]
            if hashlib.sha256(have).hexdigest() != sha256:
                raise refused(422, "hash-differs")
            self.whole[sha256] = have
        return self._at(204, len(have))

    def _read(self, sha256: str, asked: str) -> Reply:
        if sha256 not in self.whole:
            raise refused(404, "not-found")
        first, last = (int(part) for part in asked.removeprefix("bytes=").split("-"))
        return Reply(206, {}, self.whole[sha256][first : last + 1])

    def _at(self, status: int, offset: int) -> Reply:
        return Reply(status, {"upload-offset": str(offset)}, b"")

    def answer(self, asked: Asked) -> Answer | None:
        """Answer an HTTP request about a file; None for any other."""
        _, is_of_a_file, sha256 = urlsplit(asked.path).path.partition("/attachments/")
        if not is_of_a_file:
            return None
        names = ("Upload-Length", "Upload-Offset", "Range")
        headers = tuple((name, asked.headers[name.lower()]) for name in names if name.lower() in asked.headers)
        try:
            reply = self.exchange(Request(asked.method, f"attachments/{sha256}", body=asked.body, headers=headers))
        except ServerRefused as refusal:
            return problem(refusal.problems[0].code, refusal.status)
        return Answer(reply.body, reply.status, headers=reply.headers)


def refused(status: int, code: str) -> ServerRefused:
    return ServerRefused([Problem(code)], status)
