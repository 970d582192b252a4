"""A size that is written into the code: right exactly where the size is that one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.compare import compare
from autograder.diagnosis.likeness import ORDINARY, Answers, all_right
from autograder.exercises.exercise import Exercise, Instance
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Calls = Callable[[Sequence[tuple]], "list[Outcome]"]
WRITTEN = (2, 3, 4, 5, 6)  # sizes that people write into their code
FEWEST = 3  # different instances that make a constant answer plain
OTHERS = (7, 9, 11, 8, 10, 12, 13)  # and those that they do not


def one_size(exercise: Exercise, answers: Answers) -> Diagnosis | None:
    """The mistake of an answer that fits arguments of one size only."""
    judged = [
        (_sizes(exercise, instance), outcome, parts)
        for instance, outcome, parts in answers
        if outcome.status in ("returned", "crashed") and _telling(instance)
    ]
    right = [sizes for sizes, _, parts in judged if parts and all_right(parts)]
    wrong = [case for case in judged if not (case[2] and all_right(case[2]))]
    misfits = sum(_misfit(outcome, parts) for _, outcome, parts in wrong)
    if not misfits:
        return _constant(answers)
    if wrong and (len(right) > 1 or right and misfits == len(wrong) >= FEWEST):
        told = _fitting(right, [sizes for sizes, _, _ in wrong])
        if told.startswith(
            "right with"
        ):  # a step of the loop is wrong rather than a number
            return Diagnosis(None, told, "")
        if told:
            return _written(told)
    return _same_shape(answers)


def _telling(instance: Instance) -> bool:
    """Whether sizes differ: equal ones hide what a shape would tell."""
    sizes = list(instance.sizes.values())
    return len(set(sizes)) == len(sizes)


def _fitting(
    right: Sequence[Mapping[str, int]],
    wrong: Sequence[Mapping[str, int]],
) -> str:
    """The size that tells the right answers from the wrong ones, in words."""
    for what in right[0]:
        here = {sizes.get(what, 0) for sizes in right}
        there = {sizes.get(what, 0) for sizes in wrong}
        told = _only_here(what, here, there)
        if told:
            return told
    return ""


def _written(told: str) -> Diagnosis:
    return Diagnosis("M84", told, tutor("M84"))


def _only_here(what: str, here: set[int], there: set[int]) -> str:
    """What tells right from wrong, if one size does; the smallest is a plain case."""
    largest = max(here)
    if here & there or largest == 1:
        return ""
    if len(here) == 1 and min(there) < largest:
        if what == "layers":
            return f"right only with {largest} layers"
        return f"right only where {what} = {largest}"
    if what == "layers" and min(there) > largest:
        return f"right with at most {largest} layers, wrong with more"
    if len(here) > 1 and min(there) > largest and not what.startswith("len("):
        return f"right only where {what} is at most {largest}"
    return ""


def _same_shape(answers: Answers) -> Diagnosis | None:
    """A part that always comes in one shape, though others are asked for."""
    asked: dict[str, set[tuple[int, ...]]] = {}
    given: dict[str, set[tuple[int, ...]]] = {}
    for _, _, parts in answers:
        for part in parts.values():
            if part.got is not None:
                asked.setdefault(part.name, set()).add(part.reference.value.shape)
                given.setdefault(part.name, set()).add(part.got.shape)
    for name, shapes in given.items():
        for axis, sizes in enumerate(zip(*shapes, strict=False)):
            wanted = {shape[axis] for shape in asked[name] if len(shape) > axis}
            if len(set(sizes)) == 1 < sizes[0] and len(wanted) > 2:
                flat = len(min(shapes)) == 1
                what = "entries" if flat else ("rows", "columns")[axis % 2]
                return _written(f"your {name} always has {sizes[0]} {what}")
    return None


def _constant(answers: Answers) -> Diagnosis | None:
    """A number that comes back whatever is asked, and is none that any code has."""
    asked: dict[str, set[float]] = {}
    given: dict[str, set[float]] = {}
    for _, _, parts in answers:
        for part in parts.values():
            if part.got is None or part.got.shape != part.reference.value.shape:
                return None
            if part.got.shape == ():
                asked.setdefault(part.name, set()).add(float(part.reference.value))
                given.setdefault(part.name, set()).add(float(part.got))
    always = {name: min(got) for name, got in given.items() if len(got) == 1}
    for name, number in always.items():
        if len(asked[name]) >= FEWEST <= abs(number) < np.inf:
            what = f"your {name}" if len(given) > 1 else "your answer"
            return _written(f"{what} is {number:g} whatever the arguments are")
    return None


def _misfit(outcome: Outcome, parts: Mapping[str, Part]) -> bool:
    """Whether an answer did not even fit its arguments."""
    if outcome.status == "crashed":
        return True
    return any(part.status in ("shape", "missing", "type") for part in parts.values())


def _sizes(exercise: Exercise, instance: Instance) -> dict[str, int]:
    """The size letters of an instance, and the lengths of its lists and dicts."""
    found: dict[str, int] = {}  # depths first: sizes differ wherever depths do
    for name, value in zip(exercise.names, instance.args, strict=True):
        found |= _lengths(name, value)
    return found | dict(instance.sizes)


def _lengths(name: str, value: Any) -> dict[str, int]:
    if isinstance(value, dict) and "W1" in value:
        return {"layers": sum(key.startswith("W") for key in value)}
    if isinstance(value, (list, tuple, dict)):
        return {f"len({name})": len(value)}
    return {}


def tried_sizes(
    exercise: Exercise, answers: Answers, calls: Calls, seed: int
) -> Diagnosis | None:
    """The size at which an answer is right after all, found by asking again."""
    letters = exercise.size_letters()
    usual = [a for a in answers if a[0].style in ORDINARY]
    if not letters or not usual or not exercise.styles:
        return None
    others = dict(zip(letters, OTHERS, strict=False))
    misfit = all(_misfit(outcome, parts) for _, outcome, parts in usual)
    suspects = (
        [(x, n) for x in letters for n in WRITTEN] if misfit else _suspects(answers)
    )
    tried = [({x: n}, {**others, x: n}) for x, n in suspects]
    if misfit and len(letters) > 1:
        both = [dict.fromkeys(letters, n) for n in WRITTEN[:2]]
        tried += zip(both, both, strict=True)
    for (fixed, _), fits in zip(
        tried, _fits(exercise, calls, seed, [sizes for _, sizes in tried]), strict=True
    ):
        if fits and not any(_fits(exercise, calls, seed, [others])):
            sizes = ", ".join(f"{x} = {n}" for x, n in fixed.items())
            return _written(f"right only where {sizes}")
    return None


def _suspects(answers: Answers) -> list[tuple[str, int]]:
    """A size that all right answers share and no wrong one has."""
    judged = [a for a in answers if _telling(a[0])]
    right = [i.sizes for i, _, parts in judged if parts and all_right(parts)]
    wrong = [i.sizes for i, _, parts in judged if not (parts and all_right(parts))]
    return [
        (x, n)
        for x, n in (right[0].items() if len(right) > 1 else ())
        if n > 1 and all(sizes.get(x) == n for sizes in right)
        if all(sizes.get(x) != n for sizes in wrong)
    ]


def _fits(
    exercise: Exercise, calls: Calls, seed: int, sizes: Sequence[Mapping[str, int]]
) -> list[bool]:
    """Whether the answer is right at these sizes, on two draws each."""
    drawn = [
        (exercise.draw_args(exercise.generator(again, "generic"), one, "generic"), one)
        for one in sizes
        for again in (seed, seed + 1)
    ]
    outcomes = calls([args for args, _ in drawn])
    found = [
        outcome.status == "returned" and _right_at(exercise, args, one, outcome.value)
        for (args, one), outcome in zip(drawn, outcomes, strict=True)
    ]
    return [one and two for one, two in zip(found[::2], found[1::2], strict=True)]


def _right_at(
    exercise: Exercise, args: tuple[Any, ...], sizes: Mapping[str, int], value: Any
) -> bool:
    instance = exercise.measured("generic", args, sizes)
    return all_right(compare(exercise, instance, value))
