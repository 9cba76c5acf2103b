"""`ledgerflow`: with no argument the window, with a command the same actions in the terminal."""

import multiprocessing
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the program; return its exit code."""
    # In a frozen program the second process of an import starts here as well, and goes its own way.
    multiprocessing.freeze_support()
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("--sample", "--offscreen"):
        try:
            from ledgerflow_desktop import app
        except ModuleNotFoundError as error:
            if error.name and error.name.startswith("PySide6"):
                print("The window needs Qt: pip install 'ledgerflow[desktop]'", file=sys.stderr)
                return 2
            raise
        return app.main(arguments)
    from ledgerflow_desktop.cli import program

    return program.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
