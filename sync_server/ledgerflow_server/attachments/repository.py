"""The rows of attachments: what has been announced of each, and how much of it is here."""

from dataclasses import dataclass

from ledgerflow_server.tenancy.session import TenantSession

_OF_COMPANY = "tenant_no = %(tenant)s AND company_no = %(company)s"
_FIND = f"""
    SELECT size, received, media_type, complete FROM lf.attachment WHERE {_OF_COMPANY} AND sha256 = %(sha256)s
"""  # noqa: S608 - constants, here and below
_LOCKED = _FIND + " FOR UPDATE"
_ANNOUNCE = """
    INSERT INTO lf.attachment (tenant_no, company_no, sha256, size, media_type)
    VALUES (%(tenant)s, %(company)s, %(sha256)s, %(size)s, %(media)s) ON CONFLICT DO NOTHING
"""
_ADVANCE = f"""
    UPDATE lf.attachment SET received = %(received)s, complete = %(complete)s
    WHERE {_OF_COMPANY} AND sha256 = %(sha256)s
"""  # noqa: S608
_FORGET = f"DELETE FROM lf.attachment WHERE {_OF_COMPANY} AND sha256 = %(sha256)s"  # noqa: S608
_TOTAL = f"SELECT coalesce(sum(size), 0)::int8 FROM lf.attachment WHERE {_OF_COMPANY}"  # noqa: S608
_NAMES = f"SELECT encode(sha256, 'hex') FROM lf.attachment WHERE {_OF_COMPANY}"  # noqa: S608
_GIVEN_UP = _NAMES + " AND NOT complete AND begun_at < to_timestamp(%(before)s) FOR UPDATE SKIP LOCKED"


@dataclass(frozen=True, slots=True)
class Announced:
    """An attachment somebody began to send: `received` of its `size` bytes are here."""

    size: int
    received: int
    media_type: str
    complete: bool


async def find(session: TenantSession, company_no: int, sha256: str) -> Announced | None:
    """Return an attachment, None where nobody began to send it."""
    found = await session.fetch_as(Announced, _FIND, _given(session, company_no, sha256))
    return found[0] if found else None


async def locked(session: TenantSession, company_no: int, sha256: str) -> Announced | None:
    """Return an attachment and hold it: whoever else sends it waits."""
    found = await session.fetch_as(Announced, _LOCKED, _given(session, company_no, sha256))
    return found[0] if found else None


async def announce(session: TenantSession, company_no: int, sha256: str, size: int, media_type: str) -> None:
    """Add an attachment of which nothing is here yet, unless it is there."""
    await session.execute(_ANNOUNCE, _given(session, company_no, sha256) | {"size": size, "media": media_type})


async def advance(session: TenantSession, company_no: int, sha256: str, received: int, *, complete: bool) -> None:
    """Note how much is here."""
    given = _given(session, company_no, sha256) | {"received": received, "complete": complete}
    await session.execute(_ADVANCE, given)


async def forget(session: TenantSession, company_no: int, sha256: str) -> None:
    """Delete the row of an attachment."""
    await session.execute(_FORGET, _given(session, company_no, sha256))


async def total(session: TenantSession, company_no: int) -> int:
    """Return the bytes of all attachments of a company, announced ones in full."""
    return int(await session.fetch_value(_TOTAL, {"tenant": session.tenant_no, "company": company_no}))


async def names(session: TenantSession, company_no: int) -> set[str]:
    """Return the hashes (hex) of all attachments of a company, announced ones too."""
    rows = await session.fetch_all(_NAMES, {"tenant": session.tenant_no, "company": company_no})
    return {sha256 for (sha256,) in rows}


async def given_up(session: TenantSession, company_no: int, before: float) -> list[str]:
    """Return the hashes (hex) of those announced `before` (seconds since 1970) and not whole, and hold their rows.

    One that somebody sends at this moment is left out.
    """
    given = {"tenant": session.tenant_no, "company": company_no, "before": before}
    return [sha256 for (sha256,) in await session.fetch_all(_GIVEN_UP, given)]


async def hold(session: TenantSession, company_no: int, sha256: str) -> bool:
    """Return whether an attachment has no row; then whoever announces it waits for this transaction.

    It has one until `forget`, which nobody else sees.
    """
    return await session.execute(_ANNOUNCE, _given(session, company_no, sha256) | {"size": 0, "media": ""}) == 1


def _given(session: TenantSession, company_no: int, sha256: str) -> dict[str, object]:
    return {"tenant": session.tenant_no, "company": company_no, "sha256": bytes.fromhex(sha256)}
