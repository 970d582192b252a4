"""Ask again with one input changed: what does an answer not notice?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.compare import compare
from autograder.diagnosis.likeness import close
from autograder.diagnosis.slips.syntax import is_signal
from autograder.exercises.exercise import (
    Exercise,
    Instance,
    exact,
    flatten,
    references,
)
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part

Calls = Callable[[Sequence[tuple]], "list[Outcome]"]
BATCH = 3  # examples that it takes to tell one from all


@dataclass(frozen=True)
class Change:
    """Arguments that differ in one respect: which, and what the change was."""

    what: str
    words: str
    args: tuple[Any, ...]
    one: bool = False  # whether just one example stayed as it was


def unseen(
    exercise: Exercise, instance: Instance, part: Part, calls: Calls
) -> Diagnosis | None:
    """An input that the answer ignores though it matters."""
    if part.got is None or part.got.shape != part.reference.value.shape:
        return None
    if any(argument.kind == "dict" for argument in exercise.arguments):
        return None
    changes = [*_examples(exercise, instance), *_inputs(exercise, instance)]
    outcomes = calls([change.args for change in changes])
    noticed: set[str] = set()
    ignored: list[Change] = []
    whole = len(part.got) if part.got.ndim else 0
    for change, outcome in zip(changes, outcomes, strict=True):
        if change.one and whole == instance.sizes.get("N"):
            continue  # every example has entries of its own
        verdict = _noticed(exercise, instance, part, change, outcome)
        if verdict:
            noticed.add(change.what)
        elif verdict is False:
            ignored.append(change)
    if not ignored:
        return None
    one = any(change.one for change in ignored) and noticed & _batched(exercise)
    known = "M59" if one else _upstream(exercise, instance, part, ignored)
    ignored = ignored if one else [c for c in ignored if not c.one] or ignored
    words = ignored[0].words
    told = f"your {part.name} stays the same when {words}; the right one changes"
    return Diagnosis(known, told, tutor(known) if known else "")


def _upstream(
    exercise: Exercise, instance: Instance, part: Part, ignored: Sequence[Change]
) -> str | None:
    """Whether ones in the place of the message from above give just this answer."""
    place = next((i for i, name in enumerate(exercise.names) if is_signal(name)), None)
    if place is None or all(c.what != exercise.names[place] for c in ignored):
        return None
    args = list(instance.args)
    args[place] = np.ones_like(args[place], dtype=float)
    truth = flatten(exercise.truth(*exact(tuple(args))), exercise.returns)
    slopes = truth[part.name].value
    return "M17" if part.got is not None and close(part.got, slopes) else None


def _noticed(
    exercise: Exercise, instance: Instance, part: Part, change: Change, outcome: Outcome
) -> bool | None:
    """Whether the answer moves with an input that matters; None where it does not."""
    if outcome.status != "returned" or part.got is None:
        return None
    other = compare(exercise, instance, outcome.value).get(part.name)
    if other is None or other.got is None:
        return None
    if not close(other.got, part.got):
        return True
    moved = exercise.measured(instance.style, change.args, instance.sizes)
    right = references(exercise, moved)[part.name].value
    return None if close(right, part.reference.value) else False


def _examples(exercise: Exercise, instance: Instance) -> Iterator[Change]:
    """All examples but one changed, in every array that has one row for each."""
    N, rows = instance.sizes.get("N", 0), _batched(exercise)
    in_batches = any(argument.kind == "list" for argument in exercise.arguments)
    if N < BATCH or not rows or in_batches:
        return
    for which, kept in (("first", slice(0, 1)), ("last", slice(N - 1, N))):
        rng = np.random.default_rng(1)
        args = tuple(
            _moved(rng, value, kept) if name in rows else value
            for name, value in zip(exercise.names, instance.args, strict=True)
        )
        words = f"all examples but the {which} change"
        yield Change(which, words, args, one=True)


def _batched(exercise: Exercise) -> set[str]:
    """The arguments with one row for each example, whose entries can be moved."""
    return {
        argument.name
        for argument in exercise.arguments
        if argument.letters()[:1] == ["N"] and argument.kind not in ("one hot", "sign")
    }


def _inputs(exercise: Exercise, instance: Instance) -> Iterator[Change]:
    """The arguments again, each time with one array changed."""
    rng = np.random.default_rng(1)
    for place, (name, value) in enumerate(
        zip(exercise.names, instance.args, strict=True)
    ):
        if exercise.arguments[place].kind in ("one hot", "sign"):
            continue
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            new = _moved(rng, value)
            args = (*instance.args[:place], new, *instance.args[place + 1 :])
            yield Change(name, f"{name} changes", args)


def _moved(
    rng: np.random.Generator, array: np.ndarray, kept: slice = slice(0)
) -> np.ndarray:
    """The array with its entries pushed about, signs and some rows kept."""
    new = array * rng.uniform(0.5, 0.9, size=array.shape)
    new[kept] = array[kept]
    return new
