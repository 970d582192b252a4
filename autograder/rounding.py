"""How far rounding may carry a right answer away from the truth.

The worked solution is run again with every input and every line's value moved by one
unit of single precision, a few times over.  What comes out moves by what a right
answer in that precision may be off by: much where terms cancel or 1 - A is nearly 0,
little elsewhere.  A sigma or tanh errs by one unit of 1 however small it is, because
some forms of them take differences of numbers near 1.  The values themselves never
judge anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.exercises.exercise import Exercise, Instance, references
from autograder.worked import Program, environment_of, source_of

UNIT = 2.0**-24  # half a unit in the last place of single precision
SAMPLES = 8
SAFETY = 16.0  # other right ways to compute it lose a few digits more
FEW, HOPELESS = 2, 1600.0  # samples, and what no further ones will make of them
FINER = 16.0
FAR_OUT = 100.0
SQUASHED = re.compile(r"np\.tanh\(|1 / \(1 \+ np\.exp\(")


def allowances(
    exercise: Exercise, instance: Instance, errors: Mapping[str, float]
) -> dict[str, float]:
    """By part, how much of its error single precision explains, where it explains it.

    A part that jumps instead of moving (a mask that flips) is left out: rounding
    explains one side of a kink or the other, never a distance.
    """
    if not exercise.worked or not exercise.single_is_enough:
        return {}
    program = program_of(
        source_of(exercise, instance), tuple(references(exercise, instance))
    )
    start = environment_of(exercise, instance)

    def explained(samples: int, safety: float) -> dict[str, float]:
        moved = _largest_move(program, start, UNIT, samples)
        return {p: m for p, m in moved.items() if errors.get(p, np.inf) <= safety * m}

    if not explained(FEW, HOPELESS) or not (moved := explained(SAMPLES, SAFETY)):
        return {}
    finer = _largest_move(program, start, UNIT / FINER, SAMPLES)
    return {
        part: SAFETY * move
        for part, move in moved.items()
        if finer[part] <= move * 4 / FINER
    }


def exponents_rounding(exercise: Exercise, instance: Instance) -> float:
    """What rounding far out on exp's axis does to a number near 1.

    exp(Z - log sum exp(Z)) is 1 where the two are equal, 1000 say, and each of them is
    off by 1000 units; the worked solution, which takes the largest off first, is exact.
    """
    if instance.magnitude < FAR_OUT or not exercise.single_is_enough:
        return 0.0
    exponents = exercise.worked and "np.exp(" in source_of(exercise, instance)
    return SAFETY / 4 * UNIT * instance.magnitude if exponents else 0.0


@lru_cache(maxsize=64)
def program_of(source: str, parts: tuple[str, ...]) -> Program:
    """A worked solution taken apart, once."""
    return Program(source, parts)


def _largest_move(
    program: Program, start: dict[str, Any], unit: float, samples: int
) -> dict[str, float]:
    exact = _run(program, start, None, unit)
    rng = np.random.default_rng(0)
    largest = dict.fromkeys(exact, 0.0)
    for _ in range(samples):
        for part, value in _run(program, start, rng, unit).items():
            with np.errstate(invalid="ignore"):
                gap = np.abs(value - exact[part])
            move = float(np.max(gap[np.isfinite(gap)], initial=0.0))
            largest[part] = max(largest[part], move)
    return largest


def _run(
    program: Program,
    start: dict[str, Any],
    rng: np.random.Generator | None,
    unit: float,
) -> dict[str, np.ndarray]:
    """The parts, each input and each line's value moved by about one rounding."""
    values = {name: _moved(value, rng, unit) for name, value in start.items()}
    with np.errstate(all="ignore"):
        for i, line in enumerate(program.lines):
            least = 1.0 if SQUASHED.search(line.formula) else 0.0
            values[line.target] = _moved(program.run(i, values), rng, unit, least)
    return {
        part: np.asarray(values[program.lines[i].target], dtype=float)
        for i, part in program.parts
    }


def _moved(
    value: Any, rng: np.random.Generator | None, unit: float, least: float = 0.0
) -> Any:
    """The value moved by a unit of its own size, of ``least`` where that is more."""
    if rng is None:
        return value
    if isinstance(value, dict):
        return {key: _moved(item, rng, unit) for key, item in value.items()}
    if isinstance(value, (float, np.floating)):
        return value + unit * max(abs(float(value)), least) * rng.uniform(-1, 1)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        size = np.maximum(np.abs(value), least)
        return value + unit * size * rng.uniform(-1, 1, value.shape)
    return value
