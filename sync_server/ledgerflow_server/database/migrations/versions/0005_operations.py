"""What looking after a server needs: a list of tenants, what was verified and exported, what may be cleaned up."""

from alembic import op

from ledgerflow_server.database.migrations.guarding import guarded

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# For work on every tenant in turn. It is given to the role of sign-ins alone: what requests run as cannot ask it.
_TENANTS = """
    CREATE FUNCTION lf.all_tenants() RETURNS TABLE (tenant_no int4, public_id uuid, name text, state text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
        'SELECT t.tenant_no, t.public_id, t.name, t.state FROM lf.tenant AS t ORDER BY t.tenant_no';
    GRANT EXECUTE ON FUNCTION lf.all_tenants() TO lf_auth;
"""

_TABLES = (
    # What the last proof of a company's whole log found; `findings` is JSON, an empty list where all is well.
    guarded("verification", """
        at timestamptz NOT NULL,
        size bigint NOT NULL,
        findings jsonb NOT NULL,
        PRIMARY KEY (tenant_no, company_no),
        FOREIGN KEY (tenant_no, company_no) REFERENCES lf.company (tenant_no, company_no)""",
        app="SELECT, INSERT, UPDATE"),
    # A file with everything of a tenant, made by a job: `bytes` and `sha256` are known once it is ready.
    guarded("tenant_export", """
        export_id uuid NOT NULL,
        user_no int4,
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ready', 'failed')),
        asked_at timestamptz NOT NULL,
        ready_at timestamptz CHECK ((ready_at IS NOT NULL) = (state = 'ready')),
        bytes bigint,
        sha256 bytea CHECK (octet_length(sha256) = 32),
        PRIMARY KEY (tenant_no, export_id),
        FOREIGN KEY (tenant_no) REFERENCES lf.tenant (tenant_no)""",
        app="SELECT, INSERT, UPDATE, DELETE", company=False),
)  # fmt: skip

_GRANTS = """
    -- People and their secrets are written as lf_auth, and an answer is kept in the transaction that gives it.
    GRANT SELECT, INSERT ON lf.idempotency_key TO lf_auth;
    ALTER POLICY roles ON lf.idempotency_key TO lf_app, lf_ro, lf_auth;
    -- Kept for a look, not for ever.
    GRANT DELETE ON lf.refused_request TO lf_app;
    -- An attachment that never came whole is given up some day.
    ALTER TABLE lf.attachment ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now();
"""


def upgrade() -> None:
    """Add the tables of verification and export, and the rights that clean-up needs."""
    for part in (_TENANTS, *_TABLES, _GRANTS):
        op.execute(part)
