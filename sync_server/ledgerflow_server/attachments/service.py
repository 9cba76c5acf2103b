"""Takes attachments in pieces, proves them when they are whole, and hands them out.

Bytes reach the disk before the row that counts them, so what is promised is here. Where the disk holds less than the
row says, as after a restore, the disk is believed and the sender is told to go on from there.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_core.sync.roles import ACTS_BY_ROLE, Act, Role
from ledgerflow_server.attachments import repository
from ledgerflow_server.attachments.repository import Announced
from ledgerflow_server.attachments.store import RECORD, Place, Store
from ledgerflow_server.database.failures import DatabaseUnavailable
from ledgerflow_server.edge.problems import Refused
from ledgerflow_server.edge.threads import in_thread
from ledgerflow_server.identity import rights
from ledgerflow_server.identity.rights import Permission
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits, Tenants, TenantSession

OFFSET = "Upload-Offset"
# A piece is encrypted and on disk, a whole file proven, while its row is held.
_UNHURRIED = Limits(idle=60_000)
# Who clears up waits for nobody who sends.
_BRIEF = Limits(lock=200)


@dataclass(frozen=True, slots=True)
class Attachments:
    """The attachments of all tenants. `most` bytes for one file, `quota` for all of one company."""

    desk: Desk
    store: Store
    most: int
    quota: int

    async def state(self, asker: Principal, company: CompanyId, sha256: str) -> Announced:
        """Return how much of an attachment is here; refuses 404 `not-found` where nobody began to send it."""
        rights.require(asker, Permission.READ_BOOKS)
        async with self.desk.tenants.session(asker, read_only=True) as session:
            place = await self._place(session, company, sha256)
            found = await repository.find(session, place.company_no, sha256)
        if found is None:
            raise Refused(404, "not-found", "attachment")
        return await in_thread(self._as_it_is, place, found)

    async def begin(
        self, asker: Principal, company: CompanyId, sha256: str, size: int, media_type: str, piece: bytes
    ) -> Announced:
        """Announce an attachment and take its first piece; one that is whole is left as it is.

        Refuses 403 `not-permitted`, 404 `not-found`, 413 `attachment-too-large`, 507 `attachments-full`, 409
        `size-differs` from the one announced, and as `append` does.
        """
        self._require_sender(asker)
        if size > self.most:
            raise Refused(413, "attachment-too-large", "Upload-Length", size=size, most=self.most)
        async with self.desk.tenants.session(asker, limits=_UNHURRIED) as session:
            place = await self._place(session, company, sha256)
            if await repository.find(session, place.company_no, sha256) is None:
                if await repository.total(session, place.company_no) + size > self.quota:
                    raise Refused(507, "attachments-full", "Upload-Length", size=size, quota=self.quota)
                await repository.announce(session, place.company_no, sha256, size, media_type)
            found = await self._locked(session, place)
            if found.size != size:
                raise Refused(409, "size-differs", "Upload-Length", size=found.size)
            if found.complete or (found.received and not piece):
                return found
            return await self._append(session, place, found, 0, piece)

    async def append(self, asker: Principal, company: CompanyId, sha256: str, offset: int, piece: bytes) -> Announced:
        """Take bytes from `offset` on; whole records are kept, the rest is to be sent again with what follows.

        Refuses 403 `not-permitted`, 404 `not-found`, 409 `offset-differs` with the right one, 413 `piece-too-large`,
        422 `piece-too-small` (less than a record, and not the last) and `hash-differs`: then all starts anew.
        """
        self._require_sender(asker)
        async with self.desk.tenants.session(asker, limits=_UNHURRIED) as session:
            place = await self._place(session, company, sha256)
            return await self._append(session, place, await self._locked(session, place), offset, piece)

    async def read(self, asker: Principal, company: CompanyId, sha256: str) -> tuple[Announced, Place]:
        """Return an attachment that is whole; refuses 404 `not-found` before it is."""
        rights.require(asker, Permission.READ_BOOKS)
        async with self.desk.tenants.session(asker, read_only=True) as session:
            place = await self._place(session, company, sha256)
            found = await repository.find(session, place.company_no, sha256)
        if found is None or not (await in_thread(self._as_it_is, place, found)).complete:
            raise Refused(404, "not-found", "attachment")
        return found, place

    async def parts(self, place: Place, first: int, size: int) -> Iterator[bytes]:
        """Return bytes of an attachment that is whole. The first are read here: `Damaged` before anything is sent."""
        parts = self.store.parts(place, first, size)
        return chain([await in_thread(next, parts, b"")], parts)

    # --- how ------------------------------------------------------------------------------------

    async def _append(
        self, session: TenantSession, place: Place, found: Announced, offset: int, piece: bytes
    ) -> Announced:
        if found.complete or offset != found.received:
            raise Refused(409, "offset-differs", OFFSET, headers={OFFSET: str(found.received)}, expected=found.received)
        end = offset + len(piece)
        if end > found.size:
            raise Refused(413, "piece-too-large", "body", most=found.size - offset)
        if end < found.size:
            end -= end % RECORD
            if piece and end == offset:
                raise Refused(422, "piece-too-small", "body", least=RECORD)
        await in_thread(self.store.append, place, offset, piece[: end - offset])
        whole = end == found.size
        if whole and not await in_thread(self.store.complete, place, found.size):
            # The bytes are gone already. The row is undone with this transaction and then says more than the disk has,
            # which is what the disk is asked for.
            raise Refused(422, "hash-differs", "body", headers={OFFSET: "0"}, expected=place.sha256)
        await repository.advance(session, place.company_no, place.sha256, end, complete=whole)
        return Announced(found.size, end, found.media_type, whole)

    async def _locked(self, session: TenantSession, place: Place) -> Announced:
        found = await repository.locked(session, place.company_no, place.sha256)
        if found is None:
            raise Refused(404, "not-found", "attachment")
        return await in_thread(self._as_it_is, place, found)

    def _as_it_is(self, place: Place, found: Announced) -> Announced:
        """Return what is here by the disk, where it holds less than its row says."""
        if found.complete and self.store.path(place).exists():
            return found
        received = min(found.received, self.store.received(place))
        return Announced(found.size, received - received % RECORD, found.media_type, complete=False)

    async def _place(self, session: TenantSession, company: CompanyId, sha256: str) -> Place:
        return Place(session.tenant_no, (await self.desk.place(session, company)).company_no, sha256)

    def _require_sender(self, asker: Principal) -> None:
        rights.require(asker, Permission.READ_BOOKS)
        if Act.POST not in ACTS_BY_ROLE[Role(asker.role)]:
            raise Refused(403, "not-permitted", role=asker.role)


async def sweep(tenants: Tenants, tenant: Principal, company_no: int, store: Store, before: float) -> int:
    """Remove what nobody finishes or knows of a company, announced and last written `before` (seconds since 1970).

    Returns how many. That is uploads that were given up, and files without a row. Whole attachments stay: versions of
    vouchers name them for ever. What somebody sends at this moment is left for another time.
    """
    gone: set[str] = set()
    async with tenants.session(tenant, limits=_UNHURRIED) as session:
        for sha256 in await repository.given_up(session, company_no, before):
            # Only now that the row is held does nobody write the file.
            if await in_thread(store.written, Place(tenant.tenant_no, company_no, sha256)) < before:
                await repository.forget(session, company_no, sha256)
                gone.add(sha256)
    # What was forgotten is durable by now: its files are without a row, as those of an upload that was undone.
    async with tenants.session(tenant, read_only=True) as session:
        known = await repository.names(session, company_no)
    for sha256 in sorted(await in_thread(store.names, tenant.tenant_no, company_no) - known):
        # Somebody may be announcing it.
        with contextlib.suppress(DatabaseUnavailable):
            if await _removed(tenants, Place(tenant.tenant_no, company_no, sha256), store, before):
                gone.add(sha256)
    return len(gone)


async def _removed(tenants: Tenants, place: Place, store: Store, before: float) -> bool:
    """Remove the files of an attachment without a row that nobody wrote since; return whether that was so."""
    async with tenants.session(Principal(place.tenant_no), limits=_BRIEF) as session:
        if not await repository.hold(session, place.company_no, place.sha256):
            return False
        old = await in_thread(store.written, place) < before
        if old:
            await in_thread(store.remove, place)
        await repository.forget(session, place.company_no, place.sha256)
        return old
