"""Text made safe to show."""

from ledgerflow_desktop.phrases.visible import visible, visible_lines


def test_controls_become_a_sign_that_something_was_there() -> None:
    assert visible("a\x00b\x1b[31mc\x9bd\ud800e") == "a\ufffdb\ufffd[31mc\ufffdd\ufffde"


def test_overrides_and_zero_width_characters_go() -> None:
    assert visible("inv\u202eecio\u200bn\ufeff\u2066") == "invecion"


def test_joiners_of_hindi_and_persian_stay() -> None:
    assert visible("क्\u200dष") == "क्\u200dष"


def test_line_ends_become_blanks_or_lines() -> None:
    assert visible("a\r\nb\tc\u2028d") == "a b c d"
    assert visible_lines("a\r\nb\x1b\n\n") == ["a", "b\ufffd"]
    assert visible_lines("") == [""]
