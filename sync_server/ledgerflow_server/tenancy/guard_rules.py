"""The rules of the catalogue guard: each a query for (thing, detail) of what breaks it.

What is allowed beyond a rule stands in the rule, by name: a new table or function is judged until somebody adds it.
"""

from typing import LiteralString

# What the rules ask: the first part of the one query they make together. The search path must be pg_catalog alone, so
# that PostgreSQL writes out the schemas in policies and names.
SOURCES: LiteralString = """
    WITH tables AS (
        SELECT c.oid, n.nspname AS schema, n.nspname || '.' || c.relname AS thing, c.relrowsecurity AS secured,
               c.relforcerowsecurity AS forced, c.relispartition AS partition, c.relacl AS acl, c.relowner AS owner
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname IN ('lf', 'idn', 'priv', 'jobs')
    ), of_tenants AS (
        -- Rows of tenants: everything in lf and idn but Alembic's own line.
        SELECT * FROM tables WHERE schema IN ('lf', 'idn') AND thing <> 'lf.schema_version'
    ), of_companies AS (
        SELECT t.* FROM of_tenants AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE a.attname = 'company_no' AND a.attnotnull
    ), restrictive_policies AS (
        -- For everybody and every verb, saying the same of rows read and rows written.
        SELECT polrelid AS relation, pg_get_expr(polqual, polrelid) AS says FROM pg_policy
        WHERE NOT polpermissive AND polcmd = '*' AND polroles = '{0}'
          AND pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid)
    ), grants AS (
        SELECT t.schema, t.thing, t.partition, g.privilege_type AS verb,
               CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS role
        FROM tables AS t, aclexplode(t.acl) AS g WHERE g.grantee <> t.owner
    ), functions AS (
        SELECT p.oid, n.nspname || '.' || p.proname AS thing, n.nspname AS schema, p.prosecdef AS definer,
               p.proconfig AS config, coalesce(p.proacl, acldefault('f', p.proowner)) AS acl
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    )
"""

