"""The ways row-level security is known to fail, each tried as the server's own role, as if by injected SQL."""

import re
import time
from collections.abc import Iterator

import psycopg
import pytest

from ledgerflow_server.database.connecting import Connection, Database, connect
from ledgerflow_server.database.secrets import ContextKey
from ledgerflow_server.tenancy.context import ContextSigner
from ledgerflow_server.tenancy.principal import Principal
from sync_server.two_tenants import TwoTenants

REFUSED = psycopg.errors.InsufficientPrivilege
COMPANIES = "SELECT tenant_no, company_no FROM lf.company ORDER BY 1, 2"
OF_FIRST = [(1, 1), (1, 2)]

pytestmark = pytest.mark.usefixtures("tenants")


def token(database: Database, principal: Principal, *, later: float = 0, key: ContextKey | None = None) -> str:
    key = key or database.secrets.context_keys[0]
    return ContextSigner(key, lambda: time.time() + later, bytes).token(principal)


def entered(database: Database, context: str, role: str = "lf_app") -> Connection:
    connection = connect(database, role)
    connection.execute("SELECT set_config('lf.ctx', %s, true)", [context])
    return connection


@pytest.fixture
def first(database: Database, tenants: TwoTenants) -> Iterator[Connection]:
    connection = entered(database, token(database, tenants.first))
    yield connection
    connection.close()


def test_without_a_context_there_are_no_rows(database: Database) -> None:
    with connect(database, "lf_app") as connection:
        assert connection.execute(COMPANIES).fetchall() == []


def test_a_context_that_is_over_leaves_an_empty_setting_and_no_rows(database: Database, tenants: TwoTenants) -> None:
    with entered(database, token(database, tenants.first)) as connection:
        assert connection.execute(COMPANIES).fetchall() == OF_FIRST
        connection.commit()
        assert connection.execute("SELECT current_setting('lf.ctx', true)").fetchone() == ("",)
        assert connection.execute(COMPANIES).fetchall() == []


def test_the_read_only_role_sees_the_same_and_writes_nothing(database: Database, tenants: TwoTenants) -> None:
    with entered(database, token(database, tenants.first), "lf_ro") as connection:
        assert connection.execute(COMPANIES).fetchall() == OF_FIRST
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("UPDATE lf.company SET name = 'x'")


def test_the_owner_of_the_tables_sees_nothing(as_owner: Connection) -> None:
    assert as_owner.execute(COMPANIES).fetchall() == []


def test_one_statement_cannot_point_the_context_elsewhere(first: Connection) -> None:
    for forged in ("2", "x|2|0||9999999999|00|00"):
        with first.transaction(force_rollback=True), pytest.raises(REFUSED, match="tenant context refused"):
            first.execute(
                "WITH s AS MATERIALIZED (SELECT set_config('lf.ctx', %s, true)) SELECT c.* FROM s, lf.company AS c",
                [forged],
            )


def test_a_block_cannot_point_the_context_elsewhere(first: Connection) -> None:
    with pytest.raises(REFUSED):
        first.execute("DO $$ BEGIN SET LOCAL lf.ctx = '2'; PERFORM FROM lf.company; END $$")


@pytest.mark.parametrize("field", range(7))
def test_a_context_with_any_field_altered_is_refused(database: Database, tenants: TwoTenants, field: int) -> None:
    fields = token(database, Principal(1, 7, companies=(1,))).split("|")
    fields[field] = fields[field][:-1] + ("1" if fields[field][-1:] != "1" else "2")
    with entered(database, "|".join(fields)) as connection, pytest.raises(REFUSED):
        connection.execute(COMPANIES)


@pytest.mark.parametrize("later", [-46, 60])
def test_a_context_of_another_time_is_refused(database: Database, tenants: TwoTenants, later: float) -> None:
    with entered(database, token(database, tenants.first, later=later)) as connection, pytest.raises(REFUSED):
        connection.execute(COMPANIES)


def test_a_context_of_a_foreign_key_is_refused(database: Database, tenants: TwoTenants) -> None:
    foreign = ContextKey(database.secrets.context_keys[0].kid, b"k" * 32)
    with entered(database, token(database, tenants.first, key=foreign)) as connection, pytest.raises(REFUSED):
        connection.execute(COMPANIES)


