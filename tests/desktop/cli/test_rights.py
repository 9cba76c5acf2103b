"""What a role may not do is refused by the command, not parked by the server days later."""

from pathlib import Path

from desktop.actions.enrolling_server import EnrollingServer
from desktop.builders import a_company_folder
from desktop.cli.running import run


def test_a_branch_posts_and_leaves_locking_to_others(tmp_path: Path) -> None:
    folder, server = a_company_folder(tmp_path), EnrollingServer(tmp_path, role="branch")
    assert run("lock", folder, "2026-03-31").code == 0, "a book on its own has every right"
    with server.served() as at:
        done = run("enrol", folder, at.address, server.code)
    assert (done.code, done.err) == (0, "")
    assert "for Asha (branch)" in done.out
    done = run("lock", folder, "2026-05-31", "--now")
    assert (done.code, done.codes) == (1, ["not-permitted"])
    assert "The role branch has no right to this (close). Nothing was saved." in done.err
