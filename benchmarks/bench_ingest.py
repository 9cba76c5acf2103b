"""Sealed batches of 500 vouchers over HTTP into `ledgerflow-server serve`, and the log out again.

Beside it: the very rows written by a bare bulk path, COPY to staging and INSERT ... SELECT, into empty tables.
Server, its own PostgreSQL and the sender share the machine. `LEDGERFLOW_BENCH_INGEST` is the number of vouchers.
"""

import gc
import os
import threading
import time
from collections.abc import Sequence

import psycopg
import sealed_books
import zstandard
from figure import figure, finished, percentile
from sealed_books import Stream
from served import Line, Served, served

from ledgerflow_core.sync.admission import read_events
from ledgerflow_core.sync.batch import from_wire
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.ledger.service.wire import expand_stored

VOUCHERS = int(os.environ.get("LEDGERFLOW_BENCH_INGEST", "40000"))
COMPANIES = 8
BRANCHES = 4
_TABLES = ("event_key", "voucher", "posting", "day_total", "log_batch")
_EXPANDED_MOST = 2**21


def main() -> None:
    with finished(), served() as server:
        accounts, vouchers = sealed_books.generated(VOUCHERS)
        apart = [[vouchers[at::COMPANIES]] for at in range(COMPANIES)]
        together = [[vouchers[at::BRANCHES] for at in range(BRANCHES)]]
        many = sealed_books.made_streams(server.folder, server.database, accounts, apart)
        one = sealed_books.made_streams(server.folder, server.database, accounts, together)
        wire = sum(len(raw) for stream in many for raw in stream.wires[1:])
        figure("on the wire", wire / VOUCHERS, "bytes/voucher", n=VOUCHERS, beside="goal under 350")
        proving(many)
        gc.freeze()
        ingest(f"{COMPANIES} companies", many, "15,000", server)
        ingest(f"1 company, {BRANCHES} branches", one, "8,000", server)
        server.require(2 * VOUCHERS)
        pull(one[0], server.port)
        bare(server.embedded)


def proving(streams: Sequence[Stream]) -> None:
    """Print what the proof of a batch costs before the database: expanding, signature, hashes, form, chain."""
    wires = [wire for stream in streams[:2] for wire in stream.wires[1:]]
    begin = time.process_time()
    events = sum(len(read_events(from_wire(wire, expand_stored))) for wire in wires)
    figure("proof of a voucher", (time.process_time() - begin) / events * 1e6, "us", n=events, beside="one core")


def ingest(name: str, streams: Sequence[Stream], budget: str, server: Served) -> None:
    """Send everything and print how fast it was taken. The batches that open the books go first, uncounted."""
    sent(server.port, [Stream(one.company, one.token, one.wires[:1]) for one in streams if one.opens])
    rest = [Stream(one.company, one.token, one.wires[one.opens :]) for one in streams]
    before, begin = server.spent(), time.perf_counter()
    waits = sent(server.port, rest)
    seconds = time.perf_counter() - begin
    figure(f"ingest, {name}", VOUCHERS / seconds, "vouchers/s", n=VOUCHERS, beside=f"budget {budget}")
    figure(f"  p50 of a batch, {name}", percentile(waits, 0.5) * 1000, "ms", n=len(waits))
    figure(f"  p99 of a batch, {name}", percentile(waits, 0.99) * 1000, "ms", n=len(waits))
    server.spent().since(before).figures(name, "voucher", VOUCHERS, seconds)


def sent(port: int, streams: Sequence[Stream]) -> list[float]:
    """Send all streams at once, each over a connection of its own; return how long each batch took, in seconds."""
    waits: list[float] = []
    failed: list[Exception] = []

    def follow(stream: Stream) -> None:
        line = Line(port)
        try:
            for wire in stream.wires:
                begin = time.perf_counter()
                line.send("POST", f"/v1/companies/{stream.company}/batches", stream.token, wire)
                waits.append(time.perf_counter() - begin)
        except Exception as error:  # noqa: BLE001 - raised below, where it is waited for
            failed.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=follow, args=(stream,)) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return waits


def pull(stream: Stream, port: int) -> None:
    """Take the whole log in pieces, as a client asks for them; then check it, as a client does. Print both speeds."""
    line, pieces, after, size = Line(port), [], 0, 1
    begin = time.perf_counter()
    while after < size:
        headers, piece = line.send("GET", f"/v1/companies/{stream.company}/log?after={after}", stream.token)
        pieces.append(piece)
        # The tag ends in where the piece ends and where the log does: ".../0-4096/40000".
        after, size = map(int, headers["ETag"].strip('"').rpartition("-")[2].split("/"))
    seconds = time.perf_counter() - begin
    line.close()
    figure("pull", size / seconds, "events/s", n=size, beside="budget 20,000")
    figure("  bytes", sum(map(len, pieces)) / size, "bytes/event", n=size)
    begin = time.perf_counter()
    for piece in pieces:
        log_from_wire(piece, lambda body: zstandard.ZstdDecompressor().decompress(body, max_output_size=_EXPANDED_MOST))
    figure("  seals checked by the client", size / (time.perf_counter() - begin), "events/s", n=size)


def bare(embedded: EmbeddedPostgres) -> None:
    """Write the rows of one company again, a batch a transaction, over one connection; print how fast that is."""
    with psycopg.connect(embedded.administration("ledgerflow"), autocommit=True) as connection:
        company = connection.execute("SELECT tenant_no, company_no FROM lf.company_head ORDER BY size DESC").fetchone()
        taken = {}
        for table in _TABLES:
            where = " WHERE tenant_no = %s AND company_no = %s"
            taken[table] = connection.execute(f"SELECT * FROM lf.{table}{where}", company).fetchall()
            connection.execute(f"CREATE TABLE public.{table} (LIKE lf.{table} INCLUDING ALL)")
            connection.execute(f"CREATE TEMPORARY TABLE stage_{table} (LIKE lf.{table}) ON COMMIT DELETE ROWS")
        batches = VOUCHERS // sealed_books.BATCH
        begin = time.perf_counter()
        for at in range(batches):
            with connection.transaction(), connection.cursor() as cursor:
                for table in _TABLES:
                    with cursor.copy(f"COPY stage_{table} FROM STDIN") as copy:
                        for row in taken[table][at::batches]:
                            copy.write_row(row)
                    cursor.execute(f"INSERT INTO public.{table} SELECT * FROM stage_{table}")
        speed = VOUCHERS / (time.perf_counter() - begin)
    figure("bare bulk path, one connection", speed, "vouchers/s", n=VOUCHERS, beside="same rows, no checks")


if __name__ == "__main__":
    main()
