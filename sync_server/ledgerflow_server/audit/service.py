"""Writes the audit log inside the transaction of the act, and proves that nothing in it was changed since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ledgerflow_core.errors import Fact
from ledgerflow_server.audit import chain, repository
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.chain import AuditEvent
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import TenantSession

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the log was proven: lines that are as they were written, the first fault (empty: none) and its line."""

    lines: int
    head: bytes
    fault: str = ""
    fault_seq: int | None = None


async def record(
    session: TenantSession, at: datetime, action: Action, subject: str, facts: Mapping[str, Fact] | None = None
) -> int:
    """Write a line and return its number: committed with the act, or undone with it.

    The actor is the session's principal. `subject` names what was acted on (``user/3``), `facts` never hold a secret
    or an amount. Other writers of the tenant's log wait until this transaction ends: record late in it.
    """
    actor = actor_of(session.principal)
    seq, prev = await repository.next_line(session)
    held = dict(facts or {})
    line_hash = chain.hash_of(session.tenant_no, seq, at, actor, action, subject, held, prev)
    await repository.add(session, AuditEvent(seq, at, actor, action, subject, held, prev, line_hash))
    return seq


async def verify(session: TenantSession) -> Verification:
    """Check every line of the tenant's log and the head they lead to. What is written meanwhile is left out."""
    last_seq, last_hash = await repository.head(session)
    seq, prev = 0, b""
    while seq < last_seq:
        lines = await repository.after(session, seq, min(_AT_ONCE, last_seq - seq))
        if not lines:
            return Verification(seq, prev, "line-missing", seq + 1)
        for event in lines:
            if fault := chain.fault_of(session.tenant_no, event, seq + 1, prev):
                return Verification(seq, prev, fault, seq + 1)
            seq, prev = event.seq, event.hash
    if prev != last_hash:
        return Verification(seq, prev, "head-differs", seq)
    return Verification(seq, prev)


def actor_of(principal: Principal) -> str:
    """Return how the log names somebody: ``device/4 user/2``, ``user/2``, or ``server`` for its own work."""
    names = [
        f"{kind}/{number}"
        for kind, number in (("device", principal.device_no), ("user", principal.user_no))
        if number is not None
    ]
    return " ".join(names) or "server"
