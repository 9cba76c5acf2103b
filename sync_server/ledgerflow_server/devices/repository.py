"""The rows of devices, their replicas, and the codes they enrol with."""

from dataclasses import dataclass
from datetime import datetime

from ledgerflow_core.identifiers import DeviceId, named
from ledgerflow_server.tenancy.session import TenantSession

_TENANT = "SELECT public_id::text FROM lf.tenant WHERE tenant_no = %s AND state = 'active'"
_TENANT_IN_ANY_STATE = "SELECT public_id::text FROM lf.tenant WHERE tenant_no = %s"
_ADD_CODE = """
    INSERT INTO lf.enrolment_code (tenant_no, code_hash, company_no, user_no, role, expires_at)
    VALUES (%s, %s, %s, %s, %s, %s)
"""
# Two devices with one code: the second waits here and then finds it used.
_TAKE_CODE = """
    SELECT company_no, user_no, expires_at, used_by, used_at FROM lf.enrolment_code
    WHERE tenant_no = %s AND code_hash = %s FOR UPDATE
"""
_USE_CODE = "UPDATE lf.enrolment_code SET used_at = %s, used_by = %s WHERE tenant_no = %s AND code_hash = %s"
_LOCK = "SELECT pg_advisory_xact_lock(%s, %s)"
_LOCK_OF_DEVICES = 0x6465
_DEVICE = "device_no, public_id::text AS public_id, name, user_no, state, enrolled_at, revoked_at"
_DEVICE_BY_ID = f"SELECT {_DEVICE} FROM lf.device WHERE tenant_no = %s AND public_id = %s"  # noqa: S608 - constants
_DEVICES = f"SELECT {_DEVICE} FROM lf.device WHERE tenant_no = %s ORDER BY device_no"  # noqa: S608
_ADD_DEVICE = """
    INSERT INTO lf.device (tenant_no, device_no, public_id, name, user_no, enrolled_at)
    SELECT %(tenant)s, coalesce(max(device_no), 0) + 1, %(id)s, %(name)s, %(user)s, %(at)s
    FROM lf.device WHERE tenant_no = %(tenant)s
    RETURNING device_no
"""
_REVIVE = """
    UPDATE lf.device SET state = 'active', revoked_at = NULL, name = %s, enrolled_at = %s
    WHERE tenant_no = %s AND device_no = %s
"""
_REVOKE = """
    UPDATE lf.device SET state = 'revoked', revoked_at = %s
    WHERE tenant_no = %s AND device_no = %s AND state = 'active'
"""
_REVOKE_REPLICAS = "UPDATE lf.replica SET state = 'revoked' WHERE tenant_no = %s AND device_no = %s"
# Held to the end of the transaction: a revocation waits for the batches under way, and they for it.
# Also asked beside what else a batch is met with (ledger/repository/meeting.py).
ACTIVE = "SELECT state = 'active' FROM lf.device WHERE tenant_no = %s AND device_no = %s FOR SHARE"
_REPLICA = """
    company_no, replica_no, public_id::text AS public_id, device_no, public_key, tag, state, head_seq, last_hello,
    outbox_count
"""
_REPLICAS = f"SELECT {_REPLICA} FROM lf.replica WHERE tenant_no = %s ORDER BY company_no, replica_no"  # noqa: S608
_REPLICAS_OF_COMPANY = f"""
    SELECT {_REPLICA} FROM lf.replica WHERE tenant_no = %s AND company_no = %s ORDER BY replica_no
"""  # noqa: S608
_REPLICAS_OF_DEVICE = f"""
    SELECT {_REPLICA} FROM lf.replica WHERE tenant_no = %s AND device_no = %s ORDER BY company_no, replica_no
"""  # noqa: S608
_KEY_ELSEWHERE = "SELECT 1 FROM lf.replica WHERE tenant_no = %s AND public_key = %s AND device_no <> %s"
_ADD_REPLICA = """
    INSERT INTO lf.replica (tenant_no, company_no, replica_no, public_id, device_no, public_key, tag, opened_at)
    SELECT %(tenant)s, %(company)s, coalesce(max(replica_no), 0) + 1, %(id)s, %(device)s, %(key)s, %(tag)s, %(at)s
    FROM lf.replica WHERE tenant_no = %(tenant)s AND company_no = %(company)s
"""


@dataclass(frozen=True, slots=True)
class Code:
    """An enrolment code that is in the table; `used_by` is the device it let in, `used_at` when. None while unused."""

    company_no: int
    user_no: int
    expires_at: datetime
    used_by: int | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Device:
    """A device; `state` is active or revoked, `user_no` the person whose events it signs."""

    device_no: int
    public_id: str
    name: str
    user_no: int
    state: str
    enrolled_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replica:
    """A copy of a company's book on a device: `head_seq` events of it are in the log, `outbox_count` are not."""

    company_no: int
    replica_no: int
    public_id: str
    device_no: int
    public_key: bytes
    tag: str
    state: str
    head_seq: int
    last_hello: datetime | None
    outbox_count: int


