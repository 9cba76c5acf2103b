"""Runs a command beside this program: it ends when the program does, even one that is killed.

`python -m ledgerflow_desktop.sample.beside COMMAND...` ends the command once its own standard input is closed, which
the system does for a program that is no more.
"""

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    """Run the command until it ends or nobody holds our standard input any more; return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - what our own program asks for
    # Ctrl+C goes to the command as well, which ends in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait_for_the_end() -> None:
        # Not through Python's buffer, which nobody may hold when the interpreter ends.
        while os.read(0, 1024):
            pass
        child.terminate()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
