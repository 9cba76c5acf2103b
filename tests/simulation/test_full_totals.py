"""A month that comes to too much on a batch's way: the server in memory and the oracle say what the real server does.

The first tests are those of `tests/sync_server/ledger/test_full_totals.py`, asked of the server in memory.
"""

import pytest

from builders import a_company, a_voucher
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import Body, CompanyCreated, MasterCreated, VoucherCancelled, VoucherPosted
from ledgerflow_core.identifiers import MasterId, VoucherTypeId
from ledgerflow_core.masters.account import CASH, PROFIT_AND_LOSS
from ledgerflow_core.masters.voucher_type import VoucherNature, VoucherType
from ledgerflow_core.money.amount import MINOR_MAX
from shared.sync.replica_session import Company, sync
from simulation import sim_server
from simulation.mutants import MUTANTS
from simulation.oracle import Books, Wrong, entries_of, fold
from simulation.plain import raw_piece
from simulation.seams import Seam, patched
from simulation.sim_replica import SimReplica

COMPANY = a_company()
_NEVER: Seam = (sim_server, "is_laid_before", lambda event: False)


@pytest.fixture
def company() -> Company:
    return Company.served()


@pytest.fixture
def pune(company: Company) -> SimReplica:
    office = company.office()
    office.write(CompanyCreated(company=COMPANY))
    sync(company, office)
    return office


def write(office: SimReplica, body: Body) -> str:
    """Write an event; return the version it makes."""
    office.write(body)
    return version_hash(office.disk.own[-1]).hex()


def post(office: SimReplica, name: str, amount: int, number: str = "") -> VoucherCancelled:
    """Post a journal; return what cancels it."""
    lines = ((CASH, amount), (PROFIT_AND_LOSS, -amount))
    voucher = a_voucher(VoucherNature.JOURNAL, *lines, name=name, number=number or name)
    return VoucherCancelled(voucher=voucher.id, base=write(office, VoucherPosted(voucher=voucher)))


def a_type(company: Company) -> MasterCreated:
    kind = VoucherTypeId(MasterId(company.new_id()))
    return MasterCreated(
        master=VoucherType(id=kind, name="Export sale", abbreviation="EXP", nature=VoucherNature.SALES)
    )


def sent(company: Company, office: SimReplica) -> list[str]:
    """Sync; return what was decided of each event of the batch that went."""
    before = len(company.server.disk.log)
    sync(company, office)
    (piece,) = company.server.disk.log[before:]
    return [verdict.reason or str(verdict.outcome) for verdict in piece.verdicts]


def folded(company: Company) -> Books:
    return fold(entries_of([raw_piece(piece) for piece in company.server.disk.log]))


def test_a_batch_may_come_to_too_much_on_its_way(company: Company, pune: SimReplica) -> None:
    post(pune, "full", MINOR_MAX)
    write(pune, post(pune, "over", 1))
    assert sent(company, pune) == ["accepted"] * 3
    assert set(folded(company).balances.values()) == {MINOR_MAX, -MINOR_MAX}


def test_but_not_where_the_tables_of_replicas_are_brought_up_to_date(company: Company, pune: SimReplica) -> None:
    post(pune, "full", MINOR_MAX)
    over = post(pune, "over", 1)
    write(pune, a_type(company))
    write(pune, over)
    assert sent(company, pune) == ["accepted", "amount-too-large", "accepted", "unknown-voucher"]
    folded(company)


def test_nor_where_it_ends_with_too_much(company: Company, pune: SimReplica) -> None:
    write(pune, post(pune, "nothing", 1))
    post(pune, "full", MINOR_MAX)
    post(pune, "over", 1)
    assert sent(company, pune) == ["accepted"] * 3 + ["amount-too-large"]
    folded(company)


def test_nor_where_something_else_of_it_is_parked(company: Company, pune: SimReplica) -> None:
    post(pune, "first", 1, number="1")
    sync(company, pune)
    post(pune, "full", MINOR_MAX - 1)
    write(pune, post(pune, "over", 1))
    post(pune, "second", 1, number="1")
    assert sent(company, pune) == ["accepted", "amount-too-large", "unknown-voucher", "number-duplicate"]
    folded(company)


def test_the_oracle_objects_to_a_batch_that_ends_with_too_much(company: Company, pune: SimReplica) -> None:
    post(pune, "full", MINOR_MAX)
    over = post(pune, "over", 1)
    with patched(MUTANTS["total-too-large"].seams):
        assert sent(company, pune) == ["accepted"] * 2
    write(pune, over)
    assert sent(company, pune) == ["accepted"]
    with pytest.raises(Wrong, match="a month of an account is an amount"):
        folded(company)


def test_the_oracle_objects_to_too_much_where_tables_are_brought_up_to_date(company: Company, pune: SimReplica) -> None:
    post(pune, "full", MINOR_MAX)
    over = post(pune, "over", 1)
    write(pune, a_type(company))
    write(pune, over)
    with patched([_NEVER]):
        assert sent(company, pune) == ["accepted"] * 4
    with pytest.raises(Wrong, match="a month of an account is an amount"):
        folded(company)
