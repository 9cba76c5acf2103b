"""A server that lets devices in over real TLS: it checks what a client sends, and says what a test wants."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from desktop.sync_client.answering import Answer, Answering, Asked, answering
from desktop.sync_client.memory_http import problem
from ledgerflow_core.identifiers import named
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement
from ledgerflow_core.sync.statements import public_key
from ledgerflow_server.keys import certificates

SECRET = "K7QM-2XV9-0HJT-5BCD"
SERVER_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


class EnrollingServer:
    """Knows one code, for one device; the same device may come again. `role` is that of the code's user."""

    def __init__(self, folder: Path, name: str = "server", *, role: str = "owner") -> None:
        self.folder = folder / name
        self.role = role
        self.server_key = SERVER_KEY
        authority = certificates.create_authority(self.folder, datetime.now(UTC))
        certificates.ensure_server_certificate(self.folder, (), datetime.now(UTC))
        self.code = f"{SECRET}.{certificates.fingerprint(authority)}"
        self.used_by = ""
        self.devices: list[tuple[str, str]] = []
        self.refuses: Answer | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/authority":
            return Answer((self.folder / certificates.AUTHORITY).read_bytes(), media="application/x-pem-file")
        assert (asked.method, asked.path) == ("POST", "/v1/enrolments")
        if self.refuses is not None:
            return self.refuses
        said = json.loads(asked.body)
        key = public_key(said["key"])
        assert key is not None and said["code"] == SECRET
        self.devices.append((said["device"]["id"], said["device"]["name"]))
        statement = enrolment_statement(code_hash(SECRET).hex(), said["replica"], said["key"])
        key.verify(bytes.fromhex(said["proof"]), statement)
        if self.used_by not in ("", said["replica"]):
            return problem("code-used", 409)
        self.used_by = said["replica"]
        answer = {
            "tenant": named("test", "tenant"), "company": said["company"], "server_key": self.server_key, "tag": "",
            "user": {"id": named("test", "asha"), "name": "Asha", "role": self.role}, "device": said["device"]["id"],
        }  # fmt: skip
        return Answer(json.dumps(answer).encode(), 201)

    def give_out_another_code(self) -> None:
        """Let the code stand for a new one, which nobody has used."""
        self.used_by = ""

    @contextmanager
    def served(self) -> Iterator[Answering]:
        files = (str(self.folder / certificates.SERVER), str(self.folder / certificates.SERVER_KEY))
        with answering(self.answer, tls=files) as server:
            yield server
