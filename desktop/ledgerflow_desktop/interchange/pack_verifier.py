"""Checks an audit pack without LedgerFlow: this one file, Python 3.11 and nothing else.

usage: python pack_verifier.py PACK        (or: ledgerflow verify-pack PACK)

A pack holds the log of one company as the sync server took it, with what was signed: by each device the batches, by
the server checkpoints and receipts. The program makes every hash and signature again from the bytes, follows each
chain, folds the vouchers by itself and says what does not fit. It trusts one thing that you bring: that the server's
key it prints is the server's (compare it with `ledgerflow-server doctor` or with an older pack).

Written from docs/protocol.md and sharing no line with the program it checks. It ends with 0 when all fits, 1 with
findings or when the pack was changed so that it cannot be read on, 2 when the file is no pack.
"""

import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

FINDINGS_SHOWN = 50
PACK_VERSION = 1
# The names of what is in a pack stand at both ends of its file.
_EDGE_BYTES = 1_000

Point = tuple[int, int, int, int]
Json = dict[str, Any]


class NoPack(Exception):
    """The file cannot be read as a pack at all."""


class ChangedPack(Exception):
    """The file was a pack once, and cannot be read on from the place it names."""


# --- Ed25519 verification as RFC 8032, section 5.1.7: slow and plain, two multiplications a signature ------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P


def _recover_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    return _P - x if x & 1 != sign else x


def _point(raw: bytes) -> Point | None:
    """Return a point (X, Y, Z, T) of its 32 bytes, None when they are none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    return total


_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def signature_fits(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` is by `key` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    left, right = _times(s, _BASE), _add(r, _times(k, a))
    return not (left[0] * right[2] - right[0] * left[2]) % _P and not (left[1] * right[2] - right[1] * left[2]) % _P


# --- hashes of the protocol ---------------------------------------------------------------------------------------


def _sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _from_hex(text: str) -> bytes:
    if text != text.lower():
        raise ValueError("hexadecimal digits in capitals")
    return bytes.fromhex(text)


class Tree:
    """The Merkle tree of RFC 6962 over the entries so far: roots of perfect subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[tuple[int, bytes]] = []  # (number of leaves, hash)

    def add(self, entry: bytes) -> None:
        """Append one entry."""
        count, node = 1, _sha(b"\x00", entry)
        while self._subtrees and self._subtrees[-1][0] == count:
            left = self._subtrees.pop()[1]
            count, node = 2 * count, _sha(b"\x01", left, node)
        self._subtrees.append((count, node))
        self.size += 1

    def root(self) -> str:
        """Return the root in hex."""
        if not self._subtrees:
            return _sha(b"").hex()
        node = self._subtrees[-1][1]
        for _, left in reversed(self._subtrees[:-1]):
            node = _sha(b"\x01", left, node)
        return node.hex()


# --- the books, as plainly as can be ------------------------------------------------------------------------------

NOT_IN_BOOKS = ("optional", "cancelled")


