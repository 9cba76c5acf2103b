"""COMMIT whose outcome the server cannot know: it says so, and the same batch sent again counts once."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from end_to_end.company import SharedCompany
from end_to_end.database_line import Cut, DatabaseLine
from end_to_end.fault_proxy import FaultProxy
from end_to_end.head_office import HeadOffice
from ledgerflow_core.sync.replica_messages import Receipted, Rejected

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("cut", Cut)
def test_a_batch_whose_commit_is_cut_off_is_unknown_and_counts_once_when_it_comes_again(
    own_head_office: Callable[..., HeadOffice], tmp_path: Path, cut: Cut
) -> None:
    office = own_head_office()
    place = office.postgres.place("ledgerflow")
    with DatabaseLine(f"{place['host']}/.s.PGSQL.{place['port']}") as line:
        office.environment |= {
            "LEDGERFLOW_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{line.port}/ledgerflow?sslmode=disable",
            "LEDGERFLOW_DATABASE_ADMIN_URL": f"postgresql://postgres@/ledgerflow?host={quote(place['host'], safe='')}",
            "LEDGERFLOW_DATABASE_POOLED": "true",
        }
        office.start()
        with FaultProxy(office.port) as proxy:
            company = SharedCompany(tmp_path, office, proxy)
            pune, delhi = company.open("Pune", "Delhi")
            before = office.batches()
            batch = pune.next_batch(pune.post(3))
            line.arm(cut, office.kill_backends)
            with pune.connected() as connected:
                connected.server.sign_in()
                refused = connected.server.push(batch)
                assert isinstance(refused, Rejected), refused
                assert refused.code == "outcome-unknown"
                assert line.cuts == 1
                office.postgres.start()
                assert office.batches() == before + (cut is Cut.AFTER)
                taken = connected.server.push(batch)
            assert isinstance(taken, Receipted), taken
            assert office.batches() == before + 1
            delhi.post(2)
            assert company.end().acknowledged == 5
            company.close()
        office.close()
