"""The audit log for those who may read it, and the proof that nothing in it was changed."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ledgerflow_core.errors import Fact
from ledgerflow_server.audit import repository, service
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.chain import AuditEvent
from ledgerflow_server.edge.shapes import Answer
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, Tenants

_LAST = 2**63 - 1
# Reading all of a long log takes a while.
_PATIENT = Limits(statement=120_000, idle=60_000)


class AuditLine(Answer):
    """One line of the log, with the hash of the line before and its own (hex)."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    facts: dict[str, Fact]
    prev: str
    hash: str


class VerificationAnswer(Answer):
    """How many lines are as they were written, and the hash of the last of them; `fault` is empty when all are."""

    lines: int
    head: str
    fault: str
    fault_seq: int | None


def router(tenants: Tenants, reader: Callable[..., Awaitable[Principal]]) -> APIRouter:
    """Return the routes. `reader` gives who may read the log, or refuses."""
    found = APIRouter(prefix="/v1/audit", tags=["audit"])

    @found.get("")
    async def read_audit(
        asker: Annotated[Principal, Depends(reader)],
        before: Annotated[int, Query(ge=1, le=_LAST)] = _LAST,
        action: Action | None = None,
        most: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[AuditLine]:
        """List lines numbered below `before`, newest first."""
        async with tenants.session(asker, read_only=True) as session:
            return [line_of(event) for event in await repository.page(session, before, action, most)]

    @found.get("/verification")
    async def verify_audit(asker: Annotated[Principal, Depends(reader)]) -> VerificationAnswer:
        """Check the chain of the whole log."""
        async with tenants.session(asker, read_only=True, limits=_PATIENT) as session:
            found = await service.verify(session)
        return VerificationAnswer(
            lines=found.lines, head=found.head.hex(), fault=found.fault, fault_seq=found.fault_seq
        )

    return found


def line_of(event: AuditEvent) -> AuditLine:
    """Return a line as shown."""
    return AuditLine(
        seq=event.seq,
        at=event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        facts=dict(event.facts),
        prev=event.prev.hex(),
        hash=event.hash.hex(),
    )
