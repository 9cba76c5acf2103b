"""Books kept a second time from the raw log, naively and with nothing of the product: what everyone must agree on.

Only the standard library is used here. Each entry of a log is read as JSON, its hashes are made again with hashlib,
and the books are kept in plain dictionaries.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Wrong(AssertionError):
    """A promise of the design does not hold; says which."""


class RawPiece(NamedTuple):
    """A batch of a log as plain data: place, verdicts as (outcome, reason, of), header and body as bytes."""

    gseq: int
    known: int
    at: str
    verdicts: tuple[tuple[str, str, int], ...]
    header: bytes
    signature: bytes
    body: bytes


class Entry(NamedTuple):
    """One event of a log with its place: what the oracle folds. The last of its batch `ends` it."""

    gseq: int
    id: str
    replica: str
    seq: int
    prev: str
    raw: bytes
    verdict: tuple[str, str, int]
    at: str
    ends: bool


def ensure(holds: bool, promise: str, said: object = "") -> None:
    """Raise `Wrong` where a promise does not hold."""
    if not holds:
        raise Wrong(f"{promise}: {said}")


def sha(purpose: str, raw: bytes) -> str:
    """Return a hash of the protocol, hex, as its document says it is made."""
    return hashlib.sha256(f"ledgerflow/{purpose}/v1\n".encode() + raw).hexdigest()


def version_of(raw: bytes) -> str:
    """Return the version hash (hex) of an event's bytes."""
    return sha("version", json.loads(raw)["id"].encode() + b"\n" + raw[raw.index(b'"at":') :])


def entries_of(log: list[RawPiece]) -> list[Entry]:
    """Return the entries of a log; checks places, seals' digests and that no place is missing (I5)."""
    entries: list[Entry] = []
    for piece in log:
        header = json.loads(piece.header)
        raws = piece.body.split(b"\n")
        ensure(hashlib.sha256(piece.body).hexdigest() == header["body"], "I13 bytes as sealed", piece.gseq)
        ensure(len(raws) == header["last"] - header["first"] + 1, "I13 whole batch", piece.gseq)
        ensure(piece.gseq == len(entries) + 1, "I5 gseq without a hole", (piece.gseq, len(entries)))
        ensure(len(piece.verdicts) == len(raws) - piece.known, "one verdict for each event", piece.gseq)
        last = piece.gseq - 1 + len(piece.verdicts)
        for raw, verdict in zip(raws[piece.known :], piece.verdicts, strict=True):
            event = json.loads(raw)
            ensure(event["replica"] == header["replica"], "I4 chain of one replica", piece.gseq)
            place = (len(entries) + 1, event["id"], event["replica"], event["seq"], event["prev"])
            entries.append(Entry(*place, raw, verdict, piece.at, place[0] == last))
    return entries


def leaf_line(entry: Entry) -> bytes:
    """Return the bytes an entry is hashed as, made from its parts as the protocol's page says."""
    outcome, reason, of = entry.verdict
    hashed = sha("event", entry.raw)
    lines = [
        "ledgerflow/entry/v1", entry.gseq, hashed, entry.id, entry.replica, entry.seq, outcome, reason, of, entry.at,
    ]  # fmt: skip
    return "".join(f"{line}\n" for line in lines).encode()


