"""Sealed batches of 500 vouchers over HTTP into `ledgerflow-server serve`, and the log out again.

Beside it: the very rows written by a bare bulk path, COPY to staging and INSERT ... SELECT, into empty tables.
Server, its own PostgreSQL and the sender share the machine. `LEDGERFLOW_BENCH_INGEST` is the number of vouchers.
"""

import http.client
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sealed_books
import zstandard
from figure import figure, finished, percentile
from sealed_books import Stream

from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import from_wire
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_server.database import secrets
from ledgerflow_server.database.connecting import Database
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.migrating import migrate
from ledgerflow_server.keys import incarnation, server_keys
from ledgerflow_server.ledger.endpoints import BATCH
from ledgerflow_server.ledger.service.wire import expand_stored
from ledgerflow_server.settings.settings import Settings

VOUCHERS = int(os.environ.get("LEDGERFLOW_BENCH_INGEST", "40000"))
COMPANIES = 8
BRANCHES = 4
PROCESSES = 2
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    if sys.argv[1:2] == ["--send"]:
        send(pickle.loads(Path(sys.argv[2]).read_bytes()), int(sys.argv[3]), Path(sys.argv[4]))
        return
    folder = Path(tempfile.mkdtemp(prefix="ledgerflow-bench-"))
    settings = Settings(data_folder=folder)
    embedded = EmbeddedPostgres(settings.database_folder)
    try:
        with finished():
            run(folder, settings, embedded)
    finally:
        embedded.stop()
        shutil.rmtree(folder)


def run(folder: Path, settings: Settings, embedded: EmbeddedPostgres) -> None:
    server_keys.create(settings.key_folder, os.urandom)
    incarnation.renew(folder, os.urandom)
    embedded.start()
    embedded.ensure_database("ledgerflow")
    database = Database(embedded.place("ledgerflow"), secrets.read_or_make(settings.database_secrets, os.urandom))
    migrate(database, embedded.administration("ledgerflow"))
    accounts, vouchers = sealed_books.generated(VOUCHERS)
    apart = [[vouchers[at::COMPANIES]] for at in range(COMPANIES)]
    together = [[vouchers[at::BRANCHES] for at in range(BRANCHES)]]
    many = sealed_books.made_streams(folder, database, accounts, apart)
    one = sealed_books.made_streams(folder, database, accounts, together)
    wire = sum(len(raw) for stream in many for raw in stream.wires[1:])
    figure("on the wire", wire / VOUCHERS, "bytes/voucher", n=VOUCHERS, beside="goal under 350")
    proving(many)
    with serving(folder) as (port, server):
        for name, streams, budget in (("8 companies", many, "15,000"), ("1 company, 4 branches", one, "8,000")):
            ingest(name, streams, budget, (port, server), embedded, folder)
        pull(one[0], port)
    bare(embedded)


def proving(streams: list[Stream]) -> None:
    """What the proof of a batch costs before the database: expanding, signature, hashes, form, chain."""
    wires = [wire for stream in streams[:2] for wire in stream.wires[1:]]
    begin = time.process_time()
    events = sum(len(read_events(from_wire(wire, expand_stored))) for wire in wires)
    figure("proof of a voucher", (time.process_time() - begin) / events * 1e6, "us", n=events, beside="one core")


def ingest(name: str, streams: list[Stream], budget: str, server: tuple[int, int], embedded, folder: Path) -> None:
    """Send everything from another process, a connection for each replica; masters go first and are not counted."""
    port, process = server
    pending = folder / "streams"
    first = [
        Stream(stream.company, stream.token, stream.wires[:1]) for stream in streams[: 1 if "1 c" in name else None]
    ]
    rest = [Stream(s.company, s.token, s.wires[1:] if s in streams[: len(first)] else s.wires) for s in streams]
    sent_by(pending, first, port)
    before = cpu(process), cpu_of_postgres(embedded)
    seconds, waits, own = sent_by(pending, rest, port)
    server_cpu, postgres_cpu = cpu(process) - before[0], cpu_of_postgres(embedded) - before[1]
    figure(f"ingest, {name}", VOUCHERS / seconds, "vouchers/s", n=VOUCHERS, beside=f"budget {budget}")
    figure("  p50 of a batch", percentile(waits, 0.5) * 1000, "ms", n=len(waits))
    figure("  p99 of a batch", percentile(waits, 0.99) * 1000, "ms", n=len(waits))
    for who, spent in (("the server", server_cpu), ("PostgreSQL", postgres_cpu), ("the sender", own)):
        share = f"{spent / (server_cpu + postgres_cpu + own):.0%} of the processors' time"
        figure(f"  time of {who}", spent / VOUCHERS * 1e6, "us/voucher", n=VOUCHERS, beside=share)


