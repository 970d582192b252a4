"""The right answer to other arguments than those that were handed in.

A number in the code stands for an argument; a list is used up to its second or third
entry; one example stands for all; an option is taken for another one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.diagnosis.likeness import close
from autograder.exercises.exercise import Exercise, Instance, exact, flatten
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.compare import Part

Case = tuple["Instance", Mapping[str, "Part"], Any]
Others = Mapping[int, Any]  # by place, what an argument is taken for
WRITTEN = (1, 0.1, 0.01, 0.001, 0.5, 1e-4, 1e-5, 1e-6, 1e-8, 0.9, 0.99, 0.999, 2, 0.2)
COUNTS = (2, 1, 3, 4, 5, 6, 10, 64)
USUAL = {  # what libraries take where nothing is said
    "beta1": (0.9,),
    "beta2": (0.999,),
    "lr": (0.001, 0.01, 0.1),
    "eps": (1e-8, 1e-7, 1e-10),
}
FEWEST = 3  # instances that have to agree
ASKED = 4  # instances on which other arguments are tried
SAYING = {"h", "eta", "lr", "lam", "theta", "limit", "beta1", "beta2", "eps"}


def other_arguments(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """The mistake that answers to other arguments point to, if one does everywhere."""
    return (
        other_number(exercise, cases, explained=False)
        or _usual_numbers(exercise, cases)
        or _shorter_list(exercise, cases)
        or _one_example(exercise, cases)
        or _cut_before(exercise, cases)
        or _options_exchanged(exercise, cases)
    )


def _told(mistake: str, words: str) -> Diagnosis:
    return Diagnosis(mistake, words, tutor(mistake))


def _wrong(cases: Sequence[Case]) -> list[Case]:
    return [c for c in cases if any(not p.right for p in c[1].values())][:ASKED]


def _asked(cases: Sequence[Case]) -> list[Case]:
    """Wrong cases, then right ones: what stands in the code stands there always."""
    wrong = _wrong(cases)
    right = [c for c in cases if all(p.right for p in c[1].values())]
    return [*wrong, *right[:ASKED]] if wrong else []


def other_number(
    exercise: Exercise, cases: Sequence[Case], explained: bool
) -> Diagnosis | None:
    """A number in the code where an argument belongs.

    Where a change of the worked solution explains the answer as well, 1 and next to
    nothing may just as well be an argument that was left out: only counts and limits
    are never that.
    """
    asked = _asked(cases)
    if not asked:
        return None
    for place, name in enumerate(exercise.names):
        given = [case[0].args[place] for case in asked]
        if explained and isinstance(given[0], float) and name != "limit":
            continue
        for value in _numbers(name, given):
            if all(_is_answer_to(exercise, c, {place: value}) for c in asked):
                words = f"your numbers are right for {name} = {value:g}, always"
                return _told("M84", words)
    return None


def _numbers(name: str, given: Sequence[Any]) -> Sequence[float]:
    if all(type(value) is int for value in given) and max(given) > 1:
        return COUNTS
    return WRITTEN if name in SAYING and isinstance(given[0], float) else ()


def _usual_numbers(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """Several numbers at once that a library has for arguments like these."""
    places = [i for i, name in enumerate(exercise.names) if name in USUAL]
    asked = _asked(cases)
    if not asked:
        return None
    for size in range(2, len(places) + 1):
        for chosen in itertools.combinations(places, size):
            names = [exercise.names[i] for i in chosen]
            for values in itertools.product(*(USUAL[name] for name in names)):
                others = dict(zip(chosen, values, strict=True))
                if all(_is_answer_to(exercise, c, others) for c in asked):
                    told = zip(names, values, strict=True)
                    words = ", ".join(f"{name} = {value:g}" for name, value in told)
                    return _told("M84", f"your numbers are right for {words}, always")
    return None


def _shorter_list(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """Only some entries of a list of numbers are used."""
    asked = _asked(cases)
    for place, name in enumerate(exercise.names):
        given = [case[0].args[place] for case in asked]
        if not given or not all(_several_counts(v) for v in given):
            continue
        for ends, mistake, words in ENDS:
            kept = [[v[i] for i in ends if i < len(v)] for v in given]
            pairs = zip(asked, kept, strict=True)
            if all(_is_answer_to(exercise, case, {place: v}) for case, v in pairs):
                told = f"your numbers use only {words} of {name}"
                return Diagnosis(mistake, told, tutor(mistake) if mistake else "")
    return None


def _several_counts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(item, int) for item in value)
    )


ENDS: tuple[tuple[tuple[int, ...], str | None, str], ...] = (
    ((0, 1), None, "the first two entries"),
    ((0, 1, 2), "M84", "the first three entries"),
    ((0, 1, -1), "M84", "the first two entries and the last"),
    ((0, -1), "M84", "the first entry and the last"),
)


def _one_example(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """The right answer to the first example, or to the last, stands for all."""
    places = [i for i, a in enumerate(exercise.arguments) if a.letters()[:1] == ["N"]]
    wrong = [case for case in _wrong(cases) if case[0].sizes.get("N", 0) > 1]
    if not places or len(wrong) < FEWEST:
        return None
    for row, which in ((0, "first"), (-1, "last")):
        for again in (False, True):  # alone, or in every row
            if all(
                _is_answer_to(exercise, c, _one_row(c[0], places, row, again))
                for c in wrong
            ):
                words = f"your numbers are those of the {which} example alone"
                return _told("M59", words)
    return None


def _one_row(
    instance: Instance, places: Sequence[int], row: int, again: bool
) -> dict[int, Any]:
    rows = [row] * (instance.sizes["N"] if again else 1)
    args = exact(instance.args)
    return {i: args[i][rows] for i in places}


def _options_exchanged(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """What is right for one named option comes back for another, and the other way."""
    wrong = [c for c in cases if any(not p.right for p in c[1].values())]
    for place, name in enumerate(exercise.names):
        if not all(isinstance(case[0].args[place], str) for case in cases):
            continue
        asked = dict.fromkeys(case[0].args[place] for case in wrong)
        taken = {
            option: next(_taken_for(exercise, wrong, place, option, asked), None)
            for option in asked
        }
        if len(taken) > 1 and set(taken) == set(taken.values()):
            told = " and ".join(sorted(taken))
            return _told("M86", f"the numbers for {name} = {told} are exchanged")
    return None


def _taken_for(
    exercise: Exercise,
    wrong: Sequence[Case],
    place: int,
    option: str,
    options: Iterable[str],
) -> Iterator[str]:
    """The options whose right answers came back where another one was asked."""
    asked = [case for case in wrong if case[0].args[place] == option]
    for other in options:
        if other != option and all(
            _is_answer_to(exercise, case, {place: other}) for case in asked
        ):
            yield other


def _cut_before(exercise: Exercise, cases: Sequence[Case]) -> Diagnosis | None:
    """The right answer to arguments cut to whole numbers."""
    wrong = _wrong(cases)
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
        for _, parts, _ in wrong
        for part in parts.values()
        if not part.right
    )


def _decimal(value: Any) -> bool:
    if not isinstance(value, (float, np.ndarray)):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool((array % 1).any())


def _is_answer_to(exercise: Exercise, case: Case, other: Others) -> bool:
    """Whether the answer would be right if some arguments were these."""
    instance, parts, value = case
    args = [other.get(i, value) for i, value in enumerate(exact(instance.args))]
    try:
        with np.errstate(all="ignore"):
            truth = exercise.truth(*args)
            if all(part.got is None for part in parts.values()):
                return _same_list(value, truth)
            wanted = flatten(truth, exercise.returns)
    except Exception:
        return False
    return set(parts) >= set(wanted) and all(
        part.got is None if name not in wanted else _same(part.got, wanted[name].value)
        for name, part in parts.items()
    )


def _same_list(value: Any, truth: Any) -> bool:
    """Whether a list that was too long or too short is the one for other arguments."""
    if not isinstance(value, list) or not isinstance(truth, list):
        return False
    return len(value) == len(truth) and all(
        _same(np.asarray(got, float), want.value)
        for got, want in zip(value, truth, strict=True)
    )


def _same(got: np.ndarray | None, other: np.ndarray) -> bool:
    """Whether the numbers agree; one example's alone may have lost its axis."""
    if got is None or got.size != other.size or not np.isfinite(got).all():
        return False
    return close(np.squeeze(got), np.squeeze(other))