RULES: dict[str, LiteralString] = {
    "row-security-off": "SELECT thing, '' FROM of_tenants AS t WHERE NOT secured",
    "row-security-not-forced": "SELECT thing, '' FROM of_tenants AS t WHERE NOT forced",
    "no-tenant-policy": """
        SELECT t.thing, '' FROM of_tenants AS t WHERE NOT EXISTS (
            -- A tenant sees its own line of the directory; the functions of the directory run as the owner.
            SELECT FROM restrictive_policies AS p
            WHERE p.relation = t.oid AND p.says = CASE t.thing WHEN 'lf.tenant'
                THEN '((tenant_no = ( SELECT lf.current_tenant() AS current_tenant)) '
                     'OR (CURRENT_USER = ''lf_owner''::name))'
                ELSE '(tenant_no = ( SELECT lf.current_tenant() AS current_tenant))' END)
    """,
    "no-company-policy": """
        SELECT t.thing, '' FROM of_companies AS t WHERE NOT EXISTS (
            SELECT FROM restrictive_policies AS p WHERE p.relation = t.oid
              AND p.says = '(company_no <@ ( SELECT lf.current_companies() AS current_companies))')
    """,
    "tenant-not-first": """
        SELECT thing, '' FROM of_tenants AS t WHERE NOT EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = t.oid AND a.attnum = 1 AND a.attname = 'tenant_no' AND a.attnotnull
              AND a.atttypid = 'int4'::regtype)
    """,
    # A unique key without the tenant tells one tenant that another has the value.
    "key-without-tenant": """
        SELECT i.indexrelid::regclass, t.thing
        FROM of_tenants AS t JOIN pg_index AS i ON i.indrelid = t.oid
        LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND a.attname IS DISTINCT FROM 'tenant_no'
          AND i.indexrelid::regclass::text NOT IN ('lf.tenant_public_id', 'tenant_public_id')
    """,
    "key-without-company": """
        SELECT i.indexrelid::regclass, t.thing
        FROM of_companies AS t JOIN pg_index AS i ON i.indrelid = t.oid
        LEFT JOIN pg_attribute AS a
            ON a.attrelid = t.oid AND a.attnum = i.indkey[1] AND i.indnkeyatts > 1
        WHERE i.indisunique AND a.attname IS DISTINCT FROM 'company_no' AND t.thing <> 'lf.company'
    """,
    # The check of a foreign key does not ask policies: without the tenant in it a row may point across.
    "foreign-key-without-tenant": """
        SELECT c.conname, t.thing
        FROM of_tenants AS t JOIN pg_constraint AS c ON c.conrelid = t.oid
        LEFT JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        LEFT JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
        WHERE c.contype = 'f' AND (a.attname, b.attname) IS DISTINCT FROM ('tenant_no', 'tenant_no')
    """,
    "trigger": """
        SELECT g.tgname, t.thing FROM of_tenants AS t JOIN pg_trigger AS g ON g.tgrelid = t.oid
        WHERE NOT g.tgisinternal
    """,
    # Comparisons of numeric are not leakproof: under row-level security their indexes are not used. And no floats.
    "money-not-bigint": """
        SELECT t.thing || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
        FROM of_tenants AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0
        WHERE a.atttypid IN ('numeric'::regtype, 'float4'::regtype, 'float8'::regtype, 'money'::regtype)
    """,
    "view-not-invoker": """
        SELECT c.oid::regclass, '' FROM pg_class AS c
        WHERE c.relkind = 'v' AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
          AND NOT coalesce(c.reloptions, '{}') && '{security_invoker=true,security_invoker=on,security_invoker=1}'
    """,
    "materialized-view": "SELECT c.oid::regclass, '' FROM pg_class AS c WHERE c.relkind = 'm'",
    "definer-function-not-known": """
        SELECT oid::regprocedure, '' FROM functions AS f WHERE definer AND thing NOT IN (
            'lf.current_tenant', 'lf.current_companies', 'lf.find_tenant', 'lf.create_tenant', 'lf.set_tenant_state',
            'lf.make_audit_month', 'lf.all_tenants')
    """,
    "function-without-search-path": """
        SELECT oid::regprocedure, '' FROM functions AS f
        WHERE (definer OR schema IN ('lf', 'idn', 'priv'))
          AND NOT coalesce(config, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
    """,
    "function-of-everybody": """
        SELECT f.oid::regprocedure, '' FROM functions AS f, aclexplode(f.acl) AS g
        WHERE g.grantee = 0 AND (f.definer OR f.schema IN ('lf', 'idn', 'priv', 'jobs'))
    """,
    # None of these asks a policy.
    "grant-beyond-rows": """
        SELECT thing, role || ' ' || verb FROM grants AS g
        WHERE verb NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    """,
    "grant-to-a-stranger": """
        SELECT thing, role || ' ' || verb FROM grants AS g
        WHERE schema = 'priv' OR (schema, role) NOT IN (
            ('lf', 'lf_app'), ('lf', 'lf_ro'), ('lf', 'lf_auth'), ('idn', 'lf_auth'), ('jobs', 'lf_app'))
          OR (role = 'lf_ro' AND verb <> 'SELECT') OR (schema = 'jobs' AND verb <> 'INSERT')
    """,
    # The policies of the parent do not hold on its partitions.
    "grant-on-a-partition": "SELECT thing, role || ' ' || verb FROM grants AS g WHERE partition",
    # What can be rebuilt from the log, or expires, may be deleted; nothing else.
    "delete-granted": """
        SELECT thing, role FROM grants AS g WHERE verb = 'DELETE' AND thing NOT IN (
            'lf.posting', 'lf.bill_entry', 'lf.cost_entry', 'lf.foreign_entry', 'lf.month_total', 'lf.day_total',
            'lf.day_count', 'lf.enrolment_code', 'lf.attachment', 'lf.idempotency_key', 'lf.refused_request',
            'lf.tenant_export', 'idn.totp', 'idn.session', 'idn.login_attempt')
    """,
    "written-once-may-change": """
        SELECT thing, role FROM grants AS g WHERE verb = 'UPDATE' AND thing IN (
            'lf.tenant', 'lf.log_batch', 'lf.event_key', 'lf.voucher_version', 'lf.audit_event',
            'lf.refused_request')
    """,
    "column-granted": """
        SELECT t.thing || '.' || a.attname, g.grantee::regrole || ' ' || g.privilege_type
        FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid, aclexplode(a.attacl) AS g
        WHERE (t.thing, a.attname, g.privilege_type, g.grantee::regrole::text) NOT IN (
            ('lf.log_batch', 'receipt', 'UPDATE', 'lf_app'), ('jobs.procrastinate_jobs', 'id', 'SELECT', 'lf_app'))
    """,
    "dangerous-role": """
        SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END,
            CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
            CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
            CASE WHEN rolreplication AND rolname <> 'lf_backup' THEN 'REPLICATION' END,
            CASE WHEN rolcanlogin AND rolname = 'lf_owner' THEN 'LOGIN' END)
        FROM pg_roles
        WHERE rolname ~ '^lf_(owner|migrate|app|ro|auth|queue|backup)$' AND (rolsuper OR rolbypassrls OR rolcreatedb
            OR rolcreaterole OR (rolreplication AND rolname <> 'lf_backup') OR (rolcanlogin AND rolname = 'lf_owner'))
    """,
    "role-in-a-role": """
        SELECT m.member::regrole, m.roleid::regrole FROM pg_auth_members AS m
        WHERE m.member::regrole::text IN ('lf_app', 'lf_ro', 'lf_auth', 'lf_queue', 'lf_backup')
    """,
    "role-missing": """
        SELECT wanted, '' FROM unnest('{lf_owner,lf_migrate,lf_app,lf_ro,lf_auth,lf_queue,lf_backup}'::text[]) AS wanted
        WHERE to_regrole(wanted) IS NULL
    """,
    # An owner can switch row-level security off.
    "wrong-owner": """
        SELECT thing, owner::regrole FROM (
            SELECT oid::regclass::text, relowner, relnamespace FROM pg_class WHERE relkind <> 'i'
            UNION ALL SELECT oid::regprocedure::text, proowner, pronamespace FROM pg_proc
            UNION ALL SELECT nspname, nspowner, oid FROM pg_namespace) AS o (thing, owner, namespace)
        JOIN pg_namespace AS n ON n.oid = namespace
        WHERE CASE
            WHEN n.nspname ~ '^pg_(toast_)?temp_' THEN false
            WHEN n.nspname IN ('lf', 'idn', 'priv') THEN owner::regrole::text <> 'lf_owner'
            WHEN n.nspname = 'jobs' THEN owner::regrole::text <> 'lf_queue'
            ELSE owner::regrole::text IN ('lf_app', 'lf_ro', 'lf_auth') END
    """,
    "schema-open": """
        SELECT n.nspname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END || ' ' ||
               g.privilege_type
        FROM pg_namespace AS n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS g
        WHERE n.nspname IN ('lf', 'idn', 'priv', 'jobs', 'public') AND g.grantee <> n.nspowner
          AND (g.privilege_type = 'CREATE' OR g.grantee = 0 OR n.nspname = 'priv')
          AND NOT (n.nspname = 'public' AND g.grantee = 'pg_database_owner'::regrole)
    """,
    "database-open": """
        SELECT d.datname, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END || ' ' ||
               g.privilege_type
        FROM pg_database AS d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS g
        WHERE d.datname = current_database() AND g.grantee <> d.datdba AND (g.grantee = 0 OR (
            g.grantee::regrole::text IN ('lf_app', 'lf_ro', 'lf_auth', 'lf_queue', 'lf_backup')
            AND (g.privilege_type = 'CREATE'
                OR (g.privilege_type = 'TEMPORARY' AND g.grantee::regrole::text <> 'lf_app'))))
    """,
}