class Books:
    """What the accepted events come to: the vouchers in effect, and what is wrong with how they change."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}  # voucher -> version hash of the version in effect
        self.vouchers: dict[str, Json] = {}
        self.problems: list[str] = []

    def take(self, event: Json, version: str, gseq: int) -> None:
        """Take in an accepted event; `version` is its version hash in hex."""
        body = event["body"]
        kind = body["type"]
        if kind == "voucher.posted":
            voucher = body["voucher"]
            if voucher["id"] in self.vouchers:
                self.problems.append(f"entry {gseq}: voucher {voucher['id']} is posted a second time")
            self._put(voucher, version, gseq)
        elif kind in ("voucher.altered", "voucher.cancelled"):
            cancels = kind == "voucher.cancelled"
            voucher_id = body["voucher"] if cancels else body["voucher"]["id"]
            if self.versions.get(voucher_id) != body["base"]:
                self.problems.append(f"entry {gseq}: changes another version of voucher {voucher_id} than the last")
            before = self.vouchers.get(voucher_id, {"id": voucher_id})
            self._put({**before, "state": "cancelled"} if cancels else body["voucher"], version, gseq)

    def _put(self, voucher: Json, version: str, gseq: int) -> None:
        self.vouchers[voucher["id"]] = voucher
        self.versions[voucher["id"]] = version
        difference = sum(entry.get("amount", 0) for entry in voucher.get("entries", ()))
        if difference:
            self.problems.append(f"entry {gseq}: voucher {voucher['id']} is out of balance by {difference}")


# --- the pack -----------------------------------------------------------------------------------------------------


class Checker:
    """Walks one pack; `findings` are sentences, in the order of the log."""

    def __init__(self, manifest: Json) -> None:
        self.manifest = manifest
        self.findings: list[str] = []
        self.tree = Tree()
        self.books = Books()
        self.accepted = self.parked = self.duplicates = self.signatures = 0
        self.roots = {0: self.tree.root()}
        self.results: dict[tuple[str, int], tuple[int, str]] = {}  # (replica, seq) -> (gseq, outcome)
        self._ends: dict[str, tuple[int, str]] = {}  # replica -> (seq, hash in hex)
        self._keys: dict[
            str, dict[str, int | None]
        ] = {}  # replica -> {key in hex: last sequence number it may sign, or None}
        self._gseq_of: dict[str, int] = {}
        self.covered: set[int] = set()

    def batch(self, line: Json, body: bytes) -> None:
        """Take in one batch of the log: its line (gseq, known, at, verdicts, header, signature) and its event bytes."""
        where = f"entry {line['gseq']}"
        header_bytes = line["header"].encode()
        header = json.loads(header_bytes)
        if line["gseq"] != self.tree.size + 1:
            self._find(where, f"the log goes on at {line['gseq']} where {self.tree.size + 1} is next")
        if header["company"] != self.manifest["company"] or header["tenant"] != self.manifest["tenant"]:
            self._find(where, "the batch is of another company")
        if hashlib.sha256(body).hexdigest() != header["body"]:
            self._find(where, "the events are not those the batch was sealed over")
        events = body.split(b"\n")
        if len(events) != header["last"] - header["first"] + 1:
            self._find(where, "the batch has another number of events than it says")
        verdicts = [(outcome, reason, of) for count, outcome, reason, of in line["verdicts"] for _ in range(count)]
        if len(verdicts) != len(events) - line["known"]:
            self._find(where, "not every event has a verdict")
        if not 0 <= line["known"] < len(events):
            # Nor would the chain be held against what the log has of it.
            self._find(where, "the batch brings no new event")
        self._chain(where, header, events, line["known"])
        for number, (raw, verdict) in enumerate(zip(events[line["known"] :], verdicts, strict=False)):
            self._event(line["gseq"] + number, raw, verdict, line["at"])
        self._signature(where, header, header_bytes, line["signature"])
        self.roots[self.tree.size] = self.tree.root()

    def _chain(self, where: str, header: Json, events: Sequence[bytes], known: int) -> None:
        replica, prev = header["replica"], header["prev"]
        if header["first"] == 1:
            genesis = _sha(b"ledgerflow/genesis/v1\n", replica.encode()).hex()
            if prev != genesis:
                self._find(where, "the chain does not begin at its beginning")
        seq, held = self._ends.get(replica, (0, prev if header["first"] == 1 else None))
        if header["first"] + known != seq + 1:
            self._find(where, f"replica {replica} goes on at {header['first'] + known} where {seq + 1} is next")
        for number, raw in enumerate(events):
            if number == known and prev != held:
                self._find(where, f"event {header['first'] + number} of replica {replica} follows another event")
            said = json.loads(raw)
            if (said["replica"], said["seq"], said["prev"]) != (replica, header["first"] + number, prev):
                self._find(where, f"event {header['first'] + number} of replica {replica} is out of its chain")
            prev = _sha(b"ledgerflow/event/v1\n", raw).hex()
            self._take_key(replica, said)
        if prev != header["head"]:
            self._find(where, "the batch was sealed over another last event")
        self._ends[replica] = (header["last"], prev)

    def _take_key(self, replica: str, event: Json) -> None:
        body = event["body"]
        if body["type"] in ("replica.opened", "key.added"):
            self._keys.setdefault(replica, {}).setdefault(body["key"], None)
        elif body["type"] == "key.revoked":
            self._keys.setdefault(body["replica"], {})[body["key"]] = body["last_seq"]

    def _signature(self, where: str, header: Json, header_bytes: bytes, signature: str) -> None:
        keys = self._keys.get(header["replica"], {})
        if header["signer"] not in keys:
            self._find(where, "signed by a key that this replica never named")
        elif keys[header["signer"]] is not None and header["last"] > keys[header["signer"]]:
            self._find(where, "signed by a key that was revoked before")
        message = b"ledgerflow/batch/v1\n" + header_bytes
        if not signature_fits(_from_hex(header["signer"]), message, _from_hex(signature)):
            self._find(where, "the signature over the batch is wrong")
        self.signatures += 1

    def _event(self, gseq: int, raw: bytes, verdict: tuple[str, str, int], at: str) -> None:
        event = json.loads(raw)
        outcome, reason, of = verdict
        lines = ("ledgerflow/entry/v1", gseq, _sha(b"ledgerflow/event/v1\n", raw).hex(), event["id"],
                 event["replica"], event["seq"], outcome, reason, of, at)  # fmt: skip
        self.tree.add("".join(f"{part}\n" for part in lines).encode())
        self.results[event["replica"], event["seq"]] = (gseq, outcome)
        known = self._gseq_of.setdefault(event["id"], gseq)
        if outcome == "duplicate":
            self.duplicates += 1
            if known != of:
                self._find(f"entry {gseq}", f"is called a duplicate of {of}, which is another event")
            return
        if known != gseq:
            self._find(f"entry {gseq}", f"event {event['id']} counts a second time, first at {known}")
        if outcome == "parked":
            self.parked += 1
            return
        self.accepted += 1
        payload = raw[raw.index(b'"at":') :]
        version = _sha(b"ledgerflow/version/v1\n", event["id"].encode(), b"\n", payload).hex()
        self.books.take(event, version, gseq)

    def checkpoint(self, statement: str, signature: str) -> None:
        """Take in a signed checkpoint: it must be the server's, and what the log was at its size."""
        said = json.loads(statement)
        where = f"checkpoint of {said['size']} entries"
        self._by_server(where, b"ledgerflow/checkpoint/v1\n", statement, signature)
        self._of_this_log(where, said)
        self._root(where, said["size"], said["root"])
        self.covered.add(said["size"])

    def receipt(self, statement: str, signature: str) -> None:
        """Take in a signed receipt: it must be the server's, and the log must say what it says."""
        said = json.loads(statement)
        where = f"receipt for events {said['first']} to {said['last']} of replica {said['replica']}"
        self._by_server(where, b"ledgerflow/receipt/v1\n", statement, signature)
        self._of_this_log(where, said)
        self._root(where, said["size"], said["root"])
        seq = said["first"]
        for gseq, runs in said["results"]:
            place = gseq
            for count, outcome, *_ in runs:
                for _ in range(count):
                    if self.results.get((said["replica"], seq)) != (place, outcome):
                        self._find(where, f"event {seq} is not in the log where the server said it took it")
                    seq, place = seq + 1, place + 1

    def _by_server(self, where: str, purpose: bytes, statement: str, signature: str) -> None:
        key = _from_hex(self.manifest["server_key"])
        if not signature_fits(key, purpose + statement.encode(), _from_hex(signature)):
            self._find(where, "is not signed by the server's key")
        self.signatures += 1

    def _of_this_log(self, where: str, said: Json) -> None:
        for field in ("tenant", "company", "incarnation"):
            if said[field] != self.manifest[field]:
                self._find(where, f"is of another {field}")

    def _root(self, where: str, size: int, root: str) -> None:
        if size not in self.roots:
            self._find(where, "is of a size the log was never left at")
        elif self.roots[size] != root:
            self._find(where, "has another root than the log: entries were changed, left out or put in")

    def _find(self, where: str, what: str) -> None:
        self.findings.append(f"{where}: {what}")


