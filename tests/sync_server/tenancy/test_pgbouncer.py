"""Behind PgBouncer in transaction mode, with one connection for everybody: tenants stay apart, and batches come in.

The tests are those that run without it, collected here once more; only the way to the database is another one.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledgerflow_server.database.connecting import Database, connect
from sync_server.ledger.test_batches import (
    test_a_batch_is_in_the_log_when_its_receipt_comes,
    test_the_same_batch_again_gets_the_same_receipt,
    test_twins_sent_at_once_get_one_place_and_one_receipt,
    test_two_branches_write_into_one_log,
)
from sync_server.pgbouncer import PROGRAM, pooled
from sync_server.test_isolation_matrix import (
    test_no_table_shows_or_gives_a_row_of_another_tenant_or_company,
    test_what_is_not_theirs_is_not_there,
)

__all__ = [
    "test_a_batch_is_in_the_log_when_its_receipt_comes",
    "test_no_table_shows_or_gives_a_row_of_another_tenant_or_company",
    "test_the_same_batch_again_gets_the_same_receipt",
    "test_twins_sent_at_once_get_one_place_and_one_receipt",
    "test_two_branches_write_into_one_log",
    "test_what_is_not_theirs_is_not_there",
]

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)"),
]


@pytest.fixture(scope="module")
def database(database: Database) -> Iterator[Database]:
    """Gives the module's database through the pooler."""
    with pooled(database.place, database.secrets.passwords) as place:
        yield replace(database, place=place, pooled=True)


def test_what_one_client_says_for_its_session_the_next_one_would_find(database: Database) -> None:
    """So this is really a pooler: a setting said for the session is the next client's, one for the transaction not."""
    with connect(database, "lf_app", autocommit=True) as one, connect(database, "lf_app", autocommit=True) as other:
        one.execute("SELECT set_config('lf.mark', 'session', false)")
        assert other.execute("SELECT current_setting('lf.mark', true)").fetchone() == ("session",)
        one.execute("SELECT set_config('lf.mark', '', false)")
        one.execute("SELECT set_config('lf.mark', 'transaction', true)")
        assert other.execute("SELECT current_setting('lf.mark', true)").fetchone() == ("",)
