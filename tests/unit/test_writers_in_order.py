"""Writers of one process: first come, first served."""

import threading
import time

import pytest

from bonecast.web.store.turns import Turns


def test_writers_come_in_the_order_in_which_they_asked():
    turns, order, threads = Turns(), [], []

    def write(number):
        with turns.wait(10):
            order.append(number)

    with turns.wait(1):
        for number in range(5):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            while len(turns) < number + 2:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_writer_whose_turn_does_not_come_gives_up_and_leaves_the_queue():
    turns = Turns()
    with turns.wait(1):
        with pytest.raises(TimeoutError), turns.wait(0.01):
            raise AssertionError("it had the turn")
        assert len(turns) == 1
    with turns.wait(0.01):
        assert len(turns) == 1
