"""Where a page can send the user, as values: screens open each other without knowing each other."""

from dataclasses import dataclass, field
from pathlib import Path

from ledgerflow_core.identifiers import EventId, VoucherId, VoucherTypeId
from ledgerflow_core.reports.options import ReportOptions
from ledgerflow_core.reports.report_table import ReportTable


@dataclass(frozen=True, slots=True)
class Welcome:
    """The list of companies: what the program opens with."""


@dataclass(frozen=True, slots=True)
class CreateCompany:
    """Make a new company."""


@dataclass(frozen=True, slots=True)
class KeepRecoveryCode:
    """Show the recovery code of a company just made, then open it."""

    path: Path
    code: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenSample:
    """Make the sample company anew and open it."""


@dataclass(frozen=True, slots=True)
class Unlock:
    """Open a company that exists."""

    path: Path


@dataclass(frozen=True, slots=True)
class RestoreBackup:
    """Bring a company back from a backup file."""


@dataclass(frozen=True, slots=True)
class BackUp:
    """Write a backup of the open company."""


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """Bring books of another program into the open company."""


@dataclass(frozen=True, slots=True)
class OpenFromServer:
    """Bring a company from a server onto this machine."""


@dataclass(frozen=True, slots=True)
class ConnectServer:
    """Let the open company take part at a server; `again` where it did and has to be let in anew."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class ShowSync:
    """How the open company stands towards its server."""


@dataclass(frozen=True, slots=True)
class ShowConflicts:
    """What waits for a person's decision."""


@dataclass(frozen=True, slots=True)
class DecideConflict:
    """Both versions of something parked, side by side."""

    conflict: EventId


@dataclass(frozen=True, slots=True)
class Gateway:
    """The menu of the open company."""


@dataclass(frozen=True, slots=True)
class ShowReport:
    """A report by its code in the catalogue. `subject` names its account, group or centre in the breadcrumb."""

    code: str
    options: ReportOptions = field(default_factory=ReportOptions)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class PreviewPrint:
    """A report as it will be on paper."""

    table: ReportTable


@dataclass(frozen=True, slots=True)
class PreviewVoucher:
    """A voucher of the books as it will be on paper. `name` is its type and number; `note` what to know of it."""

    voucher: VoucherId
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnterVoucher:
    """A new voucher of a type."""

    voucher_type: VoucherTypeId


@dataclass(frozen=True, slots=True)
class OpenVoucher:
    """A voucher that is in the books, to look at or alter."""

    voucher: VoucherId


@dataclass(frozen=True, slots=True)
class ShowFiles:
    """The files of a voucher of the books. `name` is its type and number."""

    voucher: VoucherId
    name: str


@dataclass(frozen=True, slots=True)
class CorrectVoucher:
    """What is parked about a voucher, to put right on top of what stands; accepting it decides the conflict."""

    conflict: EventId


Destination = (
    Welcome
    | CreateCompany
    | KeepRecoveryCode
    | OpenSample
    | RestoreBackup
    | BackUp
    | Unlock
    | ImportFiles
    | Gateway
    | ShowReport
    | PreviewPrint
    | PreviewVoucher
    | EnterVoucher
    | OpenVoucher
    | ShowFiles
    | CorrectVoucher
    | OpenFromServer
    | ConnectServer
    | ShowSync
    | ShowConflicts
    | DecideConflict
)
