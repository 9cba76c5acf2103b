"""The catalogue guard: silent on our tables, and loud about every way they could be spoilt."""

import psycopg
import pytest

from ledgerflow_server.database.connecting import Connection, Database, connect
from ledgerflow_server.tenancy.guard import TenancyUnsafe, require_safe, violations
from ledgerflow_server.tenancy.guard_rules import RULES

# The SQL of a careless administrator, and what the guard must say to it: rule, thing, detail.
PLANTED = [
    ("ALTER TABLE lf.posting DISABLE ROW LEVEL SECURITY", "row-security-off", "lf.posting", ""),
    ("ALTER TABLE idn.session NO FORCE ROW LEVEL SECURITY", "row-security-not-forced", "idn.session", ""),
    ("DROP POLICY tenant ON lf.voucher", "no-tenant-policy", "lf.voucher", ""),
    ("ALTER POLICY tenant ON lf.voucher USING (true)", "no-tenant-policy", "lf.voucher", ""),
    ("ALTER POLICY tenant ON lf.voucher WITH CHECK (true)", "no-tenant-policy", "lf.voucher", ""),
    ("ALTER POLICY tenant ON lf.voucher TO lf_ro", "no-tenant-policy", "lf.voucher", ""),
    ("DROP POLICY company ON lf.voucher", "no-company-policy", "lf.voucher", ""),
    ("CREATE TABLE lf.new (id int4, tenant_no int4)", "tenant-not-first", "lf.new", ""),
    ("CREATE TABLE lf.new (tenant_no int8 NOT NULL)", "tenant-not-first", "lf.new", ""),
    ("CREATE UNIQUE INDEX leak ON lf.voucher (number)", "key-without-tenant", "lf.leak", "lf.voucher"),
    ("CREATE UNIQUE INDEX leak ON idn.user (lower(login))", "key-without-tenant", "idn.leak", "idn.user"),
    ("CREATE UNIQUE INDEX leak ON lf.voucher (tenant_no, number)", "key-without-company", "lf.leak", "lf.voucher"),
    (
        "ALTER TABLE lf.device ADD CONSTRAINT across FOREIGN KEY (user_no) REFERENCES lf.tenant (tenant_no)",
        "foreign-key-without-tenant",
        "across",
        "lf.device",
    ),
    (
        "CREATE TRIGGER slow BEFORE UPDATE ON lf.voucher EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "trigger",
        "slow",
        "lf.voucher",
    ),
    ("ALTER TABLE lf.posting ADD COLUMN rate numeric(9, 2)", "money-not-bigint", "lf.posting.rate", "numeric(9,2)"),
    ("ALTER TABLE lf.posting ADD COLUMN rate float8", "money-not-bigint", "lf.posting.rate", "double precision"),
    ("CREATE VIEW lf.everything AS SELECT * FROM lf.voucher", "view-not-invoker", "lf.everything", ""),
    ("CREATE MATERIALIZED VIEW lf.sums AS SELECT 1 AS one", "materialized-view", "lf.sums", ""),
    (
        "CREATE FUNCTION lf.back_door() RETURNS int4 LANGUAGE sql SECURITY DEFINER RETURN 1",
        "definer-function-not-known",
        "lf.back_door()",
        "",
    ),
    ("ALTER FUNCTION lf.current_tenant() RESET ALL", "function-without-search-path", "lf.current_tenant()", ""),
    (
        "GRANT EXECUTE ON FUNCTION lf.create_tenant(uuid, text) TO PUBLIC",
        "function-of-everybody",
        "lf.create_tenant(uuid,text)",
        "",
    ),
    ("GRANT TRUNCATE ON lf.voucher TO lf_app", "grant-beyond-rows", "lf.voucher", "lf_app TRUNCATE"),
    ("GRANT REFERENCES ON lf.voucher TO lf_app", "grant-beyond-rows", "lf.voucher", "lf_app REFERENCES"),
    ("GRANT TRIGGER ON lf.voucher TO lf_app", "grant-beyond-rows", "lf.voucher", "lf_app TRIGGER"),
    ("GRANT SELECT ON idn.user TO lf_app", "grant-to-a-stranger", "idn.user", "lf_app SELECT"),
    ("GRANT SELECT ON priv.ctx_key TO lf_app", "grant-to-a-stranger", "priv.ctx_key", "lf_app SELECT"),
    ("GRANT SELECT ON lf.voucher TO PUBLIC", "grant-to-a-stranger", "lf.voucher", "PUBLIC SELECT"),
    ("GRANT INSERT ON lf.voucher TO lf_ro", "grant-to-a-stranger", "lf.voucher", "lf_ro INSERT"),
    ("GRANT SELECT ON jobs.procrastinate_jobs TO lf_app", "grant-to-a-stranger", "jobs.procrastinate_jobs",
     "lf_app SELECT"),
    ("GRANT SELECT ON lf.audit_event_other TO lf_app", "grant-on-a-partition", "lf.audit_event_other",
     "lf_app SELECT"),
    ("GRANT DELETE ON lf.log_batch TO lf_app", "delete-granted", "lf.log_batch", "lf_app"),
    ("GRANT UPDATE ON lf.audit_event TO lf_app", "written-once-may-change", "lf.audit_event", "lf_app"),
    ("GRANT UPDATE (sealed) ON lf.log_batch TO lf_app", "column-granted", "lf.log_batch.sealed", "lf_app UPDATE"),
    ("ALTER ROLE lf_app BYPASSRLS", "dangerous-role", "lf_app", "BYPASSRLS"),
    ("ALTER ROLE lf_queue CREATEROLE REPLICATION", "dangerous-role", "lf_queue", "CREATEROLE REPLICATION"),
    ("ALTER ROLE lf_owner LOGIN", "dangerous-role", "lf_owner", "LOGIN"),
    ("GRANT lf_owner TO lf_app", "role-in-a-role", "lf_app", "lf_owner"),
    ("GRANT pg_read_all_data TO lf_ro", "role-in-a-role", "lf_ro", "pg_read_all_data"),
    ("ALTER ROLE lf_ro RENAME TO lf_reader", "role-missing", "lf_ro", ""),
    ("ALTER TABLE lf.voucher OWNER TO lf_app", "wrong-owner", "lf.voucher", "lf_app"),
    ("CREATE TABLE public.mine (); ALTER TABLE public.mine OWNER TO lf_app", "wrong-owner", "public.mine", "lf_app"),
    ("GRANT CREATE ON SCHEMA lf TO lf_app", "schema-open", "lf", "lf_app CREATE"),
    ("GRANT USAGE ON SCHEMA priv TO lf_app", "schema-open", "priv", "lf_app USAGE"),
]  # fmt: skip


