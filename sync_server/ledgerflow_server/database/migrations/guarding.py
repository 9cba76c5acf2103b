"""Puts a table of tenant data under row-level security, the same way every time."""

_READERS = "lf_app, lf_ro"

_TENANT = "tenant_no = (SELECT lf.current_tenant())"
_COMPANY = "company_no <@ (SELECT lf.current_companies())"


def guarded(table: str, columns: str, *, app: str, company: bool = True, after: str = "") -> str:
    """Return the SQL of a table in schema lf whose rows only their own tenant, and company, can see.

    `app` names the verbs the server may use; there is no DELETE but on rows that are rebuilt or expire. `company` is
    said for tables of company data: `company_no` after `tenant_no`. `after` follows the columns (WITH, PARTITION BY).
    """
    own = "tenant_no int4 NOT NULL,\n" + ("company_no int4 NOT NULL,\n" if company else "")
    return f"""
        CREATE TABLE lf.{table} ({own} {columns}) {after};
        {secured(f"lf.{table}", _READERS, company=company)}
        GRANT {app} ON lf.{table} TO lf_app;
        GRANT SELECT ON lf.{table} TO lf_ro;
    """


def guarded_identity(table: str, columns: str, *, verbs: str) -> str:
    """Return the SQL of a table in schema idn: people and their secrets, reachable by the role lf_auth alone."""
    return f"""
        CREATE TABLE idn.{table} (tenant_no int4 NOT NULL,\n {columns});
        {secured(f"idn.{table}", "lf_auth", company=False)}
        GRANT {verbs} ON idn.{table} TO lf_auth;
    """


def secured(table: str, roles: str, *, company: bool) -> str:
    """Return the SQL of row-level security that holds for the owner, too.

    One permissive policy lets the roles in at all, the restrictive ones narrow that to the tenant and the companies of
    the signed context. ``(SELECT ...)`` makes PostgreSQL ask once for a statement instead of once for a row.
    """
    text = f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY roles ON {table} AS PERMISSIVE TO {roles} USING (true) WITH CHECK (true);
        CREATE POLICY tenant ON {table} AS RESTRICTIVE USING ({_TENANT}) WITH CHECK ({_TENANT});
    """
    if company:
        text += f"CREATE POLICY company ON {table} AS RESTRICTIVE USING ({_COMPANY}) WITH CHECK ({_COMPANY});"
    return text
