"""The layers of the three packages, as written in pyproject.toml and as they are."""

import os
import subprocess
import sys
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_FOLDERS = [str(ROOT / folder) for folder in ("shared", "desktop", "sync_server")]
SCREENS = "ledgerflow_desktop.screens"


def test_every_import_contract_is_kept() -> None:
    linter = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    done = subprocess.run(
        [*linter, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PACKAGE_FOLDERS), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_screens_do_not_know_each_other() -> None:
    """A screen is a package of `screens` with a `page` in it; what two of them share lies beside them."""
    graph = grimp.build_graph("ledgerflow_desktop", cache_dir=None)
    if SCREENS not in graph.modules:
        return
    screens = [child for child in graph.find_children(SCREENS) if f"{child}.page" in graph.modules]
    crossings = [
        f"{importer} imports {imported}"
        for one in screens
        for importer in {one, *graph.find_descendants(one)}
        for imported in graph.find_modules_directly_imported_by(importer)
        for other in screens
        if other != one and (imported == other or imported.startswith(other + "."))
    ]
    assert crossings == []
