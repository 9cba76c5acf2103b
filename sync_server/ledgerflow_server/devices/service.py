"""Codes for new devices, tokens for those that are in, and the end of a device."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerflow_core.sync.enrolment import code_hash, token_statement
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.companies import repository as companies
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.devices import codes, repository
from ledgerflow_server.devices.challenges import Challenges
from ledgerflow_server.devices.enrolling import require_signature
from ledgerflow_server.devices.repository import Device, Replica
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity import rights, standing
from ledgerflow_server.identity.repository import User
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.identity.tokens import Bearer, Tokens
from ledgerflow_server.tenancy.directory import Directory
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

# Runs inside the transaction that revokes a device, after its rows were changed.
OnRevoked = Callable[[TenantSession, Device], Awaitable[None]]


async def nothing_more(session: TenantSession, device: Device) -> None:
    """Do nothing at a revocation: for a server whose log takes no events of its own."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as it is given away, without the fingerprint, and when it ends."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedChallenge:
    """What a device sends for a token: the ids it has, the challenge, a key of one of its replicas, the signature."""

    tenant: str
    device: str
    challenge: str
    key: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Enrolments:
    """Everything about the devices somebody may see."""

    devices: list[Device]
    replicas: list[Replica]
    users: dict[int, User]
    companies: dict[int, Company]


@dataclass(frozen=True, slots=True)
class Office:
    """A replica of a company with the names people know it by: whose events it signs, and the machine it is on."""

    replica: Replica
    user_name: str
    device_name: str


