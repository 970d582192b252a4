"""Run a worked solution with slips in it beside the numbers a student got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.evaluating import NOTHING, Recorder, value_of
from autograder.worked import FREE, Environment, Program, Slip

CLOSE = 3e-6  # numbers that went through single precision agree this well


@dataclass(frozen=True)
class Attempt:
    """Slips in a worked solution, and how far they follow the student's numbers.

    ``reached`` counts the parts, from the loss backwards, that agree; ``number`` is
    the value that a free slip was solved for.
    """

    slips: tuple[Slip, ...] = ()
    reached: int = 0
    number: float | None = None

    @property
    def weight(self) -> float:
        """How far-fetched the explanation is: small is likely."""
        return sum(slip.weight for slip in self.slips) + 2 * len(self.keys)

    @property
    def keys(self) -> set[str]:
        """The kinds of slips; the same slip made in several lines counts once."""
        return {slip.key for slip in self.slips}


class Trial:
    """One instance: the program's starting values, and what the student got."""

    def __init__(
        self, program: Program, start: Environment, got: dict[str, np.ndarray]
    ) -> None:
        self.program = program
        self.start = start
        self.parts = [(i, part) for i, part in program.parts if part in got]
        self.got = [got[part] for _, part in self.parts]
        self._scale = [_scale(array) for array in self.got]
        self._finite = [bool(np.isfinite(array).all()) for array in self.got]
        lines = range(len(program.lines))
        self._parts_before = [sum(i < n for i, _ in self.parts) for n in lines]
        self._values: list[Any] = []
        self._before = self._snapshots()
        self._recorded: dict[int, Recorder] = {}
        self.runs = 0
        self.right = self.reach()

    def _snapshots(self) -> list[Environment]:
        """The right environment before each line; each line's value is kept as well."""
        environment, before = dict(self.start), []
        with np.errstate(all="ignore"):
            for i, line in enumerate(self.program.lines):
                before.append(dict(environment))
                environment[line.target] = value = self.program.run(i, environment)
                self._values.append(value)
        return before

    def _known(self, index: int) -> Recorder:
        """The value of every sub-expression of a line, in the right environment."""
        if index not in self._recorded:
            recorder = Recorder()
            recorder.evaluate(self.program.lines[index].expression, self._before[index])
            self._recorded[index] = recorder
        return self._recorded[index]

    @property
    def total(self) -> int:
        """How many parts there are."""
        return len(self.parts)

    def reach(self, slips: Sequence[Slip] = (), number: float | None = None) -> int:
        """How many parts agree, in order, until the first that does not."""
        first = min((slip.first for slip in slips), default=0)
        reached = self._parts_before[first]
        if first and reached > self.right:
            return 0  # a part before the slips is wrong already
        awaited = self.line_of(reached)
        for i, value in self._run(first, slips, number):
            if i == awaited:
                if not self._same(value, reached):
                    break
                reached += 1
                if reached == self.total:
                    break
                awaited = self.line_of(reached)
        return reached

    def value(
        self, part: int, slips: Sequence[Slip], number: float | None = None
    ) -> np.ndarray | None:
        """What the program with slips gives for one part."""
        wanted = self.parts[part][0]
        first = min((slip.first for slip in slips), default=wanted)
        first = min(first, wanted)
        for i, value in self._run(first, slips, number):
            if i == wanted:
                return _as_array(value)
        return None

    def solve(self, slip: Slip, others: Sequence[Slip], part: int) -> float | None:
        """The number that makes a free slip give the student's part, if one does."""
        slips = (*others, slip)
        at_zero, at_one = (self.value(part, slips, number) for number in (0.0, 1.0))
        got = self.got[part]
        if at_zero is None or at_one is None or at_zero.shape != got.shape:
            return None
        along = at_one - at_zero
        with np.errstate(all="ignore"):
            size = float(np.vdot(along, along))
            if not np.isfinite(size) or size == 0.0 or not np.all(np.isfinite(got)):
                return None
            number = float(np.vdot(along, got - at_zero)) / size
            fits = np.abs(at_zero + number * along - got) <= self._scale[part]
        if not np.all(fits) or abs(number) < 1e-9 or got.size < 2:
            return None
        return number

    def agrees(self, part: int) -> bool:
        """Whether the student has one part right, whatever came before it."""
        right = self.value(part, ())
        return right is not None and self._same(right, part)

    def explained(
        self, parts: Iterable[int], slips: Sequence[Slip], number: float | None
    ) -> bool:
        """Whether slips give each of these parts, whatever they do to the others."""
        ours = [(part, self.value(part, slips, number)) for part in parts]
        return all(value is not None and self._same(value, p) for p, value in ours)

    def scaled(self, parts: Iterable[int], factor: float) -> bool:
        """Whether the student has all these parts with the same factor too many."""
        rights = [(part, self.value(part, ())) for part in parts]
        return all(r is not None and self._same(factor * r, part) for part, r in rights)

    def line_of(self, part: int) -> int:
        """The line that assigns a part."""
        return self.parts[part][0]

    def names_of(self, count: int) -> list[str]:
        """The names of the first parts."""
        return [name for _, name in self.parts[:count]]

    def _run(
        self, first: int, slips: Sequence[Slip], number: float | None
    ) -> Iterator[tuple[int, Any]]:
        """Each line from ``first`` on with its value; ends where a line cannot run.

        A line that reads nothing that the slips have moved keeps its right value.
        """
        self.runs += 1
        environment = dict(self._before[first])
        environment[FREE] = number if number is not None else 1.0
        program = self.program
        bent = {i for slip in slips for i in slip.edits}
        moved: set[str] = set()
        with np.errstate(all="ignore"):
            for i in range(first, len(program.lines)):
                reads_right = moved.isdisjoint(program.reads[i])
                target = program.lines[i].target
                try:
                    if i in bent:
                        known = self._known(i) if reads_right else NOTHING
                        value = value_of(program.edited(i, slips), environment, known)
                    elif reads_right:
                        value = self._values[i]
                    else:
                        value = program.run(i, environment)
                except Exception:
                    return
                environment[target] = value
                (moved.discard if value is self._values[i] else moved.add)(target)
                yield i, value

    def _same(self, value: Any, part: int) -> bool:
        ours = _as_array(value)
        got = self.got[part]
        if ours is None or (ours.shape != got.shape and not ours.size == got.size == 1):
            return False
        ours = ours.reshape(got.shape)
        if not self._finite[part]:
            return _same_non_finite(ours, got, self._scale[part])
        return bool((abs(ours - got) <= self._scale[part]).all())


def _scale(got: np.ndarray) -> float:
    finite = got[np.isfinite(got)]
    return CLOSE * float(np.max(np.abs(finite), initial=0.0)) + 1e-14


def _as_array(value: Any) -> np.ndarray | None:
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None


def _same_non_finite(a: np.ndarray, b: np.ndarray, scale: float) -> bool:
    close = np.abs(a - b) <= scale
    return bool(np.all(close | (np.isnan(a) & np.isnan(b)) | (a == b)))
