"""What every part of the ledger works with, and the first questions each request is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from ledgerflow_core.identifiers import CompanyId, IdentifierSource
from ledgerflow_core.sync.merkle import Frontier
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_server.keys.beacon import Beacon, Beacons
from ledgerflow_server.keys.server_keys import ServerKeys
from ledgerflow_server.ledger.repository import heads, log
from ledgerflow_server.ledger.repository.heads import CompanyHead, Place
from ledgerflow_server.ledger.service.registers import RegisterCache, Registers
from ledgerflow_server.settings.settings import Settings
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants, TenantSession

_log = structlog.get_logger("ledgerflow.ledger")


class Seen(NamedTuple):
    """A log when this process last saw it whole: its life, and how long it was."""

    incarnation: str
    size: int


@dataclass(slots=True)
class Desk:
    """The services of the ledger. `incarnation` is the life that a log begins in; `seen` is where each log was."""

    settings: Settings
    keys: ServerKeys
    incarnation: str
    beacons: Beacons
    tenants: Tenants
    identifiers: IdentifierSource
    milliseconds: Callable[[], int]
    registers: RegisterCache = field(default_factory=RegisterCache)
    seen: dict[tuple[int, CompanyId], Seen] = field(default_factory=dict)
    _places: dict[tuple[int, CompanyId], Place] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time in whole milliseconds, as it stands in the log."""
        seconds, rest = divmod(self.milliseconds(), 1000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)

    def took(
        self, tenant_no: int, company: CompanyId, company_no: int, life: str, tree: Frontier, registers: Registers
    ) -> None:
        """Note, after COMMIT, how far which log of a company came: outside the database, where no restore reaches.

        Where there is no room for that, the batch is in the log all the same; the next one notes both.
        """
        self.registers.keep(tenant_no, company_no, registers)
        seen = self.seen.get((tenant_no, company))
        if seen is None or seen.incarnation != life or seen.size < tree.size:
            self.seen[tenant_no, company] = Seen(life, tree.size)
        try:
            self.beacons.of(tenant_no).write(company, Beacon(life, tree.size, tree.root().hex()))
        except OSError:
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

    def beacon(self, tenant_no: int, company: CompanyId) -> Beacon | None:
        """Return how far the log is known to have come, to be read before the head is: it only ever lags behind.

        None where the head that follows need not be compared: this process has seen the log this far.
        """
        return None if (tenant_no, company) in self.seen else self.beacons.of(tenant_no).read(company)

    async def checked(
        self, session: TenantSession, company: CompanyId, company_no: int, head: CompanyHead, beacon: Beacon | None
    ) -> CompanyHead:
        """Return the head; of a log that was set back, as recovering. `beacon` was read before the head was.

        Sure of a head that is held; of one that is not, recovering may mean that a batch came in since.
        """
        now, tenant_no = Seen(self.life(head), head.log.size), session.tenant_no
        known = self.seen.get((tenant_no, company))
        if known is not None and (now.incarnation != known.incarnation or now.size < known.size):
            beacon = self.beacons.of(tenant_no).read(company)
        if head.state == "normal" and beacon is not None and await self._set_back(session, company_no, now, beacon):
            # Written where a replica says hello; until then everyone sees it for themselves.
            return replace(head, state="recovering")
        if head.state == "normal":
            self.seen[tenant_no, company] = now
        return head

    async def _set_back(self, session: TenantSession, company_no: int, now: Seen, beacon: Beacon) -> bool:
        if beacon.went_on or now.incarnation != beacon.incarnation or now.size < beacon.size:
            return True
        return (await log.frontier_at(session, company_no, beacon.size)).root().hex() != beacon.root


def _sees(principal: Principal, company_no: int) -> bool:
    return principal.companies is None or company_no in principal.companies