class Devices:
    """The devices of all tenants. `tenants` opens sessions as lf_app, `people` as lf_auth."""

    def __init__(
        self,
        tenants: Tenants,
        people: Tenants,
        directory: Directory,
        tokens: Tokens,
        challenges: Challenges,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        on_revoked: OnRevoked = nothing_more,
    ) -> None:
        self._tenants = tenants
        self._people = people
        self._directory = directory
        self._tokens = tokens
        self.challenges = challenges
        self._now = now
        self._random_bytes = random_bytes
        self._on_revoked = on_revoked

    async def new_code(self, asker: Principal, company_no: int, user: str, hours: int) -> NewCode:
        """Make a code for one device of a company, which will post for a user (by id).

        Raises `Refused` 404 for a company or user that is not there, or a user who does not see the company, and 403.
        """
        rights.require(asker, Permission.MANAGE_DEVICES, company_no)
        async with self._people.session(asker, read_only=True) as session:
            person = await users.by_id(session, user)
        if person is None or not person.active:
            raise Refused(404, "not-found", "user")
        if person.companies is not None and company_no not in person.companies:
            raise Refused(404, "not-found", "user")
        if rights.outranks(person.role, Role(asker.role)):
            # With a device of an owner, an admin would sign as one.
            raise Refused(403, "not-permitted", "user", role=asker.role)
        code, expires_at = codes.new_code(asker.tenant_no, self._random_bytes), self._now() + timedelta(hours=hours)
        async with self._tenants.session(asker) as session:
            if await companies.by_no(session, company_no) is None:
                raise Refused(404, "not-found", "company")
            await repository.add_code(session, code_hash(code), company_no, person.user_no, person.role, expires_at)
            facts = {"user": person.user_no, "hours": hours}
            await record(session, self._now(), Action.CODE_CREATED, f"company/{company_no}", facts)
        return NewCode(code, expires_at)

    async def token(self, signed: SignedChallenge) -> str:
        """Return an access token for a device that signed a challenge of ours.

        Raises `Refused`: 401 `challenge-expired`, 422 `signature-wrong`, 403 `signer-unknown`, `device-revoked` and
        `tenant-suspended`. Only who holds a device's key learns anything about the device.
        """
        if not self.challenges.holds(signed.challenge):
            raise Refused(401, "challenge-expired")
        require_signature(signed.key, signed.signature, token_statement(signed.challenge, signed.device))
        tenant = await self._directory.find(signed.tenant)
        if tenant is None:
            raise Refused(403, "signer-unknown")
        if tenant.state != "active":
            raise Refused(403, "tenant-suspended")
        bearer = None
        async with self._tenants.session(Principal(tenant.tenant_no)) as session:
            device = await repository.device_by_id(session, signed.device)
            held = [] if device is None else await repository.replicas_of_device(session, device.device_no)
            mine = [replica for replica in held if replica.public_key == signed.key]
            if device is None or not mine:
                raise Refused(403, "signer-unknown")
            if device.state == "active" and any(replica.state != "revoked" for replica in mine):
                bearer = await self._bearer(tenant.tenant_no, device.device_no)
            if bearer is None:
                await record(session, self._now(), Action.REVOKED_DEVICE_CAME, f"device/{device.device_no}")
        if bearer is None:
            raise Refused(403, "device-revoked")
        return self._tokens.issue(bearer)

    async def _bearer(self, tenant_no: int, device_no: int) -> Bearer | None:
        found = await standing.of_device(self._people, Principal(tenant_no), device_no)
        if found is None or not found.user_active or not found.alive:
            return None
        return Bearer(tenant_no, found.user_no, found.role, found.seen, device_no=device_no)

    async def revoke(self, asker: Principal, public_id: str) -> None:
        """Shut a device out at once: its tokens end, its replicas sign no more. Twice is once.

        Raises `Refused` 403, 404 for a device that is not there or has a book the asker does not see, or 409
        `server-itself`.
        """
        rights.require(asker, Permission.MANAGE_DEVICES)
        async with self._tenants.session(asker) as session:
            if public_id == await repository.server_device_of(session):
                raise Refused(409, "server-itself", "device")
            await repository.lock_devices(session)
            device = await repository.device_by_id(session, public_id)
            if device is None or not await self._is_theirs(session, device):
                raise Refused(404, "not-found")
            if await repository.revoke(session, device.device_no, self._now()):
                await self._on_revoked(session, device)
                await record(session, self._now(), Action.DEVICE_REVOKED, f"device/{device.device_no}")

    async def _is_theirs(self, session: TenantSession, device: Device) -> bool:
        """Whether somebody sees all that is on a device: some of it is too little to shut it out."""
        if session.principal.companies is None:
            return True
        async with self._tenants.session(Principal(session.tenant_no), read_only=True) as everything:
            held = await repository.replicas_of_device(everything, device.device_no)
        return bool(held) and {one.company_no for one in held} <= set(session.principal.companies)

    async def all(self, asker: Principal) -> Enrolments:
        """Return the devices somebody may see, with what is on them, the server itself left out.

        Raises `Refused` 403.
        """
        rights.require(asker, Permission.SEE_DEVICES)
        async with self._tenants.session(asker, read_only=True) as session:
            server = await repository.server_device_of(session)
            devices = [device for device in await repository.devices(session) if device.public_id != server]
            replicas = await repository.replicas(session)
            held = {company.company_no: company for company in await companies.every(session)}
        async with self._people.session(asker, read_only=True) as session:
            people = {user.user_no: user for user in await users.every(session)}
        if asker.companies is not None:
            seen = {replica.device_no for replica in replicas}
            devices = [device for device in devices if device.device_no in seen]
        return Enrolments(devices, replicas, people, held)

    async def offices(self, asker: Principal, book: str) -> list[Office]:
        """Return the replicas of a company in the order they came; raises `Refused` 404 for a book not theirs."""
        async with self._tenants.session(asker, read_only=True) as session:
            company = await companies.by_id(session, book)
            if company is None:
                raise Refused(404, "not-found")
            rights.require(asker, Permission.READ_BOOKS, company.company_no)
            held = await repository.replicas_of_company(session, company.company_no)
            devices = {device.device_no: device for device in await repository.devices(session)}
        async with self._people.session(asker, read_only=True) as session:
            names = {user.user_no: user.name for user in await users.every(session)}
        found = []
        for replica in held:
            device = devices[replica.device_no]
            found.append(Office(replica, names.get(device.user_no, ""), device.name))
        return found