async def tenant_id(session: TenantSession) -> str | None:
    """Return the public id of the session's tenant; None while it is suspended."""
    found: str | None = await session.fetch_value(_TENANT, [session.tenant_no])
    return found


def server_device(tenant: str) -> DeviceId:
    """Return the id of the device the server itself is to a tenant (its public id): it signs, and never enrols."""
    return DeviceId(named("server-device", tenant))


async def server_device_of(session: TenantSession) -> DeviceId:
    """Return the id of the device the server itself is to the session's tenant, suspended or not."""
    return server_device(str(await session.fetch_value(_TENANT_IN_ANY_STATE, [session.tenant_no])))


async def add_code(
    session: TenantSession, code_hash: bytes, company_no: int, user_no: int, role: str, expires_at: datetime
) -> None:
    """Keep a new code, by its hash alone."""
    await session.execute(_ADD_CODE, [session.tenant_no, code_hash, company_no, user_no, role, expires_at])


async def take_code(session: TenantSession, code_hash: bytes) -> Code | None:
    """Return a code and hold it until the transaction's end."""
    found = await session.fetch_as(Code, _TAKE_CODE, [session.tenant_no, code_hash])
    return found[0] if found else None


async def use_code(session: TenantSession, code_hash: bytes, device_no: int, at: datetime) -> None:
    """Say which device a code let in."""
    await session.execute(_USE_CODE, [at, device_no, session.tenant_no, code_hash])


async def device_by_id(session: TenantSession, public_id: str) -> Device | None:
    """Return a device of the tenant by its id."""
    found = await session.fetch_as(Device, _DEVICE_BY_ID, [session.tenant_no, public_id])
    return found[0] if found else None


async def devices(session: TenantSession) -> list[Device]:
    """Return the tenant's devices in the order they came."""
    return await session.fetch_as(Device, _DEVICES, [session.tenant_no])


async def lock_devices(session: TenantSession) -> None:
    """Wait until no other transaction lets a device in or shuts one out."""
    await session.execute(_LOCK, [_LOCK_OF_DEVICES, session.tenant_no])


async def add_device(session: TenantSession, public_id: str, name: str, user_no: int, at: datetime) -> int:
    """Add a device and return its number; under `lock_devices`."""
    given = {"tenant": session.tenant_no, "id": public_id, "name": name, "user": user_no, "at": at}
    return int(await session.fetch_value(_ADD_DEVICE, given))


async def revive(session: TenantSession, device_no: int, name: str, at: datetime) -> None:
    """Make a device active that comes with a new code."""
    await session.execute(_REVIVE, [name, at, session.tenant_no, device_no])


async def revoke(session: TenantSession, device_no: int, at: datetime) -> bool:
    """Shut a device out, with every replica on it; return whether it was in."""
    done = await session.execute(_REVOKE, [at, session.tenant_no, device_no])
    if done:
        await session.execute(_REVOKE_REPLICAS, [session.tenant_no, device_no])
    return done > 0


async def active(session: TenantSession, device_no: int) -> bool:
    """Whether a device is active, and stays so until this transaction ends.

    For the path of batches: a revocation waits for the batches under way, and none is taken after it.
    """
    return bool(await session.fetch_value(ACTIVE, [session.tenant_no, device_no]))


async def replicas(session: TenantSession) -> list[Replica]:
    """Return every replica of the companies the session sees."""
    return await session.fetch_as(Replica, _REPLICAS, [session.tenant_no])


async def replicas_of_company(session: TenantSession, company_no: int) -> list[Replica]:
    """Return a company's replicas in the order they came."""
    return await session.fetch_as(Replica, _REPLICAS_OF_COMPANY, [session.tenant_no, company_no])


async def replicas_of_device(session: TenantSession, device_no: int) -> list[Replica]:
    """Return the replicas on a device, of the companies the session sees."""
    return await session.fetch_as(Replica, _REPLICAS_OF_DEVICE, [session.tenant_no, device_no])


async def key_is_elsewhere(session: TenantSession, public_key: bytes, device_no: int) -> bool:
    """Whether another device of the tenant signs with this key."""
    return await session.fetch_one(_KEY_ELSEWHERE, [session.tenant_no, public_key, device_no]) is not None


async def add_replica(
    session: TenantSession, company_no: int, public_id: str, device_no: int, key: bytes, tag: str, at: datetime
) -> None:
    """Add a replica of a company; under the company's lock."""
    given = {"id": public_id, "device": device_no, "key": key, "tag": tag, "at": at}
    await session.execute(_ADD_REPLICA, {"tenant": session.tenant_no, "company": company_no, **given})
