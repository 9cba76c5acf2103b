"""`ledgerflow`: with no argument the window, with a command the same actions in the terminal."""

import multiprocessing
import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the program; return its exit code."""
    # In a frozen program the second process of an import starts here as well, and goes its own way.
    multiprocessing.freeze_support()
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("--sample", "--offscreen"):
        if _without_display():
            print(
                "There is no display for the window. 'ledgerflow tour' shows it in pictures, 'ledgerflow --help' the "
                "commands.",
                file=sys.stderr,
            )
            return 3
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


def _without_display() -> bool:
    """Whether Qt would find no screen to open a window on: it ends the whole program then."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(name) for name in named)


if __name__ == "__main__":
    sys.exit(main())
