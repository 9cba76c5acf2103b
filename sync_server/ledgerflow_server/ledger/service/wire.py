"""zstd bodies, never expanded further than they may be."""

import zstandard

from ledgerflow_core.sync.batch import BATCH_BYTES_MAX, BATCH_EVENTS_MAX
from ledgerflow_server.settings.settings import Settings

# A batch of one line many times over compresses well and is still a batch.
BATCH_EXPANDED_MAX = BATCH_BYTES_MAX + BATCH_EVENTS_MAX
# A frame may ask its reader for this much memory, whatever it holds.
_WINDOW_MAX = 8 * 2**20


class Expander:
    """Expands the bodies of one request, which together stay within the settings' limit."""

    def __init__(self, settings: Settings) -> None:
        self._left = settings.expanded_limit
        self._ratio = settings.expansion_ratio

    def __call__(self, body: bytes) -> bytes:
        """Return what was compressed: exactly one frame. `ValueError` for anything else, and for too much."""
        most = min(self._left, max(BATCH_EXPANDED_MAX, self._ratio * len(body)))
        try:
            # The frame says its size ahead, and the library would reserve whatever it says.
            if zstandard.frame_content_size(body) > most:
                raise ValueError("expands to more than it may")
            reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_MAX)
            expanded = reader.decompress(body, max_output_size=most, allow_extra_data=False)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from None
        self._left -= len(expanded)
        return expanded


def expand_stored(body: bytes) -> bytes:
    """Return what was compressed, of bytes that were checked when they came."""
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=BATCH_EXPANDED_MAX)


def compress(body: bytes) -> bytes:
    """Return the events of a batch of the server's own as they travel."""
    return zstandard.ZstdCompressor(level=3).compress(body)


def events_in(sealed: bytes) -> list[bytes]:
    """Return the bytes of the events in a stored batch, without proving its seal again."""
    return body_in(sealed).split(b"\n")


def body_in(sealed: bytes) -> bytes:
    """Return the bytes of all events in a stored batch as one, without proving its seal again."""
    return expand_stored(sealed.split(b"\n", 2)[2])
