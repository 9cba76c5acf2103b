"""`ledgerflow` as it is, on the machine of one office: ``python -m end_to_end.shell PLACE NAME COMMAND ...``.

The product takes no key store but a real one of the system, and a machine of tests has none: the office's is a file.
"""

import sys
from pathlib import Path

from end_to_end.office import machine_at
from ledgerflow_desktop import __main__ as program
from ledgerflow_desktop.cli import terminal

if __name__ == "__main__":
    place, name, *arguments = sys.argv[1:]
    terminal.machine = lambda: machine_at(Path(place), name)
    sys.exit(program.main(arguments))
