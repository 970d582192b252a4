"""Right numbers in the wrong place: another order, another key, one left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.diagnosis.likeness import ORDINARY, Answers, close
from autograder.mistakes import tutor
from autograder.verdict import Diagnosis

if TYPE_CHECKING:
    from autograder.calling import Outcome
    from autograder.compare import Part
    from autograder.exercises.exercise import Instance

Leaves = dict[str, np.ndarray]
Places = dict[str, str | None]  # by part, the key under which its numbers stand
ENOUGH = 2  # instances: a single number may meet another by chance


def misplaced(answers: Answers) -> Diagnosis | None:
    """The mistake of an answer whose numbers are all right, each somewhere else."""
    ordinary = [a for a in answers if a[0].style in ORDINARY] or list(answers)
    wrong = [a for a in ordinary if not _right(a)]
    if len(wrong) < min(ENOUGH, len(ordinary)):
        return None
    return _reordered(wrong) or _exchanged(wrong, [a for a in ordinary if _right(a)])


Answer = tuple["Instance", "Outcome", Mapping[str, "Part"]]


def _right(answer: Answer) -> bool:
    return bool(answer[2]) and all(part.right for part in answer[2].values())


def _exchanged(wrong: Sequence[Answer], right: Sequence[Answer]) -> Diagnosis | None:
    found = [_places(_leaves(outcome.value), parts) for _, outcome, parts in wrong]
    if not all(found) or any(_would_show(parts) for _, _, parts in right):
        return None
    instance, outcome, _ = wrong[0]
    return _told(instance.wanted, outcome.value, found[0])


def _would_show(parts: Mapping[str, Part]) -> bool:
    """Whether exchanged numbers would have been seen in a right answer."""
    values = [part.reference.value for part in parts.values()]
    return len({(v.shape, v.tobytes()) for v in values}) > 1


def _told(wanted: Any, value: Any, places: Places) -> Diagnosis:
    """In words; one of the mistakes only where nothing is too many and nothing else."""
    left_out = [name for name, key in places.items() if key is None]
    if left_out:
        told = f"{left_out[0]} is missing from what you return"
        return _moved(told) if isinstance(value, dict) else Diagnosis(None, told, "")
    if isinstance(wanted, dict) and not isinstance(value, dict):
        told = "the numbers are right, only not returned as the dict asked for"
        return Diagnosis(None, told, "")
    kind = "under the key" if isinstance(value, dict) else "at place"
    (name, key), *rest = places.items()
    also = f", {rest[0][0]} {kind} {rest[0][1]}" if rest else ""
    told = f"the numbers of {name} are right, but stand {kind} {key}{also}"
    exchanged = isinstance(wanted, (tuple, list, dict)) and len(value) == len(wanted)
    return _moved(told) if exchanged else Diagnosis(None, told, "")


def _moved(told: str) -> Diagnosis:
    return Diagnosis("M86", told, tutor("M86"))


def _places(leaves: Leaves, parts: Mapping[str, Part]) -> Places:
    """Where the wrong parts' numbers stand; empty if it is not just a matter of place.

    A leaf belongs to one part only, and first to the one that has it right.
    """
    free = dict(leaves)
    places: Places = {}
    seen = False
    for part in sorted(parts.values(), key=lambda part: not part.right):
        want = part.reference.value
        key = next((k for k, leaf in free.items() if close(leaf, want)), None)
        if key is not None:
            free.pop(key)
        if not part.right:
            places[part.name] = key
            seen = seen or (key is not None and bool(want.any()))
    lost = [name for name, key in places.items() if key is None]
    if lost and (free or len(lost) == len(parts)):
        return {}
    return places if seen or lost else {}


def _reordered(wrong: Sequence[Answer]) -> Diagnosis | None:
    """Every wrong array holds the right numbers in another order."""
    shuffled = [
        (instance, part)
        for instance, _, parts in wrong
        for part in parts.values()
        if not part.right
    ]
    if not shuffled or not all(_permuted(part) for _, part in shuffled):
        return None
    order = next((o for o in ORDERS if all(o[0](*case) for case in shuffled)), None)
    words = order[1] if order else "in another order"
    told = f"your {shuffled[0][1].name} has the right numbers {words}"
    another_rule = order is not None and order[0] is _by_columns
    if another_rule or all(_sorted(part) for _, part in shuffled):
        return Diagnosis(None, told, "")
    return _moved(told)


def _sorted(part: Part) -> bool:
    """Whether numbers were put in order of size: that is another answer."""
    got = part.got
    return got is not None and any(
        close(got, np.sort(got, axis=axis)) for axis in range(got.ndim)
    )


def _first_at_the_end(instance: Instance, part: Part) -> bool:
    want = part.reference.value
    return part.got is not None and close(part.got, np.roll(want, 1, axis=-1))


def _last_at_the_front(instance: Instance, part: Part) -> bool:
    want = part.reference.value
    return part.got is not None and close(part.got, np.roll(want, -1, axis=-1))


def _by_columns(instance: Instance, part: Part) -> bool:
    """Whether matrices were read, or filled, column by column."""
    want = part.reference.value
    if want.ndim == 2:
        other = want.ravel().reshape(want.shape, order="F")
        return part.got is not None and close(part.got, other)
    arrays = instance.args[0]
    if not isinstance(arrays, dict):
        return False
    other = np.concatenate([np.ravel(array, order="F") for array in arrays.values()])
    return part.got is not None and close(part.got, other)


ORDERS = (
    (_by_columns, "column by column; row by row is asked for"),
    (_first_at_the_end, "in another order: the first belongs at the end"),
    (_last_at_the_front, "in another order: the last belongs at the front"),
)


def _permuted(part: Part) -> bool:
    got, want = part.got, part.reference.value
    if got is None or got.shape != want.shape or want.size < 2:
        return False
    if want.ndim == 2 and close(got, want.T):
        return False
    return close(np.sort(got, axis=None), np.sort(want, axis=None))


def _leaves(value: Any) -> Leaves:
    """Every array or number in an answer, a list of numbers as one array too."""
    return dict(_walk(value, ""))


def _walk(value: Any, prefix: str) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, f"{prefix}.{key}".lstrip("."))
    elif isinstance(value, (tuple, list)):
        if prefix and all(isinstance(item, (int, float)) for item in value):
            yield prefix, np.asarray(value, dtype=float)
            return
        for i, item in enumerate(value):
            yield from _walk(item, f"{prefix}.{i}".lstrip("."))
    elif isinstance(value, (int, float, np.ndarray)):
        yield prefix, np.asarray(value, dtype=float)
