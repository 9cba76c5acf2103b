"""The rows of what jobs found and made, and those that have had their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from ledgerflow_server.tenancy.session import TenantSession

_KEEP = """
    INSERT INTO lf.verification (tenant_no, company_no, at, size, findings) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (tenant_no, company_no)
    DO UPDATE SET at = excluded.at, size = excluded.size, findings = excluded.findings
"""
_VERIFIED = """
    SELECT company.name, verification.at, verification.size, jsonb_array_length(verification.findings) AS findings
    FROM lf.verification JOIN lf.company USING (tenant_no, company_no) WHERE tenant_no = %s ORDER BY company_no
"""
_ADD_EXPORT = "INSERT INTO lf.tenant_export (tenant_no, export_id, user_no, asked_at) VALUES (%s, %s, %s, %s)"
_EXPORT = """
    SELECT export_id::text AS export_id, state, asked_at, ready_at, bytes AS size, sha256 FROM lf.tenant_export
    WHERE tenant_no = %s AND export_id = %s
"""
_EXPORTS = """
    SELECT export_id::text AS export_id, state, asked_at, ready_at, bytes AS size, sha256 FROM lf.tenant_export
    WHERE tenant_no = %s ORDER BY asked_at DESC
"""
_EXPORT_READY = """
    UPDATE lf.tenant_export SET state = 'ready', ready_at = %s, bytes = %s, sha256 = %s
    WHERE tenant_no = %s AND export_id = %s
"""
_EXPORT_FAILED = """
    UPDATE lf.tenant_export SET state = 'failed' WHERE tenant_no = %s AND export_id = %s AND state = 'waiting'
"""
_FORGET_EXPORTS = "DELETE FROM lf.tenant_export WHERE tenant_no = %s AND asked_at < %s RETURNING export_id::text"
_ATTACHMENTS = """
    SELECT company_no, encode(sha256, 'hex') AS sha256, size, media_type, complete FROM lf.attachment
    WHERE tenant_no = %s ORDER BY company_no, sha256
"""
_REPLICAS = """
    SELECT company.public_id::text AS company, replica.public_id::text AS replica,
        encode(replica.public_key, 'hex') AS public_key, replica.tag, replica.state, replica.opened_at
    FROM lf.replica JOIN lf.company USING (tenant_no, company_no)
    WHERE tenant_no = %s AND company.public_id IS NOT NULL ORDER BY company_no, replica_no
"""
# What had its time, by the role that may delete it.
_EXPIRED_OF_SERVER: tuple[LiteralString, ...] = (
    "DELETE FROM lf.enrolment_code WHERE tenant_no = %(tenant)s AND expires_at < %(code)s",
    "DELETE FROM lf.idempotency_key WHERE tenant_no = %(tenant)s AND at < %(answer)s",
    "DELETE FROM lf.refused_request WHERE tenant_no = %(tenant)s AND at < %(refused)s",
)
_EXPIRED_OF_PEOPLE: tuple[LiteralString, ...] = (
    "DELETE FROM idn.session WHERE tenant_no = %(tenant)s AND expires_at < %(session)s",
    "DELETE FROM idn.login_attempt WHERE tenant_no = %(tenant)s AND at < %(attempt)s",
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What the last proof of a company found: how many entries, and how many things are wrong."""

    name: str
    at: datetime
    size: int
    findings: int


@dataclass(frozen=True, slots=True)
class Export:
    """A file with everything of a tenant: `waiting`, `ready` or `failed`."""

    export_id: str
    state: str
    asked_at: datetime
    ready_at: datetime | None
    size: int | None
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class AttachmentLine:
    """An attachment as an export lists it."""

    company_no: int
    sha256: str
    size: int
    media_type: str
    complete: bool


@dataclass(frozen=True, slots=True)
class ReplicaLine:
    """A replica as an export lists it: whose signatures its batches carry."""

    company: str
    replica: str
    public_key: str
    tag: str
    state: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Expiry:
    """Before which times what is forgotten."""

    session: datetime
    attempt: datetime
    code: datetime
    answer: datetime
    refused: datetime


async def keep_verification(
    session: TenantSession, company_no: int, at: datetime, size: int, findings: Sequence[dict[str, object]]
) -> None:
    """Keep what a proof found, in the place of what the last one did."""
    await session.execute(_KEEP, [session.tenant_no, company_no, at, size, Jsonb(list(findings))])


async def verified(session: TenantSession) -> list[Verified]:
    """Return what the last proofs of a tenant's companies found."""
    return await session.fetch_as(Verified, _VERIFIED, [session.tenant_no])


async def add_export(session: TenantSession, export_id: str, at: datetime) -> None:
    """Add an export that waits to be made, for the session's person."""
    await session.execute(_ADD_EXPORT, [session.tenant_no, export_id, session.principal.user_no, at])


async def export(session: TenantSession, export_id: str) -> Export | None:
    """Return an export; None where the tenant has none such."""
    found = await session.fetch_as(Export, _EXPORT, [session.tenant_no, export_id])
    return found[0] if found else None


async def exports(session: TenantSession) -> list[Export]:
    """Return a tenant's exports, newest first."""
    return await session.fetch_as(Export, _EXPORTS, [session.tenant_no])


async def export_ready(session: TenantSession, export_id: str, at: datetime, size: int, sha256: bytes) -> None:
    """Say that an export can be fetched."""
    await session.execute(_EXPORT_READY, [at, size, sha256, session.tenant_no, export_id])


async def export_failed(session: TenantSession, export_id: str) -> None:
    """Say that an export could not be made; nothing for one that is ready."""
    await session.execute(_EXPORT_FAILED, [session.tenant_no, export_id])


async def forget_exports(session: TenantSession, before: datetime) -> list[str]:
    """Delete exports asked for before a time; return their ids."""
    return [row[0] for row in await session.fetch_all(_FORGET_EXPORTS, [session.tenant_no, before])]


async def attachments(session: TenantSession) -> list[AttachmentLine]:
    """Return a tenant's attachments by company and hash."""
    return await session.fetch_as(AttachmentLine, _ATTACHMENTS, [session.tenant_no])


async def replicas(session: TenantSession) -> list[ReplicaLine]:
    """Return a tenant's replicas by company."""
    return await session.fetch_as(ReplicaLine, _REPLICAS, [session.tenant_no])


async def forget(session: TenantSession, expiry: Expiry, *, people: bool) -> int:
    """Delete what had its time: of people, as lf_auth, or the rest, as lf_app. Return how many rows."""
    given = {
        "tenant": session.tenant_no,
        "session": expiry.session,
        "attempt": expiry.attempt,
        "code": expiry.code,
        "answer": expiry.answer,
        "refused": expiry.refused,
    }
    statements = _EXPIRED_OF_PEOPLE if people else _EXPIRED_OF_SERVER
    return sum([await session.execute(statement, given) for statement in statements])
