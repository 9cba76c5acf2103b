"""Whatever the server may say to a device, the desktop has a sentence for it."""

import ast
from pathlib import Path

import pytest

from desktop.phrases.test_problems import codes_in
from ledgerflow_core.sync.refusals import REFUSALS
from ledgerflow_desktop.phrases.problems import SENTENCES
from ledgerflow_desktop.phrases.trouble import trouble_text

SERVER = Path(__file__).resolve().parents[3] / "sync_server" / "ledgerflow_server"
# What answers a device: not the features for people who have signed in, the commands, or what happens at the start.
ANSWERS_DEVICES = (
    "attachments",
    "devices",
    "edge",
    "identity/access.py",
    "identity/rights.py",
    "identity/tokens.py",
    "ledger",
)
# The desktop sends no key of that kind; no device makes a code.
OF_OTHER_CLIENTS = {"idempotency-key-in-flight", "idempotency-key-reused", "too-many-tenants"}

_TABLES = ("_CODE_OF", "_STATUS_OF")


def refusals_in(tree: ast.Module) -> set[str]:
    """Codes written out in ``Refused(403, "...")``, ``refused("...")``, and what an error or a status is called."""
    codes = codes_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refused", "refused", "problem_response"):
            codes |= {str(given.value) for given in node.args[:2] if isinstance(given, ast.Constant)}
        if isinstance(node, ast.Assign) and (name := getattr(node.targets[0], "id", "")).startswith(_TABLES):
            for table in (one for one in ast.walk(node.value) if isinstance(one, ast.Dict)):
                said = table.values if name.startswith("_CODE_OF") else table.keys
                codes |= {str(one.value) for one in said if isinstance(one, ast.Constant)}
    return {code for code in codes if code and not code.isdigit()}


def codes_of_the_server() -> dict[str, str]:
    found = {}
    for place in ANSWERS_DEVICES:
        files = [SERVER / place] if place.endswith(".py") else sorted((SERVER / place).rglob("*.py"))
        assert files, place
        for file in files:
            found |= dict.fromkeys(refusals_in(ast.parse(file.read_text("utf-8"))), file.name)
    return found


def test_every_code_that_reaches_a_device_has_a_sentence() -> None:
    found = codes_of_the_server()
    assert {code: file for code, file in found.items() if code not in SENTENCES and code not in OF_OTHER_CLIENTS} == {}
    # The list is not empty by mistake: one of each way to say a code.
    assert {"key-in-use", "rate-limited", "token-wrong", "method-not-allowed", "json-refused", "internal"} <= set(found)


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_refusal_of_a_batch_has_a_sentence_as_trouble_and_as_an_answer(code: str) -> None:
    assert code in SENTENCES
    assert trouble_text(code).endswith(".") and code.replace("-", " ").capitalize() + "." != trouble_text(code)
