"""Reports of the server over HTTP, in a small and a large year, beside a full sum over the entries.

The rows go straight into the tables of an embedded PostgreSQL of its own, which is thrown away.
"""

import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from books import LARGE, SMALL
from figure import figure, finished, median_seconds

from ledgerflow_core.sync.roles import Role
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.migrating import migrate
from ledgerflow_server.database.secrets import make_secrets

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from sync_server.people_app import World, world
from sync_server.reports import many_rows

ODD = {"from": "2025-04-17", "to": "2026-02-11"}
REPORTS = (
    ("trial-balance", ODD),
    ("profit-and-loss", ODD),
    ("balance-sheet", ODD),
    ("day-book", {"limit": "200"}),
    ("account", {"account": many_rows.BUSIEST, "limit": "200"}),
)


async def times_of(made: World, headers: dict[str, str], company: str, code: str, asked: dict[str, str]) -> float:
    """Return the median seconds of a report over HTTP, warm."""
    taken = []
    for _ in range(8):
        begin = time.perf_counter()
        answer = await made.client.get(f"/v1/companies/{company}/reports/{code}", params=asked, headers=headers)
        taken.append(time.perf_counter() - begin)
        assert answer.status_code == 200, answer.text
    return statistics.median(taken[1:])


async def measured(made: World, administrator: psycopg.Connection) -> None:
    tenant, tenant_id = await made.tenant()
    headers = await made.headers(tenant_id, await made.user(tenant, Role.OWNER))
    seconds = {}
    for size in (SMALL, LARGE):
        company_no = await made.company(tenant, f"{size} vouchers")
        company = many_rows.write(administrator, tenant.tenant_no, company_no, size)
        for code, asked in REPORTS:
            seconds[code, size] = await times_of(made, headers, company, code, asked)
            budget = "budget 50 ms" if size == LARGE else ""
            figure(f"{code} over HTTP, {size:,} vouchers", seconds[code, size] * 1000, "ms", n=7, beside=budget)
    for code, _ in REPORTS:
        figure(f"{code}, large / small", seconds[code, LARGE] / seconds[code, SMALL], "x", n=7, beside="budget 1.3 x")
    for place, parameters in ((0.5, "middle"), (0.9, "end")):
        asked = {"limit": "200", "offset": str(int(LARGE * place))}
        took = await times_of(made, headers, company, "day-book", asked)
        figure(f"day-book from the {parameters}, {LARGE:,} vouchers", took * 1000, "ms", n=7, beside="budget 50 ms")
    sums = (
        "SELECT account_no, sum(amount) FROM lf.posting WHERE tenant_no = %s AND company_no = %s"
        " AND day BETWEEN %s AND %s GROUP BY account_no"
    )
    given = [tenant.tenant_no, company_no, 20_195, 20_495]
    full = median_seconds(lambda: administrator.execute(sums, given).fetchall(), runs=3)
    figure("full sum over the entries", full * 1000, "ms", n=3)
    figure("full sum / trial-balance", full / seconds["trial-balance", LARGE], "x", n=3)


def main() -> None:
    with finished():
        folder = Path(tempfile.mkdtemp(prefix="ledgerflow-bench-"))
        cluster = EmbeddedPostgres(folder / "postgresql")
        try:
            cluster.start()
            cluster.ensure_database("bench")
            database = Database(cluster.place("bench"), make_secrets(os.urandom))
            migrate(database, cluster.administration("bench"))

            async def run() -> None:
                with psycopg.connect(cluster.administration("bench"), autocommit=True) as administrator:
                    async with world(folder, database) as made:
                        await measured(made, administrator)

            asyncio.run(run())
        finally:
            cluster.crash()
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
