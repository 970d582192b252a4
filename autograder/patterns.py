"""What wrong numbers show, when no slip explains them: a true sentence, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograder.exercises.exercise import Exercise, Instance, exact
from autograder.likeness import ORDINARY, Answers, close
from autograder.mistakes import tutor
from autograder.show import number
from autograder.unseen import unseen
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Calls = Callable[[Sequence[tuple]], "list[Outcome]"]
MOST_TIMES = 100  # a larger ratio tells nobody anything
ENOUGH = 3  # instances on which a single number must have the same ratio
CHANCE = 0.75  # a share of right signs that is worth telling


def pattern_of(exercise: Exercise, answers: Answers, calls: Calls) -> Diagnosis | None:
    """A true sentence about the first wrong quantity."""
    ordered = sorted(answers, key=lambda answer: answer[0].style not in ORDINARY)
    wrong = [
        (instance, part)
        for instance, _, parts in ordered
        for part in _first_wrong(parts)
    ]
    if not wrong:
        return None
    instance, part = wrong[0]
    same = [other for _, other in wrong if other.name == part.name]
    relation = _relation(part)
    if relation and all(_relation(other) for other in same if _telling(other)):
        return _scaled(exercise, wrong, relation)
    told = _ratio_of_numbers(wrong, part.name)
    told = told or _broadcast(part) or unseen(exercise, instance, part, calls)
    if told is not None:
        return told
    single = part.reference.value.ndim == 0
    sentence = _side_of_numbers(same) if single else _where_wrong(part)
    return Diagnosis(None, sentence, "") if sentence else None


def _first_wrong(parts: Mapping[str, Part]) -> Iterator[Part]:
    first = next((part for part in parts.values() if not part.right), None)
    if first is not None and first.got is not None:
        yield first


def _telling(part: Part) -> bool:
    return part.got is not None and part.got.size > 1


def _scaled(
    exercise: Exercise, wrong: Sequence[tuple[Instance, Part]], relation: str
) -> Diagnosis:
    """A constant factor: is it the loss, or a size that was written as a number?"""
    ratios = [(i, _constant_ratio(p)) for i, p in wrong if i.style in ORDINARY]
    known = [(i, ratio) for i, ratio in ratios if ratio is not None]
    if len(known) > 1 and exercise.loss is not None:
        losses = [float(np.real(exercise.loss(*exact(i.args)))) for i, _ in known]
        if all(np.isclose(r, v) for (_, r), v in zip(known, losses, strict=True)):
            told = f"{relation}: that number is the loss itself"
            return Diagnosis("M16", told, tutor("M16"))
    if relation.endswith("the transpose of the right answer"):
        return Diagnosis("M44", relation, tutor("M44"))
    return Diagnosis(None, relation, "")


def _relation(part: Part) -> str:
    got, want = part.got, part.reference.value
    if got is None or got.size == 0 or not np.all(np.isfinite(got)):
        return ""
    if not got.any() and want.any():
        return f"your {part.name} is zero everywhere"
    if got.ndim == 2 and close(got, want.T):
        return f"your {part.name} is the transpose of the right answer"
    ratio = _constant_ratio(part)
    if ratio is not None:
        return f"your {part.name} is {number(ratio)} times the right answer"
    return ""


def _constant_ratio(part: Part) -> float | None:
    got, want = part.got, part.reference.value
    if got is None or got.shape != want.shape or got.size < 2:
        return None
    mask = np.abs(want) > 1e-9 * np.max(np.abs(want), initial=0.0)
    if not mask.any():
        return None
    ratios = np.sort(got[mask] / want[mask])  # np.median would import numpy.ma first
    ratio = float(ratios[len(ratios) // 2])
    return ratio if close(got, ratio * want) else None


def _ratio_of_numbers(
    wrong: Sequence[tuple[Instance, Part]], name: str
) -> Diagnosis | None:
    """A single number that is always the same multiple, or a size's multiple."""
    found = [
        (instance.sizes, float(part.got) / float(part.reference.value))
        for instance, part in wrong
        if part.name == name and part.got is not None
        if part.got.shape == part.reference.value.shape == ()
        if part.reference.value != 0 and np.isfinite(part.got)
    ]
    if len(found) < ENOUGH:
        return None
    ratios = np.array([ratio for _, ratio in found])
    telling = 1 / MOST_TIMES <= abs(ratios[0]) <= MOST_TIMES
    if telling and close(ratios, np.full_like(ratios, ratios[0])):
        times = f"{number(ratios[0])} times"
        return Diagnosis(None, f"your {name} is {times} the right answer", "")
    for letter in found[0][0]:
        size = np.array([sizes.get(letter, 1) for sizes, _ in found], float)
        words = ""
        if np.ptp(size) and close(ratios, size):
            words = f"{letter} times"
        elif np.ptp(size) and close(ratios, 1 / size):
            words = f"1/{letter} of"
        if words:
            return Diagnosis(None, f"your {name} is {words} the right answer", "")
    return None


