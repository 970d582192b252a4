"""The ladder of smallest cases: a wrong answer that can be redone on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part, compare
from autograder.exercises.exercise import Exercise, Instance, exact, flatten
from autograder.exercises.truth import loss_along
from autograder.show import brief, number
from autograder.verdict import Counterexample

NUDGE = 1e-3
READABLE = 160


def smallest_case(
    exercise: Exercise,
    calls: Callable[[Sequence[tuple]], list[Outcome]],
    seed: int,
    failing: Sequence[tuple[Instance, Mapping[str, Part]]],
) -> tuple[Instance, Part] | None:
    """The first rung of the ladder on which the same quantity is wrong first."""
    rungs = _ladder(exercise, seed)
    outcomes = calls([args for args, _ in rungs]) if rungs else []
    first = min((_first_wrong(parts) for _, parts in failing), default=0)
    tried = []
    for (args, sizes), outcome in zip(rungs, outcomes, strict=True):
        if outcome.status != "returned":
            continue
        rung = exercise.measured("paper", args, sizes)
        if not rung.answerable:
            continue
        tried.append((rung, compare(exercise, rung, outcome.value)))
        if _first_wrong(tried[-1][1]) == first and _shown(tried[-1][1]):
            tried = tried[-1:]
            break
    for instance, parts in [*tried, *failing]:
        if wrong := _shown(parts):
            return instance, wrong
    return None


def _shown(parts: Mapping[str, Part]) -> Part | None:
    """The first wrong part, if there are numbers to show."""
    wrong = next((part for part in parts.values() if not part.right), None)
    return wrong if wrong is not None and wrong.got is not None else None


def _first_wrong(parts: Mapping[str, Part]) -> int:
    """The place of the first wrong part, counted back from the loss."""
    places = (i for i, part in enumerate(parts.values()) if not part.right)
    return next(places, len(parts))


def _ladder(
    exercise: Exercise, seed: int
) -> list[tuple[tuple[Any, ...], dict[str, int]]]:
    """Arguments of small whole numbers with their sizes, the smallest first."""
    counts = exercise.instances(seed)[0].args
    if all(type(value) is int for value in counts):
        return [(args, {}) for args in _small_counts(len(counts))]
    letters = exercise.size_letters()
    drawn = exercise.draw is not None or exercise.styles
    if not letters or not drawn:
        return []
    ones = dict.fromkeys(letters, 1)
    sizes = [ones]
    sizes += [{**ones, letter: 2} for letter in letters]
    sizes.append(dict.fromkeys(letters, 2))
    sizes.append({letter: 2 + i % 2 for i, letter in enumerate(letters)})
    return [
        (exercise.draw_args(exercise.generator(seed + 7, "paper"), s, "paper"), s)
        for s in sizes
    ]


def _small_counts(count: int) -> list[tuple[int, ...]]:
    """All ones, then one of them 2, then all of them."""
    twos = [tuple(1 + (i == k) for i in range(count)) for k in range(count)]
    return [(1,) * count, *twos, (2,) * count]


def work_out(exercise: Exercise, instance: Instance, part: Part) -> Counterexample:
    """The case with the numbers that a person needs to redo it on paper."""
    index = part.worst()
    inputs = {
        name: _readable(value)
        for name, value in zip(exercise.names, instance.args, strict=True)
    }
    wanted = part.reference.value
    if part.got is not None and part.got.shape != wanted.shape:
        yours, right = _readable(part.got), _readable(wanted)
        return Counterexample(inputs, part.name, (), yours, right)
    assert part.got is not None
    evidence = _two_losses(exercise, instance, part.name, index, wanted[index])
    return Counterexample(
        inputs,
        part.name,
        index,
        number(part.got[index]),
        number(wanted[index]),
        evidence,
    )


def _readable(value: Any) -> str:
    """The value itself, or its shape where nobody would read the numbers."""
    numbers = sum(np.size(leaf) for leaf in flatten({"": value}).values())
    if numbers <= READABLE and len(text := brief(value)) <= READABLE:
        return text
    if isinstance(value, dict):
        shapes = (f"{key} {np.shape(item)}" for key, item in value.items())
        return f"(shapes: {', '.join(shapes)})"
    if isinstance(value, list | tuple):
        return f"(shapes: {', '.join(str(np.shape(item)) for item in value)})"
    return f"(shape {np.shape(value)})"


def _two_losses(
    exercise: Exercise,
    instance: Instance,
    part: str,
    index: tuple[int, ...],
    wanted: float,
) -> str:
    """The two loss values, a nudge apart, that disagree with the student."""
    node = node_of(exercise, instance, part)
    if exercise.loss is None or node is None:
        return ""
    evaluate, start = loss_along(
        exercise.loss, exercise.names, exact(instance.args), node
    )
    up, down = start.copy(), start.copy()
    up[index] += NUDGE
    down[index] -= NUDGE
    above, below = float(np.real(evaluate(up))), float(np.real(evaluate(down)))
    name = node.rpartition(".")[2]
    entry = f"{name}[{', '.join(map(str, index))}]" if index else name
    rate = (above - below) / (2 * NUDGE)
    if not np.isclose(rate, wanted, rtol=1e-3, atol=1e-4):
        return ""  # this loss does not listen to the entry: the line would confuse
    return (
        f"Nudge {entry} by +{NUDGE:g}: loss {above:.8g}; by -{NUDGE:g}: {below:.8g}."
        f" Difference / {2 * NUDGE:g} = {rate:.5g}"
    )


def node_of(exercise: Exercise, instance: Instance, part: str) -> str | None:
    """The node of the forward pass whose gradient this part is."""
    if part in exercise.nodes:
        return exercise.nodes[part]
    name = part.removeprefix("d")
    if name in exercise.names:
        return name
    for argument, value in zip(exercise.names, instance.args, strict=True):
        if isinstance(value, dict) and name in value:
            return f"{argument}.{name}"
    return None
