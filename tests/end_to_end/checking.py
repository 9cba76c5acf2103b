"""Holds what offices and server have at the end against what was saved: raw logs and an oracle apart from the product.

A log is read from its bytes on the wire with json and zstd alone, folded by the oracle of the simulation, and the
trial balances are made from it a second time here, in plain integers.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from simulation.oracle import Books, Entry, RawPiece, Tree, entries_of, fold, leaf_line, version_of

_BODY_MAX = 4 * 2**20


class Saved(NamedTuple):
    """A voucher an office's user saw as saved: written down after the office's own commit."""

    voucher: str
    number: str
    date: str
    amounts: tuple[tuple[str, int], ...]


class Changed(NamedTuple):
    """An alteration or cancellation a user saw as saved, by the version hash (hex) it made."""

    voucher: str
    version: str


class Attached(NamedTuple):
    """A file a user saw as attached: the version hash (hex) of its voucher that this made, and what the file holds."""

    voucher: str
    version: str
    sha256: str
    size: int


# What an office's user saw as saved, one line of the journal.
Said = Saved | Changed | Attached


class Had(NamedTuple):
    """What a place has: its log, its vouchers as (number, state, amounts), its trial balance as JSON."""

    name: str
    log: list[RawPiece]
    vouchers: dict[str, tuple[str, str, tuple[tuple[str, int], ...]]]
    trial_balance: dict[str, Any]


@dataclass
class Verdict:
    """What came of a run. Everything but `acknowledged` and `entries` must be empty."""

    acknowledged: int = 0
    entries: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether nothing is lost, doubled or different."""
        return not (self.lost or self.doubled or self.different)

    def require(self) -> "Verdict":
        """Return it where all is well; fails the test otherwise."""
        assert self.well, (self.lost[:5], self.doubled[:5], self.different[:5])
        return self


# --- journals ------------------------------------------------------------------------------------


def read_journal(file: Path) -> list[Said]:
    """Return what an office saved; a line that a kill cut short was never said and does not count."""
    if not file.exists():
        return []
    found: list[Said] = []
    for line in file.read_bytes().rpartition(b"\n")[0].splitlines():
        match json.loads(line):
            case ["posted", voucher, number, day, amounts]:
                found.append(Saved(voucher, number, day, tuple((account, amount) for account, amount in amounts)))
            case ["changed", voucher, version]:
                found.append(Changed(voucher, version))
            case ["attached", voucher, version, sha256, size]:
                found.append(Attached(voucher, version, sha256, size))
            case other:
                raise AssertionError(other)
    return found


# --- raw logs ------------------------------------------------------------------------------------


def pieces_of(wire: bytes) -> list[RawPiece]:
    """Return the batches of a log as it travels: for each a line of JSON and a batch; then the line of the end."""
    found: list[RawPiece] = []
    at = 0
    while True:
        end = wire.index(b"\n", at)
        line = json.loads(wire[at:end])
        at = end + 1
        if "gseq" not in line:
            return found
        header, signature, body = wire[at : at + line["bytes"]].split(b"\n", 2)
        at += line["bytes"]
        verdicts = tuple(
            (run["outcome"], run.get("reason", ""), run.get("of", 0))
            for run in map(_run, line["verdicts"])
            for _ in range(run["count"])
        )
        events = zstandard.ZstdDecompressor().decompress(body, max_output_size=_BODY_MAX)
        found.append(
            RawPiece(
                line["gseq"], line["known"], line["at"], verdicts, header, bytes.fromhex(signature.decode()), events
            )
        )


def root_of(entries: list[Entry]) -> str:
    """Return the root (hex) of the log's tree."""
    tree = Tree()
    tree.leaves = [leaf_line(entry) for entry in entries]
    return tree.root(len(entries))


def _run(said: Any) -> dict[str, Any]:
    names = ("count", "outcome", "reason", "of")
    return said if isinstance(said, dict) else dict(zip(names, said, strict=False))


# --- what it comes to ----------------------------------------------------------------------------


def check(
    server_log: list[RawPiece],
    places: list[Had],
    journals: list[list[Said]],
    *,
    gone: frozenset[str] = frozenset(),
) -> Verdict:
    """Compare everything with everything. `gone` are vouchers whose only copy the test itself destroyed."""
    entries = entries_of(server_log)
    books = fold(entries)
    said = [each for journal in journals for each in journal]
    verdict = Verdict(acknowledged=sum(isinstance(each, Saved) for each in said), entries=len(entries))
    _journals(verdict, entries, said, gone)
    closings = closing_balances(entries, books)
    for place in places:
        theirs = entries_of(place.log)
        if [(entry.raw, entry.verdict, entry.at) for entry in theirs] != [(e.raw, e.verdict, e.at) for e in entries]:
            verdict.different.append(f"{place.name} holds another log: {len(theirs)} entries against {len(entries)}")
        _vouchers(verdict, place, books)
        shown = balances_in(place.trial_balance)
        wrong = {at: (closings.get(at), shown.get(at)) for at in closings | shown if closings.get(at) != shown.get(at)}
        if wrong:
            verdict.different.append(f"trial balance of {place.name} (log, book): {dict(list(wrong.items())[:3])}")
    return verdict


