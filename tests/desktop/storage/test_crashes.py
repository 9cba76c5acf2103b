"""Killed at random moments, over 200 rounds: nothing acknowledged is lost, doubled or different, nothing half-done."""

import os
import random
from pathlib import Path

import pytest

from desktop.storage.crash_harness import posting_rounds, rekeying_rounds, upgrade_rounds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked, which this system cannot"),
]


def test_no_voucher_is_lost_or_doubled_by_kills_while_posting(tmp_path: Path) -> None:
    tally = posting_rounds(tmp_path, 130, random.Random(1))
    assert tally.cut_off == 130
    assert tally.acknowledged > 130


def test_an_upgrade_killed_anywhere_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    tally = upgrade_rounds(tmp_path, 60, random.Random(2))
    assert tally.cut_off >= 20
    assert tally.found_old > 0
    assert tally.found_new > 0


def test_a_rekeying_killed_anywhere_shuts_nobody_out(tmp_path: Path) -> None:
    tally = rekeying_rounds(tmp_path, 40, random.Random(3))
    assert tally.cut_off >= 13
    assert tally.found_old > 0
    assert tally.found_new > 0
