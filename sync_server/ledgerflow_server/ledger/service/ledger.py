"""The ledger as the endpoints and other features hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog

from ledgerflow_core.events.event import Body
from ledgerflow_core.identifiers import CompanyId, UserId
from ledgerflow_core.sync.log import Verdict
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_server.audit import service as audit
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.database.failures import CommitUnknown, DatabaseUnavailable, StorageFull
from ledgerflow_server.ledger.repository import refusals
from ledgerflow_server.ledger.service import closing, ingest, own_replica, recovery
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal

# What an honest client with sound memory never sends.
_ON_RECORD = {
    "signature-wrong": Action.SIGNATURE_WRONG,
    "chain-wrong": Action.BATCH_REFUSED,
    "event-undecodable": Action.BATCH_REFUSED,
    "event-id-reused": Action.EVENT_ID_REUSED,
    "replica-forked": Action.REPLICA_FORKED,
    "signer-unknown": Action.BATCH_REFUSED,
    "device-revoked": Action.REVOKED_DEVICE_CAME,
}

_log = structlog.get_logger("ledgerflow.ledger")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Takes batches for whoever may send them."""

    desk: Desk

    async def take(self, principal: Principal, company: CompanyId, wire: bytes) -> bytes:
        """Return the receipt for a batch as it came over the line: it is in the log, on disk.

        Raises `Refused` for everything else; what should never have been sent is kept and audited.
        """
        try:
            if principal.device_no is None:
                raise Refused("signer-unknown")
            async with self.desk.precedence.place(len(wire)):
                incoming = ingest.read(wire, self.desk)
                done = await ingest.take_batch(self.desk, principal, company, incoming)
        except Refused as refused:
            if refused.code in _ON_RECORD:
                await self._put_on_record(principal, company, wire, refused)
            raise
        except (DatabaseUnavailable, CommitUnknown, psycopg.Error) as error:
            raise refusal_of(error) from error
        if done.changes is not None and done.changes.may_close:
            await self._close(principal, company)
        return done.receipt

    async def _close(self, principal: Principal, company: CompanyId) -> None:
        """Lock what is ready to be. Whatever comes of it, the batch is in the log; the nightly job tries again."""
        try:
            await closing.finish(self.desk, principal.tenant_no, company)
        except (Refused, DatabaseUnavailable, CommitUnknown, psycopg.Error):
            _log.exception("close-not-finished", company=company)

    async def adopt(self, principal: Principal, company: CompanyId, raw: bytes) -> int:
        """Take back what the log lost; see `recovery.adopt`. Only a replica has it, so only a device hands it in."""
        if principal.device_no is None:
            raise Refused("signer-unknown")
        try:
            return await recovery.adopt(self.desk, principal, company, raw)
        except (DatabaseUnavailable, CommitUnknown, psycopg.Error) as error:
            raise refusal_of(error) from error

    async def post(
        self, principal: Principal, company: CompanyId, bodies: Sequence[Body], user: UserId, *, cause: str = ""
    ) -> list[Verdict]:
        """Post events of a person without a replica through the server's own; see `own_replica.post_events`."""
        try:
            return await own_replica.post_events(self.desk, principal, company, bodies, user, cause=cause)
        except (DatabaseUnavailable, CommitUnknown, psycopg.Error) as error:
            raise refusal_of(error) from error

    async def _put_on_record(self, principal: Principal, company: CompanyId, wire: bytes, refused: Refused) -> None:
        """Keep what was refused. That this fails never changes the answer."""
        at = self.desk.now()
        try:
            async with self.desk.tenants.session(principal) as session:
                place = await self.desk.place(session, company)
                request_id = self.desk.identifiers.new()
                if await refusals.add(session, place.company_no, at, request_id, refused.code, wire):
                    facts = {"code": refused.code, "place": refused.place, "request": request_id}
                    await audit.record(session, at, _ON_RECORD[refused.code], f"company/{place.company_no}", facts)
        except Refused:
            return  # not a company of theirs: there is nowhere to keep it
        except (DatabaseUnavailable, CommitUnknown, psycopg.Error):
            _log.exception("refusal-not-kept", code=refused.code)


def refusal_of(error: Exception) -> Exception:
    """Return what a client is told of a failure of the database; the error itself where nobody foresaw it."""
    match error:
        case CommitUnknown():
            return Refused("outcome-unknown")
        case StorageFull():
            return Refused("storage-full")
        case (
            DatabaseUnavailable()
            | psycopg.errors.LockNotAvailable()
            | psycopg.errors.QueryCanceled()
            | psycopg.errors.DeadlockDetected()
            | psycopg.OperationalError()
        ):
            return Refused("busy")
        case psycopg.errors.UniqueViolation() | psycopg.errors.CheckViolation():
            # The rows are not what the log says, or a verdict was wrong. The database's own words have values in them.
            _log.error("rows-refused", constraint=error.diag.constraint_name, table=error.diag.table_name)
            return Refused("not-storable")
        case _:
            return error
