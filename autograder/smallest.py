"""The ladder of smallest cases: a wrong answer that can be redone on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part, compare
from autograder.exercises.exercise import Exercise, Instance, exact
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
) -> Counterexample | None:
    """The first rung of the ladder on which the same quantity is wrong first."""
    rungs = _ladder(exercise, seed)
    outcomes = calls([rung.args for rung in rungs]) if rungs else []
    tried = [
        (rung, compare(exercise, rung, outcome.value))
        for rung, outcome in zip(rungs, outcomes, strict=True)
        if outcome.status == "returned"
    ]
    first = min((_first_wrong(parts) for _, parts in failing), default=0)
    alike = [case for case in tried if _first_wrong(case[1]) == first]
    for instance, parts in [*alike, *tried, *failing]:
        wrong = next((part for part in parts.values() if not part.right), None)
        if wrong is not None and wrong.got is not None:
            return _work_out(exercise, instance, wrong)
    return None


def _first_wrong(parts: Mapping[str, Part]) -> int:
    """The place of the first wrong part, counted back from the loss."""
    places = (i for i, part in enumerate(parts.values()) if not part.right)
    return next(places, len(parts))


def _ladder(exercise: Exercise, seed: int) -> list[Instance]:
    letters = exercise.size_letters()
    drawn = exercise.draw is not None or exercise.styles
    if not letters or not drawn:
        return []
    ones = dict.fromkeys(letters, 1)
    sizes = [ones]
    sizes += [{**ones, letter: 2} for letter in letters]
    sizes.append(dict.fromkeys(letters, 2))
    sizes.append({letter: 2 + i % 2 for i, letter in enumerate(letters)})
    rungs = [exercise.instance(seed + 7, "paper", s) for s in sizes]
    return [rung for rung in rungs if rung.answerable]


def _work_out(exercise: Exercise, instance: Instance, part: Part) -> Counterexample:
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
    text = brief(value)
    if len(text) <= READABLE:
        return text
    if isinstance(value, dict):
        shapes = (f"{key} {np.shape(item)}" for key, item in value.items())
        return f"(shapes: {', '.join(shapes)})"
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
