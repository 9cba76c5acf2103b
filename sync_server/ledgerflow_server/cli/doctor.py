"""`doctor`: looks at everything a server needs and names the command that mends each fault."""

import argparse
import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_server.cli import databases, sentences
from ledgerflow_server.cli.services import opened, server_of
from ledgerflow_server.database import connecting, migrating
from ledgerflow_server.database.connecting import Connection, Database
from ledgerflow_server.jobs import queue_repository
from ledgerflow_server.jobs import repository as jobs
from ledgerflow_server.keys import certificates, files, incarnation, server_keys
from ledgerflow_server.keys.beacon import Beacons
from ledgerflow_server.ledger.repository import heads
from ledgerflow_server.settings.settings import MIB, Settings
from ledgerflow_server.tenancy import guard

# The patches of November 2025 (CVE-2025-12817, -12818); a version that is not here is taken as sound.
PATCH_FLOOR = {15: 15, 16: 11, 17: 7, 18: 1}
FREE_BYTES, FREE_RATIO = 1024 * MIB, 20
CLOCK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look saw; `mend` is empty where all is well, else the exact command, or what to do."""

    what: str
    said: str
    mend: str = ""


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Print a line for each look; return 1 if anything must be mended."""
    findings = list(examine(settings, datetime.now(UTC)))
    for finding in findings:
        print(f"{'FAULT' if finding.mend else 'ok   '} {finding.what:<13} {finding.said}")
        if finding.mend:
            print(f"{'':>20}-> {finding.mend}")
    faults = sum(1 for finding in findings if finding.mend)
    print(f"\n{faults} fault(s)." if faults else "\nAll is well.")
    return 1 if faults else 0


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield every finding, in a fixed order. Starts our own PostgreSQL for the look where it is not running."""
    if not settings.data_folder.is_dir():
        yield Finding("data folder", f"{settings.data_folder} is not there", "ledgerflow-server init")
        return
    yield from _folders(settings)
    yield from _keys(settings)
    yield from _certificate(settings, now)
    yield _disk(settings.data_folder)
    yield from _beacons(settings)
    if not settings.database_secrets.exists():
        yield Finding("database", "was never set up", "ledgerflow-server init")
        return
    yield from _database(settings, now)


def _folders(settings: Settings) -> Iterator[Finding]:
    for folder in (settings.data_folder, settings.key_folder):
        if (mode := folder.stat().st_mode & 0o777 if folder.exists() else 0) & 0o022:
            yield Finding("folder", f"others may write into {folder}", f"chmod go-w '{folder}'")
        elif mode:
            yield Finding("folder", f"{folder} is its owner's")


def _keys(settings: Settings) -> Iterator[Finding]:
    exposed = server_keys.exposed(settings.key_folder)
    for problem in exposed:
        yield Finding("key file", f"{problem.place} can be read by others", f"chmod 600 '{problem.place}'")
    looks: dict[str, Callable[[], object]] = {"incarnation": lambda: incarnation.read(settings.data_folder)}
    if not exposed:
        looks["keys"] = lambda: server_keys.load(settings.key_folder)
    for what, look in looks.items():
        try:
            look()
        except files.KeysMissing as missing:
            yield Finding(what, f"{missing.place} is missing", "ledgerflow-server init")
        except LedgerFlowError as error:
            yield Finding(what, sentences.line(error.problems[0]), f"restore '{error.place}' from your backup of it")
        else:
            yield Finding(what, "there and whole")
            if what == "keys":
                log_key = server_keys.load(settings.key_folder).log.public_key()
                # What an auditor compares an audit pack with.
                yield Finding("log key", log_key.public_bytes_raw().hex())


def _certificate(settings: Settings, now: datetime) -> Iterator[Finding]:
    own = settings.certificate is None
    path = settings.certificate or settings.key_folder / certificates.SERVER
    # Our own is renewed by `serve` at its start; one from elsewhere must be brought.
    renew = "ledgerflow-server init" if own else f"put a new certificate at '{path}'"
    try:
        days = certificates.days_left(certificates.read_certificate(path), now)
    except LedgerFlowError as error:
        yield Finding("certificate", sentences.line(error.problems[0]), renew)
        return
    ends = days < certificates.RENEW_DAYS
    yield Finding("certificate", f"{days} days left", renew if ends else "")
    if own and (settings.key_folder / certificates.AUTHORITY).exists():
        authority = certificates.read_certificate(settings.key_folder / certificates.AUTHORITY)
        yield Finding("authority", f"{certificates.days_left(authority, now)} days left")


def _disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    said = f"{usage.free // MIB} MiB free"
    if usage.free < FREE_BYTES and usage.free < usage.total // FREE_RATIO:
        return Finding("disk", said, f"make room on the disk of '{folder}'")
    return Finding("disk", said)


def _beacons(settings: Settings) -> Iterator[Finding]:
    beacons = Beacons(settings.beacon_folder)
    count = 0
    for tenant_no, company in [(no, company) for no in beacons.tenants() for company in beacons.of(no).companies()]:
        try:
            beacons.of(tenant_no).read(company)
            count += 1
        except LedgerFlowError as error:
            yield Finding("beacon", sentences.line(error.problems[0]), f"rm '{error.place}'")
    yield Finding("beacons", f"{count} readable")


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        with databases.reached(settings) as found:
            looks = list(_inside(found.database, now))
            yield from looks
            # The services refuse to start on what was found there, or without their keys.
            if not any(look.mend for look in [*looks, *_keys(settings)]):
                yield _jobs(found.database)
                yield from asyncio.run(_books(settings, found.database))
    except LedgerFlowError as error:
        mend = "set LEDGERFLOW_DATABASE_URL to a PostgreSQL that answers"
        if not settings.database_url:
            mend = f"read '{settings.database_folder / 'log' / 'postgresql.log'}'"
        yield Finding("database", sentences.line(error.problems[0]), mend)


def _inside(database: Database, now: datetime) -> Iterator[Finding]:
    try:
        with connecting.connect(database, "lf_app", autocommit=True) as connection:
            yield _version(connection)
            yield _revision(connection)
            yield from _guard(connection)
            yield _clock(connection, now)
    except psycopg.OperationalError:
        yield Finding("database", "the server's role cannot log in", "ledgerflow-server migrate")


def _jobs(database: Database) -> Finding:
    failed, waiting = queue_repository.failed(database), queue_repository.waiting(database)
    said = f"{waiting} wait, {len(failed)} failed"
    return Finding("jobs", said, "ledgerflow-server jobs, then jobs --retry or jobs --forget" if failed else "")


async def _books(settings: Settings, database: Database) -> list[Finding]:
    """Return how the companies stand: those that recover, and what their last verification found."""
    looks = []
    async with opened(settings, database) as hands:
        for tenant in await hands.services.directory.all():
            async with hands.services.tenants.session(server_of(tenant), read_only=True) as session:
                states, verified = await heads.companies(session), await jobs.verified(session)
            recovering = [company for company, state in states if state == "recovering"]
            if recovering:
                said = f"{len(recovering)} of {len(states)} companies of {tenant.name} recover"
                looks.append(Finding("recovery", said, "let every desktop sync, then: ledgerflow-server end-recovery"))
            wrong = [one for one in verified if one.findings]
            if wrong:
                said = f"{wrong[0].name}: {wrong[0].findings} finding(s) on {wrong[0].at:%Y-%m-%d}"
                looks.append(Finding("verification", said, f"ledgerflow-server verify --tenant {tenant.public_id}"))
    return looks or [Finding("books", "none recovers, none has findings")]


def _version(connection: Connection) -> Finding:
    number = connection.info.server_version
    major, patch = number // 10000, number % 10000
    floor = PATCH_FLOOR.get(major, 0)
    if patch < floor:
        return Finding("PostgreSQL", f"{major}.{patch}", f"bring PostgreSQL to {major}.{floor} or newer")
    return Finding("PostgreSQL", f"{major}.{patch}")


def _revision(connection: Connection) -> Finding:
    revision = migrating.revision(connection)
    if revision != migrating.HEAD:
        said = f"at '{revision}', this program needs '{migrating.HEAD}'"
        return Finding("revision", said, "ledgerflow-server migrate")
    return Finding("revision", revision)


def _guard(connection: Connection) -> Iterator[Finding]:
    found = guard.violations(connection) if migrating.revision(connection) == migrating.HEAD else []
    for violation in found:
        # A migration repairs roles and their powers; a table or policy changed by hand is put back by hand.
        yield Finding("tenancy", " ".join(violation), "ledgerflow-server migrate, and undo what was changed by hand")
    if not found:
        yield Finding("tenancy", "tenants are kept apart")


def _clock(connection: Connection, now: datetime) -> Finding:
    """Compare our clock with the database's: tenant contexts live for seconds, and one that is ahead is refused."""
    begun = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None, "a query without a table has a row"
    apart = abs((row[0] - begun).total_seconds())
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC, {apart:.1f} s from the database's"
    return Finding("clock", said, "timedatectl set-ntp true" if apart > CLOCK_SECONDS else "")
