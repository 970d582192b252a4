"""What wrong numbers show, when no slip explains them: a true sentence, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograder.diagnosis.likeness import ORDINARY, Answers, all_right, close
from autograder.diagnosis.unseen import unseen
from autograder.exercises.exercise import Exercise, Instance, exact
from autograder.mistakes import tutor
from autograder.show import number
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Calls = Callable[[Sequence[tuple]], "list[Outcome]"]
MOST_TIMES = 100  # a larger ratio tells nobody anything
ENOUGH = 3  # instances on which a single number must have the same ratio
ASKED = 3  # wrong cases in which an input is changed
SEVERAL = 4  # entries; the signs of fewer may agree by chance


def pattern_of(
    exercise: Exercise, answers: Answers, calls: Calls, shown: Part | None = None
) -> Diagnosis | None:
    """A sentence about the first wrong quantity, true in every wrong case.

    ``shown`` is the part of the smallest case, which the sentence must fit as well.
    """
    ordered = sorted(answers, key=lambda answer: answer[0].style not in ORDINARY)
    wrong = [
        (instance, part)
        for instance, _, parts in ordered
        for part in _first_wrong(parts)
    ]
    if not wrong:
        return None
    if option := _by_option(exercise, answers):
        return Diagnosis(None, option, "")
    instance, part = wrong[0]
    same = [other for _, other in wrong if other.name == part.name]
    same += [shown] if shown is not None and shown.name == part.name else []
    relation = _relation(part)
    if relation and all(_alike(part, other) for other in same):
        return _scaled(exercise, wrong, relation)
    if _always_zero(answers, part.name):
        return Diagnosis(None, f"your {part.name} is always 0", "")
    told = _ratio_of_numbers(wrong, part.name)
    told = told or _broadcast(part) or _unseen(exercise, wrong, calls)
    if told is not None:
        return told
    single = part.reference.value.ndim == 0
    sentence = _side_of_numbers(same) if single else _where_wrong(instance, part, same)
    return Diagnosis(None, sentence, "") if sentence else None


def _by_option(exercise: Exercise, answers: Answers) -> str:
    """The named option that tells right answers from wrong ones, if one does."""
    telling = [
        (instance, bool(parts) and all_right(parts))
        for instance, _, parts in answers
        if any(p.reference.value.any() for p in parts.values()) or not parts
    ]
    for place, name in enumerate(exercise.names):
        right, wrong = (
            {repr(i.args[place]) for i, fine in telling if fine is wanted}
            for wanted in (True, False)
        )
        text = isinstance(answers[0][0].args[place], str)
        if text and right and wrong and not right & wrong:
            good, bad = (f"{name} = {' or '.join(sorted(v))}" for v in (right, wrong))
            return f"right with {good}, wrong with {bad}"
    return ""


def _first_wrong(parts: Mapping[str, Part]) -> Iterator[Part]:
    first = next((part for part in parts.values() if not part.right), None)
    if first is not None and first.got is not None:
        yield first


def _alike(part: Part, other: Part) -> bool:
    """Whether two wrong parts stand in one relation, as far as the other can tell."""
    if other.got is None or not np.isfinite(other.got).all():
        return False
    if other.got.size < 2:
        zero = part.got is not None and not part.got.any()
        return not zero or not other.got.any()
    if _constant_ratio(part) is not None:
        return _constant_ratio(other) is not None
    return _relation(other) == _relation(part)


def _always_zero(answers: Answers, name: str) -> bool:
    """Whether one part is 0 in every case that was asked."""
    got = [parts[name].got for _, _, parts in answers if name in parts]
    return all(array is not None and not array.any() for array in got)


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
    if any(_constant_ratio(p) is not None for _, p in wrong[:1]) and not _same(wrong):
        name = wrong[0][1].name
        told = f"your {name} is the right answer times a number, another in each case"
        return Diagnosis(None, told, "")
    if relation.endswith("the transpose of the right answer"):
        return Diagnosis("M44", relation, tutor("M44"))
    return Diagnosis(None, relation, "")


def _same(wrong: Sequence[tuple[Instance, Part]]) -> bool:
    """Whether one factor explains the first wrong quantity in every case."""
    first = wrong[0][1]
    ratio = _constant_ratio(first)
    return ratio is not None and all(
        part.got is not None and close(part.got, ratio * part.reference.value)
        for _, part in wrong
        if part.name == first.name
    )


def _relation(part: Part) -> str:
    got, want = part.got, part.reference.value
    if got is None or got.size < 2 or not np.all(np.isfinite(got)):
        return ""
    if not got.any() and want.any():
        return f"your {part.name} is zero everywhere"
    if got.ndim == 2 and close(got, want.T):
        return f"your {part.name} is the transpose of the right answer"
    ratio = _constant_ratio(part)
    if ratio is not None and number(ratio) != "1":
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


def _unseen(
    exercise: Exercise, wrong: Sequence[tuple[Instance, Part]], calls: Calls
) -> Diagnosis | None:
    """An input that no wrong answer notices; a 0 may be cut off, and notice nothing."""
    name = wrong[0][1].name
    asked = [(i, p) for i, p in wrong if p.name == name and np.any(p.got)][:ASKED]
    found = [unseen(exercise, instance, part, calls) for instance, part in asked]
    sure = found and (found[0] and found[0].mistake or len(set(found)) == 1)
    return found[0] if sure else None


def _where_wrong(instance: Instance, part: Part, same: Sequence[Part]) -> str:
    """Which entries are wrong in this case, or what holds of the signs in all."""
    got, want = part.got, part.reference.value
    if got is None or got.shape != want.shape or got.size < SEVERAL:
        return ""
    case = f"on {instance.label}"
    scale = float(np.max(np.abs(want), initial=0.0))
    finite = np.isfinite(got)
    if not finite.all():
        count = f"{int((~finite).sum())} of {finite.size}"
        return f"{case} your {part.name} is not a finite number in {count} entries"
    fine = np.abs(got - want) <= 1e-6 * scale
    if fine.any():
        count = f"{int(fine.sum())} of {fine.size}"
        where = _lines_wrong(~fine)
        return f"{case} your {part.name} is right in {count} entries{where}"
    return _signs(part.name, same)


def _signs(name: str, same: Sequence[Part]) -> str:
    """What holds of the signs in every wrong case."""
    pairs = [
        (np.sign(part.got), np.sign(part.reference.value))
        for part in same
        if part.got is not None and part.got.shape == part.reference.value.shape
    ]
    if len(pairs) < len(same):
        return ""
    if all((got == want).all() for got, want in pairs):
        return f"your {name} has the right signs everywhere, not the right sizes"
    if all((got * want < 0).all() for got, want in pairs):
        return f"your {name} has the opposite sign everywhere, and other sizes"
    return ""


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