def test_the_server_cannot_read_what_signs_contexts(first: Connection) -> None:
    with pytest.raises(REFUSED):
        first.execute("SELECT * FROM priv.ctx_key")


def test_a_principal_of_one_company_sees_no_other(database: Database) -> None:
    with entered(database, token(database, Principal(1, companies=(2,)))) as connection:
        assert connection.execute(COMPANIES).fetchall() == [(1, 2)]
        may = "SELECT lf.may_company(1), lf.may_company(2)"
        assert connection.execute(may).fetchone() == (False, True)
        with pytest.raises(REFUSED, match="row-level security"):
            connection.execute("INSERT INTO lf.company_head (tenant_no, company_no) VALUES (1, 1)")


def test_a_principal_of_no_company_sees_none(database: Database) -> None:
    with entered(database, token(database, Principal(1, companies=()))) as connection:
        assert connection.execute(COMPANIES).fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO lf.company (tenant_no, company_no, name) VALUES (2, 9, 'x')",
        "UPDATE lf.company SET tenant_no = 2, company_no = 9",
        """INSERT INTO lf.company (tenant_no, company_no, name) VALUES (2, 1, 'x')
           ON CONFLICT (tenant_no, company_no) DO UPDATE SET name = 'x'""",
        """MERGE INTO lf.company AS c USING (VALUES (2, 9)) AS v (t, n) ON c.tenant_no = v.t
           WHEN NOT MATCHED THEN INSERT (tenant_no, company_no, name) VALUES (v.t, v.n, 'x')""",
    ],
)
def test_nothing_is_written_into_another_tenant(first: Connection, statement: str) -> None:
    with pytest.raises(REFUSED, match="row-level security"):
        first.execute(statement.encode())


def test_rows_of_another_tenant_cannot_be_changed_or_locked(first: Connection) -> None:
    assert first.execute("UPDATE lf.company SET name = 'x' WHERE tenant_no = 2").rowcount == 0
    assert first.execute("DELETE FROM lf.posting WHERE tenant_no = 2").rowcount == 0
    assert first.execute("SELECT FROM lf.company WHERE tenant_no = 2 FOR UPDATE").fetchall() == []


def test_a_unique_key_does_not_tell_what_another_tenant_has(database: Database, tenants: TwoTenants) -> None:
    same = """INSERT INTO lf.device (tenant_no, device_no, public_id, name, user_no, enrolled_at)
        VALUES (%s, 1, '01890000-0000-7000-8000-000000000000', 'd', 1, now())"""
    for principal in (tenants.first, tenants.second):
        with entered(database, token(database, principal)) as connection:
            assert connection.execute(same, [principal.tenant_no]).rowcount == 1


def test_a_row_cannot_point_to_one_of_another_tenant(first: Connection, as_administrator: Connection) -> None:
    as_administrator.execute("INSERT INTO lf.company (tenant_no, company_no, name) VALUES (2, 77, 'Only there')")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        first.execute("INSERT INTO lf.company_head (tenant_no, company_no) VALUES (1, 77)")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE lf.posting",
        "DELETE FROM lf.log_batch",
        "UPDATE lf.audit_event SET action = 'x'",
        "UPDATE lf.log_batch SET sealed = ''",
        "SELECT * FROM lf.audit_event_other",
        "SELECT * FROM idn.user",
        "SELECT args FROM jobs.procrastinate_jobs",
        "SELECT lf.create_tenant('01890000-0000-7000-8000-000000000000', 'x')",
        "CREATE TABLE lf.child (n int4, FOREIGN KEY (n) REFERENCES lf.tenant (tenant_no))",
        "ALTER ROLE lf_app BYPASSRLS",
        "CREATE FUNCTION lf.leak() RETURNS int4 LANGUAGE sql RETURN 1",
    ],
)
def test_the_server_may_not(first: Connection, statement: str) -> None:
    with pytest.raises(REFUSED):
        first.execute(statement.encode())


