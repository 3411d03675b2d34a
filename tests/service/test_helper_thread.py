"""A large search is shared by two threads, and by one where the other is busy."""

import threading

import pytest

from service.helper_thread import HelperThread


def test_both_threads_take_part_and_the_results_are_in_order() -> None:
    both = threading.Barrier(2, timeout=60)
    names = set[str]()

    def call(number: int) -> int:
        if number < 2:
            both.wait()  # for the other thread
        names.add(threading.current_thread().name)
        return 10 * number

    assert HelperThread().map(call, range(7)) == [0, 10, 20, 30, 40, 50, 60]
    assert len(names) == 2


def test_where_the_helper_is_busy_the_calling_thread_does_it_all() -> None:
    helper = HelperThread()
    both, go_on = threading.Barrier(3, timeout=60), threading.Event()

    def wait(number: int) -> None:
        both.wait()
        go_on.wait()

    busy = threading.Thread(target=lambda: helper.map(wait, range(2)))
    busy.start()
    both.wait()

    assert helper.map(lambda number: number + 1, range(3)) == [1, 2, 3]
    go_on.set()
    busy.join()


def test_what_fails_is_raised_when_both_have_ended() -> None:
    def call(number: int) -> int:
        return 1 // number

    with pytest.raises(ZeroDivisionError):
        HelperThread().map(call, [1, 0, 1])
    assert HelperThread().map(call, []) == []
