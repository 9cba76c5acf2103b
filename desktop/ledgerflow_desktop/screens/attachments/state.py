"""What the page of a voucher's files says of them, and which of them may be opened."""

from pathlib import PurePath

from ledgerflow_desktop.actions.attachments import Listed
from ledgerflow_desktop.phrases.visible import visible

# Documents. Anything else might be a program, and its name comes from another machine: it is saved, never started.
_OPENED = frozenset(
    {
        ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".txt", ".csv", ".xlsx", ".docx",
        ".ods", ".odt",
    }
)  # fmt: skip
_KIB, _MIB = 1024, 1024 * 1024


def may_be_opened(name: str) -> bool:
    """Whether the system is asked to open a file of this name: documents are, programs are not."""
    return PurePath(name).suffix.lower() in _OPENED


def size_text(size: int) -> str:
    """Return a number of bytes as people say it."""
    if size < _KIB:
        return f"{size} B"
    return f"{size / _KIB:.0f} KB" if size < _MIB else f"{size / _MIB:.1f} MB"


def name_text(one: Listed) -> str:
    """Return the name of a file with nothing hidden in it."""
    return visible(one.attachment.name)


def kind_text(one: Listed) -> str:
    """Return what the name of a file says it is, as people say it: PDF, JPG; empty where it says nothing.

    By the same that decides whether it is opened: the media type is its author's word, and no word of an office.
    """
    return visible(PurePath(one.attachment.name).suffix[1:].upper())
