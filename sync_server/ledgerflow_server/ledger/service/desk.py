"""What every part of the ledger works with, and the first questions each request is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from ledgerflow_core.identifiers import CompanyId, IdentifierSource
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_server.edge.precedence import Precedence
from ledgerflow_server.keys.beacon import Beacon, Beacons
from ledgerflow_server.keys.files import KeysDamaged
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.repository.heads import CompanyHead, Place
from ledgerflow_server.ledger.service.registers import RegisterCache, Registers
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

_log = structlog.get_logger("ledgerflow.ledger")


@dataclass(slots=True)
class Desk:
    """The services of the ledger. `incarnation` is the life a log begins in, `seen` the beacon each last fitted."""

    settings: Settings
    keys: ServerKeys
    incarnation: str
    beacons: Beacons
    tenants: Tenants
    identifiers: IdentifierSource
    milliseconds: Callable[[], int]
    precedence: Precedence = field(default_factory=Precedence)
    registers: RegisterCache = field(default_factory=RegisterCache)
    seen: dict[tuple[int, CompanyId], Beacon] = field(default_factory=dict)
    _places: dict[tuple[int, CompanyId], Place] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time in whole milliseconds, as it stands in the log."""
        seconds, rest = divmod(self.milliseconds(), 1000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)

    def took(
        self, tenant_no: int, company: CompanyId, company_no: int, life: str, tree: Frontier, registers: Registers
    ) -> None:
        """Note, after COMMIT, how far which log of a company came: outside the database, where no restore reaches.

        Where that cannot be done, the batch is in the log all the same: for lack of room, the next one notes both; a
        damaged beacon is refused from the next request on.
        """
        self.registers.keep(tenant_no, company_no, life, registers)
        beacon = Beacon(incarnation=life, size=tree.size, root=tree.root().hex())
        self.seen[tenant_no, company] = beacon
        try:
            self.beacons.of(tenant_no).write(company, beacon)
        except (OSError, KeysDamaged):
            _log.exception("beacon-not-written", tenant=tenant_no)

    def life(self, head: CompanyHead) -> str:
        """Return the life of the log that a head is the end of: all that is signed of this log is true of that one."""
        return head.incarnation or self.incarnation

    async def place(self, session: TenantSession, company: CompanyId) -> Place:
        """Return where a company is; refuses `not-found` for one the principal does not see, whoever else has it."""
        principal = session.principal
        key = (principal.tenant_no, company)
        found = self._places.get(key) or await heads.place(session, company)
        if found is None or not _sees(principal, found.company_no):
            raise Refused("not-found")
        self._places[key] = found
        return found

    async def checked(
        self, session: TenantSession, company: CompanyId, company_no: int, head: CompanyHead
    ) -> CompanyHead:
        """Return the head; of a log that was set back, as recovering. Raises `KeysDamaged`.

        Sure of a head that is held: nobody can commit meanwhile, so the beacon, read after it, is not ahead of it. Of
        one that is not held, recovering may mean that a batch came in since.
        """
        if head.state != "normal":
            return head
        # Whatever this process saw of the log before: another one may have gone on since, and the database back.
        beacon = self.beacons.of(session.tenant_no).read(company)
        if beacon is None:
            return head
        if not await self._fits(session, company, company_no, head, beacon):
            # Written where a replica says hello; until then everyone sees it for themselves.
            return replace(head, state="recovering")
        self.seen[session.tenant_no, company] = beacon
        return head

    async def _fits(
        self, session: TenantSession, company: CompanyId, company_no: int, head: CompanyHead, beacon: Beacon
    ) -> bool:
        """Return whether a log has in it all that its beacon names."""
        if beacon.went_on or beacon.incarnation not in ("", self.life(head)) or head.log.size < beacon.size:
            return False
        tree = head.log
        if tree.size > beacon.size:
            # A batch is on its way between its commit and its beacon, or beacons cannot be written.
            if beacon == self.seen.get((session.tenant_no, company)):
                return True
            tree = await log.frontier_at(session, company_no, beacon.size)
        return tree.root().hex() == beacon.root


def _sees(principal: Principal, company_no: int) -> bool:
    return principal.companies is None or company_no in principal.companies
