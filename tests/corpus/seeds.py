"""Judge every right answer on many seeds, in double and in single precision.

Run as ``python -m tests.corpus.seeds [--seeds 100] [FOLDER] [EXERCISE ...]``.  A right
answer may be refused on none of them, whether it is as it stands, or takes its arrays
in float32 on the way (and returns them so, or turns them back into float64).
"""

from __future__ import annotations

import argparse
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograder.exercises import get
from autograder.notebook import verdict_on
from tests.corpus import FOLDER, Variant, variants

Change = Callable[[Any], Any]


def converted(value: Any, change: Change) -> Any:
    """A nested structure with every floating array changed."""
    if isinstance(value, dict):
        return {key: converted(item, change) for key, item in value.items()}
    if type(value) in (tuple, list):
        return type(value)(converted(item, change) for item in value)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f":
        return change(value)
    return value


def single(value: Any) -> Any:
    """The value in single precision."""
    return value.astype(np.float32)


def double(value: Any) -> Any:
    """The value in double precision, a number as a Python number."""
    return value.astype(float) if np.ndim(value) else float(value)


def in_single(function: Callable, back: Change = lambda value: value) -> Callable:
    """The same function on arguments rounded to single precision."""

    def rounded(*arguments: Any) -> Any:
        answer = function(*(converted(a, single) for a in arguments))
        return converted(answer, back)

    return rounded


STYLES: dict[str, Callable[[Callable], Callable]] = {
    "as it stands": lambda function: function,
    "float32": in_single,
    "float32 and back": lambda function: in_single(function, double),
}


def function_of(variant: Variant) -> Callable:
    """The student's function, its cells run in a module of their own."""
    module = types.ModuleType("student")
    sys.modules["student"] = module
    for cell in variant.source.split("# %%"):
        exec(compile(cell, "<cell>", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__[variant.exercise]


def refused(variant: Variant, seeds: range) -> Iterator[tuple[str, int, str]]:
    """The styles and seeds on which a right answer is not found right."""
    exercise = get(variant.exercise)
    function = function_of(variant)
    for style, wrap in STYLES.items():
        for seed in seeds:
            verdict = verdict_on(exercise, wrap(function), seed)
            if verdict.status != "right":
                yield style, seed, verdict.to_text()


def main() -> None:
    """Print what is refused, and how many verdicts there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("exercises", nargs="*")
    given = parser.parse_args()
    judged = missed = 0
    for variant in variants(folder=given.folder):
        if variant.kind != "right":
            continue
        if given.exercises and variant.exercise not in given.exercises:
            continue
        misses = list(refused(variant, range(given.seeds)))
        judged += len(STYLES) * given.seeds
        missed += len(misses)
        for style in STYLES:
            of_style = [miss for miss in misses if miss[0] == style]
            if of_style:
                _, seed, text = of_style[0]
                print(f"{variant}, {style}: {len(of_style)} seeds, as {seed}: {text}")
    print(f"{judged} verdicts on right answers, {missed} of them not right")


if __name__ == "__main__":
    main()
