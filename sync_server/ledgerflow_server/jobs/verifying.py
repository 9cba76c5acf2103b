"""Proves whole logs and keeps what was found: for the nightly job and for `verify`."""

from ledgerflow_core.errors import Fact
from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.audit import service as audit
from ledgerflow_server.audit.actions import Action
from ledgerflow_server.jobs import repository
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.ledger.service.findings import Verification
from ledgerflow_server.ledger.service.verifying import verify_company
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Limits

# A large log takes minutes to read; nothing waits for it.
_PATIENT = Limits(statement=0, idle=0)


async def books_of(desk: Desk, tenant_no: int) -> list[CompanyId]:
    """Return the companies of a tenant that have a book."""
    async with desk.tenants.session(Principal(tenant_no), read_only=True) as session:
        return [company for company, _ in await heads.companies(session)]


async def verify(desk: Desk, tenant_no: int, company: CompanyId) -> Verification:
    """Prove a company as one moment has it, keep the result, and write findings into the audit log."""
    everything = Principal(tenant_no)
    async with desk.tenants.session(everything, read_only=True, snapshot=True, limits=_PATIENT) as session:
        found = await verify_company(desk, session, company)
    findings: list[dict[str, object]] = [
        {"code": finding.code, "gseq": finding.gseq, "detail": finding.detail} for finding in found.findings
    ]
    async with desk.tenants.session(everything) as session:
        company_no = (await desk.place(session, company)).company_no
        await repository.keep_verification(session, company_no, desk.now(), found.entries, findings)
        if findings:
            facts: dict[str, Fact] = {
                "findings": len(findings),
                "first": found.findings[0].code,
                "gseq": found.findings[0].gseq,
            }
            await audit.record(session, desk.now(), Action.VERIFICATION_FAILED, f"company/{company_no}", facts)
    return found
