"""`settings`: the table of options with the values this machine gives them."""

import argparse
import textwrap

from ledgerflow_server.settings import reading
from ledgerflow_server.settings.settings import Settings


def run(_: argparse.Namespace, settings: Settings) -> int:
    """Print a paragraph for each option; the value of a secret is not shown."""
    for line in reading.table(settings):
        print(f"{line.variable}={line.value}")
        print(textwrap.indent(f"{line.says}; in the file: {line.name}", "    "))
    return 0
