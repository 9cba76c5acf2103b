"""Take another program's books in: all or nothing, the same file twice changes nothing, and a proof at the end."""

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, LedgerFlowError, Problem, refuse
from ledgerflow_core.events.event import ImportCompleted
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.masters.chart import Chart
from ledgerflow_core.posting.projection import TYPE_NO
from ledgerflow_core.vouchers.voucher import Voucher
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.interchange import formats, jsonl
from ledgerflow_desktop.interchange.master_loading import LoadedMasters, MasterLoader
from ledgerflow_desktop.interchange.pipeline import CHUNK_VOUCHERS, Chunk, Work, build_checked, prepared_chunks
from ledgerflow_desktop.interchange.proof import BalanceDifference, Proof
from ledgerflow_desktop.interchange.records import NotImported, Placed, VoucherRecord
from ledgerflow_desktop.interchange.voucher_loading import VoucherBuilder
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.figures import BookFigures
from ledgerflow_desktop.storage.preparing import Prepared
from ledgerflow_desktop.storage.writing import Writing

_END_OF_TIME = date(9998, 12, 31)

# From this many bytes on, starting a second process pays for itself.
SECOND_PROCESS_BYTES = 8 * 2**20


class Cancelled(LedgerFlowError):
    """The person stopped it; nothing was changed."""

    code = "cancelled"


class _DryRunDone(Exception):
    pass


