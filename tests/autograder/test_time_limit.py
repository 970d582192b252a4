"""A call that takes too long is stopped, with a timer and without."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from autograder import time_limit
from autograder.calling import call_many

WATCHED = sys.version_info >= (3, 12)


def endless():
    while True:
        pass


def swallows():
    while True:
        try:
            sum(range(10))
        except BaseException:
            continue


def calls_itself(n=60):
    return n if n < 2 else calls_itself(n - 1) + calls_itself(n - 2)


@pytest.fixture(params=["timer", "watcher"])
def way(request, monkeypatch):
    if request.param == "watcher":
        if not WATCHED:
            pytest.skip("Python 3.11 has no sys.monitoring: only the timer was tried")
        monkeypatch.delattr(time_limit.signal, "setitimer")
    return request.param


@pytest.mark.parametrize("slow", [endless, swallows, calls_itself])
def test_stopped_in_time(way, slow):
    start = time.perf_counter()
    first, second = call_many(slow, [(), ()], seconds=0.3)
    assert (first.status, second.status) == ("timeout", "timeout")
    assert time.perf_counter() - start < 5


def test_the_next_call_is_free_of_the_last_ones_limit(way):
    assert call_many(endless, [()], seconds=0.1)[0].status == "timeout"
    assert call_many(lambda: sum(range(1000)), [()])[0].value == 499500
    time.sleep(0.2)
    assert sum(n for n in range(3)) == 3


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer here")
def test_a_ring_that_is_heard_too_late_starts_no_timer():
    with time_limit.time_limit(5, endless.__code__):
        ring = signal.getsignal(signal.SIGALRM)
    ring(signal.SIGALRM, None)
    left = signal.setitimer(signal.ITIMER_REAL, 0)
    assert left == (0, 0)


@pytest.mark.skipif(not WATCHED, reason="Python 3.11 has no sys.monitoring")
def test_the_watcher_leaves_nothing_behind(way):
    call_many(lambda: 1, [()])
    assert sys.monitoring.get_tool(time_limit.WATCHER) is None
