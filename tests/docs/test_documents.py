"""What documents point at is there: links, pictures, modules, tests, and commands with the options they show."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from ledgerflow_desktop.cli import program

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)")
PATH_OF_OURS = re.compile(r"`((?:shared|desktop|tests|docs|benchmarks|requirements)/[\w./-]+\.\w+)`")
COMMAND = re.compile(r"^\s*(?:\w+=\S+ )?ledgerflow ([a-z]+)([^|<>#\n]*)", re.MULTILINE)
SECTIONS = ["## Context", "## Decision", "## Consequences", "## What enforces it"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_are_named_exist(page: Path) -> None:
    named = PATH_OF_OURS.findall(page.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_have_the_options_they_are_shown_with(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    for command, rest in [found for block in blocks for found in COMMAND.findall(block)]:
        with pytest.raises(SystemExit):
            program.main([command, "--help"])
        known = capsys.readouterr().out
        shown = re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest)
        assert [option for option in shown if option not in known] == [], command


def test_decisions_have_a_number_of_their_own_and_four_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [record.name[:4] for record in records]

    assert len(set(numbers)) == len(numbers)
    for record in records:
        text = record.read_text("utf-8")
        assert re.findall("^## .*", text, re.MULTILINE) == SECTIONS, record.name
        if not record.name.startswith("0000"):
            assert text.startswith(f"# {record.name[:4]}. "), record.name


def test_the_report_that_is_shown_fits_the_schema() -> None:
    page = (ROOT / "docs" / "report-envelope.md").read_text("utf-8")
    schema = json.loads((ROOT / "docs" / "report-envelope.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(page.partition("```json\n")[2].partition("```")[0]), schema)


def test_pictures_are_small_enough_to_clone_and_all_are_shown() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*"))
    shown = "".join(page.read_text("utf-8") for page in PAGES)

    assert [path.name for path in pictures if path.stat().st_size > 200_000] == []
    assert [path.name for path in pictures if f"pictures/{path.name}" not in shown] == []
