"""The tests of sessions once more behind PgBouncer in transaction mode: nothing of one is found by the next.

They are apart from those of `test_pgbouncer`, because both make the first tenant of their database.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledgerflow_server.database.connecting import Database
from sync_server.pgbouncer import PROGRAM, pooled
from sync_server.tenancy.test_session import (
    test_a_job_is_there_only_if_its_transaction_commits,
    test_a_tenant_sees_its_own_rows_and_no_others,
    test_an_exception_undoes_the_session,
    test_many_sessions_at_once_see_each_their_own,
    test_rows_come_as_values_and_as_a_stream,
)

__all__ = [
    "test_a_job_is_there_only_if_its_transaction_commits",
    "test_a_tenant_sees_its_own_rows_and_no_others",
    "test_an_exception_undoes_the_session",
    "test_many_sessions_at_once_see_each_their_own",
    "test_rows_come_as_values_and_as_a_stream",
]

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(PROGRAM is None, reason="PgBouncer is not installed (Debian: apt-get install pgbouncer)"),
]


@pytest.fixture(scope="module")
def database(database: Database) -> Iterator[Database]:
    """Gives the module's database through the pooler."""
    with pooled(database.place, database.secrets.passwords) as place:
        yield replace(database, place=place, pooled=True)
