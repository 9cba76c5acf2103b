"""A branch office on a machine of its own: a real company file, a journal of what was saved, a line to the server."""

import contextlib
import hashlib
import io
import json
import math
import os
import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import date, timedelta
from pathlib import Path

import httpx
from msgspec.structs import replace

from end_to_end.checking import Had, pieces_of
from ledgerflow_core.identifiers import AccountId, CompanyId, DeviceId, UserId, VoucherId, named, to_text
from ledgerflow_core.ledger.entry import Entry
from ledgerflow_core.masters.account import CASH, Account
from ledgerflow_core.masters.company import Company
from ledgerflow_core.masters.group import group_id
from ledgerflow_core.masters.voucher_type import VoucherNature, voucher_type_id
from ledgerflow_core.sync.batch import SealedBatch
from ledgerflow_core.sync.log import LogBatch
from ledgerflow_core.sync.replica import Status
from ledgerflow_core.vouchers.voucher import Voucher, VoucherState
from ledgerflow_desktop import __main__ as program
from ledgerflow_desktop.actions import attachments, companies, enrolling, joining, masters, replicas, vouchers
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.actions.verification import verify_book
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.attachments import store_of, whole_files
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.company_folder import CompanyFolder
from ledgerflow_desktop.storage.creation import create_company
from ledgerflow_desktop.storage.key_slots import ArgonCosts
from ledgerflow_desktop.sync_client.attachments import Carried
from ledgerflow_desktop.sync_client.progress import Progress
from simulation.oracle import RawPiece

PASSPHRASE = "correct horse battery"
CHEAP = ArgonCosts(memory_kib=8, passes=1, lanes=1)
BOOKS_BEGIN, LAST_DAY = date(2024, 4, 1), date(2027, 3, 31)
JOURNAL = voucher_type_id(VoucherNature.JOURNAL)
RECEIPT = voucher_type_id(VoucherNature.RECEIPT)
_PIECE = 8 * 2**20
_PAUSE_MAX = 0.02
# The line is plain: reading certificates for it anew with each request would take longer than all else.
_PLAIN = ssl.create_default_context()


