"""Mistakes that show in when and where an answer is wrong, not in its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograder.diagnosis.likeness import ORDINARY, Answers, all_right, close
from autograder.diagnosis.misplaced import misplaced
from autograder.diagnosis.one_size import one_size
from autograder.exercises.exercise import Exercise, Instance
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis
from autograder.worked import source_of

if TYPE_CHECKING:
    from autograder.compare import Part

UNUSUAL = ("integer",)
EXTREME = ("saturated", "large", "far out", "large scores")
USUAL = (*ORDINARY, "one example", "square", "narrow", "integer", "float32")


def behaviour(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """The mistake that shows in where an answer is wrong, or under which name."""
    return (
        _whole_numbers(answers)
        or _kept_dimension(answers)
        or _lost_dimension(answers)
        or _stretched(answers)
        or _shapes_not_compared(answers)
        or _one_too_many(exercise, answers)
        or misplaced(answers)
        or _overflow(exercise, answers)
        or one_size(exercise, answers)
    )


def _returned(answers: Answers) -> list[tuple[Instance, Mapping[str, Part]]]:
    return [(i, p) for i, _, p in answers if i.style not in UNUSUAL and p]


def _whole_numbers(answers: Answers) -> Diagnosis | None:
    ordinary = _returned(answers)
    integer = [p for i, _, p in answers if i.style == "integer" and p]
    if not integer or not ordinary or any(not all_right(p) for _, p in ordinary):
        return None
    wrong = [part for part in integer[0].values() if not part.right]
    if any(part.got is None or (part.got % 1).any() for part in wrong):
        return None
    if not wrong or any(outcome.changed for _, outcome, _ in answers):
        return None
    pattern = (
        "right for decimal inputs, wrong when the inputs are whole numbers:"
        f" {wrong[0].name} was cut to integers"
    )
    return Diagnosis("M82", pattern, tutor("M82"))


def _kept_dimension(answers: Answers) -> Diagnosis | None:
    """The right numbers with a dimension too many, on every instance."""
    told = ""
    for _, parts in _returned(answers):
        wrong = [part for part in parts.values() if not part.right]
        if any(not _kept(part) for part in wrong):
            return None
        if wrong and not told:
            got, want = wrong[0].got, wrong[0].reference.value
            shape = got.shape if got is not None else ()
            told = (
                f"{wrong[0].name} has the right numbers in the shape {shape} instead"
                f" of {want.shape}"
            )
    return Diagnosis("M56", told, tutor("M56")) if told else None


def _lost_dimension(answers: Answers) -> Diagnosis | None:
    """The right numbers with a dimension too few, on every instance."""
    wrong = [
        q for _, parts in _returned(answers) for q in parts.values() if not q.right
    ]
    fewer = [q for q in wrong if q.got is not None and q.status == "shape"]
    if not wrong or len(fewer) < len(wrong):
        return None
    for part in fewer:
        got, want = part.got, part.reference.value
        if got is None or got.ndim >= want.ndim or not close(got.ravel(), want.ravel()):
            return None
    told = f"the numbers of {fewer[0].name} are right, only the shape is not"
    return Diagnosis(None, told, "")


def _stretched(answers: Answers) -> Diagnosis | None:
    """N times N numbers in the place of N: (N, 1) and (N,) met in a sum."""
    told = ""
    for instance, parts in _returned(answers):
        N = instance.sizes.get("N", 1)
        if N == 1 or all_right(parts):
            continue
        wide = next((q for q in parts.values() if _square_of(q, N)), None)
        if wide is None:
            return None
        told = told or (
            f"your {wide.name} has the shape {(N, N)} instead of"
            f" {wide.reference.value.shape}: arrays of the shapes {(N, 1)} and {(N,)}"
            " were stretched to fit each other"
        )
    return Diagnosis("M58", told, tutor("M58")) if told else None


def _shapes_not_compared(answers: Answers) -> Diagnosis | None:
    """Right for two arrays of one shape, wrong only where NumPy stretched one."""
    told, right = "", False
    for instance, outcome, parts in answers:
        shapes = [a.shape for a in instance.args if isinstance(a, np.ndarray)]
        alike = len(set(shapes)) == 1
        if len(shapes) != 2 or alike and not (parts and all_right(parts)):
            return None
        right = right or alike and len(instance.args) == 2
        if not alike and outcome.status == "returned" and not all_right(parts):
            told = f"right for equal shapes, wrong for {shapes[0]} and {shapes[1]}"
    return Diagnosis("M58", told, tutor("M58")) if told and right else None


def _square_of(part: Part, N: int) -> bool:
    shapes = ((N,), (N, 1), (1, N))
    got = part.got
    return (
        got is not None
        and got.shape == (N, N)
        and (part.reference.value.shape in shapes)
    )


def _one_too_many(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """Right but for a last row or column that should not be there."""
    wrong = [
        part
        for _, parts in _returned(answers)
        for part in parts.values()
        if not part.right
    ]
    axes = {_longer_axis(part) for part in wrong}
    if len(axes) != 1 or None in axes:
        return None
    (axis,) = axes
    what = "column" if axis == 1 else "row"
    told = f"your {wrong[0].name} has one {what} too many: without the last it is right"
    if "[:, :-1]" in source_of(exercise, answers[0][0]):
        told += " (is a bias column passed down?)"
    return Diagnosis(None, told, "")


def _longer_axis(part: Part) -> int | None:
    """The axis along which a part is right but for one entry more at the end."""
    got, want = part.got, part.reference.value
    if got is None or got.ndim != want.ndim or got.size == want.size:
        return None
    cut = got[tuple(slice(size) for size in want.shape)]
    longer = [i for i in range(got.ndim) if got.shape[i] == want.shape[i] + 1]
    return longer[0] if len(longer) == 1 and close(cut, want) else None


def _kept(part: Part) -> bool:
    got, want = part.got, part.reference.value
    return (
        got is not None
        and part.status == "shape"
        and got.ndim > want.ndim
        and close(got.ravel(), want.ravel())
    )


def _overflow(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    ordinary = [p for i, _, p in answers if p and i.style in ORDINARY]
    broken = [
        part
        for instance, _, parts in answers
        for part in parts.values()
        if part.status == "not finite" and instance.style not in USUAL
    ]
    if not ordinary or not all(map(all_right, ordinary)) or _finitely_wrong(answers):
        return None
    source = source_of(exercise, answers[0][0])
    softmax = "max(" in source and "exp(" in source
    for instance, outcome, parts in answers:
        if outcome.error.startswith("OverflowError"):
            told = "right on ordinary inputs; on extreme ones exp overflows"
            mistake = "M71" if softmax else "M73"
            return Diagnosis(mistake, told, tutor(mistake))
        extreme_case = instance.style in EXTREME
        if softmax and extreme_case and parts and not all_right(parts):
            told = "right on ordinary scores, wrong on extreme ones"
            extreme = Diagnosis(None, told, "")
            return extreme if not broken else _non_finite(answers, broken, softmax)
    return _non_finite(answers, broken, softmax) if broken else None


def _finitely_wrong(answers: Answers) -> bool:
    """Whether a number is wrong though no input is extreme and no result infinite."""
    return any(
        part.status == "wrong"
        for instance, _, parts in answers
        for part in parts.values()
        if instance.style not in EXTREME
    )


def _non_finite(answers: Answers, broken: Sequence[Part], softmax: bool) -> Diagnosis:
    """An exp that overflowed under a softmax, or a 0 where it must not stand."""
    pattern = f"right on ordinary inputs; on extreme ones {broken[0].note}"
    warned = " ".join(w for _, outcome, _ in answers for w in outcome.warnings)
    if softmax and "overflow encountered in exp" in warned:
        return Diagnosis("M71", pattern, tutor("M71"))
    return Diagnosis("M73", pattern, tutor("M73"))
