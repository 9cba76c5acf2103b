"""docs/licences.md is what people read before they install: it must not fall behind the locks."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_direct_dependency_is_listed_with_its_locked_version() -> None:
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = [
        metadata["project"]["dependencies"],
        *metadata["project"]["optional-dependencies"].values(),
        *metadata["dependency-groups"].values(),
    ]
    direct = {re.split(r"[\[>=<;, ]", requirement)[0].lower() for requirements in lists for requirement in requirements}
    locks = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "requirements").glob("*.txt")))
    locked = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", locks, re.MULTILINE))
    table = (ROOT / "docs" / "licences.md").read_text("utf-8")
    listed = {name.lower(): version for name, version in re.findall(r"^\| (\S+) \| (\d\S*) \|", table, re.MULTILINE)}

    assert listed == {name: locked[name] for name in direct}
