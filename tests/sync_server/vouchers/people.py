"""People who work on the server's books themselves, signed in over HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from ledgerflow_core.sync.roles import Role
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_server.identity.repository import User
from sync_server.ledger.office import Office
from sync_server.people_app import ids


@dataclass
class Person:
    """Somebody signed in, at work on one company."""

    office: Office
    user: User
    headers: dict[str, str]

    async def ask(self, method: str, path: str, *, key: str = "", **options: Any) -> httpx.Response:
        """Send a request about the company; writes carry a new Idempotency-Key unless one is given."""
        headers = self.headers | options.pop("headers", {})
        if method != "GET":
            headers["Idempotency-Key"] = key or ids.new()
        return await self.office.world.client.request(
            method, f"/v1/companies/{self.office.details.id}{path}", headers=headers, **options
        )

    async def post(self, voucher: Voucher, **options: Any) -> httpx.Response:
        return await self.ask("POST", "/vouchers", **json_of(voucher), **options)

    async def alter(self, version: str, voucher: Voucher, **options: Any) -> httpx.Response:
        return await self.ask(
            "PUT",
            f"/vouchers/{voucher.id}",
            headers={"If-Match": f'"{version}"'} | JSON,
            content=encoded(voucher),
            **options,
        )

    async def cancel(self, version: str, voucher: str, reason: str = "twice", **options: Any) -> httpx.Response:
        headers = {"If-Match": f'"{version}"'}
        return await self.ask("DELETE", f"/vouchers/{voucher}", params={"reason": reason}, headers=headers, **options)

    async def report(self, code: str, **options: Any) -> Any:
        answer = await self.ask("GET", f"/reports/{code}", params=options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def balance(self, account: str) -> str:
        """The closing balance of an account in the trial balance, as text."""
        rows = (await self.report("trial-balance", flat="true", zero_rows="true"))["rows"]
        found: str = next(row["closing"] for row in rows if row.get("account") == account)
        return found


JSON = {"Content-Type": "application/json"}


def encoded(voucher: Voucher) -> bytes:
    return msgspec.json.encode(voucher)


def json_of(voucher: Voucher) -> dict[str, Any]:
    return {"content": encoded(voucher), "headers": JSON}


async def a_person(office: Office, role: Role) -> Person:
    user = await office.world.user(office.tenant, role)
    return Person(office, user, await office.world.headers(office.tenant_id, user))
