"""The commands, their options and exit codes. Each command's module is loaded when it runs, so starting is quick."""

import argparse
import importlib
import io
import os
import sys
from typing import NoReturn, Protocol

from ledgerflow_core import __version__
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_desktop.cli import report_options

DONE, WRONG, WRONG_USE, UNREACHABLE = 0, 1, 2, 3

# What a person can mend only outside the books: a passphrase, a path, a lock, a disk.
_UNREACHABLE_CODES = frozenset(
    {
        "wrong-passphrase", "not-a-company", "company-in-use", "file-too-new", "read-only", "disk-full",
        "storage-failed", "key-store-unavailable", "new-passphrase-missing", "upgrade-needed", "passphrase-missing",
        "not-there", "no-answer", "authority-differs", "not-enrolled", "signing-key-out-of-reach",
    }
)  # fmt: skip

# Where an import gives up (`interchange.pipeline`).
_PROBLEMS_SHOWN = 100

_DESCRIPTION = """\
Double-entry books in one encrypted folder per company.

BOOK is the company's folder, with or without ".ledgerflow". The passphrase is asked for, or taken from
LEDGERFLOW_PASSPHRASE or this machine's keyring; it is never an argument. With no command the window opens.
"""

_EXAMPLES = """\
a first walk:
  ledgerflow new Acme --name "Acme Traders" --country IN --state 27
  ledgerflow import Acme ledgers.jsonl vouchers.jsonl
  ledgerflow report Acme trial-balance
  ledgerflow report Acme account --account Cash --from 2026-04-01 --format pdf -o cash.pdf
  ledgerflow verify Acme

exit codes: 0 done · 1 the books or the input are wrong · 2 wrong use · 3 cannot reach or unlock the company
"""


