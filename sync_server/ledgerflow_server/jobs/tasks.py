"""The jobs by name, when they run, and what happens to one that fails.

A job's arguments are numbers and ids. One that fails is tried again a few times with growing pauses and then stays
in the queue as failed, where `doctor` shows it and `jobs` lets whoever runs the server decide.
"""

from dataclasses import dataclass

import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.jobs import Status
from prometheus_client import Gauge

from ledgerflow_core.identifiers import CompanyId
from ledgerflow_server.attachments.store import Store
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.jobs import cleaning, exporting, repository, verifying
from ledgerflow_server.ledger.service.desk import Desk
from ledgerflow_server.observing.metrics import Metrics
from ledgerflow_server.tenancy.directory import Directory
from ledgerflow_server.tenancy.principal import Principal
from ledgerflow_server.tenancy.session import Tenants

ATTEMPTS = 5
EXPORT, VERIFY, CLEAN = "export", "verify", "clean-up"
# A worker says every ten seconds that it lives, but not while it reads a large company's books anew. A job of one that
# was silent for longer than that takes is somebody else's.
STALLED_SECONDS = 600
_RETRY = RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=4)

_log = structlog.get_logger("ledgerflow.jobs")


@dataclass(frozen=True, slots=True)
class JobServices:
    """What jobs work with. `people` opens sessions as lf_auth; `findings` counts what the last proofs found.

    `files` are the attachments of all tenants.
    """

    desk: Desk
    people: Tenants
    directory: Directory
    findings: Gauge
    files: Store


def findings_gauge(metrics: Metrics) -> Gauge:
    """Return the gauge of everything the last proofs of all companies found."""
    return Gauge(
        "ledgerflow_verification_findings",
        "What the last verification of every company found.",
        registry=metrics.registry,
    )


def queue_of(database: Database, services: JobServices) -> App:
    """Return the queue with every job registered. Not open until ``async with queue.open_async()``."""
    queue = App(connector=PsycopgConnector(conninfo=database.conninfo("lf_queue"), kwargs=database.options()))
    _add_jobs(queue, services)
    _add_rounds(queue, services)
    return queue


def _add_jobs(queue: App, services: JobServices) -> None:
    desk = services.desk

    @queue.task(name=VERIFY, retry=_RETRY)
    async def verify(tenant: int, company: str) -> None:
        found = await verifying.verify(desk, tenant, CompanyId(company))
        if found.findings:
            _log.error("verification-failed", tenant=tenant, count=len(found.findings))
        services.findings.set(await _all_findings(services))

    @queue.task(name=EXPORT, retry=_RETRY, pass_context=True)
    async def export(context: JobContext, tenant: int, export: str) -> None:
        try:
            await exporting.export(desk, tenant, export)
        except Exception:
            if context.job.attempts + 1 >= ATTEMPTS:
                async with desk.tenants.session(Principal(tenant)) as session:
                    await repository.export_failed(session, export)
            raise

    @queue.task(name=CLEAN, retry=_RETRY)
    async def clean_up(tenant: int) -> None:
        count = await cleaning.clean_up(desk, services.people, services.files, tenant)
        _log.info("cleaned-up", tenant=tenant, count=count)


def _add_rounds(queue: App, services: JobServices) -> None:
    """Add what is done by the clock (UTC): each round makes a job for each tenant or company."""

    @queue.periodic(cron="15 1 * * *")
    @queue.task(name="nightly-verification", queueing_lock="nightly-verification", retry=_RETRY)
    async def nightly(timestamp: int) -> None:
        for tenant in await services.directory.all():
            for company in await verifying.books_of(services.desk, tenant.tenant_no):
                task = queue.configure_task(VERIFY, lock=f"verify/{company}")
                await task.defer_async(tenant=tenant.tenant_no, company=company)

    @queue.periodic(cron="40 * * * *")
    @queue.task(name="hourly-clean-up", queueing_lock="hourly-clean-up", retry=_RETRY)
    async def hourly(timestamp: int) -> None:
        tenants = await services.directory.all()
        for tenant in tenants:
            await queue.configure_task(CLEAN, lock=f"clean-up/{tenant.tenant_no}").defer_async(tenant=tenant.tenant_no)
        if tenants:
            await cleaning.make_audit_months(services.desk, tenants[0].tenant_no)

    @queue.periodic(cron="* * * * *")
    @queue.task(name="rescue", queueing_lock="rescue", pass_context=True)
    async def rescue(context: JobContext, timestamp: int) -> None:
        await rescue_stalled(context.app)


async def rescue_stalled(queue: App, seconds: float = STALLED_SECONDS) -> int:
    """Give the jobs of workers that died to the living, those that were tried often enough up; return how many."""
    stalled = list(await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
    for job in stalled:
        if job.attempts + 1 >= ATTEMPTS:
            await queue.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            await queue.job_manager.retry_job(job)
        _log.warning("job-stalled", job=job.id, count=job.attempts)
    return len(stalled)


async def _all_findings(services: JobServices) -> int:
    total = 0
    for tenant in await services.directory.all():
        async with services.desk.tenants.session(Principal(tenant.tenant_no), read_only=True) as session:
            total += sum(one.findings for one in await repository.verified(session))
    return total