def test_the_guard_finds_nothing_in_our_tables(database: Database) -> None:
    with connect(database, "lf_app") as connection:
        assert violations(connection) == []
        require_safe(connection)


@pytest.mark.parametrize(("statement", "code", "thing", "detail"), PLANTED)
def test_the_guard_names_what_was_planted(
    as_administrator: Connection, statement: str, code: str, thing: str, detail: str
) -> None:
    with as_administrator.transaction(force_rollback=True):
        as_administrator.execute(statement.encode())
        assert (code, thing, detail) in violations(as_administrator)


def test_a_database_open_to_everybody_is_named(as_administrator: Connection, database: Database) -> None:
    name = database.place["dbname"]
    with as_administrator.transaction(force_rollback=True):
        as_administrator.execute(
            f"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC; GRANT CREATE ON DATABASE {name} TO lf_app"
        )
        assert [tuple(found) for found in violations(as_administrator)] == [
            ("database-open", name, "PUBLIC TEMPORARY"),
            ("database-open", name, "lf_app CREATE"),
        ]


def test_every_rule_has_something_planted_against_it() -> None:
    assert {code for _, code, _, _ in PLANTED} | {"database-open"} == set(RULES)


def test_an_unsafe_database_is_refused(as_administrator: Connection) -> None:
    with as_administrator.transaction(force_rollback=True):
        as_administrator.execute("GRANT DELETE ON lf.log_batch TO lf_app")
        with pytest.raises(TenancyUnsafe, match="rule=delete-granted"):
            require_safe(as_administrator)


def test_a_server_role_cannot_spoil_anything_itself(database: Database) -> None:
    for statement in ("ALTER TABLE lf.voucher DISABLE ROW LEVEL SECURITY", "DROP POLICY tenant ON lf.voucher",
                      "SET ROLE lf_owner", "CREATE TABLE lf.mine (n int4)", "CREATE TABLE public.mine (n int4)",
                      "SELECT * FROM priv.ctx_key", "SELECT priv.context()"):  # fmt: skip
        with connect(database, "lf_app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
