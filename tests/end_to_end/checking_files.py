"""Holds the files of vouchers at offices and server against what their users saw as attached, byte for byte."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from end_to_end.checking import Attached, read_journal
from end_to_end.head_office import HeadOffice
from end_to_end.office import Office, hash_of


@dataclass
class Files:
    """What came of the files of a run. `lost` and `different` name what is wrong, and must be empty."""

    attached: int = 0
    lost: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether every file is everywhere, and what it was."""
        return not (self.lost or self.different)

    def add(self, other: "Files") -> None:
        """Add what another run came to."""
        self.attached += other.attached
        self.lost += other.lost
        self.different += other.different


def files_found(offices: Sequence[Office], head_office: HeadOffice) -> Files:
    """Compare what every journal says was attached with the files of every office and of the server."""
    said = [each for office in offices for each in read_journal(office.journal_file) if isinstance(each, Attached)]
    sizes = {each.sha256: each.size for each in said}
    found = Files(attached=len(sizes))
    for office in offices:
        kept = office.files()
        found.lost += [f"file {sha256} is not at {office.name}" for sha256 in sizes.keys() - kept.keys()]
        found.different += [
            f"file {name} at {office.name} holds {holds}" for name, holds in kept.items() if name != holds
        ]
    _at_server(found, sizes, offices[0], head_office)
    return found


def _at_server(found: Files, sizes: dict[str, int], one: Office, head_office: HeadOffice) -> None:
    """Each file is listed once with its size, and what the server gives out is what it is called."""
    listed = head_office.attachments(one.book.company.id)
    whole = {sha256: size for sha256, size, complete in listed if complete}
    found.different += [f"file {each[0]} is at the server in part" for each in listed if not each[2]]
    for sha256, size in sizes.items():
        if whole.get(sha256) is None:
            found.lost.append(f"file {sha256} is not at the server")
        elif whole[sha256] != size or hash_of([one.ask(f"attachments/{sha256}").content]) != sha256:
            found.different.append(f"file {sha256} at the server is another one")
    lying = head_office.attachment_files(one.book.company.id)
    if sorted(lying) != sorted(whole):
        found.different.append(f"the server's folder has {len(lying)} files, its list {len(whole)}")
