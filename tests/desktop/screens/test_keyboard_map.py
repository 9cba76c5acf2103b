"""One table of keys, without two meanings of one key in one place."""

from itertools import combinations

import pytest

from ledgerflow_core.masters.voucher_type import VoucherNature
from ledgerflow_desktop.screens.keyboard_map import COMMAND_BY_NATURE, MAPS, Command, KeyboardMap, Where

# Places whose commands can be given at the same time.
PLACES = (Where.VOUCHER, Where.REPORT, Where.PAPER, Where.CONFLICT, Where.FILES)
TOGETHER = [{Where.EVERYWHERE, Where.COMPANY, where} for where in PLACES]


@pytest.mark.parametrize("name", MAPS)
def test_no_key_means_two_things_in_one_place(name: str) -> None:
    for places in TOGETHER:
        keys = [(c, k) for c, key in MAPS[name].items() if key.where in places for k in key.keys.split()]
        assert [(a, b) for a, b in combinations(keys, 2) if a[1] == b[1]] == []


@pytest.mark.parametrize("name", MAPS)
def test_every_command_has_a_key_that_qt_understands(name: str) -> None:
    keys = KeyboardMap(name)
    assert set(MAPS[name]) == set(Command)
    assert all(not sequence.isEmpty() for command in Command for sequence in keys.sequences(command))


def test_the_voucher_keys_are_those_of_tallyprime() -> None:
    keys = KeyboardMap("tally-prime")
    hints = {nature.value: keys.hint(command) for nature, command in COMMAND_BY_NATURE.items()}
    assert hints == {
        "contra": "F4", "payment": "F5", "receipt": "F6", "journal": "F7", "sales": "F8", "purchase": "F9",
        "credit-note": "Alt+F6", "debit-note": "Alt+F5",
    }  # fmt: skip


def test_erp_9_differs_in_the_notes() -> None:
    keys = KeyboardMap("erp-9")
    assert keys.hint(COMMAND_BY_NATURE[VoucherNature.CREDIT_NOTE]) == "Ctrl+F8"
    assert keys.hint(COMMAND_BY_NATURE[VoucherNature.DEBIT_NOTE]) == "Ctrl+F9"
