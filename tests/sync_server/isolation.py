"""Two tenants, and two companies of one tenant, with everything a route can be asked about: who asks, and for whose."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.identity.repository import User
from ledgerflow_server.tenancy.principal import Principal
from sync_server.people_app import Laptop, World, ids, world


@dataclass(frozen=True)
class Target:
    """What a request is about: ids of a tenant and of one company in it, with a user and a device of that company."""

    tenant: Principal
    tenant_id: str
    book: str
    company_no: int
    name: str
    user: User
    laptop: Laptop
    # What the server itself signs with, for bodies that nobody else could make.
    log_key: Ed25519PrivateKey
    incarnation: str

    @property
    def ids(self) -> dict[str, object]:
        """What stands in paths."""
        return {
            "company": self.book,
            "number": self.company_no,
            "user": self.user.public_id,
            "device": self.laptop.device,
        }

    @property
    def markers(self) -> list[str]:
        """Texts that nobody else may ever read."""
        return [
            self.book,
            self.name,
            self.user.public_id,
            self.user.login,
            self.laptop.device,
            self.laptop.replica,
            self.laptop.public,
        ]


@dataclass(frozen=True)
class Asker:
    """Somebody with a token, and the target that is their own."""

    who: str
    headers: dict[str, str]
    own: Target


Say = Callable[[Target, Laptop], object]


@dataclass(frozen=True)
class Case:
    """How a route is asked. `path` is as in the code; `fill` gives what stands in it besides a target's ids.

    `json` or `raw` make the body from the target asked about and the laptop of whoever asks, so that nothing but
    isolation can be what refuses it. `open` says why a route needs no token. `streams`: its answer does not end, so
    it is not asked by its owner here.
    """

    method: str
    path: str
    json: Say | None = None
    raw: Callable[[Target, Laptop], bytes] | None = None
    media: str = "application/octet-stream"
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    fill: dict[str, str] = field(default_factory=dict)
    open: str = ""
    streams: bool = False
    # What it names inside a company, where nobody made one: its owner hears that it is this which is not there.
    below: str = ""

    @property
    def names_something(self) -> bool:
        """Whether a request names something of a tenant, in its path or body, that could be somebody else's."""
        named = any("{" + name + "}" in self.path for name in ("company", "number", "user", "device"))
        return named or (self.json is not None and self.about_a_target)

    @property
    def about_a_target(self) -> bool:
        """Whether the body changes with the target."""
        assert self.json is not None
        laptop = Laptop()
        return self.json(_NOBODY, laptop) != self.json(_SOMEBODY, laptop)

    async def ask(self, client: httpx.AsyncClient, asker: Asker | None, target: Target) -> httpx.Response:
        """Send the request, about `target`."""
        path = self.path.format(**{**target.ids, **self.fill})
        headers = {**self.headers, **(asker.headers if asker else {})}
        laptop = asker.own.laptop if asker else Laptop()
        kind: dict[str, Any] = {}
        if self.json is not None:
            kind = {"json": self.json(target, laptop)}
        elif self.raw is not None:
            kind = {"content": self.raw(target, laptop)}
            headers["Content-Type"] = self.media
        return await client.request(self.method, path + self.query, headers=headers, **kind)


def _blank(number: int) -> Target:
    user = User(number, f"user {number}", f"login {number}", "", Role.BRANCH, "active", None)
    key = Ed25519PrivateKey.generate()
    return Target(Principal(number), f"tenant {number}", f"book {number}", number, "", user, Laptop(), key, "")


_NOBODY, _SOMEBODY = _blank(1), _blank(2)


@dataclass(frozen=True)
class TwoByTwo:
    """The first tenant has companies X and Y, the second tenant its own; `askers` see nothing of each `strange` one."""

    world: World
    strange: list[tuple[Asker, Target]]


async def _target(w: World, tenant: Principal, tenant_id: str, name: str) -> Target:
    company_no = await w.company(tenant, name)
    user = await w.user(tenant, Role.BRANCH, (company_no,))
    book = ids.new()
    laptop, _ = await w.enrolled(tenant, company_no, user, book)
    services = w.services
    return Target(tenant, tenant_id, book, company_no, name, user, laptop, services.keys.log, services.incarnation)


@asynccontextmanager
async def two_by_two(folder: Path, database: Database) -> AsyncIterator[TwoByTwo]:
    """Make the two tenants anew; every pair is somebody and something that is not theirs."""
    async with world(folder, database) as w:
        first, first_id = await w.tenant()
        second, second_id = await w.tenant()
        x = await _target(w, first, first_id, "Xylem Traders")
        y = await _target(w, first, first_id, "Yarrow Traders")
        # Numbers count from 1 in each tenant: the other's must be one the first does not have.
        await w.company(second)
        await w.company(second)
        z = await _target(w, second, second_id, "Zinnia Traders")
        owner = Asker("owner", await w.headers(first_id, await w.user(first, Role.OWNER)), x)
        device = Asker("device of X", await w.device_headers(first_id, x.laptop), x)
        person = Asker("person of X", await w.headers(first_id, x.user), x)
        admin = Asker("admin of X", await w.headers(first_id, await w.user(first, Role.ADMIN, (x.company_no,))), x)
        strange = [(asker, z) for asker in (owner, device, person, admin)]
        strange += [(asker, y) for asker in (device, person, admin)]
        yield TwoByTwo(w, strange)
