"""Attach files to vouchers, take them off again, list them and save copies.

What is attached is part of the voucher: attaching alters it under the rules of any alteration, and stays in the edit
log. A file that was taken off stays in the folder, because earlier versions of the voucher name it.
"""

import mimetypes
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from ledgerflow_core.errors import InvalidInput, Problem, refuse
from ledgerflow_core.identifiers import VoucherId
from ledgerflow_core.vouchers.voucher import Attachment, Voucher
from ledgerflow_desktop.actions import vouchers
from ledgerflow_desktop.actions.outcome import Changed, Outcome
from ledgerflow_desktop.storage import attachment_index, sync_facts
from ledgerflow_desktop.storage.attachments import Content, content_of, store_of, store_to_write
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.storage.failures import ReadOnly

# What a server takes unless it is told otherwise.
BYTES_MAX = 64 * 2**20
# Characters, and bytes in UTF-8: most disks count these, and 255 is as long as they take.
_NAME_LENGTH_MAX, _NAME_BYTES_MAX = 120, 200
_SUFFIX_LENGTH_MAX = 10
_UNNAMED = "attachment"
_ANY_TYPE = "application/octet-stream"
# What some system will not have in the name of a file: Windows most, and what hides or reorders text.
_NOT_IN_NAMES = re.compile(
    '[<>:"/\\\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]'
)
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
# The system's own lists differ from machine to machine.
_TYPES = mimetypes.MimeTypes()


@dataclass(frozen=True, slots=True)
class Listed:
    """An attachment of a voucher, and whether its file is here: one of another office may be on its way."""

    attachment: Attachment
    is_here: bool


def attach(book: Book, voucher: VoucherId, files: Sequence[Path]) -> Outcome[Voucher]:
    """Attach files to a voucher, all or none; return it as it is then.

    Refuses what `vouchers.alter` refuses, `attachment-too-large`, `too-many-attachments` and `already-attached`, and
    a file that cannot be read; of several files, `nothing-attached` beside it.
    """
    try:
        return _attach(book, voucher, files)
    except InvalidInput as error:
        if len(files) == 1:
            raise
        # The problem names one file; the others might be taken for attached.
        raise InvalidInput([*error.problems, Problem("nothing-attached", "", {"count": len(files)})]) from None


def _attach(book: Book, voucher: VoucherId, files: Sequence[Path]) -> Outcome[Voucher]:
    if not book.writable:
        raise ReadOnly(str(book.folder.path))
    before = vouchers.load(book, voucher)
    found = [(file, content_of(file, BYTES_MAX)) for file in files]
    after = replace(before.voucher, attachments=_with(before.voucher.attachments, found))
    if problems := vouchers.problems_of_alteration(book, before, after):
        raise InvalidInput(problems)
    store, fresh = store_to_write(book), []
    try:
        for file, content in found:
            if store.add(file, content):
                fresh.append(content.sha256)
        with book.writing() as unit:
            unit.alter(before, after)
            attachment_index.note_kept(book.connection, after.attachments[-len(found) :])
    except BaseException:
        for sha256 in fresh:
            store.remove(sha256)
        raise
    return Outcome(after, Changed.VOUCHERS)


def detach(book: Book, voucher: VoucherId, name: str) -> Outcome[Voucher]:
    """Take an attachment off a voucher; return it as it is then. Refuses `unknown-attachment`, and as `alter`."""
    before = vouchers.load(book, voucher)
    gone = _named(before.voucher, name)
    kept = tuple(found for found in before.voucher.attachments if found != gone)
    return vouchers.alter(book, before, replace(before.voucher, attachments=kept))


def listed(book: Book, voucher: VoucherId) -> list[Listed]:
    """Return the attachments of a voucher in the order they were attached."""
    store = store_of(book)
    return [Listed(found, store.has(found.sha256)) for found in vouchers.load(book, voucher).voucher.attachments]


def save_copy(book: Book, voucher: VoucherId, name: str, to: Path) -> Path:
    """Write an attachment to a new file, in the clear, and return where; into `to` where that is a folder.

    Never overwrites (`file-exists`). Refuses `unknown-attachment`, `attachment-not-here`; raises `AttachmentMissing`
    and `AttachmentDiffers` where the file is not as it was kept.
    """
    wanted = _named(vouchers.load(book, voucher).voucher, name)
    store = store_of(book)
    if not store.has(wanted.sha256) and _may_arrive(book, wanted.sha256):
        raise refuse("attachment-not-here", name=wanted.name)
    target = to / safe_name(wanted.name) if to.is_dir() else to
    store.copy_out(wanted.sha256, target)
    return target


def safe_name(name: str) -> str:
    """Return a name a file may have on any system, and that leads nowhere: names come from other machines."""
    text = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    if len(text) > _NAME_LENGTH_MAX or len(text.encode()) > _NAME_BYTES_MAX:
        text = _bounded(*_parted(text))
    return f"_{text}" if _DEVICES.fullmatch(text) else text or _UNNAMED


def media_type_of(name: str) -> str:
    """Return what kind of file a name says it is, ``application/octet-stream`` where it says nothing."""
    return _TYPES.guess_type(name, strict=False)[0] or _ANY_TYPE


def _with(before: Sequence[Attachment], files: Iterable[tuple[Path, Content]]) -> tuple[Attachment, ...]:
    after = list(before)
    for file, content in files:
        if twin := next((one for one in after if one.sha256 == content.sha256), None):
            raise refuse("already-attached", file.name, name=twin.name)
        name = _unlike(safe_name(file.name), {one.name for one in after})
        after.append(Attachment(sha256=content.sha256, size=content.size, name=name, media_type=media_type_of(name)))
    return tuple(after)


def _unlike(name: str, taken: set[str]) -> str:
    """Return the name, numbered where another has it: scanners call everything ``scan.pdf``."""
    stem, suffix = _parted(name)
    made, number = name, 2
    while made in taken:
        made, number = _bounded(stem, f" ({number}){suffix}"), number + 1
    return made


def _parted(name: str) -> tuple[str, str]:
    """Return a name without its suffix, and the suffix with its dot; empty where what follows the dot is long."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix) <= _SUFFIX_LENGTH_MAX else (name, "")


def _bounded(stem: str, rest: str) -> str:
    """Return both together, so much of the stem left out that it is a name every disk takes."""
    stem = stem[: _NAME_LENGTH_MAX - len(rest)]
    # A character that is cut through is left out.
    stem = stem.encode()[: _NAME_BYTES_MAX - len(rest.encode())].decode(errors="ignore")
    return stem.rstrip(" .") + rest


def _named(voucher: Voucher, name: str) -> Attachment:
    found = next((one for one in voucher.attachments if one.name == name), None)
    if found is None:
        raise refuse("unknown-attachment", given=name)
    return found


def _may_arrive(book: Book, sha256: str) -> bool:
    return sync_facts.is_enrolled(book.connection) and not attachment_index.was_kept(book.connection, sha256)
