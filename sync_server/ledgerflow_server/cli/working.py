"""`worker`: does the jobs until it is told to stop; what is under way is finished first. `jobs`: those that failed."""

import argparse
import asyncio

from ledgerflow_core.errors import refuse
from ledgerflow_server.app import attachments_of
from ledgerflow_server.cli.databases import reached
from ledgerflow_server.cli.running import running
from ledgerflow_server.cli.services import opened
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.jobs import queue_repository
from ledgerflow_server.jobs.tasks import STALLED_SECONDS, JobServices, findings_gauge, queue_of
from ledgerflow_server.observing import logs, metrics
from ledgerflow_server.settings.settings import Settings

# After this long without an end a job is cut off; it is tried again.
_GRACE_SECONDS = 30


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Run one of the two commands."""
    with reached(settings) as found:
        if arguments.command == "jobs":
            return _failed(arguments, found.database)
        logs.configure(settings.log_level)
        with running(settings):
            asyncio.run(_work(settings, found.database, once=arguments.once))
    return 0


async def _work(settings: Settings, database: Database, *, once: bool) -> None:
    async with opened(settings, database) as hands:
        made, files = hands.services.metrics, attachments_of(hands.services, hands.desk).store
        services = JobServices(hands.desk, hands.services.people, hands.services.directory, findings_gauge(made), files)
        listening = None
        if settings.metrics and not once:
            listening = metrics.serve_at_first_free(made, settings.metrics_host, settings.metrics_port)
        try:
            async with queue_of(database, services).open_async() as queue:
                await queue.run_worker_async(
                    # One at a time finds what the others have made before it ends.
                    concurrency=1 if once else settings.worker_jobs,
                    wait=not once,
                    listen_notify=not (database.pooled or once),
                    delete_jobs="successful",
                    shutdown_graceful_timeout=_GRACE_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                )
        finally:
            if listening is not None:
                listening.stop()


def _failed(arguments: argparse.Namespace, database: Database) -> int:
    if arguments.number is not None and not (arguments.retry or arguments.forget):
        raise refuse("wrong-setting", "jobs", wanted="a number together with --retry or --forget")
    if arguments.retry or arguments.forget:
        act = queue_repository.retry if arguments.retry else queue_repository.forget
        count = act(database, arguments.number)
        if arguments.number is not None and not count:
            raise refuse("no-such-job", str(arguments.number))
        print(f"{count} job(s) {'will be tried again' if arguments.retry else 'forgotten'}.")
        return 0
    print(f"{queue_repository.waiting(database)} job(s) wait.")
    held = queue_repository.failed(database)
    for job in held:
        at = f"{job.at:%Y-%m-%d %H:%M} UTC" if job.at else ""
        print(f"failed  {job.number}  {job.task}  {job.arguments}  {job.attempts} attempts  {at}".rstrip())
    return 1 if held else 0