def test_switching_row_security_off_is_an_error_and_no_bypass(first: Connection) -> None:
    first.execute("SET LOCAL row_security = off")
    with pytest.raises(REFUSED, match="row-level security"):
        first.execute(COMPANIES)


def test_a_temporary_table_does_not_stand_in_for_ours(first: Connection) -> None:
    first.execute("CREATE TEMPORARY TABLE company AS SELECT 9 AS tenant_no, 9 AS company_no")
    assert first.execute("SELECT tenant_no FROM company").fetchall() == [(1,), (1,)]


def test_a_temporary_function_does_not_stand_in_for_ours(first: Connection) -> None:
    first.execute("CREATE FUNCTION pg_temp.current_tenant() RETURNS int4 LANGUAGE sql RETURN 2")
    assert first.execute("SELECT tenant_no FROM lf.company").fetchall() == [(1,), (1,)]


def test_copy_into_a_table_is_refused_and_copy_out_gives_only_own_rows(first: Connection) -> None:
    with first.cursor() as cursor, cursor.copy("COPY (SELECT * FROM lf.company) TO STDOUT") as copy:
        assert [row[0] for row in copy.rows()] == ["1", "1"]
    into = "COPY lf.company (tenant_no, company_no, name) FROM STDIN"
    with pytest.raises(psycopg.errors.FeatureNotSupported), first.cursor() as cursor, cursor.copy(into) as copy:
        copy.write_row((2, 9, "x"))


def test_a_plan_made_for_one_tenant_serves_another_its_own_rows(database: Database, tenants: TwoTenants) -> None:
    with connect(database, "lf_app") as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute("PREPARE companies AS SELECT DISTINCT tenant_no FROM lf.company")
        connection.commit()
        for principal in (tenants.first, tenants.second, tenants.first):
            connection.execute("SELECT set_config('lf.ctx', %s, true)", [token(database, principal)])
            assert connection.execute("EXECUTE companies").fetchall() == [(principal.tenant_no,)]
            connection.commit()


def test_the_context_is_checked_once_for_a_statement_not_for_a_row(first: Connection) -> None:
    plan = "\n".join(row[0] for row in first.execute("EXPLAIN SELECT * FROM lf.posting WHERE company_no = 1"))
    # Before PostgreSQL 18 a plan names the value worked out once by its number.
    assert re.search(r"Index Cond: \(\(tenant_no = (\(InitPlan|\$)", plan) and "InitPlan" in plan
    assert "SubPlan" not in plan


def test_another_role_does_not_see_statements_and_nobody_sees_parameters(
    database: Database, tenants: TwoTenants, first: Connection
) -> None:
    secret = "a party of the first tenant"
    first.execute("SELECT %s::text", [secret])
    with entered(database, token(database, tenants.second), "lf_ro") as other:
        seen = other.execute("SELECT query FROM pg_stat_activity WHERE usename = 'lf_app'").fetchall()
        assert seen
        assert all(query in ("<insufficient privilege>", "") for (query,) in seen)
    with entered(database, token(database, tenants.second)) as same:
        assert not any(secret in (row[0] or "") for row in same.execute("SELECT query FROM pg_stat_activity"))


def test_tenants_of_others_are_not_listed(first: Connection) -> None:
    assert first.execute("SELECT tenant_no FROM lf.tenant").fetchall() == [(1,)]


def test_statistics_of_columns_are_not_readable(as_administrator: Connection, first: Connection) -> None:
    as_administrator.execute("ANALYZE lf.company")
    assert first.execute("SELECT * FROM pg_stats WHERE tablename = 'company'").fetchall() == []


def test_every_table_of_tenants_is_empty_to_somebody_without_a_context(
    database: Database, as_administrator: Connection
) -> None:
    tables = as_administrator.execute(
        "SELECT format('%I.%I', schemaname, tablename), schemaname FROM pg_tables"
        " WHERE schemaname IN ('lf', 'idn') AND tablename <> 'schema_version' AND tablename !~ '^audit_event_'"
    ).fetchall()
    assert len(tables) > 25
    for table, schema in tables:
        with connect(database, "lf_auth" if schema == "idn" else "lf_app") as connection:
            assert connection.execute(f"SELECT * FROM {table}".encode()).fetchall() == []
