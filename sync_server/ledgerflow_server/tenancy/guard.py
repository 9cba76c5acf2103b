"""Reads the catalogue and names everything that breaks the rules tenancy stands on.

Run by tests, at start-up (the server refuses to start) and by `doctor`. Any role may run it.
"""

from typing import NamedTuple

from psycopg.sql import SQL

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.database.connecting import Connection
from ledgerflow_server.tenancy.guard_rules import RULES, SOURCES


class Violation(NamedTuple):
    """One thing that breaks a rule: the rule's code, the object, and what about it (may be empty)."""

    code: str
    thing: str
    detail: str


class TenancyUnsafe(LedgerFlowError):
    """The database would let rows of one tenant reach another; facts: the first violation and how many there are."""

    code = "tenancy-unsafe"


def violations(connection: Connection) -> list[Violation]:
    """Return every violation, by code and thing; an empty list is what the server needs to start."""
    rules = [
        SQL("SELECT {}::text, thing::text, detail::text FROM ({}) AS found (thing, detail)").format(code, SQL(rule))
        for code, rule in RULES.items()
    ]
    query = SQL(SOURCES) + SQL(" UNION ALL ").join(rules) + SQL(" ORDER BY 1, 2, 3")
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path = pg_catalog")
        return [Violation(*row) for row in connection.execute(query)]


def require_safe(connection: Connection) -> None:
    """Raise `TenancyUnsafe` unless there is no violation."""
    found = violations(connection)
    if found:
        raise TenancyUnsafe(found[0].thing, rule=found[0].code, detail=found[0].detail, violations=len(found))
