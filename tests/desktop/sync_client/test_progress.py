from hypothesis import given
from hypothesis import strategies as st

from ledgerflow_desktop.sync_client.progress import Progress

left = st.integers(0, 2**40)


def test_the_total_is_what_was_left_at_the_start() -> None:
    begun = Progress().with_left(to_push=1_100, to_pull=0)
    later = begun.with_left(to_push=600, to_pull=500)
    assert (later.pushed, later.to_push, later.pulled, later.to_pull) == (500, 1_100, 0, 500)


def test_what_comes_in_between_is_added() -> None:
    later = Progress().with_left(to_push=10, to_pull=0).with_left(to_push=4, to_pull=0).with_left(to_push=7, to_pull=0)
    assert (later.pushed, later.to_push) == (6, 13)


def test_what_the_server_had_already_is_done() -> None:
    later = Progress().with_left(to_push=5, to_pull=0).with_left(to_push=0, to_pull=0)
    assert (later.pushed, later.to_push) == (5, 5)


@given(st.lists(st.tuples(left, left)))
def test_neither_total_nor_done_goes_back_and_the_rest_is_what_is_left(moments: list[tuple[int, int]]) -> None:
    progress = Progress()
    for to_push, to_pull in moments:
        before, progress = progress, progress.with_left(to_push=to_push, to_pull=to_pull)
        assert progress.pushed >= before.pushed and progress.to_push >= before.to_push
        assert progress.pulled >= before.pulled and progress.to_pull >= before.to_pull
        assert progress.to_push - progress.pushed == to_push
        assert progress.to_pull - progress.pulled == to_pull
