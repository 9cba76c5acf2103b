"""The sample company in two offices with a server between them: what the first walk shows of syncing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ledgerflow_core.identifiers import DeviceId, UserId, named
from ledgerflow_desktop.actions import enrolling, joining
from ledgerflow_desktop.actions.replicas import EnrolledReplica
from ledgerflow_desktop.actions.syncing import Connected, Surroundings
from ledgerflow_desktop.sample.trial_line import TrialLine
from ledgerflow_desktop.sample.trial_server import TrialServer
from ledgerflow_desktop.settings.key_store import NoKeyStore
from ledgerflow_desktop.settings.machine import Machine
from ledgerflow_desktop.storage.book import Book
from ledgerflow_desktop.sync_client.progress import Progress

FIRST, SECOND = "Pune office", "Delhi office"


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where two offices meet: a server that runs, the line to it, and a code for each of the two."""

    server: TrialServer
    line: TrialLine
    codes: tuple[str, str]

    def end(self) -> None:
        """End the line and the server."""
        self.line.close()
        self.server.stop()


def meet(server: TrialServer, at: str) -> Meeting:
    """Start the server with a company that waits for its first book; `at` tells it from those of other days."""
    port = server.start()
    try:
        first, second = server.new_company(f"Sample {at}")
    except BaseException:
        server.stop()
        raise
    return Meeting(server, TrialLine(port), (first, second))


def office_machine(machine: Machine, name: str, place: Path) -> Machine:
    """Return the machine of an office: this one under another name, which remembers things below `place` alone."""
    return replace(
        machine,
        key_store=NoKeyStore(),
        device=DeviceId(named("device", f"{machine.device} {name}")),
        user=UserId(named("user", f"{machine.user} {name}")),
        user_name=name,
        state=place / name,
    )


def first_machine(machine: Machine, place: Path) -> Machine:
    """Return the machine of the first office."""
    return office_machine(machine, FIRST, place)


def enrol_first(book: Book, meeting: Meeting) -> None:
    """Enrol the sample company at the server."""
    enrolling.enrol_book(book, meeting.line.address, meeting.codes[0], FIRST)


def join_second(path: Path, passphrase: str, meeting: Meeting, machine: Machine) -> Path:
    """Make the second office's book from what the server has; return its folder."""
    made = joining.join(path, meeting.line.address, meeting.codes[1], passphrase, SECOND, machine)
    return made.value.folder


def sync(book: Book, *, patience: int = 0, on_progress: Callable[[Progress], None] = lambda _: None) -> Progress:
    """Sync a book once, in this thread; return how it stands then."""
    replica = EnrolledReplica(book)
    around = Surroundings(book.machine, lambda work: work(replica), time.sleep, lambda: False, on_progress)
    connected = Connected(book, around)
    try:
        return connected.session.run_once(patience=patience)
    finally:
        connected.close()
