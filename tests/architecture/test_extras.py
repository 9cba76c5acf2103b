"""The core runs where nothing but its own two dependencies is installed."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

IMPORT_THE_CORE_ALONE = """
import importlib, pkgutil, sys

ALLOWED = {"ledgerflow_core", "msgspec", "cryptography", "cffi", "_cffi_backend"}


class OnlyTheCoresDependencies:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in sys.stdlib_module_names and root not in ALLOWED:
            raise ModuleNotFoundError(f"{name} is not a dependency of the core", name=name)


sys.meta_path.insert(0, OnlyTheCoresDependencies())
import ledgerflow_core

for module in pkgutil.walk_packages(ledgerflow_core.__path__, "ledgerflow_core."):
    importlib.import_module(module.name)
print("imported")
"""


def test_the_core_imports_with_only_its_own_dependencies() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_THE_CORE_ALONE],
        cwd=ROOT / "shared",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "imported\n", done.stderr