class Tree:
    """RFC 6962, section 2.1, word for word: roots of the beginnings of one list of leaves."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self._known: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> str:
        """Return the root (hex) over the first `size` leaves."""
        return self._mth(0, size).hex()

    def _mth(self, begin: int, end: int) -> bytes:
        known = self._known.get((begin, end))
        if known is not None:
            return known
        if begin == end:
            return hashlib.sha256().digest()
        if end - begin == 1:
            made = hashlib.sha256(b"\x00" + self.leaves[begin]).digest()
        else:
            split = 1
            while split * 2 < end - begin:
                split *= 2
            made = hashlib.sha256(b"\x01" + self._mth(begin, begin + split) + self._mth(begin + split, end)).digest()
        self._known[begin, end] = made
        return made


@dataclass
class Books:
    """What a log comes to, in plain words. Vouchers: id to (version, state, date, number, amounts by account).

    `numbering` has the voucher types that were ever changed.
    """

    vouchers: dict[str, tuple[str, str, str, str, tuple[tuple[str, int], ...]]] = field(default_factory=dict)
    numbers: set[tuple[str, str, str]] = field(default_factory=set)
    masters: dict[str, str] = field(default_factory=dict)
    company: str = ""
    numbering: dict[str, str] = field(default_factory=dict)
    locked_until: str = ""
    lock: str = ""
    balances: dict[str, int] = field(default_factory=dict)
    # Debits and credits by account and month; those that moved and were not looked at yet; where an account's count
    # since it was merged.
    totals: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    moved: set[tuple[str, str]] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)


def fold(entries: list[Entry]) -> Books:
    """Return the books of a log; checks on the way what must hold after every entry (I4, I6, I8, I9, I15)."""
    books = Books()
    ends: dict[str, tuple[int, str]] = {}
    once: dict[str, int] = {}
    for entry in entries:
        begins = (0, sha("genesis", entry.replica.encode()))
        seq, head = ends.get(entry.replica, begins)
        ensure((entry.seq, entry.prev) == (seq + 1, head), "I4 chain without a gap", (entry.gseq, entry.replica))
        ends[entry.replica] = (entry.seq, sha("event", entry.raw))
        outcome, _, of = entry.verdict
        if outcome == "duplicate":
            ensure(once.get(entry.id) == of, "I3 a duplicate of what the log has", entry.gseq)
        else:
            ensure(entry.id not in once, "I3 every event once", (entry.id, entry.gseq))
            once[entry.id] = entry.gseq
        if outcome == "accepted":
            _apply(books, json.loads(entry.raw), entry)
        ensure(sum(books.balances.values()) == 0, "I6 debits are credits", entry.gseq)
        if entry.ends:
            _fit(books, entry)
    return books


def _apply(books: Books, event: dict[str, Any], entry: Entry) -> None:
    body = event["body"]
    kind = body["type"]
    version = version_of(entry.raw)
    if _is_laid_before(body):
        _fit(books, entry)
    match kind:
        case "voucher.posted" | "voucher.altered" | "voucher.cancelled":
            _voucher(books, body, version, entry)
        case "master.created" | "master.changed":
            now = books.masters.get(body["master"]["id"], "")
            ensure(body.get("base", "") == now, "I8 a change of the version in effect", entry.gseq)
            books.masters[body["master"]["id"]] = version
            if body["master"]["kind"] == "voucher-type":
                books.numbering[body["master"]["id"]] = body["master"].get("numbering", "automatic")
        case "master.retired":
            ensure(body.get("base", "") == books.masters.get(body["master"], ""), "I8 retired as it was", entry.gseq)
            books.masters[body["master"]] = version
        case "master.merged":
            books.masters[body["merged"]] = books.masters[body["into"]] = version
            _merge(books, body["merged"], body["into"], entry)
        case "company.changed":
            ensure(body.get("base", "") == books.company, "I8 a line of company details", entry.gseq)
            books.company = version
        case "period.locked" | "period.unlocked":
            ensure(body.get("base", "") == books.lock, "I8 a line of locks", entry.gseq)
            if kind == "period.locked":
                ensure(body["until"] >= books.locked_until, "I15 unlocked without saying so", entry.gseq)
            books.locked_until, books.lock = body["until"] or "", version
        case _:
            pass


def _voucher(books: Books, body: dict[str, Any], version: str, entry: Entry) -> None:
    posted = body["type"] == "voucher.posted"
    said = body["voucher"]
    voucher = said if isinstance(said, str) else said["id"]
    before = books.vouchers.get(voucher)
    if posted:
        ensure(before is None, "I3 one posting of a voucher", entry.gseq)
    else:
        ensure(before is not None and before[0] == body["base"], "I8 alterations form a line", entry.gseq)
    if before is not None:
        ensure(before[2] > books.locked_until, "I15 a locked period changed", entry.gseq)
    if isinstance(said, str):
        assert before is not None, "checked above"
        after = (version, "cancelled", *before[2:4], ())
    else:
        amounts = tuple((line["account"], line["amount"]) for line in said.get("entries", ()))
        ensure(sum(amount for _, amount in amounts) == 0, "I6 a voucher balances", entry.gseq)
        ensure(said["date"] > books.locked_until, "I15 posted into a locked period", entry.gseq)
        after = (version, said.get("state", "regular"), said["date"], said.get("number", ""), amounts)
        if posted and after[3] and books.numbering.get(said["type"]) != "manual-repeatable":
            year = said["date"][:4] if said["date"][5:] >= "04-01" else str(int(said["date"][:4]) - 1)
            ensure((said["type"], year, after[3]) not in books.numbers, "I9 a number once", (entry.gseq, after[3]))
            books.numbers.add((said["type"], year, after[3]))
    for sign, state in ((-1, before), (1, after)):
        for account, amount in state[4] if state else ():
            books.balances[account] = books.balances.get(account, 0) + sign * amount
            key = (_counted(books, account), state[2][:7])
            books.totals.setdefault(key, [0, 0])[amount < 0] += sign * amount
            books.moved.add(key)
    books.vouchers[voucher] = after


def _merge(books: Books, merged: str, into: str, entry: Entry) -> None:
    for account, month in [key for key in books.totals if key[0] == merged]:
        debits, credits = books.totals.pop((account, month))
        total = books.totals.setdefault((into, month), [0, 0])
        total[:] = [total[0] + debits, total[1] + credits]
        books.moved.add((into, month))
    books.merged[merged] = into
    _fit(books, entry)


def _counted(books: Books, account: str) -> str:
    while account in books.merged:
        account = books.merged[account]
    return account


def _is_laid_before(body: dict[str, Any]) -> bool:
    """Whether books are brought up to date before an event. The others are taken together, up to their batch's end."""
    kind = body["type"]
    return kind in ("master.merged", "company.changed") or (
        kind in ("master.created", "master.changed") and body["master"]["kind"] == "voucher-type"
    )


def _fit(books: Books, entry: Entry) -> None:
    for key in books.moved:
        total = books.totals[key]
        ensure(total[0] < 2**53 and total[1] > -(2**53), "a month of an account is an amount", (entry.gseq, total))
    books.moved.clear()
