"""The feed of hints over real HTTP: lines as they come, and nothing that could fill the memory."""

import pytest

from desktop.sync_client.answering import Answer, answering
from ledgerflow_desktop.sync_client import hints
from ledgerflow_desktop.sync_client.transport import EVENTS, NoAnswer, NotTheServer, Transport


def heard(answer: Answer) -> list[str]:
    with answering(answer) as server:
        transport = Transport(server.address, None)
        try:
            return list(transport.lines("/feed", "token", silence_seconds=5.0))
        finally:
            transport.close()


def test_lines_come_whole_however_they_end() -> None:
    body = b"event: head\nid: 7\r\n\r\n: here\n"
    assert heard(Answer(body, media=EVENTS)) == ["event: head", "id: 7", "", ": here"]


def test_a_line_that_is_not_finished_is_not_heard() -> None:
    assert heard(Answer(b"event: head\nid: 7", media=EVENTS)) == ["event: head"]


def test_what_is_no_text_harms_nothing() -> None:
    assert heard(Answer(b"\xff\xfe\n", media=EVENTS)) == ["\N{REPLACEMENT CHARACTER}" * 2]


@pytest.mark.parametrize("body", [b"x" * 5_000_000, b"event: head\n" + b"x" * 2_000 + b"\n", b"\n" + b"x" * 1_025])
def test_a_line_longer_than_any_hint_ends_the_feed(body: bytes) -> None:
    with pytest.raises(NoAnswer) as refused:
        heard(Answer(body, media=EVENTS))
    assert refused.value.facts["reason"] == "damaged"


def test_somebody_elses_answer_is_no_feed() -> None:
    with pytest.raises(NotTheServer):
        heard(Answer(b"<html>sign in</html>", media="text/html"))


def test_a_listener_leaves_a_feed_of_endless_lines_alone() -> None:
    rests: list[float] = []
    with answering(Answer(b"x" * 100_000, media=EVENTS)) as server:
        transport = Transport(server.address, None)
        hints.listen(
            lambda: transport.lines("/feed", "token", silence_seconds=5.0),
            lambda: pytest.fail("no hint was given"),
            rests.append,
            lambda: len(rests) == 3,
        )
        transport.close()
    assert rests == [5.0, 5.0, 600.0]