class FileKeyStore:
    """A key store of one machine, in a file: it lives on when the program is killed, and can be copied or lost."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, name: str) -> str | None:
        """Return a secret, None where there is none."""
        return self._read().get(name)

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self._write(self._read() | {name: secret})

    def remove(self, name: str) -> None:
        """Forget a secret."""
        self._write({known: secret for known, secret in self._read().items() if known != name})

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
        return found

    def _write(self, secrets: dict[str, str]) -> None:
        aside = self._file.with_suffix(".new")
        aside.write_text(json.dumps(secrets))
        aside.replace(self._file)


def machine_at(place: Path, name: str) -> Machine:
    """Return the machine of an office: the real clock and randomness, a key store of its own below `place`."""
    return Machine(
        milliseconds=lambda: time.time_ns() // 1_000_000,
        random_bytes=os.urandom,
        sleep=time.sleep,
        key_store=FileKeyStore(place / "key-store"),
        device=DeviceId(named("device", name)),
        user=UserId(named("user", name)),
        user_name=name,
        state=place / "machine",
    )


def new_company() -> Company:
    """Return a company of no other test."""
    return Company(
        id=CompanyId(named("company", os.urandom(8).hex())),
        name="Lotus Traders",
        country="IN",
        state="27",
        currency="INR",
        exponent=2,
        year_start_month=4,
        year_start_day=1,
        books_begin=BOOKS_BEGIN,
    )


def account_id(name: str) -> AccountId:
    """Return the id of an account of every company of these tests."""
    return AccountId(named("account", name))  # type: ignore[arg-type]


RAVI, RENT, SALES, BANK = (account_id(name) for name in ("Ravi", "Rent", "Sales", "Bank"))
ACCOUNTS = (
    Account(id=RAVI, name="Ravi Stores", group=group_id("sundry-debtors"), opening=50_000),
    Account(id=SALES, name="Sales of lamps", group=group_id("sales"), opening=-50_000),
    Account(id=RENT, name="Rent", group=group_id("indirect-expenses")),
    Account(id=BANK, name="State bank", group=group_id("bank-accounts")),
)


@dataclass
class Office:
    """One office. The book is open while it works; `machine` may be changed before it is opened again."""

    place: Path
    name: str
    machine: Machine
    book: Book
    chance: random.Random
    is_open: bool = True
    _deadline: float = math.inf
    _kept: contextlib.ExitStack | None = None

    # --- beginning -------------------------------------------------------------------------------

    @classmethod
    def founded(cls, place: Path, name: str, *, seed: int = 1) -> "Office":
        """Make the company in a first office, with a few accounts."""
        place.mkdir(parents=True, exist_ok=True)
        machine = machine_at(place, name)
        create_company(CompanyFolder(_books(place)), new_company(), PASSPHRASE, machine, costs=CHEAP)
        made = cls.opened(place, name, seed=seed)
        masters.create(made.book, ACCOUNTS)
        return made

    @classmethod
    def joined(cls, place: Path, name: str, address: str, code: str, *, seed: int = 1) -> "Office":
        """Make a further office of the company: its book comes from the server."""
        place.mkdir(parents=True, exist_ok=True)
        joining.join(_books(place), address, code, PASSPHRASE, name, machine_at(place, name), costs=CHEAP)
        return cls.opened(place, name, seed=seed)

    @classmethod
    def opened(cls, place: Path, name: str, *, seed: int = 1, machine: Machine | None = None) -> "Office":
        """Open the book of an office that stands there."""
        machine = machine or machine_at(place, name)
        return cls(place, name, machine, _open(place, machine), random.Random(f"{seed} {name}"))

    def enrol(self, address: str, code: str, *, again: bool = False) -> None:
        """Enrol the book at a server."""
        enrolling.enrol_book(self.book, address, code, self.name, again=again)

    def close(self) -> None:
        """Close the book; nothing happens where it is closed."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        if self.is_open:
            self.book.close()
            self.is_open = False

    def reopen(self) -> None:
        """Close the book and open it again, as after the weekend."""
        self.close()
        self.book = _open(self.place, self.machine)
        self.is_open = True

    def at_clock_off_by(self, milliseconds: int) -> None:
        """Go on with a clock that is wrong by so much."""
        self.machine = replaced(self.machine, milliseconds=lambda: max(0, time.time_ns() // 1_000_000 + milliseconds))
        self.reopen()

    # --- work ------------------------------------------------------------------------------------

    def post(self, count: int = 1, *, on: date | None = None, account: AccountId | None = None) -> list[Voucher]:
        """Save so many new vouchers, one after the other; each goes into the journal once it is saved."""
        return [saved for _ in range(count) for saved in self.save([self.a_voucher(on=on, account=account)])]

    def a_voucher(self, *, on: date | None = None, account: AccountId | None = None) -> Voucher:
        """Return a new voucher of a random amount and day."""
        amount = self.chance.randrange(1, 10_000_000)
        debit, credit = self.chance.choice([(RAVI, SALES), (RENT, CASH), (BANK, RAVI), (RENT, BANK)])
        return Voucher(
            id=VoucherId(self.machine.identifiers().new()),
            type=RECEIPT if debit == BANK and account is None else JOURNAL,
            date=on or date(2026, 4, 1) + timedelta(self.chance.randrange(230)),
            narration=f"{self.name} {self.chance.randrange(1_000)}",
            entries=(Entry(account=account or debit, amount=amount), Entry(account=credit, amount=-amount)),
        )

    def save(self, made: Sequence[Voucher]) -> list[Voucher]:
        """Post vouchers in one transaction; then write them into the journal."""
        posted = vouchers.post(self.book, made).value
        self._say([
            ["posted", voucher.id, voucher.number, voucher.date.isoformat(),
             [(entry.account, entry.amount) for entry in voucher.entries]]
            for voucher in posted
        ])  # fmt: skip
        return posted

    def alter(self, voucher: VoucherId, amount: int) -> None:
        """Save a voucher with another amount."""
        before = vouchers.load(self.book, voucher)
        debit, credit = before.voucher.entries
        entries = (replace(debit, amount=amount), replace(credit, amount=-amount))
        vouchers.alter(self.book, before, replace(before.voucher, entries=entries))
        self._say_version(voucher)

    def cancel(self, voucher: VoucherId) -> None:
        """Cancel a voucher."""
        vouchers.cancel(self.book, vouchers.load(self.book, voucher), "entered twice")
        self._say_version(voucher)

    def attach(self, voucher: VoucherId, content: bytes) -> None:
        """Attach a file to a voucher, unless it has that one already."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in {known.sha256 for known in vouchers.load(self.book, voucher).voucher.attachments}:
            return
        scan = self.place / "scan.pdf"
        scan.write_bytes(content)
        attachments.attach(self.book, voucher, [scan])
        version = vouchers.load(self.book, voucher).version_hash
        self._say([["attached", voucher, version, sha256, len(content)]])

    def _say_version(self, voucher: VoucherId) -> None:
        self._say([["changed", voucher, vouchers.load(self.book, voucher).version_hash]])

    def _say(self, lines: Sequence[object]) -> None:
        """Write into the journal, after the commit, what the user is told now."""
        with self.journal_file.open("ab") as journal:
            journal.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def recent(self, most: int = 50) -> list[VoucherId]:
        """Return the vouchers that came into the book last, of whichever office."""
        rows = self.book.connection.execute("SELECT id FROM voucher ORDER BY no DESC LIMIT ?", (most,))
        return [VoucherId(to_text(raw)) for (raw,) in rows]

    @property
    def journal_file(self) -> Path:
        """Where the journal lies: beside the book, never inside."""
        return self.place / "journal"

    # --- the line --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def connected(self) -> Iterator[Connected]:
        """Have a line of one's own to the server while the block runs; its pauses are short."""
        replica = EnrolledReplica(self.book)
        around = Surroundings(
            self.machine,
            lambda work: work(replica),
            lambda seconds: time.sleep(min(seconds / 20, _PAUSE_MAX)),
            lambda: time.monotonic() > self._deadline,
            lambda progress: None,
        )
        connected = Connected(self.book, around)
        try:
            yield connected
        finally:
            connected.close()

    def sync(self, *, patience: int = 0) -> Progress:
        """Sync once; `patience` failures in a row are waited out."""
        return self._line().session.run_once(patience=patience)

    def drain(self, seconds: float = 60) -> Progress:
        """Sync until all is sent and the log held is the server's; fails where that takes longer."""
        self._deadline = time.monotonic() + seconds
        progress = self.sync(patience=10_000)
        self._deadline = math.inf
        assert progress.status is Status.UP_TO_DATE, (self.name, progress)
        assert self.pending() == 0
        return progress

    def carry_files(self, must_stop: Callable[[], bool] = lambda: False) -> Carried:
        """Send and fetch files of vouchers, as a program does once it is up to date."""
        return self._line().carry_files(lambda work: work(self.book), must_stop, lambda seconds: None)

    def files_waiting(self) -> int:
        """Return how many files of vouchers are still to be sent or fetched."""
        standing = replicas.standing(self.book)
        return standing.files_to_send + standing.files_to_fetch

    def files(self) -> dict[str, str]:
        """Return the SHA-256 of what each whole file of the book holds, by what it is called."""
        kept = store_of(self.book)
        return {file.name: hash_of(kept.parts(file.name)) for file in whole_files(kept.folder)}

    def _line(self) -> Connected:
        """Return the session that goes on for as long as the book is open."""
        if self._kept is None:
            kept = contextlib.ExitStack()
            self._connected = kept.enter_context(self.connected())
            self._kept = kept
        return self._connected

    def next_batch(self, posted: Sequence[Voucher]) -> SealedBatch:
        """Return the last so many events sealed as a batch of their own, out of order with what a session would do."""
        replica = EnrolledReplica(self.book)
        return replica.outgoing(replica.standing().head.seq - len(posted) + 1, len(posted))

    def log_size(self) -> int:
        """Return how many entries of the server's log the book holds."""
        return EnrolledReplica(self.book).standing().log.size

    def pending(self) -> int:
        """Return how many own events the server's log held here lacks."""
        return EnrolledReplica(self.book).pending().count

    def parked(self) -> list[str]:
        """Return the reasons of the conflicts that wait for a person."""
        return sorted(conflict.reason for conflict in EnrolledReplica(self.book).conflicts())

    # --- what it has -------------------------------------------------------------------------------

    def verify(self) -> None:
        """Hold every byte, signature and total of the book to each other."""
        assert verify_book(self.book).findings == (), self.name

    def had(self) -> Had:
        """Return what the office has, for the checker."""
        plain = {voucher.id: _plain(voucher) for voucher in self.book.vouchers_in_order()}
        return Had(self.name, self.log(), plain, self.trial_balance())

    def trial_balance(self) -> dict[str, object]:
        """Return the trial balance as the command line gives it."""
        said = self.command(
            "report", str(_books(self.place)), "trial-balance", "--format", "json",
            "--from", BOOKS_BEGIN.isoformat(), "--to", LAST_DAY.isoformat(),
        )  # fmt: skip
        found: dict[str, object] = json.loads(said)
        return found

    def command(self, *arguments: str) -> str:
        """Run `ledgerflow` in this process; return what it printed."""
        out = io.TextIOWrapper(io.BytesIO(), "utf-8")
        os.environ["LEDGERFLOW_PASSPHRASE"] = PASSPHRASE
        with contextlib.redirect_stdout(out):
            code = program.main(list(arguments))
        out.flush()
        said = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
        assert code == 0, said
        return said

    def log(self) -> list[RawPiece]:
        """Return the server's log as the book holds it."""
        return [_raw(piece) for piece in EnrolledReplica(self.book).server_log()]

    def server_log(self) -> list[RawPiece]:
        """Return the log as the server gives it to this office, and hold its last checkpoint against it."""
        found: list[RawPiece] = []
        while True:
            after = found[-1].gseq + len(found[-1].verdicts) - 1 if found else 0
            pieces = pieces_of(self.ask(f"log?after={after}&most={_PIECE}").content)
            if not pieces:
                return found
            found += pieces

    def ask(self, path: str) -> httpx.Response:
        """Ask the server something of this company as this office."""
        address = enrolling.require_enrolment(self.book).server_url
        answer = httpx.get(
            f"{address}/v1/companies/{self.book.company.id}/{path}",
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=60,
            verify=_PLAIN,
        )
        assert answer.status_code == 200, answer.text
        return answer

    def token(self) -> str:
        """Return a new access token of this office."""
        self._line().server.sign_in()
        return self._line().server.token


def hash_of(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 (hex) of bytes that come in parts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _books(place: Path) -> Path:
    return place / "Books.ledgerflow"


def _open(place: Path, machine: Machine) -> Book:
    return companies.open_company(_books(place), machine, passphrase=PASSPHRASE)


def _raw(piece: LogBatch) -> RawPiece:
    verdicts = tuple((str(verdict.outcome), verdict.reason, verdict.of) for verdict in piece.verdicts)
    signed = piece.batch.signed
    return RawPiece(piece.gseq, piece.known, piece.at, verdicts, signed.statement, signed.signature, piece.batch.body)


def _plain(voucher: Voucher) -> tuple[str, str, tuple[tuple[str, int], ...]]:
    entries = () if voucher.state is VoucherState.CANCELLED else voucher.entries
    return voucher.number, str(voucher.state), tuple((str(entry.account), entry.amount) for entry in entries)
