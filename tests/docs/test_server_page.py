"""docs/server.md names every command and setting there is, as they are, and shows no option that is not known."""

import re
import shlex
from pathlib import Path

import pytest

from ledgerflow_server.cli import program
from ledgerflow_server.settings import reading
from ledgerflow_server.settings.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "server.md").read_text("utf-8")
COMMANDS = [
    line.removeprefix("ledgerflow-server ").partition(" 3<")[0]
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]


@pytest.mark.parametrize("line", COMMANDS)
def test_the_command_is_understood_as_it_is_shown(line: str) -> None:
    assert program.parser().parse_args(shlex.split(line)).command == line.split(maxsplit=1)[0]


def test_every_command_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["--help"])
    known = set(re.findall(r"^    ([a-z][a-z-]+)", capsys.readouterr().out, re.MULTILINE))
    assert known == {line.split()[0] for line in COMMANDS}


def test_the_table_of_settings_is_what_the_command_prints() -> None:
    shown = re.findall(r"^\| `(LEDGERFLOW_\w+)` \| (.*?) \| (.*) \|$", PAGE, re.MULTILINE)
    meant = [(line.variable, f"`{line.value}`" if line.value else "", line.says) for line in reading.table(Settings())]
    # The data folder is where the person's data lies: on every machine another.
    assert [row for row in shown if row[0] != "LEDGERFLOW_DATA_FOLDER"] == meant[1:]
    assert shown[0][2] == meant[0][2]