def _journals(verdict: Verdict, entries: list[Entry], said: list[Said], gone: frozenset[str]) -> None:
    posted: dict[str, list[dict[str, Any]]] = {}
    versions: Counter[str] = Counter()
    files: dict[str, list[tuple[str, int]]] = {}
    for entry in entries:
        if entry.verdict[0] == "duplicate":
            continue
        body = json.loads(entry.raw)["body"]
        if body["type"] == "voucher.posted":
            posted.setdefault(body["voucher"]["id"], []).append(body["voucher"])
        elif body["type"].startswith("voucher."):
            version = version_of(entry.raw)
            versions[version] += 1
            files[version] = files_of(body["voucher"])
    for each in said:
        times = len(posted.get(each.voucher, [])) if isinstance(each, Saved) else versions[each.version]
        if times == 0 and each.voucher not in gone:
            verdict.lost.append(str(each))
        if times > 1:
            verdict.doubled.append(str(each))
        if isinstance(each, Saved) and times:
            found = posted[each.voucher][0]
            if (found["number"], found["date"], amounts_of(found)) != (each.number, each.date, each.amounts):
                verdict.different.append(f"{each} was posted otherwise")
        if isinstance(each, Attached) and times and files[each.version].count((each.sha256, each.size)) != 1:
            verdict.different.append(f"{each} was attached otherwise")
    _numbers(verdict, entries)


def _numbers(verdict: Verdict, entries: list[Entry]) -> None:
    """No number twice in the books, and each series without a hole from 1."""
    accepted: Counter[tuple[str, str, str]] = Counter()
    series: dict[tuple[str, str, str], set[int]] = {}
    for entry in entries:
        body = json.loads(entry.raw)["body"]
        if body["type"] != "voucher.posted" or entry.verdict[0] == "duplicate":
            continue
        voucher = body["voucher"]
        of, number = (voucher["type"], _year(voucher["date"])), voucher["number"]
        prefix, _, serial = number.rpartition("/")
        series.setdefault((*of, prefix), set()).add(int(serial))
        accepted[(*of, number)] += entry.verdict[0] == "accepted"
    verdict.doubled += [f"number {key[2]} {times} times" for key, times in accepted.items() if times > 1]
    holes = [
        f"series {key} has a hole" for key, serials in series.items() if serials != set(range(1, len(serials) + 1))
    ]
    verdict.different += holes


def _vouchers(verdict: Verdict, place: Had, books: Books) -> None:
    for voucher in place.vouchers.keys() | books.vouchers.keys():
        ours, theirs = books.vouchers.get(voucher), place.vouchers.get(voucher)
        if ours is None or theirs is None:
            verdict.different.append(f"{voucher} is {'not ' * (theirs is None)}in the book of {place.name}")
        elif (ours[3], ours[1], ours[4]) != theirs:
            verdict.different.append(f"{voucher} in the book of {place.name}: {theirs} against {ours}")


def amounts_of(voucher: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return (account, minor units) of a voucher's entries, debit positive."""
    return tuple((line["account"], line["amount"]) for line in voucher["entries"])


def files_of(voucher: str | dict[str, Any]) -> list[tuple[str, int]]:
    """Return (SHA-256, bytes) of the files a voucher names; a cancellation names none."""
    named = [] if isinstance(voucher, str) else voucher.get("attachments", [])
    return [(each["sha256"], each["size"]) for each in named]


def closing_balances(entries: list[Entry], books: Books) -> dict[str, int]:
    """Return every account's closing balance that is not nothing, by id: openings and vouchers, merged ones on one."""
    openings: dict[str, int] = {}
    counted_on: dict[str, str] = {}
    for entry in entries:
        body = json.loads(entry.raw)["body"]
        if entry.verdict[0] != "accepted":
            continue
        if body["type"] in ("master.created", "master.changed") and "group" in body["master"]:
            openings[body["master"]["id"]] = body["master"].get("opening", 0)
        elif body["type"] == "master.merged":
            counted_on[body["merged"]] = body["into"]
    totals: dict[str, int] = {}
    for account, amount in [*openings.items(), *books.balances.items()]:
        end = account
        while end in counted_on:
            end = counted_on[end]
        totals[end] = totals.get(end, 0) + amount
    return {account: total for account, total in totals.items() if total}


def balances_in(trial_balance: dict[str, Any]) -> dict[str, int]:
    """Return the closing balances of a trial balance as it is written to JSON, in minor units, by account."""
    rows = [row for row in trial_balance["rows"] if row["kind"] == "account"]
    said = {row["id"]: int(row["closing"].replace(".", "")) for row in rows}
    return {account: amount for account, amount in said.items() if amount}


def _year(day: str) -> str:
    return day[:4] if day[5:] >= "04-01" else str(int(day[:4]) - 1)
