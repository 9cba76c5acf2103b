"""One Tally file as a stream of records, in three passes: the tree of groups, the ledgers, the vouchers.

Tally's exports put masters in any order, and may put them after the vouchers that use them. The first two
passes leave vouchers out before the parser sees them, so they cost little; what is held in memory is names,
never vouchers.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from ledgerflow_core.errors import InvalidInput, refuse
from ledgerflow_core.masters.chart import folded
from ledgerflow_desktop.interchange.records import NotImported, Placed
from ledgerflow_desktop.interchange.tally_xml.entries import Context
from ledgerflow_desktop.interchange.tally_xml.masters import account_record
from ledgerflow_desktop.interchange.tally_xml.names import LedgerNames, one_line
from ledgerflow_desktop.interchange.tally_xml.objects import ObjectStream
from ledgerflow_desktop.interchange.tally_xml.shortcuts import Found, may_hide_tags, thinned, without_vouchers
from ledgerflow_desktop.interchange.tally_xml.source import clean_chunks, size_of
from ledgerflow_desktop.interchange.tally_xml.survey import SURVEYED, Survey
from ledgerflow_desktop.interchange.tally_xml.vouchers import is_deleted, voucher_record

Progress = Callable[[int, int], None]

# Shares of the work in hundredths: the passes for masters only look for tags, the one for vouchers reads them.
_SHARES = ((0, 8), (8, 16), (16, 100))
_LEDGERS = frozenset({"LEDGER", "STOCKITEM"})
_VOUCHERS = frozenset({"VOUCHER"})


def read(path: Path, *, progress: Progress | None = None) -> Iterator[Placed]:
    """Yield the file's records: company, currencies, groups, other masters, accounts, then its vouchers.

    An account's id is its ledger name. Amounts are debit positive. What has no place in the books yet
    (stock masters, deleted vouchers) is counted in a `NotImported` behind the masters or the vouchers.
    `progress` gets (bytes done, bytes in all), the passes weighed by their work. Raises `InvalidInput` with
    the place for the first thing that cannot be read; nothing half-read is yielded.
    """
    return _Reading(path, progress).records()


class _Reading:
    def __init__(self, path: Path, progress: Progress | None) -> None:
        self._path = path
        self._progress = progress
        self._survey = Survey(path)
        self._ledgers = LedgerNames()
        self._takes_shortcuts = True
        self._ledger_objects = 0
        self._passed_over: dict[str, dict[str, None]] = {}

    def records(self) -> Iterator[Placed]:
        """Yield everything, pass by pass."""
        try:
            vouchers = self._look_round()
        except _TagsMayBeText:
            # With comments or CDATA sections a tag may be text: everything is read as a parser sees it.
            self._takes_shortcuts = False
            self._survey = Survey(self._path)
            vouchers = self._look_round()
        yield from self._survey.records()
        if self._ledger_objects:
            yield from self._accounts()
        for note in self._survey.notes(self._passed_over):
            yield Placed(self._path.name, note)
        if vouchers:
            yield from self._vouchers()

    def _look_round(self) -> int:
        """Take note of everything but ledgers and vouchers; return how many vouchers there are."""
        found = Found()
        chunks = self._chunks(0)
        if self._takes_shortcuts:
            chunks = without_vouchers(_checked(chunks), found)
        stream = ObjectStream(self._path, SURVEYED)
        try:
            for node in stream.objects(chunks):
                self._survey.put(node)
        except InvalidInput as error:
            if found.is_inside and error.problems[0].code == "truncated-file":
                raise refuse("truncated-file", f"{self._path.name}: voucher {found.count}") from None
            raise
        found.count += stream.passed["VOUCHER"]
        if not found.count and not stream.holds_objects and self._survey.is_empty:
            raise refuse("not-a-tally-file", self._path.name)
        self._survey.settle(stream)
        self._ledger_objects = sum(stream.passed[kind] for kind in _LEDGERS)
        self._passed_over = stream.passed_over
        return found.count

    def _accounts(self) -> Iterator[Placed]:
        stream = ObjectStream(self._path, _LEDGERS)
        chunks = self._chunks(1)
        if self._takes_shortcuts:
            chunks = without_vouchers(chunks, Found())
        seen: dict[str, tuple[int, str]] = {}
        # Behind the last of them there are only vouchers to pass over.
        for node in islice(stream.objects(chunks), self._ledger_objects):
            if node.name == "STOCKITEM":
                self._survey.put_stock_item(node)
                continue
            name = one_line(node.attributes.get("NAME", ""))
            place = f"{self._path.name}: ledger {name} (line {node.line})"
            try:
                record = account_record(node, self._survey.groups, self._survey.currencies)
            except InvalidInput as error:
                raise InvalidInput([problem.at(place) for problem in error.problems]) from None
            digest = hash(msgspec.json.encode(record))
            earlier_digest, earlier_place = seen.setdefault(folded(record.name), (digest, place))
            if earlier_digest != digest:
                raise refuse("conflicting-master", place, name=record.name, earlier=earlier_place)
            if earlier_place is place:
                self._ledgers.put(record.name, record.aliases)
                yield Placed(place, record)

    def _vouchers(self) -> Iterator[Placed]:
        name, chunks = self._path.name, self._chunks(2)
        stream = ObjectStream(self._path, _VOUCHERS)
        if self._takes_shortcuts:
            lines: deque[int] = deque()
            stream = ObjectStream(self._path, _VOUCHERS, lines)
            chunks = thinned(chunks, lines)
        context = Context(self._ledgers, self._survey.currencies, self._survey.category_by_centre)
        deleted, example = 0, ""
        for number, node in enumerate(stream.objects(chunks), 1):
            place = f"{name}: voucher {number} (line {node.line})"
            if is_deleted(node):
                deleted += 1
                example = example or place
                continue
            try:
                record = voucher_record(node, context)
            except InvalidInput as error:
                raise InvalidInput([problem.at(place) for problem in error.problems]) from None
            yield Placed(place, record)
        if deleted:
            yield Placed(name, NotImported(what="deleted voucher", count=deleted, example=example))

    def _chunks(self, step: int) -> Iterator[bytes]:
        report = self._progress
        if report is None:
            return clean_chunks(self._path)
        first, last = _SHARES[step]
        total = size_of(self._path)
        return clean_chunks(
            self._path, lambda done: report((total * first + min(done, total) * (last - first)) // 100, total)
        )


class _TagsMayBeText(Exception):
    """The file has comments or CDATA sections."""


def _checked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if may_hide_tags(chunk):
            raise _TagsMayBeText
        yield chunk
