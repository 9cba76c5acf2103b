"""`serve`: TLS from the settings, one or more processes at one port, and an orderly end."""

import argparse
import gc
import os
import signal
import ssl
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

import psycopg
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from ledgerflow_core.errors import refuse
from ledgerflow_server.app import create_app
from ledgerflow_server.cli import addresses
from ledgerflow_server.cli.databases import database_of, reached
from ledgerflow_server.cli.listening import held, listening
from ledgerflow_server.cli.running import running
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.edge import readiness
from ledgerflow_server.keys import certificates, incarnation, server_keys
from ledgerflow_server.observing import logs, metrics
from ledgerflow_server.settings import reading
from ledgerflow_server.settings.settings import Settings

# What is under way gets this long to be answered before the connection is closed.
_GRACE_SECONDS = 10
_IDLE_SECONDS = 75
_COLLECT_AFTER = 100_000


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until a signal comes. Everything that can be wrong is found before the first request."""
    if arguments.processes is not None and not 1 <= arguments.processes <= 64:
        raise refuse("wrong-setting", "--processes", wanted="a whole number from 1 to 64")
    if arguments.insecure_loopback and not addresses.is_loopback(settings.host):
        raise refuse("insecure-beyond-loopback", "LEDGERFLOW_HOST", host=settings.host)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _end)
    server_keys.load(settings.key_folder)
    incarnation.read(settings.data_folder)
    tls = {} if arguments.insecure_loopback else _tls(settings)
    with reached(settings) as found:
        _require_sound(found.database)
        processes = arguments.processes or settings.processes
        config = uvicorn.Config(
            "ledgerflow_server.cli.serving:application",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=processes,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            ws="none",
            limit_concurrency=settings.connections,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            **tls,
        )
        logs.configure(settings.log_level)
        return _serve(config, processes, settings)


def application() -> FastAPI:
    """Return the application of one process, from this process's own environment. Called by uvicorn."""
    # A batch makes thousands of values that live a few milliseconds and hold no cycles: looking for some among them
    # after every few hundred takes a third of the time of a batch (benchmarks/bench_ingest.py).
    gc.set_threshold(_COLLECT_AFTER, 50, 50)
    settings = reading.read(os.environ)
    logs.configure(settings.log_level)
    said = running(settings)
    app = create_app(
        settings,
        server_keys.load(settings.key_folder),
        incarnation.read(settings.data_folder),
        database_of(settings),
    )
    app.state.running = said
    if settings.metrics:
        metrics.serve_at_first_free(app.state.services.metrics, settings.metrics_host, settings.metrics_port)
    return app


def strict_tls(_: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return uvicorn's TLS context without the versions before 1.3."""
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _require_sound(database: Database) -> None:
    """Say before anything is started what would keep every process from starting."""
    try:
        readiness.require_sound(database)
    except psycopg.OperationalError:
        raise refuse("role-refused", "lf_app") from None


def _end(*_: object) -> NoReturn:
    """End by unwinding: uvicorn raises its signal again when it is done, and our own PostgreSQL must be stopped."""
    raise SystemExit(0)


def _serve(config: uvicorn.Config, processes: int, settings: Settings) -> int:
    with (held if processes > 1 else listening)(config.host, config.port) as port:
        scheme, bound = "https" if config.is_ssl else "http", port.getsockname()[:2]
        here, elsewhere = addresses.reached_at(settings, scheme, bound, addresses.own_addresses())
        print(f"LedgerFlow serves at {here} in {processes} process(es).", file=sys.stderr)
        if elsewhere:
            print(f"From other machines: {' or '.join(elsewhere)}", file=sys.stderr)
        else:
            print("No other machine reaches it: it listens on loopback alone (LEDGERFLOW_HOST).", file=sys.stderr)
        if processes > 1:
            Multiprocess(config, sockets=[port]).run()
            return 0
        server = uvicorn.Server(config)
        server.run(sockets=[port])
        return 0 if server.started else 1


def _tls(settings: Settings) -> dict[str, Any]:
    """Return uvicorn's TLS options; our own certificate is renewed here when it is about to end."""
    certificate, key = settings.certificate, settings.certificate_key
    if certificate is None or key is None:
        folder = settings.key_folder
        certificates.ensure_server_certificate(
            folder, addresses.hosts_of(settings, addresses.own_addresses()), datetime.now(UTC)
        )
        certificate, key = folder / certificates.SERVER, folder / certificates.SERVER_KEY
    return {"ssl_certfile": certificate, "ssl_keyfile": key, "ssl_context_factory": strict_tls}
