"""Our own PostgreSQL: made from nothing, found running, stopped, and back after every way of dying."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ledgerflow_server.database.embedded import EmbeddedPostgres
from ledgerflow_server.database.failures import EmbeddedDatabaseFailed
from ledgerflow_server.database.unprivileged import ACCOUNT, account_of_postgres


@pytest.fixture(scope="module")
def cluster(own_cluster: Callable[[], EmbeddedPostgres]) -> EmbeddedPostgres:
    made = own_cluster()
    with psycopg.connect(made.administration(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int4)")
    return made


def add(cluster: EmbeddedPostgres, number: int) -> None:
    with psycopg.connect(cluster.administration()) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(cluster: EmbeddedPostgres) -> set[int]:
    with psycopg.connect(cluster.administration()) as connection:
        return {row[0] for row in connection.execute("SELECT number FROM kept")}


def test_it_writes_through_to_the_disk_and_listens_on_no_port(cluster: EmbeddedPostgres) -> None:
    with psycopg.connect(cluster.administration()) as connection:
        settings = dict(connection.execute("SELECT name, setting FROM pg_settings").fetchall())
    wanted = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on"}
    wanted |= {"listen_addresses": "", "log_parameter_max_length": "0", "server_encoding": "UTF8"}
    assert {name: settings[name] for name in wanted} == wanted


def test_a_program_that_finds_it_running_uses_it(cluster: EmbeddedPostgres) -> None:
    before = cluster.pid()
    again = EmbeddedPostgres(cluster.folder)
    again.start()
    assert again.pid() == before
    add(again, 1)
    assert 1 in kept(cluster)


def test_it_outlives_the_program_that_started_it(cluster: EmbeddedPostgres) -> None:
    cluster.stop()
    assert not cluster.running()
    script = """if True:
        import sys, pathlib
        from ledgerflow_server.database.embedded import EmbeddedPostgres
        EmbeddedPostgres(pathlib.Path(sys.argv[1])).start()
    """
    path = os.pathsep.join(sys.path)
    subprocess.run([sys.executable, "-c", script, cluster.folder], env={**os.environ, "PYTHONPATH": path}, check=True)
    assert cluster.running()
    add(cluster, 2)


def test_what_was_committed_is_there_after_a_crash(cluster: EmbeddedPostgres) -> None:
    cluster.start()
    add(cluster, 3)
    cluster.crash()
    assert not cluster.running()
    cluster.start()
    assert 3 in kept(cluster)


def test_it_starts_at_once_after_its_process_was_killed(cluster: EmbeddedPostgres) -> None:
    cluster.start()
    add(cluster, 4)
    pid = cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    cluster.start()
    assert cluster.pid() != pid
    assert 4 in kept(cluster)


def test_making_it_again_after_half_a_start_begins_anew(own_cluster: Callable[[], EmbeddedPostgres]) -> None:
    cluster = own_cluster()
    cluster.stop()
    (cluster.folder / "cluster").rename(cluster.folder / "cluster.new")
    cluster.start()
    assert cluster.running()


def test_stopping_what_does_not_run_is_nothing(tmp_path: Path) -> None:
    EmbeddedPostgres(tmp_path / "nowhere").stop()
    assert not (tmp_path / "nowhere").exists()


def test_a_database_is_made_once(cluster: EmbeddedPostgres) -> None:
    cluster.start()
    for _ in range(2):
        cluster.ensure_database("books")
    with psycopg.connect(cluster.administration("books")) as connection:
        assert connection.info.dbname == "books"


def test_nobody_else_gets_in_without_a_password(cluster: EmbeddedPostgres) -> None:
    cluster.start()
    with psycopg.connect(cluster.administration(), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS visitor; CREATE ROLE visitor LOGIN")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=cluster.place("postgres")["host"], user="visitor", dbname="postgres")


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    cluster = EmbeddedPostgres(tmp_path / ("a-long-name" * 12))
    assert len(cluster.place("postgres")["host"]) < 60


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_lets_the_account_pass_and_nobody_else(cluster: EmbeddedPostgres) -> None:
    account = account_of_postgres()
    assert account.name == ACCOUNT
    mode = cluster.folder.stat().st_mode
    assert mode & 0o007 == 0, "others may neither list nor pass"
    assert (cluster.folder / "cluster").stat().st_uid == account.uid


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "socket").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "db" / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EmbeddedDatabaseFailed, match="belongs to somebody else"):
        EmbeddedPostgres(tmp_path / "db").start()
