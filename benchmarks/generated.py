"""Generated books as files: made once, kept under build/bench."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "bench"


def generated(vouchers: int, formats: str = "jsonl") -> Path:
    """Return a folder of generated books in these formats."""
    folder = FOLDER / f"generated-{vouchers}-{formats.replace(',', '-')}"
    if not (folder / "expected.json").exists():
        command = [sys.executable, str(ROOT / "benchmarks" / "generate_books.py"), "--vouchers", str(vouchers)]
        subprocess.run([*command, "--out", str(folder), "--formats", formats], check=True, stderr=subprocess.DEVNULL)
    return folder