# What reading bytes that somebody changed may end in.
_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ValueError, TypeError,
               AttributeError, ArithmeticError, RuntimeError)  # fmt: skip


def check(path: str) -> Checker:
    """Walk the pack at `path`; return its `Checker`. `NoPack` when it is none, `ChangedPack` when it was one."""
    place = Place()
    try:
        checker = _walked(path, place)
    except _UNREADABLE as error:
        if _was_a_pack(path):
            raise ChangedPack(f"{place.text}: {error}") from error
        raise NoPack(str(error)) from error
    size = checker.manifest["size"]
    if checker.tree.size != size:
        checker.findings.append(f"the log has {checker.tree.size} entries where the pack says {size}")
    if checker.tree.size not in checker.covered:
        checker.findings.append("no checkpoint covers the end of the log")
    return checker


class Place:
    """How far the walk came, in words."""

    text = "pack.json"


def _walked(path: str, place: Place) -> Checker:
    with zipfile.ZipFile(path) as pack:
        manifest = json.loads(pack.read("pack.json"))
        if manifest["v"] != PACK_VERSION:
            raise NoPack(f"a pack of version {manifest['v']}; this program knows {PACK_VERSION}")
        checker = Checker(manifest)
        place.text = "log, entry 1"
        with pack.open("log") as log:
            while line := log.readline():
                said = json.loads(line)
                body = log.read(said["bytes"])
                if len(body) != said["bytes"] or log.read(1) != b"\n":
                    raise ValueError("the log is cut off")
                checker.batch(said, body)
                place.text = f"log, entry {checker.tree.size + 1}"
        for name, take in (("checkpoints", checker.checkpoint), ("receipts", checker.receipt)):
            place.text = name
            for number, line in enumerate(pack.read(name).splitlines(), start=1):
                place.text = f"{name}, line {number}"
                said = json.loads(line)
                take(said["statement"], said["signature"])
    return checker


