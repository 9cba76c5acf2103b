"""Sealed batches: what is sealed comes back byte for byte, and nothing else is taken for one."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_core.sync.batch import BATCH_BYTES_MAX, SealedBatch, from_wire, how_many_fit, open_batch, to_wire
from ledgerflow_core.sync.refusals import Refused
from ledgerflow_core.sync.statements import Signed, sign
from shared.sync.chains import Chain, as_it_is

DOMAIN = b"ledgerflow/batch/v1\n"


def resealed(chain: Chain, batch: SealedBatch, body: bytes | None = None, **header: object) -> bytes:
    """The wire of a batch whose header says something else, under a good signature."""
    changed = msgspec.structs.replace(batch.header, **header)
    signed = sign(chain.key, DOMAIN, msgspec.json.encode(changed))
    return signed.to_bytes() + b"\n" + (batch.body if body is None else body)


def code_of(wire: bytes) -> str:
    with pytest.raises(Refused) as refused:
        from_wire(wire, as_it_is)
    return refused.value.code


def test_what_is_sealed_is_read_back() -> None:
    chain = Chain()
    events = chain.sales(3)
    batch = chain.seal()
    read = from_wire(to_wire(batch, as_it_is), as_it_is)
    assert read == batch
    assert (read.events(), read.hash) == (events, batch.hash)
    assert (read.header.first, read.header.last) == (1, 3)


@given(st.data())
def test_one_changed_bit_is_always_noticed(data: st.DataObject) -> None:
    chain = Chain()
    chain.sales(2)
    wire = to_wire(chain.seal(), as_it_is)
    at, bit = data.draw(st.integers(0, len(wire) - 1)), data.draw(st.integers(0, 7))
    bent = wire[:at] + bytes([wire[at] ^ 1 << bit]) + wire[at + 1 :]
    try:
        read = from_wire(bent, as_it_is)
    except Refused:
        return
    # Upper case hexadecimal of the signature is the same signature.
    assert bent.lower() == wire.lower()
    assert read == chain.seal()


def test_a_header_may_say_nothing_that_is_not_so() -> None:
    chain = Chain()
    chain.sales(3)
    batch = chain.seal()
    assert code_of(resealed(chain, batch, body=b"x\ny\nz")) == "digest-differs"
    assert code_of(resealed(chain, batch, last=2)) == "digest-differs"
    assert code_of(resealed(chain, batch, first=0)) == "batch-too-large"
    assert code_of(resealed(chain, batch, last=501)) == "batch-too-large"
    assert code_of(resealed(chain, batch, v=2)) == "batch-malformed"
    assert code_of(resealed(chain, batch, replica="no id")) == "batch-malformed"
    assert code_of(resealed(chain, batch, signer="ab" * 32)) == "signature-wrong"
    assert code_of(resealed(chain, batch, signer="")) == "signature-wrong"


def test_a_header_in_another_form_is_none() -> None:
    chain = Chain()
    chain.sales(1)
    batch = chain.seal()
    spaced = batch.signed.statement.replace(b'"v":1', b'"v": 1')
    wire = sign(chain.key, DOMAIN, spaced).to_bytes() + b"\n" + batch.body
    assert code_of(wire) == "batch-malformed"
    for broken in (b"", b"\n\n", b"{}\nab\nx", wire[: len(spaced)]):
        assert code_of(broken) == "batch-malformed"


def test_a_signature_for_another_purpose_seals_nothing() -> None:
    chain = Chain()
    chain.sales(1)
    batch = chain.seal()
    other = sign(chain.key, b"ledgerflow/receipt/v1\n", batch.signed.statement)
    assert code_of(other.to_bytes() + b"\n" + batch.body) == "signature-wrong"


def test_a_body_beyond_the_limit_is_refused_by_size() -> None:
    chain = Chain()
    chain.sales(1)
    body = b"x" * (BATCH_BYTES_MAX + 501)
    header = msgspec.structs.replace(chain.seal().header, body=hashlib.sha256(body).hexdigest())
    signed: Signed = sign(chain.key, DOMAIN, msgspec.json.encode(header))
    with pytest.raises(Refused, match="batch-too-large"):
        open_batch(signed, body)


def test_as_many_events_go_into_a_batch_as_fit() -> None:
    assert how_many_fit([10] * 600) == 500
    assert how_many_fit([10] * 600, most=7) == 7
    assert how_many_fit([BATCH_BYTES_MAX, 1]) == 1
    assert how_many_fit([BATCH_BYTES_MAX // 2] * 4) == 1
    assert how_many_fit([BATCH_BYTES_MAX // 2 - 1] * 4) == 2
    assert how_many_fit([]) == 0
