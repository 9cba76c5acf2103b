import io
from dataclasses import replace

from ledgerflow_core.sync.replica import Status
from ledgerflow_desktop.actions.replicas import Standing
from ledgerflow_desktop.cli.sync_lines import ProgressLines, last_line, progress_text
from ledgerflow_desktop.sync_client.progress import Progress

BUSY = Progress(Status.SYNCING, pushed=500, to_push=1_200, pulled=0, to_pull=3_000, sent=120_000, received=3_000)


def test_a_session_says_how_far_it_is_in_events_and_bytes() -> None:
    assert progress_text(BUSY) == "syncing, sent 500 of 1,200, received 0 of 3,000, 117 KB up, 3 KB down"


def test_a_session_that_waits_says_until_when() -> None:
    assert progress_text(Progress(Status.WAITING, waits_seconds=4.0)) == "waiting, next attempt in 4 s"


def test_the_last_line_has_one_of_four_words_and_what_is_left() -> None:
    at = "2026-11-21T14:40:12.345Z"
    still = Standing("https://here", Status.UP_TO_DATE, 0, 0, at, 0, 0)
    assert last_line(still) == "up to date · nothing to send · last sync 2026-11-21 14:40 UTC"
    assert last_line(replace(still, pending=1_200, last_sync=""), Progress(Status.SYNCING)) == (
        "syncing · 1,200 events to send · never synced"
    )
    waiting = last_line(replace(still, pending=1, conflicts=2), Progress(Status.WAITING, "unreachable"))
    assert waiting.splitlines() == [
        "waiting · 1 event to send · 2 conflicts to decide · last sync 2026-11-21 14:40 UTC",
        "The server cannot be reached. Everything is kept here; sync again later. [unreachable]",
    ]
    attention = last_line(still, Progress(Status.ATTENTION, "server-log-differs"))
    assert attention.startswith("needs attention · ") and attention.endswith("[server-log-differs]")
    forged = last_line(still, Progress(Status.WAITING, "answer-unsigned", "receipt: not signed by this server"))
    assert forged.endswith(" (receipt: not signed by this server) [answer-unsigned]")
    assert last_line(replace(still, files_to_send=1, files_to_fetch=2)) == (
        "up to date · nothing to send · 1 file to send · 2 files to come · last sync 2026-11-21 14:40 UTC"
    )


def test_in_a_pipe_there_is_a_line_every_two_seconds_at_most() -> None:
    now, out = [0.0], io.StringIO()
    show = ProgressLines(out, lambda: now[0])
    for second in range(10):
        now[0] = float(second) / 2
        show(Progress(Status.SYNCING, pushed=second, to_push=10))
    assert out.getvalue().splitlines() == [f"syncing, sent {n} of 10" for n in (0, 4, 8)]
