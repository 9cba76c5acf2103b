from ledgerflow_desktop.sync_client.pace import EVENTS_LEAST, PULL_BYTES_INTERACTIVE, PULL_BYTES_LEAST, Pace


def test_a_slow_line_gets_smaller_batches_and_a_quick_one_larger_ones_again() -> None:
    pace = Pace().after_push(30.0)
    assert pace.events == 250
    assert pace.after_push(10.0).events == 250
    assert pace.after_push(1.0).events == 500
    assert pace.after_push(1.0).after_push(1.0).events == 500


def test_a_batch_never_becomes_so_small_that_the_round_trips_take_longer_than_the_bytes() -> None:
    pace = Pace()
    for _ in range(20):
        pace = pace.after_push(60.0).after_pull(60.0)
    assert (pace.events, pace.pull_bytes) == (EVENTS_LEAST, PULL_BYTES_LEAST)


def test_pieces_of_the_log_stay_small_while_somebody_types() -> None:
    pace = Pace(pull_cap=PULL_BYTES_INTERACTIVE)
    for _ in range(20):
        pace = pace.after_pull(0.1)
    assert pace.pull_bytes == 64 * 1024


def test_a_server_that_takes_no_large_batches_is_not_asked_again() -> None:
    pace = Pace().capped(100)
    assert pace.events == 100
    assert pace.after_push(1.0).events == 100
