"""Text is readable in both looks (WCAG 2.2, 1.4.3: 4.5 to 1; 1.4.11 for borders and focus: 3 to 1)."""

import pytest

from ledgerflow_desktop.screens.look.style_sheet import style_sheet
from ledgerflow_desktop.screens.look.tokens import DARK, LIGHT, Colours


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_what_it_stands_on(colours: Colours) -> None:
    grounds = (colours.window, colours.surface, colours.sunken, colours.raised, colours.selection)
    pairs = [(text, ground) for text in (colours.text, colours.text_quiet) for ground in grounds]
    pairs += [(colours.on_accent, colours.accent), (colours.on_accent, colours.accent_strong)]
    pairs += [(colours.danger, ground) for ground in (colours.surface, colours.danger_surface)]
    pairs += [(colours.warning, ground) for ground in (colours.surface, colours.warning_surface)]
    pairs += [(colours.good, ground) for ground in (colours.surface, colours.window)]
    assert [(pair, round(contrast(*pair), 2)) for pair in pairs if contrast(*pair) < 4.5] == []


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_and_focus_can_be_seen(colours: Colours) -> None:
    for ground in (colours.surface, colours.window):
        assert contrast(colours.line_strong, ground) >= 3
        assert contrast(colours.accent, ground) >= 3


def test_the_sheet_leaves_no_hole_open() -> None:
    assert "$" not in style_sheet(LIGHT, down_arrow="a.svg", check_mark="b.svg")
