"""What an import remarks, in words."""

import ast
from pathlib import Path

import ledgerflow_desktop
from ledgerflow_desktop.phrases.remarks import SENTENCES, remark_text


def test_every_remark_made_has_a_sentence() -> None:
    codes = set()
    for path in Path(ledgerflow_desktop.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("_proof.remarks.append"):
                (made,) = node.args
                assert isinstance(made, ast.Tuple)
                codes.add(ast.literal_eval(made.elts[0]))
    assert codes == set(SENTENCES)


def test_a_remark_says_what_it_means_and_shows_no_trick_characters() -> None:
    assert remark_text("voucher-differs", "S/1\x1b[2J").startswith("In the book already, and the file says something")
    assert "\x1b" not in remark_text("voucher-differs", "S/1\x1b[2J")
