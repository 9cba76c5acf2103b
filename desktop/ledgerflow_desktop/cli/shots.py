"""`ledgerflow shots`: a picture of every screen."""

import argparse
from pathlib import Path

from ledgerflow_desktop.screens import shots


def run(arguments: argparse.Namespace) -> int:
    """Write the pictures and name each."""
    for picture in shots.take(Path(arguments.out)):
        print(picture)
    return 0
