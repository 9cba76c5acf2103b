"""zstd for bodies on the wire, bounded: what came over a line is never expanded further than it may be."""

import zstandard

from ledgerflow_core.sync.batch import BATCH_BYTES_MAX, BATCH_EVENTS_MAX

_EXPANDED_MAX = BATCH_BYTES_MAX + BATCH_EVENTS_MAX


def compress(body: bytes) -> bytes:
    """Return the events of a batch as they travel."""
    return zstandard.ZstdCompressor(level=3).compress(body)


def expand(body: bytes) -> bytes:
    """Return what `compress` was given; `ValueError` for anything else and for more than a batch may hold."""
    try:
        # The frame says its size ahead, and the library would reserve whatever it says.
        said = zstandard.frame_content_size(body)
        if said > _EXPANDED_MAX:
            raise ValueError("larger than a batch")
        return zstandard.ZstdDecompressor().decompress(body, max_output_size=_EXPANDED_MAX, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
