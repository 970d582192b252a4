"""What wrong numbers show, when no single slip explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograder.exercises.exercise import Exercise, Instance
from autograder.mistakes import tutor
from autograder.show import number
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Answers = Sequence[tuple["Instance", "Outcome", Mapping[str, "Part"]]]
HARMLESS = ("integer",)


def behaviour(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """Mistakes that show in *when* the answer is wrong, not in its values."""
    return (
        _whole_numbers(answers)
        or _kept_dimension(answers)
        or _exchanged(answers)
        or _overflow(exercise, answers)
    )


def _ordinary(answers: Answers) -> list[Mapping[str, Part]]:
    return [p for i, _, p in answers if i.style not in HARMLESS and p]


def _all_right(parts: Mapping[str, Part]) -> bool:
    return all(part.right for part in parts.values())


def _whole_numbers(answers: Answers) -> Diagnosis | None:
    ordinary = _ordinary(answers)
    integer = [p for i, _, p in answers if i.style == "integer" and p]
    if not integer or not ordinary or not all(map(_all_right, ordinary)):
        return None
    wrong = [part for part in integer[0].values() if not part.right]
    if not wrong:
        return None
    pattern = (
        "right for decimal inputs, wrong when the inputs are whole numbers:"
        f" {wrong[0].name} was cut to integers"
    )
    return Diagnosis("M82", pattern, tutor("M82"))


def _kept_dimension(answers: Answers) -> Diagnosis | None:
    for parts in _ordinary(answers):
        wrong = [part for part in parts.values() if not part.right]
        if not wrong:
            continue
        kept = [
            part
            for part in wrong
            if part.status == "shape"
            and part.got is not None
            and part.got.ndim > part.reference.value.ndim
            and part.got.size == part.reference.value.size
            and part.got.size > 1
            and _close(part.got.ravel(), part.reference.value.ravel())
        ]
        if len(kept) == len(wrong):
            part = kept[0]
            pattern = (
                f"{part.name} has the right numbers in the shape"
                f" {part.got.shape if part.got is not None else ()} instead of"
                f" {part.reference.value.shape}"
            )
            return Diagnosis("M56", pattern, tutor("M56"))
    return None


def _exchanged(answers: Answers) -> Diagnosis | None:
    """Every wrong part holds what belongs into another part."""
    for instance, _, parts in answers:
        if instance.style not in ("generic", "more"):
            continue
        wrong = [p for p in parts.values() if not p.right]
        moves = []
        for part in wrong:
            for other in parts.values():
                if (
                    part.got is not None
                    and other.name != part.name
                    and part.got.shape == other.reference.value.shape
                    and _close(part.got, other.reference.value)
                ):
                    moves.append((part.name, other.name))
                    break
        if len(wrong) > 1 and len(moves) == len(wrong):
            told = ", ".join(f"{a} holds what belongs into {b}" for a, b in moves[:2])
            return Diagnosis("M86", told, tutor("M86"))
    return None


def _overflow(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    ordinary = [p for i, _, p in answers if p and i.style in ("generic", "more")]
    broken = [
        part
        for _, _, parts in answers
        for part in parts.values()
        if part.status == "not finite"
    ]
    if not broken or not ordinary or not all(map(_all_right, ordinary)):
        return None
    mistake = "M71" if "softmax" in exercise.id else "M73"
    pattern = f"right on ordinary inputs; on extreme ones {broken[0].note}"
    return Diagnosis(mistake, pattern, tutor(mistake))


def pattern_of(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """A true sentence about the first wrong quantity."""
    for instance, _, parts in answers:
        wrong = next((part for part in parts.values() if not part.right), None)
        if wrong is None:
            continue
        sentence = _relation(wrong) or _where_wrong(wrong)
        same = _other_instances(wrong.name, instance, answers)
        if sentence:
            return Diagnosis(None, f"{sentence}{same}", "")
    return None


def _relation(part: Part) -> str:
    got, want = part.got, part.reference.value
    if got is None or got.size == 0:
        return ""
    if got.shape != want.shape:
        if got.shape == want.T.shape and _close(got, want.T):
            return f"your {part.name} is the transpose of the right answer"
        return ""
    if not np.all(np.isfinite(got)):
        return ""
    if not got.any():
        return f"your {part.name} is zero everywhere"
    if got.ndim == 2 and got.shape[0] == got.shape[1] and _close(got, want.T):
        return f"your {part.name} is the transpose of the right answer"
    ratio = _constant_ratio(got, want)
    if ratio is not None:
        return f"your {part.name} is {number(ratio)} times the right answer"
    return ""


def _where_wrong(part: Part) -> str:
    got, want = part.got, part.reference.value
    if got is None or got.shape != want.shape:
        return ""
    if got.ndim == 0:
        side = "has the opposite sign" if got * want < 0 else "has the right sign"
        return f"your {part.name} {side}, but not the right size"
    scale = float(np.max(np.abs(want), initial=0.0))
    fine = np.abs(got - want) <= 1e-6 * scale
    if fine.any():
        count = f"{int(fine.sum())} of {fine.size}"
        return f"your {part.name} is right in {count} entries{_lines_wrong(~fine)}"
    signs = np.sign(got) == np.sign(want)
    if signs.all():
        ratios = got[want != 0] / want[want != 0]
        low, high = number(ratios.min()), number(ratios.max())
        return (
            f"your {part.name} has the right signs everywhere; its sizes are between"
            f" {low} and {high} times the right ones"
        )
    count = f"{int(signs.sum())} of {signs.size}"
    return f"your {part.name} has the right sign in {count} entries"


def _lines_wrong(bad: np.ndarray) -> str:
    if bad.ndim != 2:
        return ""
    rows = np.flatnonzero(bad.any(axis=1))
    columns = np.flatnonzero(bad.any(axis=0))
    if len(rows) == 1 and bad.shape[0] > 1:
        return f"; all wrong ones are in row {rows[0]}"
    if len(columns) == 1 and bad.shape[1] > 1:
        return f"; all wrong ones are in column {columns[0]}"
    return ""


def _other_instances(name: str, instance: Instance, answers: Answers) -> str:
    fine = [
        other.style
        for other, _, parts in answers
        if parts
        and name in parts
        and parts[name].right
        and other.style != instance.style
    ]
    if not fine:
        return ""
    if "one example" in fine and instance.style == "generic":
        return "; with a batch of one it is right"
    return ""


def _constant_ratio(got: np.ndarray, want: np.ndarray) -> float | None:
    mask = np.abs(want) > 1e-9 * np.max(np.abs(want), initial=0.0)
    if not mask.any():
        return None
    ratios = got[mask] / want[mask]
    ratio = float(np.median(ratios))
    return ratio if _close(got, ratio * want) else None


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    scale = float(np.max(np.abs(b), initial=0.0))
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(a - b) <= 1e-6 * scale + 1e-14))
