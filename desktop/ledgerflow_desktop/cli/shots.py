"""`ledgerflow shots`: a picture of every screen."""

import argparse
import os
from pathlib import Path

from ledgerflow_desktop.screens import shots


def run(arguments: argparse.Namespace) -> int:
    """Write the pictures and name each."""
    # Pictures are taken without a display, also where there is one.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for picture in shots.take(Path(arguments.out)):
        print(picture)
    return 0
