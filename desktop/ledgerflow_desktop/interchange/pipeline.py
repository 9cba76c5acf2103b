"""The second process of a large import: reads, checks and prepares vouchers while the first one writes them.

Preparing is Python, writing is SQLite and encryption; together they keep two cores busy. What travels is a
few thousand vouchers at a time. The child touches no company file and knows no key.
"""

import gc
import multiprocessing.connection
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ledgerflow_core.errors import InvalidInput, LedgerFlowError, Problem
from ledgerflow_core.identifiers import AccountId, IdentifierSource
from ledgerflow_core.masters.chart import Chart, Master
from ledgerflow_core.vouchers.validation import PostingRules, problems_in_voucher
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.interchange import jsonl
from ledgerflow_desktop.interchange.lines import line_place
from ledgerflow_desktop.interchange.records import FileId, VoucherRecord
from ledgerflow_desktop.interchange.voucher_loading import VoucherBuilder
from ledgerflow_desktop.storage.preparing import BookFacts, Prepared, Preparer, WritePoint

PROBLEMS_MAX = 100
# Written together: enough that sorted rows walk each tree once, little enough to stay small in memory.
CHUNK_VOUCHERS = 4000


@dataclass(frozen=True, slots=True)
class Work:
    """Everything the child needs; plain values."""

    paths: tuple[Path, ...]
    facts: BookFacts
    point: WritePoint
    masters: tuple[Master, ...]
    accounts: dict[FileId, AccountId]
    rules: tuple[object, object]  # books begin, locked until


@dataclass(frozen=True, slots=True)
class Chunk:
    """Prepared vouchers, where they stood (runs of a file, first line, how many), and the bytes read so far."""

    prepared: Prepared
    stood: list[tuple[Path, int, int]]
    bytes_read: int

    def place(self, at: int) -> str:
        """Return ``file:line`` of a voucher of the chunk by its index."""
        for path, first_line, count in self.stood:
            if at < count:
                return line_place(path, first_line + at)
            at -= count
        return ""


class ImporterStopped(LedgerFlowError):
    """The second process ended without a word."""

    code = "importer-stopped"


def build_checked(
    builder: VoucherBuilder, rules: PostingRules, records: Sequence[VoucherRecord], place: Callable[[int], str]
) -> list[Voucher]:
    """Return the vouchers of records; `InvalidInput` with up to a hundred problems, each at its place."""
    vouchers: list[Voucher] = []
    problems: list[Problem] = []
    for at, record in enumerate(records):
        try:
            voucher = builder.build(record)
        except InvalidInput as error:
            found: Sequence[Problem] = error.problems
        else:
            found = problems_in_voucher(voucher, rules)
            vouchers.append(voucher)
        if found:
            problems += [problem.at(place(at)) for problem in found]
            if len(problems) >= PROBLEMS_MAX:
                break
    if problems:
        raise InvalidInput(problems[:PROBLEMS_MAX])
    return vouchers


def prepared_chunks(work: Work, *, in_this_process: bool = False) -> Iterator[Chunk]:
    """Yield chunks prepared by a second process, in order; raises what it raised, `ImporterStopped` if it died.

    The two share one pipe with one end each: whichever ends first, the other notices at once.
    """
    if in_this_process:
        yield from _prepare(work)
        return
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(work, sender), daemon=True)
    with _without_secrets():
        child.start()
    sender.close()
    try:
        while (message := _next(receiver, child)) is not None:
            if isinstance(message, BaseException):
                raise message
            yield message
    finally:
        child.kill()
        child.join()
        receiver.close()


def _next(receiver: Any, child: Any) -> Any:
    multiprocessing.connection.wait([receiver, child.sentinel])
    try:
        if receiver.poll():
            return receiver.recv()
    except (EOFError, OSError):
        pass  # it died in the middle of a message
    child.join(1.0)
    raise ImporterStopped(exit=child.exitcode)


@contextmanager
def _without_secrets() -> Iterator[None]:
    """A child inherits the environment; a passphrase in it is none of its business."""
    hidden = {name: value for name, value in os.environ.items() if "PASSPHRASE" in name.upper()}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def _child(work: Work, sender: Any) -> None:
    # Ctrl-C is the parent's to answer; it ends this process when it stops reading.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # chunks of frozen values: nothing here makes cycles
    with suppress(BrokenPipeError):  # the parent is gone, and so is the reason to go on
        try:
            for chunk in _prepare(work):
                sender.send(replace(chunk, prepared=replace(chunk.prepared, vouchers=[])))
        except InvalidInput as error:
            sender.send(_Sent(tuple(error.problems)))
        sender.send(None)


class _Sent(InvalidInput):
    """An `InvalidInput` that pickles: exceptions rebuild themselves from their arguments."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (InvalidInput, (list(self.problems),))


def _prepare(work: Work) -> Iterator[Chunk]:
    chart = Chart(work.masters)
    begin, locked = work.rules
    rules = PostingRules(chart, begin, locked, strict=False)  # type: ignore[arg-type]
    builder = VoucherBuilder(work.facts.company, chart, work.accounts)
    ids = IdentifierSource(lambda: time.time_ns() // 1_000_000, os.urandom)
    preparer = Preparer(work.facts, work.point, ids.many)
    bytes_read = 0

    def count(more: int) -> None:
        nonlocal bytes_read
        bytes_read += more

    vouchers: list[Voucher] = []
    stood: list[tuple[Path, int, int]] = []
    for path in work.paths:
        for first_line, records in jsonl.read_vouchers_in_chunks(path, count):

            def place(at: int, path: Path = path, first: int = first_line) -> str:
                return line_place(path, first + at)

            vouchers += build_checked(builder, rules, records, place)
            stood.append((path, first_line, len(records)))
            if len(vouchers) >= CHUNK_VOUCHERS:
                yield Chunk(preparer.prepare(vouchers), stood, bytes_read)
                vouchers, stood = [], []
    if vouchers:
        yield Chunk(preparer.prepare(vouchers), stood, bytes_read)
