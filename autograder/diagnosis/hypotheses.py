"""Mistakes that show in the truth itself, asked at other arguments or scaled.

No worked solution is needed: is the answer the right one with a sign or a factor, the
right one cut to whole numbers, or the right one for another value of an argument?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.diagnosis.likeness import Answers, close
from autograder.exercises.exercise import Exercise, Instance, exact, flatten
from autograder.mistakes import tutor
from autograder.show import number
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.compare import Part

Case = tuple["Instance", Mapping[str, "Part"]]
WRITTEN = (0.1, 0.01, 0.001, 0.5, 1e-4, 1e-5, 1e-6, 1e-8, 0.9, 0.99, 0.999, 2.0, 0.2)
FACTORS = ((-1.0, "M20"), (2.0, "M23"), (0.5, "M22"))
FEWEST = 3  # instances that have to agree
ASKED = 4  # instances on which other arguments are tried
SAYING = {"h", "eta", "lr", "lam", "theta", "limit", "beta1", "beta2", "eps"}


def hypothesis(
    exercise: Exercise, answers: Answers, explained: bool
) -> Diagnosis | None:
    """The mistake whose consequences the numbers have, if one has them everywhere.

    Where a change of the worked solution explains them already, only a sign or a factor
    of all the numbers can be a better name for it.
    """
    cases = [
        (instance, parts)
        for instance, outcome, parts in answers
        if outcome.status == "returned" and parts and instance.style != "integer"
    ]
    if len(cases) < FEWEST or any(p.got is None for _, q in cases for p in q.values()):
        return None
    steps = {"lr", "eta"} & set(exercise.names)  # a place, not a slope
    if explained:
        return None if steps else _scaled(cases)
    return (
        (None if steps else _scaled(cases))
        or _cut(cases)
        or _written(exercise, cases)
        or _cut_before(exercise, cases)
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


def _written(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """A number in the code where an argument belongs."""
    wrong = [c for c in cases if any(not p.right for p in c[1].values())][:ASKED]
    if not wrong:
        return None
    for place, name in enumerate(exercise.names):
        if name not in SAYING or not isinstance(wrong[0][0].args[place], float):
            continue
        for value in WRITTEN:
            if all(_is_answer_to(exercise, c, {place: value}) for c in wrong):
                words = f"your numbers are right for {name} = {value:g}, always"
                return _told("M84", words)
    return None


def _cut_before(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """The right answer to arguments cut to whole numbers."""
    wrong = [c for c in cases if any(not p.right for p in c[1].values())][:ASKED]
    if len(wrong) < FEWEST or not _says_something(wrong):
        return None
    for place, name in enumerate(exercise.names):
        given = [c[0].args[place] for c in wrong]
        if not all(_decimal(value) for value in given):
            continue
        if all(
            _is_answer_to(exercise, c, {place: np.trunc(value)})
            for c, value in zip(wrong, given, strict=True)
        ):
            return _told("M82", f"your numbers are right for {name} cut to integers")
    return None


def _says_something(wrong: Sequence[Case]) -> bool:
    """Whether a wrong part is not 0: zeros are the answer to many questions."""
    return any(
        part.got is not None and part.got.any()
        for _, parts in wrong
        for part in parts.values()
        if not part.right
    )


def _decimal(value: Any) -> bool:
    if not isinstance(value, (float, np.ndarray)):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool((array % 1).any())


def _is_answer_to(exercise: Exercise, case: Case, other: Mapping[int, Any]) -> bool:
    """Whether the answer would be right if some arguments were these."""
    instance, parts = case
    args = [other.get(i, value) for i, value in enumerate(exact(instance.args))]
    try:
        with np.errstate(all="ignore"):
            truth = flatten(exercise.truth(*args), exercise.returns)
    except Exception:
        return False
    return all(
        part.got is not None
        and name in truth
        and close(part.got, truth[name].value)
        and bool(np.isfinite(part.got).all())
        for name, part in parts.items()
    )


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
