from ledgerflow_core.sync.log import PARKED_REASONS
from ledgerflow_desktop.phrases.parked import reason_text


def test_every_reason_to_park_has_words_of_its_own() -> None:
    said = {reason: reason_text(reason) for reason in PARKED_REASONS}
    assert len(set(said.values())) == len(PARKED_REASONS)
    assert [reason for reason, text in said.items() if text.lower() == reason.replace("-", " ")] == []


def test_a_reason_of_a_later_version_is_said_by_its_code() -> None:
    assert reason_text("moon-is-full") == "Moon is full"
