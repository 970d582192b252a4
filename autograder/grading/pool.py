"""Several graders on one machine; one that dies is replaced and nothing is lost."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from autograder.grading.engine import LOST, Engine, Settings, as_row
from autograder.grading.grade import Graded

Task = tuple[int, bytes, str]
TRIES = 2


def grade_here(tasks: Iterable[Task], engine: Engine) -> Iterator[tuple[int, dict]]:
    """Grade one after the other in this process."""
    for index, data, name in tasks:
        yield index, as_row(engine.grade(data, name))


@dataclass
class _Helper:
    process: BaseProcess
    line: Connection
    task: Task | None = None


def grade_in_pool(
    tasks: Iterable[Task], settings: Settings, jobs: int
) -> Iterator[tuple[int, dict]]:
    """Grade in ``jobs`` processes; results come as they are ready, each once."""
    source = iter(tasks)
    again: deque[Task] = deque()
    tries: dict[int, int] = {}
    helpers = [_start(settings) for _ in range(jobs)]
    try:
        for helper in helpers:
            _give(helper, again, source)
        while any(helper.task for helper in helpers):
            busy = {helper.line: helper for helper in helpers if helper.task}
            for line in wait(list(busy)):
                helper = busy[line]  # type: ignore[index]
                assert helper.task is not None
                index = helper.task[0]
                try:
                    row = helper.line.recv()
                except (EOFError, OSError):
                    tries[index] = tries.get(index, 0) + 1
                    if tries[index] < TRIES:
                        again.append(helper.task)
                    else:
                        yield index, as_row(Graded("", (), problem=LOST))
                    _replace(helper, settings)
                else:
                    helper.task = None
                    yield index, row
                _give(helper, again, source)
    finally:
        for helper in helpers:
            _stop(helper)


def _start(settings: Settings) -> _Helper:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, settings), daemon=False)
    process.start()
    theirs.close()
    return _Helper(process, ours)


def _replace(helper: _Helper, settings: Settings) -> None:
    _stop(helper)
    fresh = _start(settings)
    helper.process, helper.line, helper.task = fresh.process, fresh.line, None


def _give(helper: _Helper, again: deque[Task], source: Iterator[Task]) -> None:
    helper.task = again.popleft() if again else next(source, None)
    if helper.task is not None:
        try:
            helper.line.send(helper.task)
        except OSError:
            return  # it has just died: the end of its line says so


def _stop(helper: _Helper) -> None:
    helper.line.close()
    helper.process.join(5)
    if helper.process.is_alive():
        helper.process.terminate()
        helper.process.join()


def _serve(line: Any, settings: Settings) -> None:
    """What a pool process does until its line is closed."""
    with Engine(settings) as engine:
        while True:
            try:
                _, data, name = line.recv()
            except (EOFError, OSError, KeyboardInterrupt):
                return
            line.send(as_row(engine.grade(data, name)))
