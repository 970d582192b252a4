"""The conversation with a submission: run its cells, then ask its functions.

The replies come from hostile code: they are believed only as far as they are well
formed, and whatever is not answers nothing.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.calling import Outcome
from autograder.exercises import Exercise
from autograder.grading.cells import defines
from autograder.grading.children import Child, Gone
from autograder.grading.launcher import Worker
from autograder.grading.rebuild import Plan

GRACE = 3.0
STATUSES = ("returned", "unfinished", "crashed", "timeout", "refused", "missing")

Calls = Callable[[Sequence[tuple]], list[Outcome]]


@dataclass
class Session:
    """The conversation with a submission's process or, when it fails, processes."""

    worker: Worker
    plan: Plan
    blocked: list[str]
    deadline: float
    child: Child | None = None
    fast: bool = True
    errors: dict[int, Outcome] = field(default_factory=dict)
    killed: bool = False
    ahead: deque[tuple[str, list[tuple]]] = field(default_factory=deque)
    early: dict[str, tuple[list[tuple], Any]] = field(default_factory=dict)

    def calls_for(self, exercise: Exercise) -> Calls:
        """A function that runs one exercise's function on tuples of arguments."""
        dead: list[Outcome] = []

        def calls(arguments: Sequence[tuple]) -> list[Outcome]:
            if not dead:
                try:
                    return self._ask(exercise.id, list(arguments))
                except Gone as gone:
                    dead.append(Outcome(gone.status, error=gone.reason))
                    self.abandon(gone)
            return dead * len(arguments)

        return calls

    def prepare(self, name: str = "") -> None:
        """Have a process in which the cells were run; raises :class:`Gone`."""
        if self.child is not None and self.fast:
            return
        self.close()
        own = self.plan.own if self.fast else self.plan.only_for(name)
        limits = self.worker.limits
        self.child = self._fresh_child()
        seconds = (limits.cell_seconds, limits.cells_seconds)
        message = {
            "do": "cells",
            "given": list(self.plan.release.given),
            "own": [cell.source for cell in own],
            "blocked": self.blocked,
            "seconds": seconds,
        }
        reply = self.child.ask(message, self._left(limits.cells_seconds + GRACE))
        self.errors = _cell_errors(reply, [cell.number for cell in own])
        if self.fast and any(e.status == "timeout" for e in self.errors.values()):
            raise Gone("timeout", "a cell took too long")

    def _fresh_child(self) -> Child:
        """A new process; what it takes to start is not the student's time."""
        start = time.monotonic()
        child = self.worker.child()
        self.deadline += time.monotonic() - start
        return child

    def ask_ahead(self, exercises: Sequence[Exercise], seed: int) -> None:
        """Ask what ``examine`` will ask first, so that both sides work at once."""
        assert self.child is not None
        for exercise in exercises:
            arguments = [i.args for i in exercise.instances(seed) for _ in range(2)]
            self.ahead.append((exercise.id, arguments))
        self.child.tell(self._calls(*self.ahead), self._left(GRACE))

    def _calls(self, *calls: tuple[str, list[tuple]]) -> dict[str, Any]:
        seconds = self.worker.limits.call_seconds
        return {"do": "calls", "calls": list(calls), "seconds": seconds}

    def _ask(self, name: str, arguments: list[tuple]) -> list[Outcome]:
        while self.ahead and not self._have(name, arguments):
            self._take_early()
        asked, early = self.early.pop(name, ([], None))
        if not _same(asked, arguments):
            if self.child is None:
                self.prepare(name)
            assert self.child is not None
            message = self._calls((name, arguments))
            early = self.child.ask(message, self._patience())
        if isinstance(early, Gone):
            raise early
        outcomes = _outcomes(early, len(arguments))
        if outcomes[0].status == "missing":
            return [self._why_missing(name)] * len(arguments)
        if outcomes[0].error.startswith("NameError") and self._its_cell_failed(name):
            return [self._why_missing(name)] * len(arguments)
        return outcomes

    def loaded(self, names: Sequence[str]) -> list[str]:
        """Which of these modules the process says it has; hostile code may deny it."""
        while self.ahead:
            self._take_early()
        if self.child is None:
            return []
        try:
            reply = self.child.ask({"do": "loaded", "names": names}, self._patience())
        except Gone:
            return []
        return [n for n in names if isinstance(reply, list) and n in reply]

    def _have(self, name: str, arguments: list[tuple]) -> bool:
        return name in self.early and _same(self.early[name][0], arguments)

    def _take_early(self) -> None:
        """The next reply to what was asked ahead, or why there is none."""
        assert self.child is not None
        name, arguments = self.ahead.popleft()
        try:
            reply = self.child.ask(None, self._patience())
        except Gone as gone:
            reply = gone
            self.abandon(gone)
        self.early[name] = (arguments, reply)

    def _patience(self) -> float:
        return self._left(self.worker.limits.call_seconds + GRACE)

    def _why_missing(self, name: str) -> Outcome:
        for cell in reversed(self.plan.own):
            if defines(cell.source, name):
                failed = self.errors.get(cell.number)
                if failed is not None:
                    error = f"its cell (cell {cell.number}) stopped with {failed.error}"
                    status = "timeout" if failed.status == "timeout" else "crashed"
                    return Outcome(status, error=error, where=failed.where)
                return Outcome(
                    "refused", error="its cell left no function of this name"
                )
        return Outcome("unfinished", error="NotImplementedError")

    def _its_cell_failed(self, name: str) -> bool:
        cells = [c for c in self.plan.own if defines(c.source, name)]
        return bool(cells) and cells[-1].number in self.errors

    def _left(self, wanted: float) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Gone("timeout", "the notebook as a whole took too long")
        return min(wanted, left)

    def abandon(self, gone: Gone) -> None:
        """From now on every exercise gets a process of its own."""
        self.fast = False
        self.killed |= gone.killed
        self.ahead.clear()
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        child, self.child = self.child, None
        if child is not None:
            child.end()


