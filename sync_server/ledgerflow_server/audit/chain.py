"""The line of the audit log and the hash that ties it to the one before: pure, so that anyone can check it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ledgerflow_core.errors import Fact

_DOMAIN = b"ledgerflow/audit/v1\n"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line: `seq` counts a tenant's lines from 1; `prev` is the hash of the line before, empty for the first."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: Mapping[str, Fact]
    prev: bytes
    hash: bytes


def hash_of(
    tenant_no: int,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    facts: Mapping[str, Fact],
    prev: bytes,
) -> bytes:
    """Return the hash of a line: over JSON with sorted names, since the database keeps no order of them."""
    said = [
        tenant_no,
        seq,
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        actor,
        action,
        subject,
        dict(facts),
        prev.hex(),
    ]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(_DOMAIN + text.encode()).digest()


def fault_of(tenant_no: int, event: AuditEvent, seq: int, prev: bytes) -> str:
    """Return what is wrong with a line that should be number `seq` after the hash `prev`; empty when nothing is.

    The faults: line-missing, chain-broken, line-altered.
    """
    if event.seq != seq:
        return "line-missing"
    if event.prev != prev:
        return "chain-broken"
    wanted = hash_of(tenant_no, event.seq, event.at, event.actor, event.action, event.subject, event.facts, event.prev)
    return "" if wanted == event.hash else "line-altered"
