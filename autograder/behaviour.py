"""Mistakes that show in when and where an answer is wrong, not in its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.exercises.exercise import Exercise, Instance, flatten
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis
from autograder.worked import source_of

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Answers = Sequence[tuple["Instance", "Outcome", Mapping[str, "Part"]]]
UNUSUAL = ("integer",)
ORDINARY = ("generic", "more", "another")
USUAL = (*ORDINARY, "one example", "square", "narrow", "integer", "float32")


def behaviour(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """The mistake that shows in where an answer is wrong, or under which name."""
    return (
        _whole_numbers(answers)
        or _kept_dimension(answers)
        or _lost_dimension(answers)
        or _misplaced(exercise, answers)
        or _overflow(exercise, answers)
        or _one_size(answers)
    )


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays agree to about six digits of the largest entry."""
    if a.shape != b.shape:
        return False
    scale = float(np.max(np.abs(b), initial=0.0))
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(a - b) <= 1e-6 * scale + 1e-14))


def all_right(parts: Mapping[str, Part]) -> bool:
    """Whether every part of one answer is right."""
    return all(part.right for part in parts.values())


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


def _kept(part: Part) -> bool:
    got, want = part.got, part.reference.value
    return (
        got is not None
        and part.status == "shape"
        and got.ndim > want.ndim
        and close(got.ravel(), want.ravel())
    )


def _misplaced(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """Right numbers under another key, or in another place of the tuple."""
    for instance, outcome, parts in answers:
        if instance.style not in ORDINARY or not parts:
            continue
        absent = [part for part in parts.values() if part.status == "missing"]
        if (
            isinstance(outcome.value, dict)
            and absent
            and all(part.right or part in absent for part in parts.values())
        ):
            told = f"{absent[0].name} is missing from what you return"
            return Diagnosis("M86", told, tutor("M86"))
        wrong = [part for part in parts.values() if not part.right]
        found = [(part.name, _elsewhere(part, outcome.value)) for part in wrong]
        if not wrong or any(not where for _, where in found):
            return None
        if len(wrong) == 1 and wrong[0].status != "missing":
            return None
        (name, where), *rest = found
        also = f", {rest[0][0]} {rest[0][1]}" if rest else ""
        told = f"the numbers of {name} are right, but stand {where}{also}"
        return Diagnosis("M86", told, tutor("M86"))
    return None


def _elsewhere(part: Part, value: Any) -> str:
    """Where else in the returned value the right numbers of a part stand."""
    want = part.reference.value
    if want.size < 2 and not isinstance(value, (dict, tuple)):
        return ""
    kind = "under the key" if isinstance(value, dict) else "at place"
    for key, item in flatten(value).items():
        if isinstance(value, (dict, tuple, list)) and key != part.name:
            try:
                array = np.asarray(item, dtype=float)
            except (TypeError, ValueError):
                continue
            if close(array, want) and want.any():
                return f"{kind} {key}"
    return ""


def _overflow(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    ordinary = [p for i, _, p in answers if p and i.style in ORDINARY]
    broken = [
        part
        for instance, _, parts in answers
        for part in parts.values()
        if part.status == "not finite" and instance.style not in USUAL
    ]
    if not ordinary or not all(map(all_right, ordinary)):
        return None
    softmax = "max(" in source_of(exercise, answers[0][0])
    for instance, outcome, parts in answers:
        if outcome.error.startswith("OverflowError"):
            told = "right on ordinary inputs; on extreme ones exp overflows"
            mistake = "M71" if softmax else "M73"
            return Diagnosis(mistake, told, tutor(mistake))
        usual = instance.style in USUAL
        if softmax and not usual and parts and not all_right(parts):
            told = "right on ordinary scores, wrong on extreme ones"
            extreme = Diagnosis(None, told, "")
            return extreme if not broken else _non_finite(answers, broken, softmax)
    return _non_finite(answers, broken, softmax) if broken else None


def _non_finite(answers: Answers, broken: Sequence[Part], softmax: bool) -> Diagnosis:
    """An exp that overflowed under a softmax, or a 0 where it must not stand."""
    pattern = f"right on ordinary inputs; on extreme ones {broken[0].note}"
    warned = " ".join(w for _, outcome, _ in answers for w in outcome.warnings)
    if softmax and "overflow encountered in exp" in warned:
        return Diagnosis("M71", pattern, tutor("M71"))
    return Diagnosis("M73", pattern, tutor("M73"))


def _misfit(outcome: Outcome, parts: Mapping[str, Part]) -> bool:
    """Whether an answer did not even fit its arguments."""
    if outcome.status == "crashed":
        return True
    return any(part.status in ("shape", "missing") for part in parts.values())


def _one_size(answers: Answers) -> Diagnosis | None:
    """Right exactly where one size has one value: that value is written in the code."""
    judged = [
        (instance.sizes, bool(parts) and all_right(parts))
        for instance, outcome, parts in answers
        if instance.sizes
        and instance.style in ORDINARY
        and outcome.status in ("returned", "crashed")
    ]
    if not any(_misfit(outcome, parts) for _, outcome, parts in answers):
        return None
    right = [sizes for sizes, fine in judged if fine]
    wrong = [sizes for sizes, fine in judged if not fine]
    if not right or not wrong:
        return None
    for letter, size in right[0].items():
        same = all(sizes.get(letter) == size for sizes in right)
        others = all(sizes.get(letter) != size for sizes in wrong)
        if same and others and size > 1 and len(right) < len(judged):
            told = f"right only where {letter} = {size}"
            return Diagnosis("M84", told, tutor("M84"))
    return None