def _broadcast(part: Part) -> Diagnosis | None:
    """More numbers than there should be, one size standing there twice."""
    got, want = part.got, part.reference.value
    if got is None or got.size <= want.size or got.ndim < 2:
        return None
    repeated = [n for n in got.shape if n > 1 and got.shape.count(n) > 1]
    if not repeated or (want.ndim == got.ndim and want.shape[-1] == got.shape[-1]):
        return None
    if got.ndim == want.ndim:
        return None
    told = (
        f"your {part.name} has the shape {got.shape} instead of {want.shape}: arrays of"
        " different shapes were stretched to fit each other"
    )
    return Diagnosis("M58", told, tutor("M58"))


def _side_of_numbers(parts: Sequence[Part]) -> str:
    """What holds of a single number in every case in which it is wrong."""
    pairs = [
        (float(part.got), float(part.reference.value))
        for part in parts
        if part.got is not None and part.got.shape == part.reference.value.shape == ()
    ]
    name = parts[0].name
    if len(pairs) < ENOUGH or not np.isfinite(pairs).all():
        return ""
    if all(got * want < 0 for got, want in pairs):
        return f"your {name} has the opposite sign in every case"
    if all(got * want > 0 and abs(got) > abs(want) for got, want in pairs):
        return f"your {name} is too large in every case"
    if all(got * want > 0 and abs(got) < abs(want) for got, want in pairs):
        return f"your {name} is too small in every case"
    return ""


def _where_wrong(part: Part) -> str:
    got, want = part.got, part.reference.value
    if got is None or got.shape != want.shape:
        return ""
    scale = float(np.max(np.abs(want), initial=0.0))
    finite = np.isfinite(got)
    if not finite.all():
        count = f"{int((~finite).sum())} of {finite.size}"
        return f"your {part.name} is not a finite number in {count} entries"
    fine = np.abs(got - want) <= 1e-6 * scale
    if fine.any():
        count = f"{int(fine.sum())} of {fine.size}"
        return f"your {part.name} is right in {count} entries{_lines_wrong(~fine)}"
    signs = np.sign(got) == np.sign(want)
    if signs.all() and want.all():
        ratios = got / want
        if ratios.max() > MOST_TIMES or ratios.min() < 1 / MOST_TIMES:
            return (
                f"your {part.name} has the right signs everywhere, not the right sizes"
            )
        low, high = number(ratios.min()), number(ratios.max())
        return (
            f"your {part.name} has the right signs everywhere; its sizes are between"
            f" {low} and {high} times the right ones"
        )
    return _share_of_signs(part.name, signs, np.sign(got) * np.sign(want) < 0)


def _share_of_signs(name: str, same: np.ndarray, opposite: np.ndarray) -> str:
    for signs, words in ((same, "right"), (opposite, "opposite")):
        if signs.mean() >= CHANCE:
            count = f"{int(signs.sum())} of {signs.size}"
            return f"your {name} has the {words} sign in {count} entries"
    return f"no entry of your {name} is right, and no factor or sign makes it so"


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
