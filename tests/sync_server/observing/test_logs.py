"""What may stand in a log line, and what never does."""

import io
import json
import logging

import structlog

from ledgerflow_server.observing import logs


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_only_fields_from_the_list() -> None:
    stream = io.StringIO()
    with logs.configured("info", stream):
        structlog.get_logger("ledgerflow.test").info("done", tenant=7, party="Sharma Traders", amount=471100)
    [line] = lines_of(stream)
    assert (line["event"], line["tenant"], line["level"]) == ("done", 7, "info")
    assert set(line) == {"event", "tenant", "level", "logger", "at"}


def test_an_error_is_its_kind_and_its_places_and_never_its_text() -> None:
    stream = io.StringIO()
    with logs.configured("info", stream):
        for log in (structlog.get_logger("ours"), logging.getLogger("a.library")):
            try:
                raise ValueError("Sharma Traders 4711.00")
            except ValueError:
                log.exception("failed")
    ours, theirs = lines_of(stream)
    for line in (ours, theirs):
        assert line["error"] == "ValueError"
        assert str(line["frames"]).count("test_logs.py") == 1
    assert "Sharma" not in stream.getvalue()


def test_a_line_break_cannot_begin_a_line_of_somebody_elses() -> None:
    stream = io.StringIO()
    with logs.configured("info", stream):
        logging.getLogger("a.library").warning('a\n{"event": "forged"}')
    [line] = lines_of(stream)
    assert line["event"] == 'a\n{"event": "forged"}'


def test_below_the_level_nothing_is_written_and_chatty_libraries_are_held_back() -> None:
    stream = io.StringIO()
    with logs.configured("info", stream):
        structlog.get_logger("ours").debug("quiet")
        logging.getLogger("httpx").info("GET /?token=secret")
        logging.getLogger("psycopg").info("SELECT 'secret'")
    assert stream.getvalue() == ""
