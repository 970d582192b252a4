"""An exercise: its signature, its instances, what is measured, points and hints."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from autograder.exercises.draw import STYLES, Argument, choose_sizes
from autograder.exercises.truth import Reference, Truth

DEFAULT_STYLES = (
    "generic",
    "one example",
    "more",
    "square",
    "saturated",
    "large",
    "integer",
    "float32",
    "narrow",
)


Extra = tuple[str, tuple[Any, ...], Mapping[str, int]]


class UnknownExercise(ValueError):
    """No exercise has this id."""


@dataclass(frozen=True)
class Instance:
    """One question: arguments, and the references the answer is held against."""

    style: str
    args: tuple[Any, ...]
    wanted: Any
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The style in words, with the sizes."""
        sizes = ", ".join(f"{k} = {v}" for k, v in self.sizes.items())
        words = STYLES.get(self.style, self.style)
        return f"{words} ({sizes})" if sizes else words

    @property
    def answerable(self) -> bool:
        """Whether the truth is known: nobody can be asked for NaN."""
        wanted = flatten(self.wanted).values()
        return not any(np.isnan(reference.value).any() for reference in wanted)

    @cached_property
    def magnitude(self) -> float:
        """The largest finite number among the arguments."""
        return max(map(magnitude, flatten({"": self.args}).values()), default=0.0)


@dataclass(frozen=True)
class Exercise:
    """One thing a student writes, with all that is needed to judge it.

    ``returns`` names the answer: one name, or the names of a tuple's entries; a dict
    answer names itself.  ``order`` lists the parts from the loss backwards.
    ``worked`` is the worked solution, one assignment a line: the last hint, and what
    the diagnosis varies to find out which slip explains an answer; ``helpers`` are
    functions it may call.  ``asks_to_measure`` marks what is answered by finite
    differences: elsewhere they speak against an answer being derived.
    """

    id: str
    lesson: str
    title: str
    points: int
    formulas: tuple[str, ...]
    arguments: tuple[Argument, ...]
    truth: Truth
    returns: str | tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    worked: str | Callable[..., str] = ""
    helpers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    styles: tuple[str, ...] = DEFAULT_STYLES
    draw: Callable[[np.random.Generator, Mapping[str, int], str], tuple] | None = None
    extra: Callable[[np.random.Generator], list[Extra]] | None = None
    letters: tuple[str, ...] = ()
    loss: Callable[..., Any] | None = None
    nodes: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    may_change_arguments: bool = False
    single_is_enough: bool = True
    audit: Callable[..., str] | None = None
    praise: Callable[..., str] | None = None
    asks_to_measure: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The argument names, in order."""
        return tuple(argument.name for argument in self.arguments)

    @property
    def signature(self) -> str:
        """The arguments as they stand between the brackets of ``def``."""
        return ", ".join(self.names)

    def draw_args(
        self, rng: np.random.Generator, sizes: Mapping[str, int], style: str
    ) -> tuple[Any, ...]:
        """Draw one tuple of arguments."""
        if self.draw is not None:
            return self.draw(rng, sizes, style)
        return tuple(a.draw(rng, sizes, style) for a in self.arguments)

    def size_letters(self) -> list[str]:
        """All size letters of the arguments, in order of appearance."""
        found = list(self.letters)
        for argument in self.arguments:
            found += argument.letters()
        return list(dict.fromkeys(found))

    def instance(self, seed: int, style: str) -> Instance:
        """Draw one instance; the same seed and style give the same one."""
        rng = self.generator(seed, style)
        sizes = choose_sizes(self.size_letters(), rng, style)
        return self.measured(style, self.draw_args(rng, sizes, style), sizes)

    def generator(self, seed: int, style: str) -> np.random.Generator:
        """The random numbers that instances of one style are drawn with."""
        return np.random.default_rng([seed, *f"{self.id}/{style}".encode()])

    def measured(
        self, style: str, args: tuple[Any, ...], sizes: Mapping[str, int]
    ) -> Instance:
        """The instance with these arguments, its right answer measured."""
        return Instance(style, args, self.truth(*exact(args)), sizes)

    def instances(self, seed: int) -> tuple[Instance, ...]:
        """The seeded family of instances that an answer must get right."""
        return _family(self, seed)

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=512)
def _family(exercise: Exercise, seed: int) -> tuple[Instance, ...]:
    family = []
    has_letters = bool(exercise.size_letters())
    for style in exercise.styles:
        if style in ("one example", "square", "narrow") and not has_letters:
            continue
        if style == "one example" and "N" not in exercise.size_letters():
            continue
        family.append(exercise.instance(seed, style))
    if exercise.extra is not None:
        rng = np.random.default_rng([seed, *list(exercise.id.encode())])
        family += [exercise.measured(*drawn) for drawn in exercise.extra(rng)]
    return tuple(instance for instance in family if instance.answerable)


def magnitude(value: Any) -> float:
    """The largest finite absolute value of a number or an array."""
    if not isinstance(value, (np.ndarray, float, int, np.generic)):
        return 0.0
    numbers = np.asarray(value, dtype=float)
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def exact(value: Any) -> Any:
    """The same arguments in float64: single precision is promoted exactly."""
    if isinstance(value, tuple):
        return tuple(exact(item) for item in value)
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        return value.astype(np.float64)
    if isinstance(value, np.floating):
        return float(value)
    return value


def flatten(structure: Any, names: str | tuple[str, ...] = ()) -> dict[str, Any]:
    """Name every leaf of a nested structure: ``{"params.W1": ..., "loss": ...}``."""
    if isinstance(names, str):
        if not isinstance(structure, (dict, tuple, list)):
            return {names: structure}
        inner = flatten(structure)
        return {f"{names}.{name}": leaf for name, leaf in inner.items()}
    if isinstance(structure, dict):
        items = list(structure.items())
    elif isinstance(structure, (tuple, list)):
        labels = names or tuple(str(i) for i in range(len(structure)))
        items = list(zip(labels, structure, strict=True))
    else:
        return {"answer": structure}
    flat: dict[str, Any] = {}
    for key, item in items:
        if isinstance(item, (dict, tuple, list)):
            inner = flatten(item)
            flat.update({f"{key}.{name}": leaf for name, leaf in inner.items()})
        else:
            flat[str(key)] = item
    return flat


def references(exercise: Exercise, instance: Instance) -> dict[str, Reference]:
    """All references of an instance by name, nearest to the loss first."""
    flat = flatten(instance.wanted, exercise.returns)
    ordered = [name for name in exercise.order if name in flat]
    return {name: flat[name] for name in [*ordered, *flat]}


def find(exercises: Mapping[str, Exercise], exercise_id: object) -> Exercise:
    """Look up an exercise; an unknown id is answered with the nearest known one."""
    if isinstance(exercise_id, str) and exercise_id in exercises:
        return exercises[exercise_id]
    if not isinstance(exercise_id, str):
        raise UnknownExercise(
            "the exercise id must be a string such as "
            f'"one_hidden_backward", not {type(exercise_id).__name__}.'
        )
    near = difflib.get_close_matches(exercise_id, exercises, n=1, cutoff=0.5)
    guess = f'; did you mean "{near[0]}"?' if near else "."
    raise UnknownExercise(f'there is no exercise "{exercise_id}"{guess}')
