"""What the screens say of the line to the server: the four words, times and the reason, the same everywhere."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.phrases.trouble import trouble_text
from ledgerflow_desktop.phrases.visible import visible
from ledgerflow_desktop.screens.line.state import LineState
from ledgerflow_desktop.screens.words import short_date
from ledgerflow_desktop.settings.machine import Machine

# How each of the four is coloured; the words say it as well.
TONES = {
    Status.UP_TO_DATE: "good",
    Status.SYNCING: "quiet",
    Status.WAITING: "warning",
    Status.ATTENTION: "danger",
}


def status_words(status: Status) -> str:
    """Return the truth in one of four words."""
    match status:
        case Status.UP_TO_DATE:
            return QCoreApplication.translate("Line", "Up to date")
        case Status.SYNCING:
            return QCoreApplication.translate("Line", "Syncing")
        case Status.WAITING:
            return QCoreApplication.translate("Line", "Waiting")
        case Status.ATTENTION:
            return QCoreApplication.translate("Line", "Needs attention")


def light_words(state: LineState, machine: Machine) -> str:
    """Return the state on one short line, for the bottom of the window."""
    parts = [status_words(state.status)]
    if state.conflicts:
        parts.append(QCoreApplication.translate("Line", "{0} to decide").format(f"{state.conflicts:,}"))
    if state.pending:
        parts.append(QCoreApplication.translate("Line", "{0} to send").format(f"{state.pending:,}"))
    if state.status is Status.SYNCING and (coming := to_come(state)):
        parts.append(QCoreApplication.translate("Line", "{0} to come").format(f"{coming:,}"))
    if state.status is Status.WAITING and state.next_at is not None:
        when = time_words(state.next_at, machine)
        parts.append(QCoreApplication.translate("Line", "tries again at {0}").format(when))
    elif state.status is Status.UP_TO_DATE and state.known is not None and state.known.last_sync:
        parts.append(iso_words(state.known.last_sync, machine))
    return " · ".join(parts)


def to_come(state: LineState) -> int:
    """Return how many entries of the server's log are still to be taken in, as far as it is known."""
    progress = state.progress
    return 0 if progress is None else max(0, progress.to_pull - progress.pulled)


def entries_words(count: int) -> str:
    """Return a count of entries of the log."""
    if count == 1:
        return QCoreApplication.translate("Line", "1 entry")
    return QCoreApplication.translate("Line", "{0} entries").format(f"{count:,}")


def waiting_words(entries: int, files: int) -> str:
    """Return how much is still to go one way: entries, files of vouchers, or both."""
    if not (entries or files):
        return "0"
    parts = [entries_words(entries)] if entries else []
    if files == 1:
        parts.append(QCoreApplication.translate("Line", "1 file"))
    elif files:
        parts.append(QCoreApplication.translate("Line", "{0} files").format(f"{files:,}"))
    return QCoreApplication.translate("Line", " and ").join(parts)


def reason_words(state: LineState) -> str:
    """Return why it waits or what is the matter, empty where nothing is."""
    if state.trouble:
        return trouble_text(state.trouble)
    if state.conflicts and state.status is Status.ATTENTION:
        return QCoreApplication.translate("Line", "What two offices entered does not go together. Decide what stands.")
    return ""


def time_words(milliseconds: int, machine: Machine) -> str:
    """Return a time of the clock as people read it here: with its day where that is not today."""
    moment = datetime.fromtimestamp(milliseconds / 1000).astimezone()
    said = f"{moment:%H:%M:%S}"
    return said if moment.date() == machine.today() else f"{short_date(moment.date())} {said}"


def iso_words(at: str, machine: Machine) -> str:
    """Return a time as events carry it (UTC) as people read it here; empty for none.

    Another office's event carries what its program wrote: what is no time is shown as it stands.
    """
    if not at:
        return ""
    try:
        return time_words(round(datetime.fromisoformat(at).timestamp() * 1000), machine)
    except (ValueError, OverflowError, OSError):
        return visible(at)
