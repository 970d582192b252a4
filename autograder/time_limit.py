"""Stop a student's code that takes too long, in whatever way this Python can.

Only the student's own code is ever interrupted: what lies below one given code object
on the stack.  Nothing here is imported from the rest of the project.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import CodeType, FrameType
from typing import Any

WATCHER = 4  # the tool number under which sys.monitoring knows us


class TimeLimit(BaseException):
    """Raised inside a call that takes too long (a bare ``except`` meets it again)."""


def time_limit(seconds: float, student: CodeType) -> AbstractContextManager[None]:
    """Raise :class:`TimeLimit` after so many seconds in what ``student`` calls.

    With a timer everything stops, a slow call of NumPy too.  In a browser, on Windows
    and outside the main thread there is no timer: then Python's own loops and calls
    are watched, and a single slow call of NumPy runs to its end.  Python 3.11 cannot
    watch; there nothing is stopped.
    """

    def stop(frame: FrameType | None) -> None:
        if _is_inside(student, frame):
            raise TimeLimit

    in_main = threading.current_thread() is threading.main_thread()
    if hasattr(signal, "setitimer") and in_main:
        return _timer(seconds, stop)
    watch = getattr(sys, "monitoring", None)
    if watch is not None and watch.get_tool(WATCHER) is None:
        return _watcher(watch, seconds, stop)
    return contextlib.nullcontext()


Stop = Callable[[FrameType | None], None]


@contextlib.contextmanager
def _timer(seconds: float, stop: Stop) -> Iterator[None]:
    over = False

    def ring(signum: int, frame: FrameType | None) -> None:
        if over:  # rung before the end, heard after it: a new timer would kill us
            return
        # A bare "except" swallows one interruption.  Coming again and again, one of
        # them falls between two of the student's "try" blocks.
        signal.setitimer(signal.ITIMER_REAL, 1e-4, 1e-4)
        stop(frame)

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _watcher(watch: Any, seconds: float, stop: Stop) -> Iterator[None]:
    """Read the clock whenever a loop turns and whenever a function begins."""
    end = time.monotonic() + seconds

    def look(*event: Any) -> None:
        if time.monotonic() > end:
            stop(sys._getframe(1))

    watch.use_tool_id(WATCHER, "backproplab time limit")
    for event in (watch.events.JUMP, watch.events.PY_START):
        watch.register_callback(WATCHER, event, look)
    watch.set_events(WATCHER, watch.events.JUMP | watch.events.PY_START)
    try:
        yield
    finally:
        watch.set_events(WATCHER, 0)
        watch.free_tool_id(WATCHER)


def _is_inside(code: CodeType, frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None
