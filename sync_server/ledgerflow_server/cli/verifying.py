"""`verify`: every seal, chain, verdict and row of the companies' logs, proven anew."""

import argparse

from ledgerflow_server.cli.services import Hands, run_with
from ledgerflow_server.jobs import verifying
from ledgerflow_server.settings.settings import Settings


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Prove all companies or one; return 1 if anything is not as it was written."""
    found = run_with(settings, lambda hands: verify(hands, arguments.tenant, arguments.company))
    print(f"\n{found} finding(s)." if found else "\nAll is as it was written.")
    return 1 if found else 0


async def verify(hands: Hands, tenant_said: str | None = None, company_said: str | None = None) -> int:
    """Prove companies, say each finding with its entry, and return how many there are. Nobody said: everything."""
    tenants = await hands.services.directory.all()
    if tenant_said or company_said:
        tenants = [await hands.tenant(tenant_said)]
    total = 0
    for tenant in tenants:
        only = (await hands.company(tenant, company_said)).public_id if company_said else None
        for book in await verifying.books_of(hands.desk, tenant.tenant_no):
            if company_said and book != only:
                continue
            result = await verifying.verify(hands.desk, tenant.tenant_no, book)
            state = "FAULT" if result.findings else "ok   "
            print(f"{state} {tenant.name} {book}: {result.entries} entries, {result.vouchers} vouchers")
            for finding in result.findings:
                where = f"gseq {finding.gseq}" if finding.gseq is not None else "no entry"
                print(f"      {finding.code} at {where} {finding.detail}".rstrip())
            total += len(result.findings)
    return total
