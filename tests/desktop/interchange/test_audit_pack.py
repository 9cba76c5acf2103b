"""An audit pack: written from a log, checked by a program that shares nothing with the product."""

import json
import os
import random
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import replace as changed_disk
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from builders import a_company, a_receipt, accounts, an_account
from ledgerflow_core.events.chain import version_hash
from ledgerflow_core.events.event import CompanyCreated, MasterCreated, VoucherAltered, VoucherPosted
from ledgerflow_core.identifiers import DeviceId
from ledgerflow_core.sync.batch import to_wire
from ledgerflow_core.sync.log import ACCEPTED, LogBatch
from ledgerflow_core.sync.messages import log_from_wire
from ledgerflow_core.sync.receipts import Checkpoint, sign_checkpoint
from ledgerflow_core.sync.replica import Engine, leaves_in, step
from ledgerflow_core.sync.replica_messages import Answered, Heard, Pulled, Push, Receipted, Rest, SayHello, Wake
from ledgerflow_core.sync.replica_messages import Pull as PullLog
from ledgerflow_core.sync.statements import Signed
from ledgerflow_desktop.interchange import pack_verifier
from ledgerflow_desktop.interchange.audit_pack import PackFacts, write_pack
from ledgerflow_desktop.interchange.pack_verifier import ChangedPack, check, signature_fits
from simulation.sim_replica import SimReplica
from simulation.sim_server import SimServer, compress, expand

# RFC 8032, section 7.1, tests 1 to 3: secret key, public key, message, signature.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


class Office:
    """A server and two replicas that have synced some vouchers, one altered by both offices."""

    def __init__(self) -> None:
        chance = random.Random(20261121)

        def new_id() -> str:
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))

        def new_key() -> Ed25519PrivateKey:
            return Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))

        self.company = a_company()
        self.server = SimServer(self.company.id, new_key(), new_id)
        tags = iter("AB")
        self.replicas = [
            SimReplica(
                name,
                self.company.id,
                self.server.key.public_key(),
                DeviceId(new_id()),
                new_id,
                new_key,
                tags.__next__,
            )
            for name in ("pune", "delhi")
        ]
        pune, delhi = self.replicas
        pune.write(CompanyCreated(company=self.company))
        for account in accounts():
            pune.write(MasterCreated(master=account))
        receipt = a_receipt(number="A/26-27/1")
        pune.write(VoucherPosted(voucher=receipt))
        base = version_hash(pune.disk.own[-1]).hex()
        self.sync(pune)
        self.sync(delhi)
        for replica in (pune, delhi):
            replica.write(VoucherAltered(base=base, voucher=replace(receipt, narration=replica.name)))
            self.sync(replica)
        self.sync(pune)

    def sync(self, replica: SimReplica) -> None:
        """Drive the engine until it rests."""
        engine, heard = Engine(self.server.key.public_key()), Wake()
        while True:
            engine, wanted = step(engine, replica.standing(), heard)
            if isinstance(wanted, Rest):
                return
            heard = self._answer(replica, wanted)

    def _answer(self, replica: SimReplica, wanted: object) -> Heard:
        match wanted:
            case SayHello(size):
                return Answered(self.server.hello(replica.hello(size)))
            case Push(first, most):
                batch = replica.batch(first, most)
                receipt = self.server.push(to_wire(batch, compress))
                return Receipted(batch, Signed.from_bytes(receipt, "receipt"))
            case PullLog(after):
                return Pulled(*log_from_wire(self.server.pull(after, 10), expand))
            case _:
                return replica.store(wanted)  # type: ignore[arg-type]

    def pack(self, target: Path) -> Path:
        """Write the pack of what the first office holds."""
        disk = self.replicas[0].disk
        assert disk.checkpoint is not None
        facts = PackFacts(
            tenant=disk.log[0].batch.header.tenant,
            company=self.company.id,
            company_name=self.company.name,
            server_key=self.server.key.public_key().public_bytes_raw().hex(),
            incarnation=disk.incarnation,
            size=disk.frontier.size,
            exported_at="2026-11-21T12:00:00.000Z",
        )
        write_pack(target, facts, disk.log, checkpoints=[disk.checkpoint], receipts=disk.receipts)
        return target


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Office().pack(tmp_path_factory.mktemp("pack") / "books.lfpack")


def changed(pack: Path, target: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """Return a copy of a pack with one of its members changed."""
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == member else content)
    return target


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_pack_is_for_its_owner_alone_to_read(pack: Path) -> None:
    assert pack.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_signatures_of_the_standard_verify_and_altered_ones_do_not(key: str, message: str, signature: str) -> None:
    raw, text, signed = (bytes.fromhex(part) for part in (key, message, signature))
    assert signature_fits(raw, text, signed)
    assert not signature_fits(raw, text + b"x", signed)
    assert not signature_fits(raw, text, signed[:10] + bytes([signed[10] ^ 1]) + signed[11:])


def test_a_whole_pack_fits_and_says_what_it_holds(pack: Path) -> None:
    checker = check(str(pack))
    assert checker.findings + checker.books.problems == []
    assert (checker.accepted, checker.parked, checker.duplicates) == (checker.tree.size - 1, 1, 0)
    assert sum(pack_verifier.trial_balance(checker.books).values()) == 0


