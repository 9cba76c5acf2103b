"""Sizes, names and habits a reviewer would otherwise have to repeat. The limits are walls, not aims."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "shared" / "ledgerflow_core"
PACKAGES = [CORE, ROOT / "desktop" / "ledgerflow_desktop", ROOT / "sync_server" / "ledgerflow_server"]
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}

# Clock and chance are arguments of the core: the same log must give the same books on every machine.
CLOCK_AND_CHANCE = re.compile(
    r"""(datetime\.)?(datetime|date)\.(now|utcnow|today)
      | time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|localtime|gmtime)
      | uuid\.uuid(1|4|6|7) | uuid(1|4|6|7)
      | (random|secrets)\..+ | os\.(urandom|getrandom)""",
    re.VERBOSE,
)

# Put together here, so that this file does not contain what it looks for.
INDEX_HOSTS = ["pypi." + "org", "python" + "hosted.org", "npmjs." + "com", "deb." + "debian.org"]
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(work|root|tmp/x|opt/wheels|opt/" + "pypi)/")


def sources(*packages: Path) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for path in sorted(package.rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def committed_texts() -> Iterator[tuple[str, str]]:
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        pytest.skip("not a git checkout: nothing says which files are committed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")


def test_no_module_outgrows_its_reader() -> None:
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for package in PACKAGES
        for path in package.rglob("*.py")
    }
    assert {path: count for path, count in lines.items() if count > MODULE_LINES_MAX} == {}


def test_no_function_outgrows_a_screen() -> None:
    long = [
        f"{path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path, tree in sources(*PACKAGES)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in package.rglob("*")
        if path.stem in NAMES_THAT_SAY_NOTHING
    ]
    assert named == []


def test_every_module_says_why_it_exists() -> None:
    assert [path for path, tree in sources(*PACKAGES) if not ast.get_docstring(tree)] == []


def test_no_float_comes_near_the_core() -> None:
    floats = [
        f"{path}:{node.lineno}"
        for path, tree in sources(CORE)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert floats == []


def test_the_core_is_given_time_and_chance() -> None:
    reached_for = [
        f"{path}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in sources(CORE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and CLOCK_AND_CHANCE.fullmatch(ast.unparse(node.func))
    ]
    assert reached_for == []


def test_no_committed_file_names_a_package_index() -> None:
    assert [(path, host) for path, text in committed_texts() for host in INDEX_HOSTS if host in text] == []


def test_no_committed_file_names_a_path_of_one_machine() -> None:
    named = [f"{path}: {match.group()}" for path, text in committed_texts() for match in MACHINE_PATH.finditer(text)]
    assert named == []


def test_no_lock_of_uv_is_committed() -> None:
    """It would name the package index; requirements/*.txt lock the same versions without it."""
    assert [path for path, _ in committed_texts() if path.endswith("uv.lock")] == []