def import_files(
    book: Book,
    paths: Sequence[Path],
    *,
    format: str = "auto",
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Outcome[Proof]:
    """Import files of one format into an open book and return the proof page.

    `InvalidInput` with up to a hundred problems, each with file and line, when anything is wrong: then, after
    `Cancelled`, and after a dry run the book is as it was. `progress` gets bytes done and bytes in all.
    """
    if not paths:
        raise refuse("no-files")
    formats.require_readable(paths)
    chosen = formats.detect_all(paths) if format == "auto" else format
    if chosen not in formats.FORMATS:
        raise refuse("unknown-format", given=format)
    proof = Proof(chosen, [path.name for path in paths], book.company.base_currency, dry_run=dry_run)
    run = _Import(book, list(paths), proof, progress, cancelled)
    with suppress(_DryRunDone), _without_collector():
        cause = book.machine.identifiers().new()
        with book.writing(cause=cause, bulk=True) as unit:
            run.into(unit)
            if dry_run:
                raise _DryRunDone
    changed = run.changed and not dry_run
    return Outcome(proof, Changed.VOUCHERS | Changed.MASTERS if changed else Changed.NOTHING)


class _Import:
    """One import into one transaction."""

    def __init__(
        self,
        book: Book,
        paths: list[Path],
        proof: Proof,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool],
    ) -> None:
        self._book = book
        self._paths = paths
        self._proof = proof
        self._progress = progress
        self._cancelled = cancelled
        self._had_vouchers = book.has_vouchers()
        self.masters_changed = False

    def into(self, unit: Writing) -> None:
        """Load masters, then vouchers, then prove."""
        if self._proof.format == "jsonl":
            loaded = self._masters(unit, jsonl.read_masters(self._paths))
            self._jsonl_vouchers(unit, loaded)
        else:
            loaded = self._file_by_file(unit)
        self._prove(loaded)
        proof = self._proof
        if self.changed:
            files = tuple((path.name, _sha256(path)) for path in self._paths)
            unit.record(
                [
                    ImportCompleted(
                        format=proof.format,
                        files=files,
                        accounts=proof.accounts_made,
                        vouchers=proof.vouchers_posted,
                    )
                ]
            )

    @property
    def changed(self) -> bool:
        """Whether anything came into the books, or became another."""
        proof = self._proof
        made = proof.accounts_made or proof.groups_made or proof.other_masters_made
        return bool(proof.vouchers_posted or made or self.masters_changed)

    def _file_by_file(self, unit: Writing) -> LoadedMasters:
        """Take each file's masters, then its vouchers; a later file may use the masters of an earlier one."""
        whole = LoadedMasters()
        read = 0
        for path in self._paths:
            progress = self._progress_from(read)
            records = formats.read(
                [path], self._proof.format, base_currency=self._book.company.currency, progress=progress
            )
            masters, vouchers = _masters_first(records)
            loaded = self._masters(unit, masters)
            whole.accounts.update(loaded.accounts)
            whole.stated.update(loaded.stated)
            self._streamed_vouchers(unit, whole, vouchers)
            read += path.stat().st_size
        return whole

    def _progress_from(self, read: int) -> Callable[[int, int], None] | None:
        """Return what turns the progress within one file into that of all, `read` bytes being behind it."""
        told, size = self._progress, sum(path.stat().st_size for path in self._paths)
        if told is None or len(self._paths) == 1:
            return told
        return lambda done, _: told(read + done, size)

    def _masters(self, unit: Writing, records: Iterator[Placed]) -> LoadedMasters:
        book = self._book
        scratch = Chart(book.chart.masters.values())
        loader = MasterLoader(
            book.company,
            scratch,
            in_use=book.account_in_use,
            books_empty=not self._had_vouchers,
            proof=self._proof,
            locked_until=book.locked_until,
        )
        loaded = loader.load(records)
        self.masters_changed |= bool(loaded.changed)
        unit.create_masters(loaded.created)
        for master in loaded.changed:
            unit.change_master(master)
        return loaded

    def _jsonl_vouchers(self, unit: Writing, loaded: LoadedMasters) -> None:
        size = sum(path.stat().st_size for path in self._paths)
        if self._had_vouchers:
            # Some may be here already, which only the process with the book can tell.
            self._streamed_vouchers(unit, loaded, jsonl.read(self._paths, self._progress))
            return
        rules = self._book.rules(strict=False)
        work = Work(
            paths=tuple(self._paths),
            facts=unit.facts,
            point=unit.preparer.point,
            masters=tuple(self._book.chart.masters.values()),
            accounts=loaded.accounts,
            rules=(rules.books_begin, rules.locked_until),
        )
        for chunk in prepared_chunks(work, in_this_process=size < SECOND_PROCESS_BYTES):
            self._post_prepared(unit, chunk)
            if self._progress is not None:
                self._progress(chunk.bytes_read, size)
            self._stop_if_cancelled()

    def _post_prepared(self, unit: Writing, chunk: Chunk) -> None:
        try:
            unit.post_prepared(chunk.prepared)
        except InvalidInput as error:
            raise InvalidInput([_placed(problem, chunk.place) for problem in error.problems]) from None
        self._count(chunk.prepared)

    def _streamed_vouchers(self, unit: Writing, loaded: LoadedMasters, records: Iterator[Placed]) -> None:
        builder = VoucherBuilder(self._book.company, self._book.chart, loaded.accounts)
        rules = self._book.rules(strict=False)
        waiting: list[Placed] = []

        def flush() -> None:
            places = [placed.place for placed in waiting]
            found = [placed.record for placed in waiting]
            vouchers = build_checked(builder, rules, found, places.__getitem__)  # type: ignore[arg-type]
            if self._had_vouchers:
                known = self._book.current_versions([voucher.id for voucher in vouchers])
                self._proof.vouchers_known += len(known)
                self._remark_differing(vouchers, known)
                places = [place for place, voucher in zip(places, vouchers, strict=True) if voucher.id not in known]
                vouchers = [voucher for voucher in vouchers if voucher.id not in known]
            self._post(unit, vouchers, places)
            waiting.clear()
            self._stop_if_cancelled()

        for placed in records:
            if isinstance(placed.record, VoucherRecord):
                waiting.append(placed)
                if len(waiting) >= CHUNK_VOUCHERS:
                    flush()
            elif isinstance(placed.record, NotImported) and self._proof.format != "jsonl":
                # Of the neutral format's files every record but vouchers has been taken with the masters.
                self._proof.not_imported.append((placed.record.what, placed.record.count, placed.record.example))
        if waiting:
            flush()

    def _remark_differing(self, vouchers: list[Voucher], known: dict[VoucherId, Voucher]) -> None:
        """A voucher that is there stays as it is; one that the file has otherwise is worth a look."""
        for voucher in vouchers:
            ours = known.get(voucher.id)
            if ours is not None and ours != replace(voucher, number=voucher.number or ours.number):
                self._proof.remarks.append(("voucher-differs", ours.number or voucher.id))

    def _post(self, unit: Writing, vouchers: list[Voucher], places: list[str]) -> None:
        if not vouchers:
            return
        try:
            self._count(unit.post(vouchers))
        except InvalidInput as error:
            raise InvalidInput([_placed(problem, places.__getitem__) for problem in error.problems]) from None

    def _count(self, prepared: Prepared) -> None:
        proof = self._proof
        proof.vouchers_posted += len(prepared.rows.vouchers)
        proof.entries += len(prepared.rows.entries)
        for kept in prepared.rows.totals.values():
            proof.debit_total += kept[0]
            proof.credit_total += kept[1]
        type_names = {self._book.no_by_id[kind.id]: kind.name for kind in self._book.chart.voucher_types.values()}
        for type_no, count in Counter(row[TYPE_NO] for row in prepared.rows.vouchers).items():
            name = type_names[type_no]
            proof.vouchers_by_type[name] = proof.vouchers_by_type.get(name, 0) + count

    def _prove(self, loaded: LoadedMasters) -> None:
        book, proof = self._book, self._proof
        proof.opening_difference = sum(account.opening for account in book.chart.accounts.values())
        if not loaded.stated:
            return
        # As of today: a source does not count a post-dated voucher before its day, and neither do our reports.
        ours = BookFigures(book, book.machine.today()).balances(_END_OF_TIME)
        proof.checked = len(loaded.stated)
        for account, stated in loaded.stated.items():
            if ours.get(account, 0) != stated:
                name = book.chart.accounts[account].name
                proof.differences.append(BalanceDifference(name, stated, ours.get(account, 0)))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise Cancelled


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of short-lived tuples make no cycles; looking for cycles among them costs a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _masters_first(records: Iterator[Placed]) -> tuple[Iterator[Placed], Iterator[Placed]]:
    """Split a stream at its first voucher; masters are few and come before."""
    masters: list[Placed] = []
    for placed in records:
        if isinstance(placed.record, VoucherRecord):
            return iter(masters), chain([placed], records)
        masters.append(placed)
    return iter(masters), iter(())


def _placed(problem: Problem, place: Callable[[int], str]) -> Problem:
    """Replace the ``vouchers[i]`` of a store's problem by the place in the file."""
    index = problem.place.removeprefix("vouchers[").partition("]")[0]
    return Problem(problem.code, place(int(index)) if index.isdigit() else problem.place, problem.facts)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
