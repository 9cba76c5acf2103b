"""The Qt binding keeps count of None: PySide6 6.12.0 did not on Python 3.11 (decision 0008)."""

import sys

from PySide6.QtCore import QObject


def test_a_call_that_returns_nothing_costs_no_reference_to_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(500):
        thing.setObjectName("x")
    assert sys.getrefcount(None) > before - 100