def _same(asked: list[tuple], arguments: list[tuple]) -> bool:
    """Whether these are the very arguments that were sent before."""
    return len(asked) == len(arguments) > 0 and all(
        one is other for one, other in zip(asked, arguments, strict=True)
    )


def _cell_errors(reply: Any, numbers: list[int]) -> dict[int, Outcome]:
    """The worker's list of failed cells, believed only as far as it is well formed."""
    errors: dict[int, Outcome] = {}
    if not isinstance(reply, list):
        raise Gone("crashed", "it sent something else than was asked for")
    for item in reply[: len(numbers)]:
        match item:
            case (int(index), str(status), str(error), str(where)) if (
                0 <= index < len(numbers) and status in STATUSES
            ):
                errors[numbers[index]] = Outcome(
                    status, error=_line(error), where=_line(where)
                )
            case _:
                raise Gone("crashed", "it sent something else than was asked for")
    return errors


def _outcomes(reply: Any, count: int) -> list[Outcome]:
    """The worker's answers; whatever is not well formed answers nothing."""
    if not isinstance(reply, list) or len(reply) != count:
        raise Gone("crashed", "it sent something else than was asked for")
    return [_outcome(item) for item in reply]


def _outcome(item: Any) -> Outcome:
    match item:
        case (
            str(status),
            value,
            str(error),
            str(where),
            changed,
            warned,
            evaluated,
        ) if (
            status in STATUSES
            and _all(changed, lambda c: type(c) is int and 0 <= c < 50)
            and _all(warned, lambda w: isinstance(w, str))
            and _all(evaluated, _is_pair)
        ):
            texts = tuple(_line(text) for text in warned[:5])
            return Outcome(
                status, value, _line(error), _line(where), changed, texts, evaluated
            )
    raise Gone("crashed", "it sent something else than was asked for")


def _all(items: Any, fits: Callable[[Any], bool]) -> bool:
    return type(items) is tuple and len(items) <= 1000 and all(map(fits, items))


def _is_pair(item: Any) -> bool:
    return type(item) is tuple and len(item) == 2 and all(type(i) is int for i in item)


def _line(text: str) -> str:
    """Text from outside: one line, cut, no control characters."""
    shown = "".join(c if c.isprintable() else " " for c in text[:400])
    return " ".join(shown.split())