def _was_a_pack(path: str) -> bool:
    """Whether a file begins or ends as packs do: one that was changed or cut off still does one or the other."""
    try:
        with open(path, "rb") as file:
            begin = file.read(_EDGE_BYTES)
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _EDGE_BYTES))
            end = file.read()
    except OSError:
        return False
    return (begin.startswith(b"PK") and b"pack.json" in begin) or (b"pack.json" in end and b"checkpoints" in end)


def trial_balance(books: Books) -> dict[str, int]:
    """Return the sum of debits by account id, of the vouchers in the books; minor units, credits negative."""
    balances: dict[str, int] = {}
    for voucher in books.vouchers.values():
        if voucher.get("state", "regular") not in NOT_IN_BOOKS:
            for entry in voucher.get("entries", ()):
                balances[entry["account"]] = balances.get(entry["account"], 0) + entry.get("amount", 0)
    return balances


def report(checker: Checker, write: Callable[[str], object]) -> bool:
    """Write what was found, a line at a time; return whether all fits."""
    manifest, findings = checker.manifest, checker.findings + checker.books.problems
    balances = trial_balance(checker.books)
    write(f"company           {manifest['company']}")
    write(f"server key        {manifest['server_key']}")
    write(f"entries           {checker.tree.size}, root {checker.tree.root()}")
    write(f"of these          {checker.accepted} accepted, {checker.parked} parked, {checker.duplicates} duplicates")
    write(f"signatures        {checker.signatures} checked")
    write(f"vouchers          {len(checker.books.vouchers)}, adding up to {sum(balances.values())} (must be 0)")
    for finding in findings[:FINDINGS_SHOWN]:
        write(f"FINDING           {finding}")
    if len(findings) > FINDINGS_SHOWN:
        write(f"and {len(findings) - FINDINGS_SHOWN} more findings")
    write("everything fits" if not findings else f"{len(findings)} findings: this log is not what was signed")
    return not findings


def main(arguments: Sequence[str]) -> int:
    """Check the pack named on the command line; return the exit code."""
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        sys.stdout.write(__doc__ + "\n")
        return 0 if arguments else 2
    try:
        checker = check(arguments[0])
    except NoPack as error:
        sys.stderr.write(f"{arguments[0]} is no audit pack: {error}\n")
        return 2
    except ChangedPack as error:
        sys.stderr.write(
            f"{arguments[0]} was changed or cut off after it was written, at {error}\n"
            "Nothing in it is to be believed. Ask for the pack again.\n"
        )
        return 1
    return 0 if report(checker, lambda line: sys.stdout.write(line + "\n")) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
