"""One instance of an exercise and what the student's function did on it, twice.

The numbers can be right and the function wrong all the same: it may change what it was
handed, or remember something between two calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import NOT_NUMBERS, Outcome, fingerprint
from autograder.compare import Part, compare, distance
from autograder.exercises.exercise import Exercise, Instance, flatten
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis

_WHERE_TO_LOOK = (
    "Look for globals, default arguments, buffers never cleared, random numbers."
)

# Here rounding is large, or nothing but whole numbers is handed over.
ROUGH = ("saturated", "large", "integer", "float32", "narrow")


@dataclass(frozen=True)
class Judged:
    """One instance with what the function did on it, twice."""

    instance: Instance
    outcome: Outcome
    again: Outcome
    parts: dict[str, Part]

    @property
    def stable(self) -> bool:
        """Whether equal arguments gave an equal answer, if there was a second time."""
        first, second = self.outcome, self.again
        if second.status == "timeout":  # the clock stopped it, which proves nothing
            return True
        if first.status != second.status:
            return False
        return fingerprint(first.value) == fingerprint(second.value)

    @property
    def right(self) -> bool:
        """Whether every part is right on the first call."""
        return bool(self.parts) and all(part.right for part in self.parts.values())


def judge(
    exercise: Exercise, instance: Instance, outcome: Outcome, again: Outcome
) -> Judged:
    parts: dict[str, Part] = {}
    if outcome.status == "returned":
        parts = compare(exercise, instance, outcome.value)
    notes = [part.note for part in parts.values() if part.note.startswith(NOT_NUMBERS)]
    if notes:
        refused = Outcome("refused", error=notes[0].removeprefix(NOT_NUMBERS))
        return Judged(instance, refused, again, {})
    return Judged(instance, outcome, again, parts)


def spoils(exercise: Exercise, judged: list[Judged]) -> Diagnosis | None:
    """What right numbers leave behind: changed arguments, or a memory."""
    for j in judged:
        if j.outcome.changed and not exercise.may_change_arguments:
            return _changed_arguments(exercise, j)
        if not j.stable and not _right_again(exercise, j):
            return _remembered("the first call is right")
    return None


def rounding_left(judged: list[Judged]) -> float | None:
    """The median relative error of the parts on ordinary inputs, None without any."""
    errors = [
        float(np.max(distance(part.got, part.reference))) / part.reference.scale
        for j in judged
        if j.instance.style not in ROUGH
        for part in j.parts.values()
        if part.got is not None and part.reference.scale and part.reference.finite.all()
    ]
    return float(np.median(errors)) if errors else None


def _right_again(exercise: Exercise, j: Judged) -> bool:
    if j.again.status != "returned":
        return False
    again = compare(exercise, j.instance, j.again.value)
    return all(part.right for part in again.values())


def left_behind(exercise: Exercise, judged: list[Judged]) -> Diagnosis | None:
    """What a wrong answer leaves behind, when that is what explains it."""
    shaky = next((j for j in judged if not j.stable), None)
    if shaky is not None:
        return _unequal(shaky, judged[0].right)
    changed = next((j for j in judged if j.outcome.changed), None)
    if changed is not None and not exercise.may_change_arguments:
        return _changed_arguments(exercise, changed)
    return None


def _unequal(j: Judged, at_first: bool) -> Diagnosis:
    """Two answers to one question: a growing memory, or chance."""
    told = "two calls with equal arguments give different answers"
    first, second = (o.value for o in (j.outcome, j.again))
    grown = at_first or j.again.status == "returned" and _grew(first, second)
    return _remembered(told) if grown else Diagnosis(None, told, _WHERE_TO_LOOK)


def _grew(first: Any, second: Any) -> bool:
    """Whether the second answer is the first one added up once more."""
    try:
        one = [np.asarray(leaf, float) for leaf in flatten(first).values()]
        two = [np.asarray(leaf, float) for leaf in flatten(second).values()]
        return any(
            a.shape == b.shape and a.any() and np.allclose(b, 2 * a)
            for a, b in zip(one, two, strict=True)
        )
    except (TypeError, ValueError):
        return False


def _changed_arguments(exercise: Exercise, j: Judged) -> Diagnosis:
    place = j.outcome.changed[0]
    name = exercise.names[place]
    way_out = "Work on a copy, or write a = a * b instead of a *= b."
    if isinstance(j.instance.args[place], dict):
        way_out = "Put the new values into a new dict."
    return Diagnosis(
        "M80",
        f"your function changed its argument {name}",
        f"{tutor('M80')} {way_out}",
    )


def _remembered(what: str) -> Diagnosis:
    return Diagnosis(
        "M19",
        f"{what}, so something is remembered (or random) between calls",
        f"{tutor('M19')} {_WHERE_TO_LOOK}",
    )
