"""Receipts and checkpoints: signed by the server for one purpose, and for one batch."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from builders import a_company
from ledgerflow_core.errors import Damaged
from ledgerflow_core.sync.log import Outcome, VerdictRun
from ledgerflow_core.sync.receipts import (
    Checkpoint,
    Receipt,
    ReceiptRun,
    acknowledges,
    read_checkpoint,
    read_receipt,
    receipt_hash,
    sign_checkpoint,
    sign_receipt,
)
from ledgerflow_core.sync.statements import Signed
from shared.sync.chains import AT, INCARNATION, TENANT, Chain

SERVER = Ed25519PrivateKey.from_private_bytes(bytes(32))
CHECKPOINT = Checkpoint(tenant=TENANT, company=a_company().id, incarnation=INCARNATION, size=3, root="ab" * 32, at=AT)


def a_receipt(chain: Chain) -> Receipt:
    batch = chain.seal()
    header = batch.header
    runs = (ReceiptRun(gseq=1, verdicts=(VerdictRun(header.last, Outcome.ACCEPTED),)),)
    return Receipt(
        tenant=TENANT, company=header.company, incarnation=INCARNATION, batch=batch.hash.hex(), replica=header.replica,
        first=header.first, last=header.last, head=header.head, results=runs, size=3, root="ab" * 32, at=AT,
    )  # fmt: skip


def test_what_the_server_signed_is_read_back() -> None:
    chain = Chain()
    chain.sales(3)
    receipt = a_receipt(chain)
    signed = sign_receipt(SERVER, receipt)
    assert read_receipt(SERVER.public_key(), Signed.from_bytes(signed.to_bytes(), "receipt")) == receipt
    assert sign_receipt(SERVER, receipt) == signed
    assert receipt_hash(signed) == receipt_hash(sign_receipt(SERVER, receipt))
    assert read_checkpoint(SERVER.public_key(), sign_checkpoint(SERVER, CHECKPOINT)) == CHECKPOINT


def test_another_key_or_another_purpose_proves_nothing() -> None:
    signed = sign_checkpoint(SERVER, CHECKPOINT)
    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(Damaged):
        read_checkpoint(other, signed)
    with pytest.raises(Damaged):
        read_receipt(SERVER.public_key(), signed)
    with pytest.raises(Damaged):
        read_checkpoint(SERVER.public_key(), Signed(signed.statement.replace(b"3", b"4", 1), signed.signature))


def test_a_receipt_acknowledges_its_own_batch_and_each_event_of_it() -> None:
    chain = Chain()
    chain.sales(3)
    batch, receipt = chain.seal(), a_receipt(chain)
    assert acknowledges(receipt, batch)
    assert not acknowledges(receipt, chain.seal(1, 2))
    short = (ReceiptRun(gseq=1, verdicts=(VerdictRun(2, Outcome.ACCEPTED),)),)
    assert not acknowledges(msgspec.structs.replace(receipt, results=short), batch)
    assert not acknowledges(msgspec.structs.replace(receipt, head="00" * 32), batch)
    assert not acknowledges(msgspec.structs.replace(receipt, tenant=a_company().id), batch)
