"""Hold an answer against its references: shape first, then finite, then value."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import NOT_NUMBERS
from autograder.exercises.exercise import Exercise, Instance, flatten, references
from autograder.exercises.truth import Reference
from autograder.rounding import allowances, exponents_rounding

# A float64 answer errs by a few 1e-16 of its largest term.  Answers that went
# through single precision on the way err by a few 6e-8: they are right, and told so.
DOUBLE = 1e-9
SINGLE = 3e-6
DOUBLE_PER_SINGLE = 2.0**-29  # how much finer double precision is


@dataclass(frozen=True)
class Part:
    """One named quantity of an answer, judged."""

    name: str
    status: str  # right, wrong, shape, missing, type, not finite
    reference: Reference
    got: np.ndarray | None = None
    note: str = ""
    single: bool = False

    @property
    def right(self) -> bool:
        """Whether this quantity is right."""
        return self.status == "right"

    def worst(self) -> tuple[int, ...]:
        """The index of the largest error, in a list of the first one.

        An entry that is not finite counts as the largest.
        """
        if self.got is None or self.got.shape != self.reference.value.shape:
            return ()
        error = np.abs(self.got - self.reference.value)
        error = np.where(np.isfinite(error), error, np.inf)
        place = int(np.argmax(error))
        if error.ndim == 1 and np.isfinite(error).all():
            scale = float(np.max(np.abs(self.reference.value), initial=0.0))
            place = int(np.argmax(error > 1e-6 * scale + 1e-14)) or place
        where = np.unravel_index(place, error.shape)
        return tuple(int(i) for i in where)


def compare(exercise: Exercise, instance: Instance, answer: Any) -> dict[str, Part]:
    """Judge every part of an answer; parts come in backward order."""
    wanted = references(exercise, instance)
    found = dict(_pair(instance.wanted, answer, exercise.returns, ""))
    size = instance.magnitude
    # Where units saturate, some right forms take differences of numbers near 1.
    near_one = 0.0
    if instance.style in ("saturated", "large"):
        near_one = max([r.scale for r in wanted.values()] + [min(1.0, size)])
    floor = 1e-15 * size + 1e-13 * near_one
    parts = {
        name: _judge(name, reference, found.get(name, _Absent("")), floor)
        for name, reference in wanted.items()
    }
    errors = {name: _error(part) for name, part in parts.items()}
    if not any(
        errors[name] <= 0.05 * max(part.reference.scale, near_one)
        for name, part in parts.items()
    ):
        return parts
    rounding = allowances(exercise, instance, errors)
    everywhere = SINGLE / 3 * near_one + exponents_rounding(exercise, instance)
    return {
        name: _excused(part, rounding.get(name, 0.0) + everywhere)
        for name, part in parts.items()
    }


def _error(part: Part) -> float:
    """How far a part is off, where that alone is wrong with it."""
    if part.status != "wrong" or part.got is None:
        return np.inf
    return float(np.max(distance(part.got, part.reference), initial=0.0))


def _excused(part: Part, rounding: float) -> Part:
    """A wrong part is right after all if rounding alone explains its error."""
    error = _error(part)
    if part.status != "wrong" or error > rounding:
        return part
    single = error > rounding * DOUBLE_PER_SINGLE
    return Part(part.name, "right", part.reference, part.got, single=single)


@dataclass(frozen=True)
class _Absent:
    note: str
    status: str = "missing"


def _pair(
    wanted: Any, answer: Any, names: str | tuple[str, ...], prefix: str
) -> Iterator[tuple[str, Any]]:
    """Walk the wanted structure and the answer together, naming every leaf."""
    if isinstance(names, str):
        prefix = f"{prefix}{names}"
        if isinstance(wanted, Reference):
            yield prefix, answer
            return
        prefix += "."
    if isinstance(wanted, dict):
        yield from _pair_dict(wanted, answer, prefix)
    elif isinstance(wanted, (tuple, list)):
        yield from _pair_sequence(wanted, answer, names, prefix)
    else:
        yield prefix.rstrip(".") or "answer", answer


def _pair_dict(wanted: dict, answer: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    expected = ", ".join(wanted)
    for key, item in wanted.items():
        if isinstance(answer, dict) and key in answer:
            inner: Any = answer[key]
        elif isinstance(answer, dict):
            spare = [other for other in answer if other not in wanted]
            near = difflib.get_close_matches(key, spare, n=1)
            guess = f"; yours may be {near[0]!r}" if near else ""
            note = f"the dict has no key {key!r} (expected {expected}){guess}"
            inner = _Absent(note)
        else:
            kind = _kind(answer)
            inner = _Absent(f"expected a dict with keys {expected}, got {kind}", "type")
        yield from _pair_inner(item, inner, f"{prefix}{key}")


def _pair_sequence(
    wanted: tuple | list, answer: Any, names: Any, prefix: str
) -> Iterator[tuple[str, Any]]:
    labels = names if isinstance(names, tuple) and names else range(len(wanted))
    entries = _entries(answer, len(wanted))
    for i, (label, item) in enumerate(zip(labels, wanted, strict=True)):
        if isinstance(answer, dict) and str(label) in answer:
            inner: Any = answer[str(label)]
        elif entries is not None:
            inner = entries[i]
        else:
            expected = f"({', '.join(str(label) for label in labels)})"
            if isinstance(labels, range):
                expected = f"a list of {len(labels)}"
            note = f"expected {expected}, got {_kind(answer)}"
            inner = _Absent(note, "type")
        yield from _pair_inner(item, inner, f"{prefix}{label}")


def _pair_inner(wanted: Any, inner: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(wanted, Reference):
        yield name, inner
    elif isinstance(inner, _Absent):
        for leaf, _ in _pair(wanted, {}, (), f"{name}."):
            yield leaf, inner
    else:
        yield from _pair(wanted, inner, (), f"{name}.")


def _entries(answer: Any, count: int) -> list | None:
    if isinstance(answer, (tuple, list)) and len(answer) == count:
        return list(answer)
    if isinstance(answer, np.ndarray) and answer.ndim and len(answer) == count > 1:
        return list(answer)
    return None


def _kind(answer: Any) -> str:
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    if isinstance(answer, dict):
        keys = ", ".join(map(str, answer))
        return f"a dict with keys {keys}" if keys else "an empty dict"
    if isinstance(answer, (tuple, list)):
        return f"a {type(answer).__name__} of {len(answer)}{_odd_leaf(answer)}"
    if answer is None:
        return "None (is there a return?)"
    return KINDS.get(type(answer), f"a {type(answer).__name__}")


KINDS = {int: "a whole number", float: "a number", bool: "True or False", str: "text"}


def _odd_leaf(answer: Any) -> str:
    """What a nested list holds that is no number, if anything."""
    leaves = flatten(answer).values()
    if any(leaf is None for leaf in leaves):
        return " that holds None"
    if any(isinstance(leaf, str) for leaf in leaves):
        return " that holds text"
    return ""


def _judge(name: str, reference: Reference, raw: Any, floor: float) -> Part:
    if isinstance(raw, _Absent):
        return Part(name, raw.status, reference, note=raw.note)
    if isinstance(raw, str) and raw.startswith(NOT_NUMBERS):
        return Part(name, "type", reference, note=raw)
    if raw is None:
        return Part(name, "missing", reference, note=f"{name} is None")
    got = _numbers(raw)
    if got is None:
        ragged = isinstance(raw, (tuple, list)) and not _odd_leaf(raw)
        kind = f"{_kind(raw)} whose rows differ in length" if ragged else _kind(raw)
        note = f"{name} must be numbers, it is {kind}"
        return Part(name, "type", reference, note=note)
    wanted = reference.value
    if wanted.shape == () and got.size == 1:
        got = got.reshape(())
    if got.shape != wanted.shape:
        return Part(name, "shape", reference, got, _shape_note(name, got, wanted))
    if not (np.isfinite(got) | ~reference.finite).all():
        return Part(name, "not finite", reference, got, _first_non_finite(name, got))
    error = distance(got, reference)
    scale = reference.scale
    single = getattr(raw, "dtype", None) == np.float32
    if (error <= DOUBLE * scale + floor).all():
        return Part(name, "right", reference, got, single=single)
    if (error <= SINGLE * scale + floor).all():
        return Part(name, "right", reference, got, single=True)
    return Part(name, "wrong", reference, got)


def distance(got: np.ndarray, reference: Reference) -> np.ndarray:
    """How far each entry is off; between the two slopes of a kink nothing is."""
    if reference.low is None or reference.high is None:
        with np.errstate(invalid="ignore"):
            error = np.abs(got - reference.value)
        error = np.where(got == reference.value, 0.0, error)
        if reference.also is not None:
            error = np.minimum(error, np.abs(got - reference.also))
        return error
    below, above = reference.low - got, got - reference.high
    return np.maximum(0.0, np.maximum(below, above))


def _numbers(raw: Any) -> np.ndarray | None:
    try:
        got = np.asarray(raw)
        if got.dtype.kind in "USO":
            return None
        return got.astype(float)
    except (TypeError, ValueError):
        return None


def _shape_note(name: str, got: np.ndarray, wanted: np.ndarray) -> str:
    note = f"{name} has shape {got.shape}, expected {wanted.shape}"
    if got.size == wanted.size and np.squeeze(got).shape == np.squeeze(wanted).shape:
        close = np.allclose(np.squeeze(got), np.squeeze(wanted), rtol=1e-6)
        return f"{note}; the numbers are {'right' if close else 'also different'}"
    return note


def _first_non_finite(name: str, got: np.ndarray) -> str:
    index = tuple(int(i) for i in np.argwhere(~np.isfinite(got))[0])
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return f"{name}{place} is {got[index]}"
