"""A real PostgreSQL for every test of the server: our embedded one, with the real migrations.

With ``LEDGERFLOW_TEST_DATABASE_URL`` the one it names, where a test does not need a cluster of its own.

For a test, ask for one of these:

- `database`: a fresh, empty, migrated `Database` for the tests of one module. It comes from a template, in about
  40 ms; the cluster beneath is started once for each pytest process.
- `tenants`: two tenants in it, `tenants.first` and `tenants.second` (each a `Principal` of all its companies, with two
  companies, numbers 1 and 2), and their public ids.
- `sessions`: `Tenants` over an open pool of lf_app: ``async with sessions.session(tenants.first) as session``.
- `as_owner`, `as_administrator`: synchronous connections that see and may do what the server cannot.
- `office`: one company on a real server, in the module's database; `pune`, the branch it was born in; `desk`, an
  accountant at the head office, who has no replica.
- `postgres`: the cluster itself; a test that stops or crashes it makes one of its own with `own_cluster`.

Asynchronous tests carry ``pytestmark = pytest.mark.anyio``.
"""

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from ledgerflow_core.identifiers import IdentifierSource
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Connection, Database, connect, pool_of
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.migrating import migrate
from ledgerflow_server.database.secrets import DatabaseSecrets, make_secrets
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants
from sync_server.ledger.office import Branch, Office, an_open_office
from sync_server.named_postgres import VARIABLE, NamedPostgres
from sync_server.two_tenants import TwoTenants
from sync_server.vouchers.people import Person, a_person

TEMPLATE = "ledgerflow_template"
_numbers = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def identifiers() -> IdentifierSource:
    return IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)


@pytest.fixture(scope="session")
def database_secrets() -> DatabaseSecrets:
    return make_secrets(os.urandom)


@pytest.fixture(scope="session")
def own_cluster() -> Iterator[Callable[[], EmbeddedPostgres]]:
    """Makes clusters, started, for tests that stop or crash one."""
    made: list[EmbeddedPostgres] = []

    def make() -> EmbeddedPostgres:
        cluster = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="ledgerflow-test-")))
        made.append(cluster)
        cluster.start()
        return cluster

    yield make
    for cluster in made:
        cluster.crash()
        shutil.rmtree(cluster.folder)


@pytest.fixture(scope="session")
def postgres(
    own_cluster: Callable[[], EmbeddedPostgres], database_secrets: DatabaseSecrets
) -> EmbeddedPostgres | NamedPostgres:
    cluster = NamedPostgres(os.environ[VARIABLE]) if VARIABLE in os.environ else own_cluster()
    cluster.ensure_database(TEMPLATE)
    migrate(Database(cluster.place(TEMPLATE), database_secrets), cluster.administration(TEMPLATE))
    return cluster


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres, database_secrets: DatabaseSecrets) -> Iterator[Database]:
    """Gives a migrated database without rows, dropped after the module."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.administration(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        # Privileges on the database itself are not part of a template.
        admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO lf_migrate, lf_app, lf_ro, lf_auth, lf_queue")
        admin.execute(f"GRANT TEMPORARY ON DATABASE {name} TO lf_app")
        yield Database(postgres.place(name), database_secrets)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def as_administrator(postgres: EmbeddedPostgres, database: Database) -> Iterator[Connection]:
    """Gives a connection of the superuser, each statement committed: it sees every row."""
    with psycopg.connect(postgres.administration(database.place["dbname"]), autocommit=True) as connection:
        yield connection


@pytest.fixture
def as_owner(database: Database) -> Iterator[Connection]:
    """Gives a connection of the tables' owner, undone after the test."""
    with connect(database, "lf_migrate") as connection:
        connection.execute("SET ROLE lf_owner")
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def tenants(database: Database, as_administrator: Connection, identifiers: IdentifierSource) -> TwoTenants:
    ids = identifiers.many(2)
    for tenant_no, public_id in enumerate(ids, start=1):
        with connect(database, "lf_auth") as connection:
            connection.execute("SELECT lf.create_tenant(%s, %s)", [public_id, f"Tenant {tenant_no}"])
        for company_no in (1, 2):
            as_administrator.execute(
                "INSERT INTO lf.company (tenant_no, company_no, name) VALUES (%s, %s, %s)",
                [tenant_no, company_no, f"Company {company_no} of {tenant_no}"],
            )
    return TwoTenants(Principal(1), Principal(2), *ids)


@pytest.fixture
async def sessions(database: Database) -> AsyncIterator[Tenants]:
    async with pool_of(database, "lf_app", most=4) as pool:
        yield Tenants(pool, database.secrets.context_keys[0], time.time, os.urandom)


@pytest.fixture
async def office(tmp_path: Path, database: Database) -> AsyncIterator[Office]:
    async with an_open_office(tmp_path, database) as opened:
        yield opened


@pytest.fixture
async def pune(office: Office) -> Branch:
    return await office.first_branch()


@pytest.fixture
async def desk(office: Office, pune: Branch) -> Person:
    return await a_person(office, Role.ACCOUNTANT)
