"""People and their secrets (schema idn), the audit log, and answers kept for requests that come twice."""

from alembic import op

from ledgerflow_server.database.migrations.guarding import guarded, guarded_identity, secured

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_USER = "FOREIGN KEY (tenant_no, user_no) REFERENCES idn.user (tenant_no, user_no)"
_KEPT = "SELECT, INSERT, UPDATE"
_EXPIRING = "SELECT, INSERT, UPDATE, DELETE"

_PEOPLE = (
    # `companies` NULL: all of the tenant, those of later, too.
    guarded_identity("user", """
        user_no int4 NOT NULL CHECK (user_no > 0),
        public_id uuid NOT NULL,
        login text NOT NULL CHECK (login <> ''),
        name text NOT NULL,
        role text NOT NULL,
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
        companies int4[],
        PRIMARY KEY (tenant_no, user_no), UNIQUE (tenant_no, public_id), UNIQUE (tenant_no, login),
        FOREIGN KEY (tenant_no) REFERENCES lf.tenant (tenant_no)""", verbs=_KEPT),
    guarded_identity("credential", f"""
        user_no int4 NOT NULL,
        password_hash text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_no, user_no), {_OF_USER}""", verbs=_KEPT),
    # `last_step` is the time step of the last code that was taken: a code is good once. `recovery` holds the SHA-256
    # of codes for whoever lost the device that makes them, each taken out when it is used.
    guarded_identity("totp", f"""
        user_no int4 NOT NULL,
        secret bytea NOT NULL,
        last_step bigint NOT NULL DEFAULT 0,
        confirmed_at timestamptz,
        recovery bytea[] NOT NULL DEFAULT '{{}}',
        PRIMARY KEY (tenant_no, user_no), {_OF_USER}""", verbs=_EXPIRING),
    # All sessions of one login are a family: a refresh token that comes twice ends the family.
    guarded_identity("session", f"""
        session_id uuid NOT NULL,
        user_no int4 NOT NULL,
        family uuid NOT NULL,
        refresh_hash bytea NOT NULL CHECK (octet_length(refresh_hash) = 32),
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz,
        PRIMARY KEY (tenant_no, session_id), UNIQUE (tenant_no, refresh_hash), {_OF_USER}""", verbs=_EXPIRING),
    "CREATE INDEX session_by_family ON idn.session (tenant_no, family);",
    "CREATE INDEX session_by_user ON idn.session (tenant_no, user_no);",
    guarded_identity("login_attempt", """
        at timestamptz NOT NULL,
        attempt_id uuid NOT NULL,
        login text NOT NULL,
        address text NOT NULL,
        outcome text NOT NULL,
        PRIMARY KEY (tenant_no, at, attempt_id)""", verbs="SELECT, INSERT, DELETE"),
    "CREATE INDEX login_attempt_by_login ON idn.login_attempt (tenant_no, login, at);",
    # A device signs in, too, and whether it still may is asked with every request.
    "GRANT SELECT ON lf.device, lf.replica TO lf_auth;",
    "ALTER POLICY roles ON lf.device TO lf_app, lf_ro, lf_auth;",
    "ALTER POLICY roles ON lf.replica TO lf_app, lf_ro, lf_auth;",
)  # fmt: skip

_ANSWERS = guarded("idempotency_key", """
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
    request_sha256 bytea NOT NULL CHECK (octet_length(request_sha256) = 32),
    status int4,
    response bytea,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_no, key)""", app=_EXPIRING, company=False)  # fmt: skip

# Each line carries the hash of the one before. The head is the row that two writers of one tenant wait on. People's
# logins are audited, too, so the role that checks them writes here.
_AUDIT = (
    guarded("audit_head", """
        seq bigint NOT NULL DEFAULT 0,
        hash bytea NOT NULL DEFAULT '',
        PRIMARY KEY (tenant_no), FOREIGN KEY (tenant_no) REFERENCES lf.tenant (tenant_no)""",
        app=_KEPT, company=False, after="WITH (fillfactor = 50)"),
    guarded("audit_event", """
        at timestamptz NOT NULL,
        seq bigint NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        facts jsonb NOT NULL DEFAULT '{}',
        prev bytea NOT NULL,
        hash bytea NOT NULL CHECK (octet_length(hash) = 32),
        PRIMARY KEY (tenant_no, at, seq)""",
        app="SELECT, INSERT", company=False, after="PARTITION BY RANGE (at)"),
    "CREATE INDEX audit_event_by_seq ON lf.audit_event (tenant_no, seq);",
    "GRANT SELECT, INSERT, UPDATE ON lf.audit_head TO lf_auth; GRANT SELECT, INSERT ON lf.audit_event TO lf_auth;",
    "ALTER POLICY roles ON lf.audit_head TO lf_app, lf_ro, lf_auth;",
    "ALTER POLICY roles ON lf.audit_event TO lf_app, lf_ro, lf_auth;",
    # Holds what no month was made for: a line of the audit log is never refused.
    "CREATE TABLE lf.audit_event_other PARTITION OF lf.audit_event DEFAULT;",
    secured("lf.audit_event_other", "lf_app", company=False),
)  # fmt: skip

# Nobody is granted anything on a partition: its parent's policies do not hold there. As a belt it has its own.
_MONTHS = """
    CREATE FUNCTION lf.make_audit_month(moment timestamptz) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
    DECLARE
        first timestamptz := date_trunc('month', moment);
        name text := 'audit_event_' || to_char(first, 'YYYYMM');
    BEGIN
        IF to_regclass('lf.' || name) IS NULL THEN
            EXECUTE format('CREATE TABLE lf.%I PARTITION OF lf.audit_event FOR VALUES FROM (%L) TO (%L)',
                           name, first, first + interval '1 month');
            EXECUTE format('ALTER TABLE lf.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE lf.%I FORCE ROW LEVEL SECURITY', name);
            EXECUTE format('CREATE POLICY roles ON lf.%I TO lf_app USING (true) WITH CHECK (true)', name);
            EXECUTE format('CREATE POLICY tenant ON lf.%I AS RESTRICTIVE '
                           'USING (tenant_no = (SELECT lf.current_tenant())) '
                           'WITH CHECK (tenant_no = (SELECT lf.current_tenant()))', name);
        END IF;
        RETURN name;
    END $$;
    GRANT EXECUTE ON FUNCTION lf.make_audit_month(timestamptz) TO lf_app;
    SELECT lf.make_audit_month(now()), lf.make_audit_month(now() + interval '1 month');
"""


def upgrade() -> None:
    """Lay the tables of people, of the audit log and of kept answers."""
    for part in (*_PEOPLE, _ANSWERS, *_AUDIT, _MONTHS):
        op.execute(part)