def main(argv: list[str]) -> int:
    """Run one command and return its exit code. Problems go to standard error, one line each with its code."""
    _take_any_character()
    arguments = _parser().parse_args(argv)
    command = importlib.import_module(f"ledgerflow_desktop.cli.{arguments.module}")
    try:
        code = int(command.run(arguments))
        sys.stdout.flush()
        return code
    except LedgerFlowError as error:
        return _failed(error)
    except EOFError:
        print("no passphrase was typed; nothing was done", file=sys.stderr)
        return UNREACHABLE
    except KeyboardInterrupt:
        # It may have come after the commit: say no more than is known.
        print("stopped; look at the books before doing it again", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        # What the system refused where nobody gave it a name: a path too long, a folder that may not be entered.
        failures = importlib.import_module("ledgerflow_desktop.storage.failures")
        return _failed(failures.from_os(error, str(error.filename or "")))


def _take_any_character() -> None:
    """A name the terminal cannot show is shown as well as it can: no command fails for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _failed(error: LedgerFlowError) -> int:
    _say(error)
    return UNREACHABLE if error.problems[0].code in _UNREACHABLE_CODES else WRONG


def _say(error: LedgerFlowError) -> None:
    phrases = importlib.import_module("ledgerflow_desktop.phrases.problems")
    shown = importlib.import_module("ledgerflow_desktop.phrases.visible").visible  # a file's name is not ours
    if len(error.problems) >= _PROBLEMS_SHOWN:
        print(f"The first {_PROBLEMS_SHOWN} problems; there may be more behind them:", file=sys.stderr)
    for problem in error.problems:
        place = f"{shown(problem.place)}: " if problem.place else ""
        print(f"{place}{phrases.say(problem)} [{problem.code}]", file=sys.stderr)


_HELP_OF = {"BOOK": "the company's folder", "FILE": "the backup file", "PACK": "the audit pack"}
_WHERE_FROM = "\n\nThe new passphrase is asked for, or taken from LEDGERFLOW_WHERE_FROM."


class _Command(Protocol):
    """Adds a command: its name, the module that runs it, and what it does."""

    def __call__(
        self, name: str, module: str, said: str, *, book: str = "BOOK", more: str = ""
    ) -> argparse.ArgumentParser: ...


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="ledgerflow",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ledgerflow {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, module: str, said: str, *, book: str = "BOOK", more: str = "") -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=said, description=said + more, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        made.set_defaults(module=module, command=name)
        if book:
            made.add_argument("book", metavar=book, help=_HELP_OF[book])
        return made

    _company_commands(command)
    _exchange_commands(command)
    report_options.add_to(
        command("report", "reporting", "Print a report, or write it to a file.", more=report_options.MORE)
    )
    paper = command("print", "printing", "Print vouchers as PDF: receipt, payment advice, journal, invoice.")
    paper.add_argument("vouchers", nargs="+", metavar="NUMBER|ID")
    paper.add_argument("--paper", default="a4", choices=("a4", "letter"))
    paper.add_argument("-o", "--output", default="-", metavar="FILE", help="file to write (default: standard output)")
    _file_commands(command)
    _care_commands(command)
    _sync_commands(command)
    _house_commands(command)
    return parser


def _company_commands(command: _Command) -> None:
    new = command("new", "creating", "Create a company. Never overwrites.")
    new.add_argument("--name", required=True, help="the company's name")
    new.add_argument("--country", default="IN", help="ISO code of its country (default IN)")
    new.add_argument("--state", default="", help="GST state code, for example 27")
    new.add_argument("--currency", default="", help="ISO code of the currency of the books (default: by country)")
    new.add_argument("--year-start", default="", metavar="MM-DD", help="first day of its years (default: by country)")
    new.add_argument("--books-begin", default="", metavar="DATE", help="first day of the books (default: this year's)")
    sample = command("sample", "creating", "Create a sample company: two years to today, about 3,000 vouchers.")
    sample.add_argument("--vouchers", type=int, default=3000, help="how many vouchers (default 3000)")


def _exchange_commands(command: _Command) -> None:
    take = command(
        "import", "importing", "Import books of another program; all or nothing, twice changes nothing.",
        more="\n\nEnds with a proof page: counts, totals, and each balance the source states beside ours.",
    )  # fmt: skip
    take.add_argument("files", nargs="+", metavar="FILE", help="files of one format")
    take.add_argument("--format", default="auto", choices=("auto", "jsonl", "tally", "gnucash", "hledger"))
    take.add_argument("--dry-run", action="store_true", help="do everything but keep it; show the proof page")
    give = command("export", "exporting", "Export the books.")
    give.add_argument("--format", required=True, choices=("jsonl", "hledger", "beancount", "tally", "csv"))
    give.add_argument("-o", "--output", default="-", metavar="FILE", help="file to write (default: standard output)")
    post = command(
        "post", "posting", "Post one or more vouchers given as JSON; prints id and number of each.",
        more="\n\nThe JSON is that of the interchange format: one object a line, or an array. '-' is standard input.",
    )  # fmt: skip
    post.add_argument("file", metavar="FILE|-")


def _file_commands(command: _Command) -> None:
    attach = command(
        "attach", "attaching", "Attach files to a voucher; all or none. It keeps its number, and the edit log says so.",
        more="\n\nA copy of each is kept encrypted in the company's folder; the file itself is left as it is.",
    )  # fmt: skip
    attach.add_argument("voucher", metavar="NUMBER|ID")
    attach.add_argument("files", nargs="+", metavar="FILE", help="up to 64 MiB each, 100 on one voucher")
    attach.set_defaults(save="", to="", remove="")
    files = command("attachments", "attaching", "List the files of a voucher, save a copy of one, or take one off.")
    files.add_argument("voucher", metavar="NUMBER|ID")
    deed = files.add_mutually_exclusive_group()
    deed.add_argument("--save", default="", metavar="NAME", help="write a copy of this one, in the clear; with --to")
    deed.add_argument("--remove", default="", metavar="NAME", help="take it off; earlier versions keep it")
    files.add_argument("--to", default="", metavar="PATH", help="a new file, or a folder; nothing is overwritten")
    files.set_defaults(files=[])


def _care_commands(command: _Command) -> None:
    verify = command("verify", "verifying", "Check every byte, event, signature and total; exit 1 names what is wrong.")
    verify.add_argument(
        "--against-server", action="store_true", help="compare the server's log with the one held, too, byte by byte"
    )
    pack = command(
        "pack", "packing", "Write an audit pack: the log as the server signed it, for an auditor without LedgerFlow."
    )
    pack.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="a new file; it holds the books in the clear"
    )
    command("verify-pack", "packing", "Check an audit pack; needs no company and no passphrase.", book="PACK")
    backup = command("backup", "backing_up", "Write one encrypted backup file, checked after writing.")
    backup.add_argument("-o", "--output", metavar="FILE", help="default: into the company's own backups folder")
    restore = command("restore", "backing_up", "Restore a company from a backup file.", book="FILE")
    restore.add_argument("into", metavar="BOOK", help="where the company is to stand")
    restore.add_argument("--replace", action="store_true", help="move a company that stands there aside first")
    command(
        "rekey",
        "keys",
        "Encrypt the whole book again with a new key; a new recovery code is shown once.",
        more="\n\nFiles attached to vouchers stay under the key they have." + _WHERE_FROM,
    )
    keys = command("keys", "keys", "List, add or remove the ways to unlock a company.", more=_WHERE_FROM)
    deed = keys.add_mutually_exclusive_group()
    deed.add_argument("--add-passphrase", action="store_true", help="asks for it (or LEDGERFLOW_WHERE_FROM)")
    deed.add_argument("--change-passphrase", action="store_true", help="replace the one given by a new one")
    deed.add_argument("--new-recovery-code", action="store_true", help="one more; earlier ones go on working")
    deed.add_argument("--remember", action="store_true", help="keep a key in this machine's keyring")
    deed.add_argument("--remove", metavar="SLOT", help="the id of a slot as listed")
    deed.add_argument(
        "--signing-key",
        choices=("key-store", "book", "new"),
        help="of a book that syncs: keep it in this computer's key store, in the book, or make another for a lost one",
    )
    lock = command("lock", "locking", "Lock the books up to a day, both ends inside.")
    lock.add_argument("until", metavar="DATE")
    lock.add_argument("--now", action="store_true", help="of a book that syncs: without waiting for the other offices")
    unlock = command("unlock", "locking", "Move the lock back, for a reason that stays on record.")
    unlock.add_argument("--until", default="", metavar="DATE", help="what stays locked (default: nothing)")
    unlock.add_argument("--reason", required=True)
    merge = command("merge", "mastering", "Merge one account or cost centre into another, for good.")
    merge.add_argument("merged", metavar="FROM", help="what goes: its name or id")
    merge.add_argument("into", metavar="INTO", help="what everything on it counts on from now on")
    retire = command("retire", "mastering", "Offer an account, cost centre or voucher type no more.")
    retire.add_argument("name", metavar="NAME", help="its name or id")
    log = command("log", "logging", "Show the edit log: who changed what, when, from what to what.")
    log.add_argument("--voucher", default="", metavar="NUMBER|ID", help="of one voucher only")
    log.add_argument("--account", default="", metavar="NAME", help="of one account only")
    log.add_argument("--from", dest="first", default="", metavar="DATE", help="recorded on or after")
    log.add_argument("--to", dest="last", default="", metavar="DATE", help="recorded on or before")
    log.add_argument("--limit", type=int, default=100, help="most lines (default 100, newest first; 0: all)")
    log.add_argument("--format", default="table", choices=("table", "json", "csv"))
    log.add_argument("-o", "--output", default="-", metavar="FILE")


def _sync_commands(command: _Command) -> None:
    enrol = command(
        "enrol", "enrolling", "Let a book take part at a server, by a code from there.",
        more="\n\nThe first office enrols its book, which becomes the company's. Another device has none yet: with\n"
        "--new BOOK is made from what the server has, once the first office has synced.",
    )  # fmt: skip
    enrol.add_argument("url", metavar="URL", help="the server's address")
    enrol.add_argument("code", metavar="CODE", help="the enrolment code, whole")
    how = enrol.add_mutually_exclusive_group()
    how.add_argument("--new", action="store_true", help="make BOOK anew from what the server has")
    how.add_argument("--again", action="store_true", help="let an enrolled BOOK in again, as a new device")
    sync = command(
        "sync", "syncing", "Send what was written here, take what was written elsewhere.",
        more="\n\nEnds with one line: up to date, syncing, waiting or needs attention. Exit code 3 while waiting,\n"
        "1 where it cannot go on without a person, with --status too. Conflicts to decide are counted and stop\n"
        "nothing.",
    )  # fmt: skip
    sync.add_argument("--watch", action="store_true", help="go on until Ctrl+C; other commands may write meanwhile")
    sync.add_argument("--status", action="store_true", help="only say how things stood after the last sync")
    offices = command(
        "offices", "offices", "List who takes part; close an office whose book is gone.",
        more="\n\nClosing is for a book that is lost, or that a restored backup left behind: nothing more of it is\n"
        "taken, and closing a period waits for it no longer. An owner or admin closes; after that, sync.",
    )  # fmt: skip
    offices.add_argument("--close", default="", metavar="OFFICE", help="the office, as listed")
    offices.add_argument("--reason", default="", help="why; stays on record")
    desk = command(
        "conflicts", "conflicts", "List, show and decide what could not take effect.",
        more="\n\nWith BOOK alone: list what waits. Accountants, admins and owners decide; after that, sync.\n\n"
        "  ledgerflow conflicts Acme show ID\n"
        "  ledgerflow conflicts Acme resolve ID --keep | --apply [--date DATE | --reopen REASON] | --correct FILE",
    )  # fmt: skip
    desk.set_defaults(deed="list")
    deeds = desk.add_subparsers(metavar="show|resolve")
    show = deeds.add_parser("show", help="both versions side by side, with what each does in money")
    show.add_argument("id", metavar="ID", help="as listed, or its beginning or end")
    show.set_defaults(deed="show")
    resolve = deeds.add_parser("resolve", help="decide; what is parked stays in the log either way")
    resolve.add_argument("id", metavar="ID", help="as listed, or its beginning or end")
    choice = resolve.add_mutually_exclusive_group(required=True)
    choice.add_argument("--keep", action="store_true", help="leave the books as they stand")
    choice.add_argument("--apply", action="store_true", help="let what is parked take effect on what stands now")
    choice.add_argument(
        "--correct", default="", metavar="FILE", help="let this voucher take the place of both: JSON as `post` takes it"
    )
    resolve.add_argument("--date", default="", metavar="DATE", help="another date, for a day that is locked")
    resolve.add_argument("--reopen", default="", metavar="REASON", help="unlock its day for it and lock it again")
    resolve.add_argument("--reason", default="", help="why; stays on record")
    resolve.set_defaults(deed="resolve")


def _house_commands(command: _Command) -> None:
    tour = command("tour", "tour", "Take the tour without a display: import, post, report, print.", book="")
    tour.add_argument("--out", default="build/tour", metavar="FOLDER")
    shots = command("shots", "shots", "Write a picture of every screen, in both themes.", book="")
    shots.add_argument("--out", default="build/shots", metavar="FOLDER")
