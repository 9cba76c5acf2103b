"""What rarely changes, kept between batches: a company's details, lock and masters, and their numbers in the rows."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

import msgspec

from ledgerflow_core.errors import Damaged
from ledgerflow_core.identifiers import MasterId
from ledgerflow_core.masters.account import Account
from ledgerflow_core.masters.chart import Chart, Master, predefined_chart
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.rates import ForeignCurrency
from ledgerflow_core.posting.projection import Projector
from ledgerflow_core.sync.facts import Facts
from ledgerflow_server.ledger.repository import registers as rows
from ledgerflow_server.ledger.repository.registers import MasterRow
from ledgerflow_server.tenancy.session import TenantSession

ENCODE = msgspec.json.Encoder().encode
_MASTER: "msgspec.json.Decoder[Master]" = msgspec.json.Decoder(Master)
_COMPANY = msgspec.json.Decoder(Company)
# Room for a thousand small companies, or a few large ones.
_BYTES_KEPT = 128 << 20
# What a master takes in memory, as measured: itself and where it is found, its text in small pieces, and for each
# alias or rate a few more objects than its text tells.
_BYTES_OF_MASTER, _BYTES_OF_LETTER, _BYTES_OF_PART = 300, 4, 150


@dataclass(frozen=True, slots=True)
class Registers:
    """The registers as of entry `masters_at`. Versions are hashes in hex; `numbers` are those of the master rows.

    `weight` is roughly the memory they take, in bytes. Not to be changed: many batches look at one.
    """

    masters_at: int
    company: Company | None
    company_version: str
    chart: Chart
    master_versions: dict[MasterId, str]
    locked_until: date | None
    lock_version: str
    numbers: dict[str, int]
    weight: int

    def facts(self) -> Facts:
        """Return facts that begin with these registers and know of no voucher."""
        return Facts(
            company=self.company,
            company_version=self.company_version,
            chart=self.chart,
            master_versions=dict(self.master_versions),
            locked_until=self.locked_until,
            lock_version=self.lock_version,
        )

    def projector(self) -> Projector:
        """Return what turns vouchers into rows; there must be a company."""
        assert self.company is not None, "no voucher is accepted before its company"
        return Projector(
            self.chart.voucher_types, counted_numbers(self.chart, self.numbers), self.company.financial_year
        )

    def after(self, facts: Facts, masters_at: int, numbers: dict[str, int]) -> "Registers":
        """Return the registers as decided facts leave them."""
        weight = self.weight + weight_of(facts.company) - weight_of(self.company)
        for master in facts.chart.masters.values():
            before = self.chart.masters.get(master.id)
            if before is not master:
                weight += weight_of(master) - weight_of(before)
        return Registers(
            masters_at,
            facts.company,
            facts.company_version,
            facts.chart,
            facts.master_versions,
            facts.locked_until,
            facts.lock_version,
            numbers,
            weight,
        )


def weight_of(kept: Master | Company | None) -> int:
    """Return roughly how many bytes of memory a master or a company's details take."""
    if kept is None:
        return 0
    parts = 0
    if isinstance(kept, Account):
        parts = len(kept.aliases)
    elif isinstance(kept, ForeignCurrency):
        parts = len(kept.rates)
    return _BYTES_OF_MASTER + _BYTES_OF_LETTER * len(ENCODE(kept)) + _BYTES_OF_PART * parts


def counted_numbers(chart: Chart, numbers: dict[str, int]) -> dict[str, int]:
    """Return for each master the number under which the rows keep what stands on it: a merged one's is its heir's."""
    if not chart.merged:
        return numbers
    return numbers | {merged: numbers[into] for merged, into in chart.merged.items()}


def numbered(chart: Chart, numbers: dict[str, int]) -> dict[str, int]:
    """Return numbers for all masters: those they have, the next ones for those that have none."""
    new = [master for master in chart.masters if master not in numbers]
    first = max(numbers.values(), default=0) + 1
    return numbers | {master: first + at for at, master in enumerate(new)}


async def load(session: TenantSession, company_no: int, masters_at: int) -> Registers:
    """Read a company's registers, which are as of entry `masters_at`."""
    found = await rows.details(session, company_no)
    stored = await rows.masters(session, company_no)
    chart = predefined_chart()
    for row in stored:
        chart.put(_master_of(row))
    company = None if found.details is None else _COMPANY.decode(found.details)
    return Registers(
        masters_at,
        company,
        (found.company_version or b"").hex(),
        chart,
        {MasterId(row.public_id): row.version_hash.hex() for row in stored if row.version_hash},
        found.locked_until,
        (found.lock_version or b"").hex(),
        {row.public_id: row.master_no for row in stored},
        weight_of(company) + sum(map(weight_of, chart.masters.values())),
    )


def _master_of(row: MasterRow) -> Master:
    try:
        return _MASTER.decode(row.body)
    except msgspec.DecodeError:
        raise Damaged(f"master {row.master_no}", reason="not readable") from None


class RegisterCache:
    """The registers of the companies this process last worked on, of `bytes_most` together."""

    def __init__(self, bytes_most: int = _BYTES_KEPT) -> None:
        self._kept: OrderedDict[tuple[int, int], tuple[str, Registers]] = OrderedDict()
        self._bytes = 0
        self._bytes_most = bytes_most

    async def of(self, session: TenantSession, company_no: int, life: str, masters_at: int) -> Registers:
        """Return a company's registers as of entry `masters_at` of its log in a life, as its head names both.

        The same entry of another life may be another master.
        """
        key = (session.tenant_no, company_no)
        of_life, found = self._kept.get(key, ("", None))
        if found is None or (of_life, found.masters_at) != (life, masters_at):
            found = await load(session, company_no, masters_at)
            self.keep(session.tenant_no, company_no, life, found)
        self._kept.move_to_end(key)
        return found

    def keep(self, tenant_no: int, company_no: int, life: str, registers: Registers) -> None:
        """Remember registers that are committed; what was used longest ago goes where there is no more room."""
        _, before = self._kept.pop((tenant_no, company_no), ("", None))
        self._kept[tenant_no, company_no] = (life, registers)
        self._bytes += registers.weight - (before.weight if before else 0)
        while self._bytes > self._bytes_most and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self._bytes -= gone.weight
