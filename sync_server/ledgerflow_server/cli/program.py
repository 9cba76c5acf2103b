"""The commands, their options and exit codes. Each command's module is loaded when it runs, so starting is quick."""

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn, Protocol

from ledgerflow_core import __version__
from ledgerflow_core.errors import LedgerFlowError
from ledgerflow_core.sync.roles import Role
from ledgerflow_server.cli import sentences
from ledgerflow_server.settings import reading

DONE, WRONG, WRONG_USE = 0, 1, 2

_DESCRIPTION = """\
The server two or more offices meet at.

Settings are variables LEDGERFLOW_* or one TOML file (--config, or LEDGERFLOW_CONFIG): see 'ledgerflow-server settings'.
With no database named it runs a PostgreSQL of its own in the data folder.
"""

_EXAMPLES = """\
on an empty machine:
  ledgerflow-server init
  ledgerflow-server serve
  ledgerflow-server worker          beside it

exit codes: 0 done · 1 something is wrong; it is named, with what to do · 2 wrong use
"""


class _Command(Protocol):
    """Adds a command: its name, the module that runs it, and what it does."""

    def __call__(self, name: str, module: str, said: str, more: str = "") -> argparse.ArgumentParser: ...


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USE, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


def main(argv: list[str]) -> int:
    """Run one command and return its exit code. Problems go to standard error, one line each with its code."""
    arguments = parser().parse_args(argv)
    command = importlib.import_module(f"ledgerflow_server.cli.{arguments.module}")
    if arguments.config:
        # The processes that serve read the settings again, each for itself.
        os.environ[reading.CONFIG] = str(arguments.config.absolute())
    try:
        code = int(command.run(arguments, reading.read(os.environ)))
        sys.stdout.flush()
        return code
    except LedgerFlowError as error:
        for problem in error.problems:
            print(sentences.line(problem), file=sys.stderr)
        return WRONG
    except (EOFError, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        print(f"{error.filename or 'the system'}: {error.strerror or error} [storage-failed]", file=sys.stderr)
        return WRONG


def parser() -> argparse.ArgumentParser:
    """Return the commands with their options."""
    whole = _Parser(
        prog="ledgerflow-server",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"ledgerflow-server {__version__}")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    def command(name: str, module: str, said: str, more: str = "") -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=said, description=said + more, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        made.add_argument("--config", type=Path, metavar="FILE", help="a TOML file with settings")
        made.set_defaults(module=module, command=name)
        return made

    _care_commands(command)
    _people_commands(command)
    _keeping_commands(command)
    return whole


def _care_commands(command: _Command) -> None:
    init = command(
        "init", "initialising", "Make everything a server needs on this machine.",
        "\n\nKeys, a certificate authority, a certificate, a database; then the first tenant, its owner, a company\n"
        "and a code for the first device. What stands already is kept.",
    )  # fmt: skip
    init.add_argument("--tenant", default="Main office", metavar="NAME", help="name of the first tenant")
    init.add_argument("--owner", default="owner", metavar="LOGIN", help="login of its first owner")
    init.add_argument("--company", metavar="NAME", help="name of its first company (default: the tenant's)")
    serve = command("serve", "serving", "Serve until stopped (Ctrl+C or SIGTERM).")
    serve.add_argument("--processes", type=int, metavar="N", help="processes that serve (default: the setting)")
    serve.add_argument(
        "--insecure-loopback", action="store_true", help="plain HTTP, on a loopback address only: for trials"
    )
    worker = command("worker", "working", "Do the jobs: nightly verification, exports, clean-up. One beside 'serve'.")
    worker.add_argument("--once", action="store_true", help="do what waits and end")
    jobs = command("jobs", "working", "Show the jobs that failed; exit code 1 if any.")
    jobs.add_argument("number", type=int, nargs="?", metavar="NUMBER", help="one of them, for --retry or --forget")
    what = jobs.add_mutually_exclusive_group()
    what.add_argument("--retry", action="store_true", help="try it, or all of them, again")
    what.add_argument("--forget", action="store_true", help="delete it, or all of them")
    command("migrate", "migrating", "Bring the database to this version's tables; safe to repeat.")
    command("doctor", "doctor", "Check everything; names the command that mends each fault. Exit code 1 if any.")
    command("settings", "listing", "Show every setting: its name, its value and what it does.")


def _people_commands(command: _Command) -> None:
    made = command("create-tenant", "tenants", "Make a tenant and its first owner, whose password is shown this once.")
    made.add_argument("name", metavar="NAME")
    made.add_argument("--owner", default="owner", metavar="LOGIN", help="login of the owner (default: owner)")
    made = command("create-company", "tenants", "Make a company; its first book comes with the first device.")
    made.add_argument("name", metavar="NAME")
    _of_tenant(made)
    _of_tenant(command("list", "tenants", "List tenants with their companies, users and devices."))
    made = command("create-user", "people", "Make a user, whose password is shown this once.")
    made.add_argument("login", metavar="LOGIN")
    made.add_argument(
        "--role",
        choices=[role.value for role in Role],
        default=Role.ACCOUNTANT.value,
        help="default: accountant; a branch posts and alters, but locks nothing and decides no conflict",
    )
    made.add_argument("--name", help="as people read it (default: the login)")
    made.add_argument("--company", action="append", metavar="COMPANY", help="one they see; repeated (default: all)")
    _of_tenant(made)
    made = command("reset-password", "people", "Give a user a new password, shown this once; their sessions end.")
    made.add_argument("user", metavar="USER", help="login or id")
    made.add_argument("--second-factor", action="store_true", help="turn the second factor off, too: a lost phone")
    _of_tenant(made)
    made = command("enrol-code", "devices", "Make a code that lets one device in.")
    made.add_argument("user", metavar="USER", nargs="?", help="whose device: login or id (default: the only user)")
    made.add_argument("--company", metavar="COMPANY", help="number, id or name (default: the only one)")
    made.add_argument("--hours", type=int, default=24, help="how long it is good (default: 24)")
    _of_tenant(made)
    made = command("revoke-device", "devices", "Shut a device out at once.")
    made.add_argument("device", metavar="DEVICE", help="id or name, as 'list' shows it")
    _of_tenant(made)


def _keeping_commands(command: _Command) -> None:
    made = command(
        "verify", "verifying", "Prove the log and the books of every company, or of one. Exit code 1 if wrong."
    )
    made.add_argument("company", nargs="?", metavar="COMPANY", help="number, id or name (default: all)")
    _of_tenant(made)
    made = command("backup", "backing_up", "Write the whole server into one sealed file, while it serves.")
    made.add_argument(
        "target", type=Path, metavar="TARGET", help="a new file (with an ending), or a folder that is there"
    )
    made.add_argument("--prove", action="store_true", help="restore it into a scratch folder and verify it there")
    _sealed(made)
    made = command("restore", "restoring", "Put a whole server back where there is none.")
    made.add_argument("source", type=Path, metavar="SOURCE")
    _sealed(made)
    made = command("restore-tenant", "restoring", "Put one tenant of a backup back beside the living others.")
    made.add_argument("source", type=Path, metavar="SOURCE")
    made.add_argument("tenant", metavar="TENANT", help="its id")
    _sealed(made)
    made = command("end-recovery", "restoring", "Go on without what no desktop handed back after a restore.")
    made.add_argument("--yes", action="store_true", help="do not ask")


def _sealed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-fd", type=int, metavar="N", help="read the passphrase from this descriptor (default: ask)"
    )


def _of_tenant(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tenant", metavar="TENANT", help="id or name (default: the only one)")
