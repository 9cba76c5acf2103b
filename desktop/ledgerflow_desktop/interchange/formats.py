"""Which format a file is in, and the reader for it."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ledgerflow_core.errors import refuse
from ledgerflow_desktop.interchange import gnucash, hledger, jsonl, tally_xml
from ledgerflow_desktop.interchange.records import Placed

Progress = Callable[[int, int], None]
FORMATS = ("jsonl", "tally", "gnucash", "hledger")


def require_readable(paths: Sequence[Path]) -> None:
    """Refuse files that cannot be opened (`unreadable-file`), before anything is done with the others."""
    for path in paths:
        try:
            with path.open("rb") as file:
                file.read(1)
        except OSError as error:
            raise refuse("unreadable-file", str(path), reason=error.strerror) from None


def detect(path: Path) -> str:
    """Return the format of a file by its first bytes, then by its name; refuses what is none (`unknown-format`)."""
    require_readable([path])
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                head = packed.read(4096)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise refuse("damaged-file", path.name) from None
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace").lstrip(
        "\ufeff \t\r\n"
    )
    if head.startswith(b"SQLite format 3\x00") or "<gnc-v2" in text or "http://www.gnucash.org/XML" in text:
        return "gnucash"
    if text[:9].upper() == "<ENVELOPE" or "<TALLYMESSAGE" in text.upper():
        return "tally"
    if text.startswith("{"):
        return "jsonl"
    if path.suffix in (".journal", ".hledger", ".ledger", ".j"):
        return "hledger"
    if path.suffix in (".jsonl", ".ndjson") and not text:
        return "jsonl"
    raise refuse("unknown-format", str(path))


def detect_all(paths: Sequence[Path]) -> str:
    """Return the one format of several files; refuses a mixture (`formats-differ`)."""
    found = {detect(path) for path in paths}
    if len(found) > 1:
        raise refuse("formats-differ", str(paths[-1]), formats=", ".join(sorted(found)))
    return found.pop()


def read(paths: Sequence[Path], format_: str, *, base_currency: str, progress: Progress | None) -> Iterator[Placed]:
    """Yield every record of the files, masters before the vouchers that use them."""
    if format_ == "jsonl":
        yield from jsonl.read(paths, progress)
        return
    for path in paths:
        match format_:
            case "tally":
                yield from tally_xml.read(path, progress=progress)
            case "gnucash":
                yield from gnucash.read(path, base_currency=base_currency, progress=progress)
            case "hledger":
                yield from hledger.read(path, base_currency=base_currency, progress=progress)
            case _:
                raise refuse("unknown-format", str(path), given=format_)
