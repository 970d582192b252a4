"""Mistakes that show in the truth itself, asked at other arguments or scaled.

No worked solution is needed: is the answer the right one with a sign or a factor, the
right one cut to whole numbers, or the right one for another value of an argument?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.diagnosis.likeness import Answers, close
from autograder.diagnosis.other_arguments import other_arguments, other_number
from autograder.diagnosis.slips.syntax import is_weight
from autograder.exercises.exercise import Exercise, Instance, exact, flatten
from autograder.mistakes import tutor
from autograder.show import number
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.compare import Part

Case = tuple["Instance", Mapping[str, "Part"]]
FACTORS = ((-1.0, "M20"), (2.0, "M23"), (0.5, "M22"))
FEWEST = 3  # instances that have to agree


def hypothesis(
    exercise: Exercise, answers: Answers, explained: bool
) -> Diagnosis | None:
    """The mistake whose consequences the numbers have, if one has them everywhere.

    Where a change of the worked solution explains them already, only a sign or a factor
    of all the numbers, or a number in the place of an argument, can be a better name.
    """
    returned = [
        (instance, parts, outcome.value)
        for instance, outcome, parts in answers
        if outcome.status == "returned" and parts and instance.style != "integer"
    ]
    cases = [(instance, parts) for instance, parts, _ in returned]
    if len(cases) < FEWEST:
        return None
    if any(part.got is None for _, parts in cases for part in parts.values()):
        return None if explained else other_arguments(exercise, returned)
    steps = {"lr", "eta"} & set(exercise.names)  # a place, not a slope
    scaled = None if steps else _scaled(cases)
    if explained:
        return (
            scaled
            or _unchanged(exercise, cases)
            or other_number(exercise, returned, explained)
        )
    return (
        scaled
        or _unchanged(exercise, cases)
        or _cut(cases)
        or _cut_to_integers(answers)
        or other_arguments(exercise, returned)
        or _value(exercise, cases)
    )


def _told(mistake: str, words: str) -> Diagnosis:
    return Diagnosis(mistake, words, tutor(mistake))


def _pairs(cases: Sequence[Case]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for _, parts in cases:
        for part in parts.values():
            if part.got is not None:
                yield part.got, part.reference.value


def _scaled(cases: Sequence[Case]) -> Diagnosis | None:
    """Every output of every case has the same factor too many."""
    if not any((want % 1).any() for _, want in _pairs(cases)):
        return None  # counts
    for factor, mistake in FACTORS:
        if all(close(got, factor * want) for got, want in _pairs(cases)):
            words = f"everything is {number(factor)} times the right answer"
            return _told(mistake, words)
    examples = {instance.sizes.get("N", 1) for instance, _ in cases}
    if len(examples) > 1 and all(
        close(part.got, instance.sizes["N"] * part.reference.value)
        for instance, parts in cases
        for part in parts.values()
        if part.got is not None and "N" in instance.sizes
    ):
        return _told("M24", "everything is N times the right answer")
    return None


def _cut(cases: Sequence[Case]) -> Diagnosis | None:
    """Wrong parts are the right ones without what stands behind the point."""
    wrong = [p for _, parts in cases for p in parts.values() if not p.right]
    pairs = [(p.got, p.reference.value) for p in wrong if p.got is not None]
    for cut in (np.trunc, np.round, np.floor):
        fits = pairs and all(close(got, cut(want)) for got, want in pairs)
        if fits and any(np.max(np.abs(got), initial=0.0) >= 1 for got, _ in pairs):
            return _told("M82", f"your {wrong[0].name} was cut to whole numbers")
    return None


def _unchanged(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """Every wrong array is the one that was handed in under the same name."""
    wrong = [(i, p) for i, parts in cases for p in parts.values() if not p.right]
    given = [
        next((a for a in i.args if isinstance(a, dict) and p.name in a), {})
        for i, p in wrong
    ]
    for (_, part), entries in zip(wrong, given, strict=True):
        old = entries.get(part.name)
        if old is None or part.got is None or not close(part.got, np.asarray(old)):
            return None
    if not any(is_weight(p.name.removeprefix("d")) for _, p in wrong):
        return None  # biases alone were not stepped at all
    return _told("M93", f"your {wrong[0][1].name} comes back as it was handed in")


def _cut_to_integers(answers: Answers) -> Diagnosis | None:
    """Wrong numbers are the right ones cut, and whole ones are right, or all integers.

    Zeros alone prove nothing: other mistakes leave zeros too.
    """
    judged = [(o.value, p) for _, o, parts in answers for p in parts.values()]
    wrong = [(value, part) for value, part in judged if not part.right]
    if not wrong:
        return None
    name = wrong[0][1].name
    if any(p.right and p.name == name and not _is_whole(p) for _, p in judged):
        return None
    for _, part in wrong:
        if part.got is None or not close(part.got, np.trunc(part.reference.value)):
            return None
    whole = any(
        p.right and p.name == name and p.reference.value.any() for _, p in judged
    )
    if not whole and not all(
        part.got is not None and _holds(value, part.got) for value, part in wrong
    ):
        return None
    return _told("M82", f"your {name} was cut to whole numbers")


def _is_whole(part: Part) -> bool:
    want = part.reference.value
    return np.array_equal(want, np.trunc(want))


def _holds(value: Any, got: np.ndarray) -> bool:
    """Whether what was compared is an array of integers in the answer."""
    leaves = [v for v in flatten({"": value}).values() if isinstance(v, np.ndarray)]
    return any(v.dtype.kind in "iu" and np.array_equal(v, got) for v in leaves)


def _value(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """The loss in the place of its gradient."""
    if exercise.loss is None or any(len(parts) > 1 for _, parts in cases):
        return None
    for instance, parts in cases:
        part = next(iter(parts.values()))
        with np.errstate(all="ignore"):
            loss = np.asarray(np.real(exercise.loss(*exact(instance.args))))
        if part.got is None or part.got.size != 1 or not close(part.got, loss):
            return None
    return _told("M08", f"your {part.name} is the value itself, not how it changes")
