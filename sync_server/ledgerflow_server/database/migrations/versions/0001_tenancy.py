"""Schemas, the signed tenant context that every policy asks, and the directory of tenants."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SCHEMAS = """
    CREATE SCHEMA IF NOT EXISTS idn;
    CREATE SCHEMA IF NOT EXISTS priv;
    GRANT USAGE ON SCHEMA lf TO lf_app, lf_ro, lf_auth;
    GRANT USAGE ON SCHEMA idn TO lf_auth;
    -- Functions are nobody's until they are granted.
    ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    GRANT SELECT ON lf.schema_version TO lf_app, lf_ro, lf_auth;
"""

# HMAC-SHA256 (RFC 2104) from sha256() alone: the key is kept as the two padded blocks it is used as.
_CONTEXT = """
    CREATE TABLE priv.ctx_key (
        kid text PRIMARY KEY,
        inner_pad bytea NOT NULL CHECK (octet_length(inner_pad) = 64),
        outer_pad bytea NOT NULL CHECK (octet_length(outer_pad) = 64));

    -- The fields of the transaction's context: kid, tenant, user, companies, expiry, nonce, MAC. NULL without one.
    -- A context that is forged, or whose time is over at the transaction's start or too far ahead, is an error.
    CREATE FUNCTION priv.context() RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        token text := current_setting('lf.ctx', true);
        field text[];
        ahead numeric;
    BEGIN
        -- A setting that was once set in a session is '' afterwards, not NULL.
        IF token IS NULL OR token = '' THEN
            RETURN NULL;
        END IF;
        field := string_to_array(token, '|');
        IF cardinality(field) = 7 AND EXISTS (
            SELECT FROM priv.ctx_key AS key
            WHERE key.kid = field[1] AND field[7] = encode(sha256(key.outer_pad || sha256(
                key.inner_pad || convert_to(left(token, -1 - length(field[7])), 'UTF8'))), 'hex'))
        THEN
            ahead := field[5]::bigint - extract(epoch FROM now());
            IF ahead > 0 AND ahead <= 60 THEN
                RETURN field;
            END IF;
        END IF;
        RAISE EXCEPTION 'tenant context refused' USING ERRCODE = 'insufficient_privilege';
    END $$;

    CREATE FUNCTION lf.current_tenant() RETURNS int4
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        RETURN (priv.context())[2]::int4;
    END $$;

    -- The companies of the context as ranges of numbers: every number when the context names none.
    CREATE FUNCTION lf.current_companies() RETURNS int4multirange
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        named text := (priv.context())[4];
    BEGIN
        IF named = '' THEN
            RETURN '{(,)}';
        END IF;
        RETURN (SELECT range_agg(int4range(no::int4, no::int4, '[]')) FROM unnest(string_to_array(named, ',')) AS no);
    END $$;

    CREATE FUNCTION lf.may_company(company_no int4) RETURNS bool
    LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    RETURN coalesce(company_no <@ lf.current_companies(), false);

    GRANT EXECUTE ON FUNCTION lf.current_tenant(), lf.current_companies(), lf.may_company(int4)
        TO lf_app, lf_ro, lf_auth;
"""

# Functions that run as the owner find and make tenants: nobody else sees a tenant that is not their own.
_DIRECTORY = """
    CREATE TABLE lf.tenant (
        tenant_no int4 PRIMARY KEY CHECK (tenant_no > 0),
        public_id uuid NOT NULL,
        name text NOT NULL CHECK (name <> ''),
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT tenant_public_id UNIQUE (public_id));
    ALTER TABLE lf.tenant ENABLE ROW LEVEL SECURITY;
    ALTER TABLE lf.tenant FORCE ROW LEVEL SECURITY;
    CREATE POLICY roles ON lf.tenant AS PERMISSIVE TO lf_app, lf_ro, lf_auth, lf_owner USING (true) WITH CHECK (true);
    CREATE POLICY tenant ON lf.tenant AS RESTRICTIVE
        USING (tenant_no = (SELECT lf.current_tenant()) OR current_user = 'lf_owner')
        WITH CHECK (tenant_no = (SELECT lf.current_tenant()) OR current_user = 'lf_owner');
    GRANT SELECT ON lf.tenant TO lf_app, lf_ro, lf_auth;

    CREATE FUNCTION lf.find_tenant(wanted uuid, OUT tenant_no int4, OUT name text, OUT state text) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
        'SELECT t.tenant_no, t.name, t.state FROM lf.tenant AS t WHERE t.public_id = wanted';

    -- The same id again finds the tenant made before. Numbers are given in order, without holes.
    CREATE FUNCTION lf.create_tenant(new_id uuid, new_name text) RETURNS int4
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        given int4;
    BEGIN
        LOCK TABLE lf.tenant IN SHARE ROW EXCLUSIVE MODE;
        SELECT t.tenant_no INTO given FROM lf.tenant AS t WHERE t.public_id = new_id;
        IF given IS NULL THEN
            INSERT INTO lf.tenant (tenant_no, public_id, name)
            SELECT coalesce(max(t.tenant_no), 0) + 1, new_id, new_name FROM lf.tenant AS t
            RETURNING tenant.tenant_no INTO given;
        END IF;
        RETURN given;
    END $$;

    CREATE FUNCTION lf.set_tenant_state(wanted uuid, new_state text) RETURNS bool
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        UPDATE lf.tenant SET state = new_state WHERE public_id = wanted;
        RETURN FOUND;
    END $$;

    GRANT EXECUTE ON FUNCTION lf.find_tenant(uuid) TO lf_app, lf_auth;
    GRANT EXECUTE ON FUNCTION lf.create_tenant(uuid, text), lf.set_tenant_state(uuid, text) TO lf_auth;
"""


def upgrade() -> None:
    """Lay the floor every other table stands on."""
    for part in (_SCHEMAS, _CONTEXT, _DIRECTORY):
        op.execute(part)
