"""Every shortcut of the program in one table: TallyPrime's habits first, those of Tally ERP 9 as a second map.

The right-hand bar, the help of F1 and the shortcuts themselves are made from here. A key may serve two
commands only where no page has both: `Where` says where a command lives. Keys as the product study gives
them (section 5a and 5c); its table of voucher types wins where sources contradict each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QKeySequence

from ledgerflow_core.masters.voucher_type import VoucherNature


class Where(StrEnum):
    """Where a command can be given."""

    EVERYWHERE = "everywhere"
    COMPANY = "company"  # anywhere in an open company
    VOUCHER = "voucher"
    REPORT = "report"
    LIST = "list"
    PAPER = "paper"
    CONFLICT = "conflict"
    FILES = "files"


class Command(StrEnum):
    """Everything that has a key. The value is stable: preferences may name it."""

    HELP = "help"
    GO_TO = "go-to"
    BACK = "back"
    COMPANIES = "companies"
    LOOK = "look"
    KEY_BAR = "key-bar"
    QUIT = "quit"
    ACCEPT = "accept"

    CONTRA = "contra"
    PAYMENT = "payment"
    RECEIPT = "receipt"
    JOURNAL = "journal"
    SALES = "sales"
    PURCHASE = "purchase"
    CREDIT_NOTE = "credit-note"
    DEBIT_NOTE = "debit-note"
    OTHER_VOUCHERS = "other-vouchers"
    IMPORT = "import"
    SYNC = "sync"
    DECIDE = "decide"

    DATE = "date"
    CREATE_MASTER = "create-master"
    ALTER_MASTER = "alter-master"
    REPEAT_NARRATION = "repeat-narration"
    REPEAT_VOUCHER = "repeat-voucher"
    CHANGE_MODE = "change-mode"
    OPTIONAL = "optional"
    POST_DATED = "post-dated"
    CANCEL_VOUCHER = "cancel-voucher"
    INSERT_LINE = "insert-line"
    REMOVE_LINE = "remove-line"
    NARRATE_LINE = "narrate-line"
    OLDEST_BILLS = "oldest-bills"
    PREVIOUS_VOUCHER = "previous-voucher"
    NEXT_VOUCHER = "next-voucher"
    PRINT_VOUCHER = "print-voucher"
    FILES = "files"

    PERIOD = "period"
    ADD_COLUMN = "add-column"
    AUTO_COLUMNS = "auto-columns"
    DETAILED = "detailed"
    EXPAND = "expand"
    CONFIGURE = "configure"
    MONTHLY = "monthly"
    FILTER = "filter"
    COPY = "copy"
    PRINT = "print"
    EXPORT = "export"

    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"

    KEEP_STANDING = "keep-standing"
    APPLY_PARKED = "apply-parked"
    CORRECT_PARKED = "correct-parked"

    ATTACH_FILE = "attach-file"
    OPEN_FILE = "open-file"
    SAVE_FILE = "save-file"
    REMOVE_FILE = "remove-file"


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the table: keys (several divided by blanks, the first is shown), where, and English words."""

    keys: str
    where: Where
    words: str


def _key(keys: str, where: Where, marked: object) -> Key:
    # Marking text for translation hands it back, but is typed as if it might not.
    return Key(keys, where, str(marked))