def sent_by(pending: Path, streams: list[Stream], port: int) -> tuple[float, list[float], float]:
    pending.write_bytes(pickle.dumps(streams))
    answer = pending.with_suffix(".times")
    subprocess.run([sys.executable, __file__, "--send", str(pending), str(port), str(answer)], check=True)
    return pickle.loads(answer.read_bytes())


def send(streams: list[Stream], port: int, answer: Path) -> None:
    """Send each stream over a connection of its own; write (seconds, each batch's seconds, processor seconds)."""
    waits: list[float] = []
    failed: list[str] = []

    def follow(stream: Stream) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for wire in stream.wires:
            begin = time.perf_counter()
            headers = {"Authorization": f"Bearer {stream.token}", "Content-Type": BATCH}
            connection.request("POST", f"/v1/companies/{stream.company}/batches", wire, headers)
            response = connection.getresponse()
            said = response.read()
            if response.status != 200:
                failed.append(f"{response.status} {said[:300]!r}")
                return
            waits.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=follow, args=(stream,)) for stream in streams]
    used = time.process_time()
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed
    answer.write_bytes(pickle.dumps((time.perf_counter() - begin, waits, time.process_time() - used)))


def pull(stream: Stream, port: int) -> None:
    """Take the whole log, in pieces as the client asks for them; then what checking it costs the client."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    pieces, after, size, begin = [], 0, 1, time.perf_counter()
    while after < size:
        headers = {"Authorization": f"Bearer {stream.token}"}
        connection.request("GET", f"/v1/companies/{stream.company}/log?after={after}", headers=headers)
        response = connection.getresponse()
        pieces.append(response.read())
        assert response.status == 200, pieces[-1][:300]
        batches, size = (
            int(response.headers["ETag"].rpartition("/")[0].rpartition("-")[2]),
            int(response.headers["ETag"].strip('"').rpartition("/")[2]),
        )
        after = batches
    seconds = time.perf_counter() - begin
    figure("pull", size / seconds, "events/s", n=size, beside="budget 20,000")
    figure("  bytes", sum(map(len, pieces)) / size, "bytes/event", n=size)
    begin = time.perf_counter()
    for piece in pieces:
        log_from_wire(piece, lambda body: zstandard.ZstdDecompressor().decompress(body, max_output_size=2**21))
    figure("  seals checked by the client", size / (time.perf_counter() - begin), "events/s", n=size)


def bare(embedded: EmbeddedPostgres) -> None:
    """Write the rows of one company again: 500 vouchers a transaction, COPY to staging and INSERT ... SELECT."""
    tables = ("event_key", "voucher", "posting", "day_total", "log_batch")
    with psycopg.connect(embedded.administration("ledgerflow"), autocommit=True) as connection:
        company = connection.execute("SELECT tenant_no, company_no FROM lf.company_head ORDER BY size DESC").fetchone()
        taken = {}
        for table in tables:
            where = " WHERE tenant_no = %s AND company_no = %s"
            taken[table] = connection.execute(f"SELECT * FROM lf.{table}{where}", company).fetchall()
            connection.execute(f"CREATE TABLE public.{table} (LIKE lf.{table} INCLUDING ALL)")
            connection.execute(f"CREATE TEMPORARY TABLE stage_{table} (LIKE lf.{table}) ON COMMIT DELETE ROWS")
        batches = VOUCHERS // sealed_books.BATCH
        begin = time.perf_counter()
        for at in range(batches):
            with connection.transaction(), connection.cursor() as cursor:
                for table in tables:
                    with cursor.copy(f"COPY stage_{table} FROM STDIN") as copy:
                        for row in taken[table][at::batches]:
                            copy.write_row(row)
                    cursor.execute(f"INSERT INTO public.{table} SELECT * FROM stage_{table}")
        seconds = time.perf_counter() - begin
    figure(
        "bare bulk path, one connection", VOUCHERS / seconds, "vouchers/s", n=VOUCHERS, beside="same rows, no checks"
    )


@contextmanager
def serving(folder: Path):
    """Run the server as a user does; give (port, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERFLOW_BENCH")}
    environment = mine | {
        "LEDGERFLOW_DATA_FOLDER": str(folder),
        "LEDGERFLOW_PORT": str(port),
        "LEDGERFLOW_HOST": "127.0.0.1",
        "LEDGERFLOW_METRICS": "false",
        "LEDGERFLOW_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-m", "ledgerflow_server", "serve", "--processes", str(PROCESSES), "--insecure-loopback"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def cpu(process: int) -> float:
    """Return the processor seconds of a process and of all it started."""
    return sum(_own(pid) for pid in _family(process))


def cpu_of_postgres(embedded: EmbeddedPostgres) -> float:
    return cpu(embedded.pid() or 0)


def _family(process: int) -> list[int]:
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, waiting = [], [process]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def _own(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Own time and that of children that ended: a backend that is gone has worked all the same.
    return sum(map(int, fields[11:15])) / TICKS


if __name__ == "__main__":
    main()
