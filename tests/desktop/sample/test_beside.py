"""What is started beside the program ends with it: once nobody holds its standard input any more."""

import subprocess
import sys

WAITS = "import sys, time; print('here', flush=True); time.sleep(600)"
BESIDE = [sys.executable, "-m", "ledgerflow_desktop.sample.beside", sys.executable, "-c"]


def test_the_command_ends_once_its_starter_lets_go() -> None:
    with subprocess.Popen([*BESIDE, WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdin is not None and started.stdout is not None
        assert started.stdout.readline() == "here\n"
        started.stdin.close()
        # Its output ends only when the command itself is gone, not when what started it is.
        assert started.stdout.read() == ""
        assert started.wait(20) != 0


def test_a_command_that_ends_by_itself_hands_its_exit_code_on() -> None:
    with subprocess.Popen([*BESIDE, "raise SystemExit(3)"], stdin=subprocess.PIPE) as started:
        assert started.wait(60) == 3
