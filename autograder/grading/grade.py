"""Grade one submission: a pure function of its bytes, the release and the seed."""

from __future__ import annotations

import contextlib
import re
import time
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.calling import Outcome
from autograder.check import examine
from autograder.exercises import Exercise
from autograder.grading.cells import Unreadable, defines, read_cells
from autograder.grading.launcher import Child, Gone, Worker, WorkerFailed
from autograder.grading.policy import suspicions
from autograder.grading.rebuild import (
    Answers,
    Plan,
    Release,
    find_release,
    rebuild,
)
from autograder.places import LESSONS
from autograder.verdict import Verdict

GRACE = 3.0
TRIES = 3
STATUSES = ("returned", "unfinished", "crashed", "timeout", "refused", "missing")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{5,}")

Calls = Callable[[Sequence[tuple]], list[Outcome]]


@dataclass(frozen=True)
class Graded:
    """The verdicts on one submission, with notes and how long it took."""

    lesson: str
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""

    @property
    def score(self) -> float:
        """The points earned."""
        return float(sum(verdict.points for verdict in self.verdicts))

    @property
    def max_score(self) -> float:
        """The points that could be earned."""
        return float(sum(verdict.max_points for verdict in self.verdicts))


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
                    self._abandon(gone)
            return dead * len(arguments)

        return calls

    def prepare(self, name: str = "") -> None:
        """Have a process in which the cells were run; raises :class:`Gone`."""
        if self.child is not None and self.fast:
            return
        self.close()
        chosen = self.plan.cells if self.fast else self.plan.only_for(name)
        limits = self.worker.limits
        self.child = self.worker.child()
        seconds = (limits.cell_seconds, limits.cells_seconds)
        message = {
            "do": "cells",
            "cells": [cell.source for cell in chosen],
            "blocked": self.blocked,
            "seconds": seconds,
        }
        reply = self.child.ask(message, self._left(limits.cells_seconds + GRACE))
        self.errors = _cell_errors(reply, [cell.number for cell in chosen])
        if self.fast and any(e.status == "timeout" for e in self.errors.values()):
            raise Gone("timeout", "a cell took too long")

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
        return outcomes

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
            self._abandon(gone)
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

    def _left(self, wanted: float) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Gone("timeout", "the notebook as a whole took too long")
        return min(wanted, left)

    def _abandon(self, gone: Gone) -> None:
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


def grade_submission(
    data: bytes,
    worker: Worker,
    seed: int,
    file_name: str = "",
    release: Release | None = None,
    policy: str = "flag",
    lessons: str = "",
    answers: Answers = (),
) -> Graded:
    """Judge one notebook file.  Raises ``WorkerFailed`` only when that is to blame."""
    start = time.monotonic()
    try:
        notebook = read_cells(data)
        if release is None:
            folder = Path(lessons) if lessons else LESSONS
            release = find_release(notebook, file_name, folder, answers)
        plan = rebuild(notebook, release)
    except Unreadable as problem:
        return Graded("", (), problem=str(problem))
    for _ in range(TRIES):
        verdicts, killed = _judge(plan, worker, seed)
        if not killed:
            break
    verdicts, flags = _derived(plan, verdicts, policy)
    seconds = time.monotonic() - start
    return Graded(release.name, tuple(verdicts), (*plan.notes, *flags), seconds)


def _judge(plan: Plan, worker: Worker, seed: int) -> tuple[list[Verdict], bool]:
    """The verdicts, and whether somebody killed the process on the way."""
    blocked = sorted({name for e in plan.release.exercises for name in e.answers})
    deadline = time.monotonic() + worker.limits.total_seconds
    session = Session(worker, plan, blocked, deadline)
    try:
        try:
            session.prepare()
            session.ask_ahead(plan.release.exercises, seed)
        except Gone as gone:
            session._abandon(gone)
        verdicts = [_examine(session, e, seed) for e in plan.release.exercises]
        return verdicts, session.killed
    finally:
        with contextlib.suppress(WorkerFailed):  # the next submission will notice
            session.close()


def _examine(session: Session, exercise: Exercise, seed: int) -> Verdict:
    start = time.perf_counter()
    calls: Calls
    if not session.plan.answered(exercise.id) and session.fast is False:
        calls = _always(Outcome("unfinished", error="NotImplementedError"))
    else:
        try:
            session.prepare(exercise.id)
            calls = session.calls_for(exercise)
        except Gone as gone:
            session._abandon(gone)
            calls = _always(Outcome(gone.status, error=gone.reason))
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            verdict = examine(exercise, calls, seed)
    except WorkerFailed:
        raise
    except Exception as error:
        verdict = Verdict(
            exercise.id,
            "refused",
            0,
            exercise.points,
            headline=f"{exercise.id}: the answer could not be judged.",
            details=(f"The grader met {type(error).__name__}; look at it by hand.",),
        )
    return replace(_clean(verdict), seconds=round(time.perf_counter() - start, 4))


def _same(asked: list[tuple], arguments: list[tuple]) -> bool:
    """Whether these are the very arguments that were sent before."""
    return len(asked) == len(arguments) > 0 and all(
        one is other for one, other in zip(asked, arguments, strict=True)
    )


def _always(outcome: Outcome) -> Calls:
    return lambda arguments: [outcome] * len(arguments)


def _clean(verdict: Verdict) -> Verdict:
    """Memory addresses in messages would differ between equal runs."""
    return replace(
        verdict,
        details=tuple(ADDRESS.sub("0x...", line) for line in verdict.details),
        headline=ADDRESS.sub("0x...", verdict.headline),
        notes=tuple(ADDRESS.sub("0x...", line) for line in verdict.notes),
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


def _derived(
    plan: Plan, verdicts: list[Verdict], policy: str
) -> tuple[list[Verdict], list[str]]:
    """Flag answers that may not be derived; with the policy "zero" take the points."""
    flags, judged = [], []
    for exercise, verdict in zip(plan.release.exercises, verdicts, strict=True):
        cells = plan.behind(exercise.id)
        found = suspicions(exercise, cells) if verdict.status == "right" else []
        if found:
            flags.append(f"{exercise.id}: {'; '.join(found)}: was it derived?")
            if policy == "zero":
                verdict = replace(
                    verdict,
                    status="refused",
                    points=0,
                    headline=f"{exercise.id}: the numbers are right, but not derived.",
                    details=(f"The answer {found[0]}. Ask your instructor.",),
                )
        judged.append(verdict)
    return judged, flags