def test_the_one_file_runs_alone(pack: Path, tmp_path: Path) -> None:
    alone = tmp_path / "pack_verifier.py"
    alone.write_bytes(Path(pack_verifier.__file__).read_bytes())
    done = subprocess.run([sys.executable, "-I", "-S", alone, pack], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("everything fits\n")


def test_any_changed_byte_of_the_log_is_named(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as whole:
        size = len(whole.read("log"))
    chance = random.Random(7)
    for number in range(60):
        at, bit = chance.randrange(size), 1 << chance.randrange(7)

        def flip(content: bytes, at: int = at, bit: int = bit) -> bytes:
            return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]

        altered = changed(pack, tmp_path / f"{number}.lfpack", "log", flip)
        try:
            found = check(str(altered))
            said = found.findings + found.books.problems
        except ChangedPack as error:
            said = [str(error)]
        assert said, f"byte {at}, bit {bit}"


@pytest.mark.parametrize(
    ("member", "change", "said"),
    [
        ("log", lambda log: log[: log.rindex(b'{"gseq"')], "entries where the pack says"),
        ("receipts", lambda raw: raw.replace(b'\\"accepted\\"', b'\\"parked\\"', 1), "not signed by the server's key"),
        ("checkpoints", lambda _: b"", "no checkpoint covers the end"),
        (
            "pack.json",
            lambda raw: json.dumps(json.loads(raw) | {"server_key": "11" * 32}).encode(),
            "not signed by the server's key",
        ),
        ("pack.json", lambda raw: json.dumps(json.loads(raw) | {"tenant": "another"}).encode(), "is of another tenant"),
        (
            "pack.json",
            lambda raw: json.dumps(json.loads(raw) | {"incarnation": "another"}).encode(),
            "is of another incarnation",
        ),
    ],
)
def test_what_is_missing_or_foreign_is_named(
    pack: Path, tmp_path: Path, member: str, change: Callable[[bytes], bytes], said: str
) -> None:
    findings = check(str(changed(pack, tmp_path / "changed.lfpack", member, change))).findings
    assert any(said in finding for finding in findings), findings


def test_a_pack_with_any_byte_changed_is_called_changed_and_never_no_pack(pack: Path, tmp_path: Path) -> None:
    raw, altered, chance = pack.read_bytes(), tmp_path / "altered.lfpack", random.Random(11)
    edges = (*range(60), *range(len(raw) - 320, len(raw)))
    for at in (*edges, *(chance.randrange(len(raw)) for _ in range(100))):
        altered.write_bytes(raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :])
        # A byte of what only the zip file says of itself, such as a time, changes nothing of the pack.
        code = pack_verifier.main([str(altered)])
        assert code in (0, 1), f"byte {at}"
        assert code == 1 or zipfile.ZipFile(altered).testzip() is None, f"byte {at}"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_pack_that_was_cut_off_is_named_as_that(
    pack: Path, tmp_path: Path, part: float, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, cut = pack.read_bytes(), tmp_path / "cut.lfpack"
    cut.write_bytes(raw[: int(len(raw) * part)])
    assert pack_verifier.main([str(cut)]) == 1
    assert capsys.readouterr().err.startswith(f"{cut} was changed or cut off after it was written, at ")


def test_a_changed_place_in_the_log_is_named_by_its_entry(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered = changed(pack, tmp_path / "altered.lfpack", "log", lambda log: log.replace(b'"known"', b'"knowm"'))
    assert pack_verifier.main([str(altered)]) == 1
    assert "at log, entry 1: 'known'" in capsys.readouterr().err


def test_a_file_that_is_no_pack_ends_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.zip"
    other.write_bytes(b"not a pack at all")
    assert pack_verifier.main([str(other)]) == 2
    assert "is no audit pack" in capsys.readouterr().err


def test_a_pack_is_not_written_over_another_file(tmp_path: Path) -> None:
    target = tmp_path / "there.lfpack"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        Office().pack(target)
    assert target.read_text() == "mine"


def test_a_chain_that_forks_in_a_batch_with_nothing_new_is_named(tmp_path: Path) -> None:
    office = Office()
    pune = office.replicas[0]
    before = pune.disk
    pune.write(MasterCreated(master=an_account("Lease", "indirect-expenses")))
    office.sync(pune)
    taken, seq = pune.disk, pune.head.seq
    # The device signs another event in the place of the one it sent, and goes on from there.
    pune.disk = before
    pune.write(MasterCreated(master=an_account("Licences", "indirect-expenses")))
    twin = pune.batch(seq, 1)
    pune.write(MasterCreated(master=an_account("Levies", "indirect-expenses")))
    after = pune.batch(seq + 1, 1)
    at, gseq = taken.log[-1].at, taken.frontier.size + 1
    log = (*taken.log, LogBatch(gseq, 1, at, (), twin), LogBatch(gseq, 0, at, (ACCEPTED,), after))
    tree = taken.frontier.extend(leaves_in(log[-1]))
    said = Checkpoint(
        tenant=office.server.tenant, company=office.company.id, incarnation=taken.incarnation, size=tree.size,
        root=tree.root().hex(), at=at,
    )  # fmt: skip
    pune.disk = changed_disk(taken, log=log, frontier=tree, checkpoint=sign_checkpoint(office.server.key, said))
    assert check(str(office.pack(tmp_path / "forked.lfpack"))).findings == [
        f"entry {gseq}: the batch brings no new event"
    ]
