"""A code is used: book, device and replica are taken in together, in one transaction, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledgerflow_core.errors import Fact
from ledgerflow_core.sync.enrolment import code_hash, enrolment_statement, rehoming_statement
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.audit.service import record
from ledgerflow_server.companies import repository as companies
from ledgerflow_server.companies.repository import Company
from ledgerflow_server.devices import codes, repository, tags
from ledgerflow_server.devices.repository import Code, Replica
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.identity import repository as users
from ledgerflow_server.identity.repository import User
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

# How long after its use a code gives the same device the same answer again: time enough to start a machine anew.
REPEATED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What asks to be let in. `company` is the id of its book, None for a device without one; key and proof are raw."""

    company: str | None
    device: str
    device_name: str
    replica: str
    key: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What was taken in: the ids, the tag of the replica's number series, the person it posts for."""

    tenant: str
    company: str
    tag: str
    user: User
    device: str


class Enrolling:
    """Lets devices in. `tenants` opens sessions as lf_app, `people` as lf_auth."""

    def __init__(
        self, tenants: Tenants, people: Tenants, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> None:
        self._tenants = tenants
        self._people = people
        self._now = now
        self._random_bytes = random_bytes

    async def enrol(self, code: str, candidate: Candidate) -> Enrolled:
        """Use a code. A device whose answer was lost, and that comes again with the same key, gets it again: within an
        hour, and until it has said hello. Later a repetition could only be a copy, or somebody else.

        Raises `Refused`: 422 `signature-wrong`; 403 `code-wrong`, `tenant-suspended`; 409 `code-used` (audited),
        `code-expired`, `company-differs`, `company-empty`, `replica-known`, `key-in-use`, `device-of-another-user`.
        """
        hashed = code_hash(code)
        statement = enrolment_statement(hashed.hex(), candidate.replica, candidate.key.hex())
        require_signature(candidate.key, candidate.proof, statement)
        tenant_no = codes.tenant_of(code)
        if tenant_no == 0:
            raise Refused(403, "code-wrong")
        async with self._tenants.session(Principal(tenant_no)) as session:
            enrolled = await self._use(session, hashed, candidate)
        if enrolled is None:
            raise Refused(409, "code-used")
        return enrolled

    async def _use(self, session: TenantSession, hashed: bytes, candidate: Candidate) -> Enrolled | None:
        """Take a candidate in; return None, with a line in the audit log, where somebody else used the code."""
        code = await repository.take_code(session, hashed)
        if code is None:
            raise Refused(403, "code-wrong")
        tenant = await repository.tenant_id(session)
        if tenant is None:
            raise Refused(403, "tenant-suspended")
        user = await self._user(session.tenant_no, code.user_no)
        # Devices before companies, as everybody does who holds both.
        await repository.lock_devices(session)
        company = await companies.locked(session, code.company_no)
        assert company is not None, "a code refers to a company"
        if code.used_by is None:
            tag = await self._take_in(session, code, company, candidate, hashed)
        elif (known := await self._known(session, code, company, candidate)) is not None:
            tag = known.tag
        else:
            subject = f"company/{code.company_no}"
            await record(session, self._now(), Action.CODE_REUSED, subject, {"device": candidate.device})
            return None
        book = candidate.company or company.public_id
        assert book is not None, "a company is bound by now"
        return Enrolled(tenant, book, tag, user, candidate.device)

    async def register(self, asker: Principal, book: str, former: str, candidate: Candidate, tag: str) -> str:
        """Register a replica that was re-homed on a device known by its token; return its tag.

        Raises `Refused`: 404 `not-found` for a company or former replica that is not the device's, 422
        `signature-wrong`, 409 `replica-known` and `key-in-use`.
        """
        device_no = asker.device_no
        if device_no is None:
            raise Refused(403, "not-permitted", role=asker.role)
        statement = rehoming_statement(former, candidate.replica, candidate.key.hex())
        require_signature(candidate.key, candidate.proof, statement)
        async with self._tenants.session(asker) as session:
            found = await companies.by_id(session, book)
            company = None if found is None else await companies.locked(session, found.company_no)
            if company is None or not await repository.active(session, device_no):
                raise Refused(404, "not-found")
            known = await repository.replicas_of_company(session, company.company_no)
            if not any(one.public_id == former and one.device_no == device_no for one in known):
                raise Refused(404, "not-found")
            for one in known:
                if (one.public_id, one.device_no, one.public_key) == (candidate.replica, device_no, candidate.key):
                    return one.tag
            allotted = await self._add_replica(session, company, known, device_no, candidate, tag)
            facts = {"replica": candidate.replica, "former": former, "tag": allotted}
            await record(session, self._now(), Action.REPLICA_REGISTERED, f"company/{company.company_no}", facts)
        return allotted

    async def _user(self, tenant_no: int, user_no: int) -> User:
        async with self._people.session(Principal(tenant_no), read_only=True) as session:
            user = await users.by_no(session, user_no)
        if user is None or not user.active:
            raise Refused(403, "code-wrong")
        return user

    async def _known(
        self, session: TenantSession, code: Code, company: Company, candidate: Candidate
    ) -> Replica | None:
        """Return the replica this very candidate enrolled with this very code a short while ago, to no end yet."""
        if code.used_at is None or self._now() - code.used_at > REPEATED_WITHIN:
            return None
        device = await repository.device_by_id(session, candidate.device)
        if device is None or device.device_no != code.used_by or device.state != "active":
            return None
        for one in await repository.replicas_of_device(session, device.device_no):
            same = (one.public_id, one.public_key) == (candidate.replica, candidate.key)
            unheard = one.state != "revoked" and one.last_hello is None
            if same and one.company_no == company.company_no and unheard:
                return one
        return None

    async def _take_in(
        self, session: TenantSession, code: Code, company: Company, candidate: Candidate, hashed: bytes
    ) -> str:
        now = self._now()
        if code.expires_at <= now:
            raise Refused(409, "code-expired")
        await self._bind(session, company, candidate.company)
        device_no = await self._device(session, code, candidate, now)
        known = await repository.replicas_of_company(session, company.company_no)
        tag = await self._add_replica(session, company, known, device_no, candidate, "")
        await repository.use_code(session, hashed, device_no, now)
        facts: dict[str, Fact] = {
            "company": company.company_no,
            "user": code.user_no,
            "replica": candidate.replica,
            "tag": tag,
        }
        await record(session, now, Action.DEVICE_ENROLLED, f"device/{device_no}", facts)
        return tag

    async def _bind(self, session: TenantSession, company: Company, book: str | None) -> None:
        """See that the book is the company's; the first one makes it so."""
        if book is None and company.public_id is None:
            raise Refused(409, "company-empty")
        if book is None or book == company.public_id:
            return
        if company.public_id is not None or await companies.by_id(session, book) is not None:
            raise Refused(409, "company-differs")
        await companies.bind(session, company.company_no, book)
        subject = f"company/{company.company_no}"
        await record(session, self._now(), Action.COMPANY_BOUND, subject, {"company": book})

    async def _device(self, session: TenantSession, code: Code, candidate: Candidate, now: datetime) -> int:
        """Return the number of the device: a new one, or one that has other books, or comes back after revocation."""
        device = await repository.device_by_id(session, candidate.device)
        if device is None:
            return await repository.add_device(session, candidate.device, candidate.device_name, code.user_no, now)
        if device.user_no != code.user_no:
            raise Refused(409, "device-of-another-user")
        if device.state != "active":
            await repository.revive(session, device.device_no, candidate.device_name, now)
        return device.device_no

    async def _add_replica(
        self,
        session: TenantSession,
        company: Company,
        known: list[Replica],
        device_no: int,
        candidate: Candidate,
        wanted: str,
    ) -> str:
        if any(one.public_id == candidate.replica for one in known):
            raise Refused(409, "replica-known")
        if any(one.public_key == candidate.key for one in known) or await repository.key_is_elsewhere(
            session, candidate.key, device_no
        ):
            raise Refused(409, "key-in-use")
        taken = {one.tag for one in known}
        tag = tags.allot(taken, wanted, self._random_bytes) if known else ""
        await repository.add_replica(
            session, company.company_no, candidate.replica, device_no, candidate.key, tag, self._now()
        )
        return tag


def require_signature(key: bytes, signature: bytes, statement: bytes) -> None:
    """Raise 422 `signature-wrong` unless the key signed the statement."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, statement)
    except (InvalidSignature, ValueError):
        raise Refused(422, "signature-wrong") from None
