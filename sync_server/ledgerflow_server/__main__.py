"""`ledgerflow-server`: the sync server and the commands that look after it."""

import sys

from ledgerflow_server.cli import program


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    return program.main(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
