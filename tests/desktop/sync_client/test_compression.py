import pytest
import zstandard

from ledgerflow_core.sync.batch import BATCH_BYTES_MAX
from ledgerflow_desktop.sync_client.compression import compress, expand


def test_a_body_comes_back_as_it_went() -> None:
    body = b'{"seq":1}\n{"seq":2}' * 500
    assert expand(compress(body)) == body
    assert len(compress(body)) < len(body) / 10


def test_a_body_that_would_expand_beyond_a_batch_is_refused_before_it_does() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(2 * BATCH_BYTES_MAX))
    with pytest.raises(ValueError, match="larger"):
        expand(bomb)
    unsaid = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(2 * BATCH_BYTES_MAX))
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        expand(unsaid)


@pytest.mark.parametrize("raw", [b"", b"not zstd", compress(b"x" * 100)[:-3], compress(b"x") + b"more"])
def test_what_is_no_whole_body_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        expand(raw)
