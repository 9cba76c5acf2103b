"""The ways of devices into the server, and the list of those that are in."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from ledgerflow_server.devices.enrolling import Candidate, Enrolling
from ledgerflow_server.devices.schemas import (
    ChallengeAnswer,
    ChallengeBody,
    CodeAnswer,
    CodeBody,
    DeviceLine,
    EnrolledUser,
    EnrolmentAnswer,
    EnrolmentBody,
    OfficeLine,
    ReplicaAnswer,
    ReplicaBody,
    ReplicaLine,
    TokenAnswer,
    TokenBody,
)
from ledgerflow_server.devices.service import Devices, Enrolments, SignedChallenge
from ledgerflow_server.edge.shapes import Uuid
from ledgerflow_server.identity.access import Asker


def joining(enrolling: Enrolling, server_key: bytes) -> APIRouter:
    """Return how a device gets in. `server_key` is the public half of the log's key."""
    router = APIRouter(tags=["devices"])

    @router.post("/v1/enrolments", status_code=201)
    async def enrol(body: EnrolmentBody) -> EnrolmentAnswer:
        """Use an enrolment code: the device, its key and its replica are known from then on."""
        candidate = Candidate(
            company=body.company,
            device=body.device.id,
            device_name=body.device.name,
            replica=body.replica,
            key=bytes.fromhex(body.key),
            proof=bytes.fromhex(body.proof),
        )
        done = await enrolling.enrol(body.code, candidate)
        return EnrolmentAnswer(
            tenant=done.tenant,
            company=done.company,
            server_key=server_key.hex(),
            tag=done.tag,
            user=EnrolledUser(id=done.user.public_id, name=done.user.name, role=done.user.role),
            device=done.device,
        )

    @router.post("/v1/companies/{company}/replicas", status_code=201)
    async def add_replica(company: Uuid, body: ReplicaBody, asker: Asker) -> ReplicaAnswer:
        """Register a replica of this device that took a new identity."""
        candidate = Candidate(company, "", "", body.replica, bytes.fromhex(body.key), bytes.fromhex(body.proof))
        tag = await enrolling.register(asker, company, body.former, candidate, body.tag)
        return ReplicaAnswer(replica=body.replica, tag=tag)

    return router


def proving(devices: Devices, expires_in: int) -> APIRouter:
    """Return how a device gets an access token, which lives `expires_in` seconds."""
    router = APIRouter(prefix="/v1/devices", tags=["devices"])

    @router.post("/challenge")
    async def device_challenge(body: ChallengeBody | None = None) -> ChallengeAnswer:
        """Give a challenge to sign."""
        return ChallengeAnswer(challenge=devices.challenges.new())

    @router.post("/token")
    async def device_token(body: TokenBody) -> TokenAnswer:
        """Give an access token for a signed challenge."""
        signed = SignedChallenge(
            body.tenant, body.device, body.challenge, bytes.fromhex(body.key), bytes.fromhex(body.signature)
        )
        return TokenAnswer(access_token=await devices.token(signed), expires_in=expires_in)

    return router


def managing(devices: Devices, fingerprint: str) -> APIRouter:
    """Return what people do with devices. `fingerprint` is that of the server's authority; empty without one."""
    router = APIRouter(prefix="/v1", tags=["devices"])

    @router.post("/enrolment-codes", status_code=201)
    async def create_code(body: CodeBody, asker: Asker) -> CodeAnswer:
        """Make a code that lets one device in; it is shown this once."""
        made = await devices.new_code(asker, body.company, body.user, body.hours)
        return CodeAnswer(code=whole_code(made.code, fingerprint), expires_at=_text(made.expires_at))

    @router.get("/devices")
    async def list_devices(asker: Asker) -> list[DeviceLine]:
        """List the devices with what is on them."""
        return lines_of(await devices.all(asker))

    @router.get("/companies/{company}/replicas")
    async def list_replicas(company: Uuid, asker: Asker) -> list[OfficeLine]:
        """List who takes part in a company, for everybody who reads its books."""
        return [
            OfficeLine(
                replica=one.replica.public_id,
                tag=one.replica.tag,
                state=one.replica.state,
                user=one.user_name,
                device=one.device_name,
            )
            for one in await devices.offices(asker, company)
        ]

    @router.delete("/devices/{device}", status_code=204, response_class=Response)
    async def revoke_device(device: Uuid, asker: Asker) -> Response:
        """Shut a device out at once."""
        await devices.revoke(asker, device)
        return Response(status_code=204)

    return router


def whole_code(code: str, fingerprint: str) -> str:
    """Return a code as it is given to people: with the fingerprint of the authority, where there is one of our own."""
    return f"{code}.{fingerprint}" if fingerprint else code


def lines_of(held: Enrolments) -> list[DeviceLine]:
    """Return the devices as they are shown."""
    lines = []
    for device in held.devices:
        replicas = [replica for replica in held.replicas if replica.device_no == device.device_no]
        user = held.users.get(device.user_no)
        seen = [replica.last_hello for replica in replicas if replica.last_hello is not None]
        lines.append(
            DeviceLine(
                id=device.public_id,
                name=device.name,
                user=user.public_id if user else "",
                state=device.state,
                enrolled_at=_text(device.enrolled_at),
                revoked_at=_text(device.revoked_at) if device.revoked_at else None,
                last_seen=_text(max(seen)) if seen else None,
                pending=sum(replica.outbox_count for replica in replicas),
                replicas=[
                    ReplicaLine(
                        company=held.companies[replica.company_no].public_id,
                        replica=replica.public_id,
                        tag=replica.tag,
                        state=replica.state,
                        events=replica.head_seq,
                        pending=replica.outbox_count,
                        last_seen=_text(replica.last_hello) if replica.last_hello else None,
                    )
                    for replica in replicas
                ],
            )
        )
    return lines


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
