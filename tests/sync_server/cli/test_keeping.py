"""`verify`, `worker`, `jobs`, `backup` and `end-recovery` as processes, on a machine of their own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledgerflow_server.cli import databases
from ledgerflow_server.database.connecting import connect
from ledgerflow_server.settings import reading
from sync_server.machines import Machine, new_machine


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with new_machine() as made:
        done = made.run("init")
        assert done.returncode == 0, done.stderr
        made.postgres().start()
        yield made


def test_a_server_without_books_verifies(machine: Machine) -> None:
    done = machine.run("verify")
    assert (done.returncode, done.stdout) == (0, "\nAll is as it was written.\n")


def test_a_worker_does_what_waits_and_ends_when_told_to(machine: Machine) -> None:
    database = databases.database_of(reading.read(machine.environment))
    defer = (
        "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args)"
        " VALUES ('default', 'clean-up', '{\"tenant\": 1}'), ('default', 'of another version', '{}')"
    )
    with connect(database, "lf_queue") as connection:
        connection.execute(defer)
    assert machine.run("worker", "--once").returncode == 0
    shown = machine.run("jobs")
    assert shown.returncode == 1
    assert "of another version" in shown.stdout and "clean-up" not in shown.stdout
    doctor = machine.run("doctor")
    assert (doctor.returncode, "0 wait, 1 failed" in doctor.stdout) == (1, True), doctor.stdout
    for act in ("--retry", "--forget"):
        done = machine.run("jobs", "9999", act)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("9999: no job of this number has failed;")
    assert machine.run("jobs", "--forget").stdout == "1 job(s) forgotten.\n"
    assert machine.run("jobs", "--forget").stdout == "0 job(s) forgotten.\n"
    assert machine.run("jobs").returncode == 0

    process = subprocess.Popen(machine.command("worker"), env=machine.environment, stderr=subprocess.PIPE, text=True)
    with connect(database, "lf_queue", autocommit=True) as connection:
        deadline = time.monotonic() + 30
        while not connection.execute("SELECT FROM jobs.procrastinate_workers").fetchall():
            assert process.poll() is None and time.monotonic() < deadline, "no worker came"
        assert machine.run("end-recovery", "--yes").stderr.endswith("[server-is-running]\n")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=40)
    assert process.returncode == 0, said


def test_a_new_life_of_the_log_is_begun_only_by_somebody_who_means_it(machine: Machine) -> None:
    before = (machine.folder / "incarnation").read_text()
    refused = machine.run("end-recovery")
    assert (refused.returncode, refused.stderr) == (
        1,
        "end-recovery: was not confirmed; nothing was done [not-confirmed]\n",
    )
    assert (machine.folder / "incarnation").read_text() == before
    assert machine.run("end-recovery", "--yes").returncode == 0
    assert (machine.folder / "incarnation").read_text() != before


def test_a_server_on_another_machine_keeps_the_log_in_its_life(machine: Machine) -> None:
    """It has a data folder of its own, so only its connection to the database tells of it."""
    database = databases.database_of(reading.read(machine.environment))
    with connect(database, "lf_app"):
        assert machine.run("end-recovery", "--yes").stderr.endswith("[server-is-running]\n")


def test_a_passphrase_is_never_part_of_a_command_and_a_short_one_is_none(machine: Machine, tmp_path: Path) -> None:
    reading_end, writing_end = os.pipe()
    os.write(writing_end, b"short\n")
    os.close(writing_end)
    command = machine.command("backup", str(tmp_path), "--passphrase-fd", str(reading_end))
    done = subprocess.run(
        command, env=machine.environment, capture_output=True, text=True, check=False, pass_fds=[reading_end]
    )
    os.close(reading_end)
    assert done.stderr == "the passphrase must have 12 characters or more [passphrase-too-short]\n"
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_the_passphrase_comes_from_a_descriptor(machine: Machine, tmp_path: Path) -> None:
    done = subprocess.run(
        machine.command("backup", str(tmp_path)),
        env=machine.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (
        1,
        "there is no terminal to ask for the passphrase at; give it with --passphrase-fd [no-terminal]\n",
    )


@pytest.mark.parametrize("said", ["backups", "backups/today.backup"])
def test_a_backup_into_a_folder_that_is_not_there_is_refused_before_the_passphrase(
    machine: Machine, tmp_path: Path, said: str
) -> None:
    done = machine.run("backup", str(tmp_path / said))
    assert done.returncode == 1
    assert done.stderr.startswith(f"{tmp_path / 'backups'}: there is no such folder; make it first")
    assert done.stderr.endswith("[no-such-folder]\n")
    assert list(tmp_path.iterdir()) == []
