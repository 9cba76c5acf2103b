"""docs/attacks.md: each of the twenty attacks names at least one test, and each test it names is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "attacks.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d", line)]
NAMED = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", PAGE)


def test_twenty_attacks_have_each_what_stops_them_and_a_test() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 21))
    for _, attack, stopped_by, shown_by in ROWS:
        assert attack and stopped_by
        assert re.search(r"`tests/[\w/.]+::test_\w+`", shown_by), attack


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    # A test may be collected once more from where it is imported.
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    there |= {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert name in there