_W, _C = Where, Command
TALLY_PRIME: Mapping[Command, Key] = {
    _C.HELP: _key("F1", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Help")),
    _C.GO_TO: _key("Ctrl+K Alt+G", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Go to")),
    _C.BACK: _key("Esc", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Back")),
    _C.COMPANIES: _key("F3 Alt+K", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Companies")),
    _C.LOOK: _key("Ctrl+Shift+D", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Light or dark")),
    _C.KEY_BAR: _key("Ctrl+Shift+B", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Show or hide keys")),
    _C.QUIT: _key("Ctrl+Q", _W.EVERYWHERE, QT_TRANSLATE_NOOP("Command", "Quit")),
    _C.ACCEPT: _key("Ctrl+A", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Accept")),
    _C.CONTRA: _key("F4", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Contra")),
    _C.PAYMENT: _key("F5", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Payment")),
    _C.RECEIPT: _key("F6", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Receipt")),
    _C.JOURNAL: _key("F7", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Journal")),
    _C.SALES: _key("F8", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Sales")),
    _C.PURCHASE: _key("F9", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Purchase")),
    _C.CREDIT_NOTE: _key("Alt+F6", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Credit note")),
    _C.DEBIT_NOTE: _key("Alt+F5", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Debit note")),
    _C.OTHER_VOUCHERS: _key("F10", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Other vouchers")),
    _C.IMPORT: _key("Alt+O", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Import")),
    _C.SYNC: _key("Alt+Z", _W.COMPANY, QT_TRANSLATE_NOOP("Command", "Sync")),
    _C.DATE: _key("F2", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Date")),
    _C.CREATE_MASTER: _key("Alt+C", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Create master")),
    _C.ALTER_MASTER: _key("Ctrl+Return", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Alter master")),
    _C.REPEAT_NARRATION: _key("Ctrl+R", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Repeat narration")),
    _C.REPEAT_VOUCHER: _key("Alt+2", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Repeat voucher")),
    _C.CHANGE_MODE: _key("Ctrl+H", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Change mode")),
    _C.OPTIONAL: _key("Ctrl+L", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Optional")),
    _C.POST_DATED: _key("Ctrl+T", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Post-dated")),
    _C.CANCEL_VOUCHER: _key("Alt+X", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Cancel voucher")),
    _C.INSERT_LINE: _key("Alt+I", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Insert line")),
    _C.REMOVE_LINE: _key("Ctrl+D", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Remove line")),
    _C.NARRATE_LINE: _key("Ctrl+I", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Line narration")),
    _C.OLDEST_BILLS: _key("Alt+B", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Oldest bills first")),
    _C.PREVIOUS_VOUCHER: _key("PgUp", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Previous voucher")),
    _C.NEXT_VOUCHER: _key("PgDown", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Next voucher")),
    _C.PRINT_VOUCHER: _key("Alt+P Ctrl+P", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Print voucher")),
    _C.FILES: _key("Alt+F", _W.VOUCHER, QT_TRANSLATE_NOOP("Command", "Files")),
    _C.PERIOD: _key("Alt+F2", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Period")),
    _C.ADD_COLUMN: _key("Alt+C", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Compare with")),
    _C.AUTO_COLUMNS: _key("Alt+N", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Months or quarters")),
    _C.DETAILED: _key("Alt+F1", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Expand or fold all")),
    _C.EXPAND: _key("Shift+Return", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Expand or fold line")),
    _C.CONFIGURE: _key("F12", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Configure")),
    _C.MONTHLY: _key("Ctrl+M", _W.REPORT, QT_TRANSLATE_NOOP("Command", "By month")),
    _C.FILTER: _key("Ctrl+F Alt+F12", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Filter")),
    _C.COPY: _key("Ctrl+C Ctrl+Alt+C", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Copy")),
    _C.PRINT: _key("Alt+P Ctrl+P", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Print")),
    _C.EXPORT: _key("Alt+E Ctrl+E", _W.REPORT, QT_TRANSLATE_NOOP("Command", "Export")),
    _C.ZOOM_IN: _key("Ctrl++ Ctrl+=", _W.PAPER, QT_TRANSLATE_NOOP("Command", "Larger")),
    _C.ZOOM_OUT: _key("Ctrl+-", _W.PAPER, QT_TRANSLATE_NOOP("Command", "Smaller")),
    _C.DECIDE: _key("D", _W.CONFLICT, QT_TRANSLATE_NOOP("Command", "Decide")),
    _C.KEEP_STANDING: _key("K", _W.CONFLICT, QT_TRANSLATE_NOOP("Command", "Keep what stands")),
    _C.APPLY_PARKED: _key("A", _W.CONFLICT, QT_TRANSLATE_NOOP("Command", "Apply what is parked")),
    _C.CORRECT_PARKED: _key("C", _W.CONFLICT, QT_TRANSLATE_NOOP("Command", "Correct it")),
    _C.ATTACH_FILE: _key("A", _W.FILES, QT_TRANSLATE_NOOP("Command", "Attach files")),
    _C.OPEN_FILE: _key("O", _W.FILES, QT_TRANSLATE_NOOP("Command", "Open")),
    _C.SAVE_FILE: _key("S", _W.FILES, QT_TRANSLATE_NOOP("Command", "Save a copy")),
    _C.REMOVE_FILE: _key("Del", _W.FILES, QT_TRANSLATE_NOOP("Command", "Take off")),
}

_ERP_9_KEYS = {
    _C.CREDIT_NOTE: "Ctrl+F8",
    _C.DEBIT_NOTE: "Ctrl+F9",
    _C.HELP: "F1 Alt+H",
    _C.DETAILED: "Alt+F1 Alt+F5",
    _C.CHANGE_MODE: "Ctrl+V Ctrl+H",
}
ERP_9: Mapping[Command, Key] = {
    command: Key(_ERP_9_KEYS.get(command, key.keys), key.where, key.words) for command, key in TALLY_PRIME.items()
}

MAPS: Mapping[str, Mapping[Command, Key]] = {"tally-prime": TALLY_PRIME, "erp-9": ERP_9}

COMMAND_BY_NATURE: Mapping[VoucherNature, Command] = {
    VoucherNature.CONTRA: Command.CONTRA,
    VoucherNature.PAYMENT: Command.PAYMENT,
    VoucherNature.RECEIPT: Command.RECEIPT,
    VoucherNature.JOURNAL: Command.JOURNAL,
    VoucherNature.SALES: Command.SALES,
    VoucherNature.PURCHASE: Command.PURCHASE,
    VoucherNature.CREDIT_NOTE: Command.CREDIT_NOTE,
    VoucherNature.DEBIT_NOTE: Command.DEBIT_NOTE,
}


class KeyboardMap:
    """The map a person works with."""

    def __init__(self, name: str = "tally-prime") -> None:
        self.name = name if name in MAPS else "tally-prime"
        self.table = MAPS[self.name]

    def sequences(self, command: Command) -> list[QKeySequence]:
        """Return the keys of a command, the one that is shown first."""
        found = [QKeySequence(keys) for keys in self.table[command].keys.split()]
        # The Enter of the number block is the same key to a bookkeeper.
        return found + [
            QKeySequence(keys.replace("Return", "Enter"))
            for keys in self.table[command].keys.split()
            if "Return" in keys
        ]

    def hint(self, command: Command) -> str:
        """Return the key of a command as it is written on keyboards here, for the bar and the help."""
        return self.sequences(command)[0].toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")

    def all_hints(self, command: Command) -> str:
        """Return every key of a command, for the help."""
        sequences = [QKeySequence(keys) for keys in self.table[command].keys.split()]
        texts = (keys.toString(QKeySequence.SequenceFormat.NativeText) for keys in sequences)
        return ", ".join(text.replace("Return", "Enter") for text in texts)

    def words(self, command: Command) -> str:
        """Return what a command does, in the user's language."""
        return QCoreApplication.translate("Command", self.table[command].words)

    def in_place(self, where: Where) -> list[Command]:
        """Return the commands that live somewhere, in the order of the table."""
        return [command for command, key in self.table.items() if key.where is where]
