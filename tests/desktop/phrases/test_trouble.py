"""What keeps sync waiting is said in a sentence, and promises nothing that a single command does not do."""

import pytest

from ledgerflow_core.sync.refusals import REFUSALS
from ledgerflow_core.sync.replica import Trouble
from ledgerflow_desktop.phrases.problems import SENTENCES
from ledgerflow_desktop.phrases.trouble import trouble_text

# What the transport says when nothing came back (`NoAnswer`), and the server when nobody foresaw it.
OF_THE_LINE = (
    "unreachable", "certificate", "timeout", "not-the-server", "wants-tls", "speaks-no-tls", "damaged", "stopped",
)  # fmt: skip
OF_THE_SERVER = ("internal", "error")

CODES = sorted({*Trouble, *REFUSALS, *OF_THE_LINE, *OF_THE_SERVER, "book-damaged"})


@pytest.mark.parametrize("code", CODES)
def test_every_trouble_has_a_sentence_of_its_own(code: str) -> None:
    said = trouble_text(code)
    assert said != trouble_text("a-code-of-a-newer-server")
    assert said.endswith(".")
    assert not set(said) & set("[]{}")


@pytest.mark.parametrize("code", [*CODES, "a-code-of-a-newer-server"])
def test_a_single_command_never_claims_to_go_on_by_itself(code: str) -> None:
    said = trouble_text(code, goes_on=False)
    assert "by itself" not in said
    assert "again later" in said or "by itself" not in trouble_text(code)


def test_a_code_of_a_newer_server_is_said_as_a_refusal() -> None:
    assert trouble_text("a-code-of-a-newer-server") == SENTENCES["refused"]
    assert trouble_text("x" * 10_000) == SENTENCES["refused"]
