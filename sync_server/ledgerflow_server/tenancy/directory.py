"""Finds tenants by their public id, and makes them. Everything else about a tenant is asked inside its own session."""

from dataclasses import dataclass
from uuid import UUID

from ledgerflow_core.errors import refuse
from ledgerflow_core.identifiers import to_bytes
from ledgerflow_server.database.committing import commit
from ledgerflow_server.database.connecting import Pool

NAME_MAX = 200


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant: its number here, its id (UUIDv7) everywhere else, its state (active, suspended)."""

    tenant_no: int
    public_id: str
    name: str
    state: str


class Directory:
    """The directory over a pool of the role lf_app (finding) or lf_auth (finding and making)."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, public_id: str) -> Tenant | None:
        """Return a tenant; None where there is none. `bad-identifier` for what is no UUID."""
        wanted = UUID(bytes=to_bytes(public_id))
        async with self._pool.connection() as connection:
            found = await connection.execute("SELECT tenant_no, name, state FROM lf.find_tenant(%s)", [wanted])
            row = await found.fetchone()
        return None if row is None or row[0] is None else Tenant(row[0], public_id, row[1], row[2])

    async def all(self) -> list[Tenant]:
        """Return every tenant by number. For the server's own work, as lf_auth."""
        async with self._pool.connection() as connection:
            found = await connection.execute(
                "SELECT tenant_no, public_id::text, name, state FROM lf.all_tenants() ORDER BY tenant_no"
            )
            return [Tenant(*row) for row in await found.fetchall()]

    async def create(self, public_id: str, name: str) -> Tenant:
        """Make a tenant and return it; the same id again returns the one made before. `bad-tenant-name` if refused."""
        if not 0 < len(name.strip()) <= NAME_MAX:
            raise refuse("bad-tenant-name", "name", most=NAME_MAX)
        wanted = UUID(bytes=to_bytes(public_id))
        async with self._pool.connection() as connection:
            await connection.execute("SELECT lf.create_tenant(%s, %s)", [wanted, name.strip()])
            await commit(connection)
        made = await self.find(public_id)
        assert made is not None, "a tenant that was committed is found"
        return made

    async def set_state(self, public_id: str, state: str) -> bool:
        """Suspend a tenant or make it active again; return whether there is such a tenant."""
        wanted = UUID(bytes=to_bytes(public_id))
        async with self._pool.connection() as connection:
            done = await connection.execute("SELECT lf.set_tenant_state(%s, %s)", [wanted, state])
            row = await done.fetchone()
            await commit(connection)
        return row is not None and bool(row[0])
