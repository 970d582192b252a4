"""Judge every answer on many seeds, the right ones in single precision too.

Run as ``python -m tests.corpus.seeds [--seeds 100] [EXERCISE ...]``.  A
right answer may be refused on none of them, whether it is as it stands, or takes its
arrays in float32 on the way (and returns them so, or turns them back into float64).
A wrong answer may be accepted on none.
"""

from __future__ import annotations

import argparse
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from autograder.diagnosis import Explanation
from autograder.exercises import get
from autograder.notebook import verdict_on
from autograder.verdict import Verdict
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


def refused(variant: Variant, seeds: range) -> Iterator[tuple[str, int, Verdict]]:
    """The styles and seeds on which a right answer is not found right."""
    exercise = get(variant.exercise)
    function = function_of(variant)
    for style, wrap in STYLES.items():
        if "float32" in style and not exercise.single_is_enough:
            continue
        for seed in seeds:
            verdict = verdict_on(exercise, wrap(function), seed)
            if verdict.status != "right":
                yield style, seed, verdict


def accepted(variant: Variant, seeds: range) -> Iterator[int]:
    """The seeds on which a wrong answer is found right."""
    exercise = get(variant.exercise)
    function = function_of(variant)
    for seed in seeds:
        if verdict_on(exercise, function, seed).status == "right":
            yield seed


@contextmanager
def unexplained() -> Iterator[None]:
    """Inside, wrong answers are not explained: that takes time and decides nothing."""
    nothing = Explanation(None, None)
    with patch("autograder.check.explain", lambda evidence: nothing):
        yield


def lost_in_single(style: str, verdict: Verdict) -> bool:
    """Whether a formula itself has no number in single precision, as 1 / (1 - A)."""
    return "float32" in style and "not finite" in verdict.parts.values()


def main() -> None:
    """Print what is refused or accepted, and how many verdicts there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("exercises", nargs="*")
    given = parser.parse_args()
    seeds = range(given.seeds)
    counts: Counter[str] = Counter()
    for variant in variants(folder=given.folder):
        if given.exercises and variant.exercise not in given.exercises:
            continue
        with unexplained():
            if variant.kind == "right":
                counts["right"] += len(STYLES) * given.seeds
                report(variant, list(refused(variant, seeds)), counts)
            else:
                counts["wrong"] += given.seeds
                passed = list(accepted(variant, seeds))
                counts["accepted"] += len(passed)
                if passed:
                    print(f"{variant}: ACCEPTED on {len(passed)} seeds, as {passed[0]}")
    print(
        f"{counts['right']} verdicts on right answers, {counts['refused']} refused"
        f" ({counts['lost']} more have no number in single precision);"
        f" {counts['wrong']} on wrong answers, {counts['accepted']} accepted"
    )


def report(
    variant: Variant, misses: list[tuple[str, int, Verdict]], counts: Counter[str]
) -> None:
    """Count what was refused, and print the first case of each style."""
    for style in STYLES:
        of_style = [miss for miss in misses if miss[0] == style]
        if of_style:
            _, seed, verdict = of_style[0]
            kind = "lost" if lost_in_single(style, verdict) else "refused"
            counts[kind] += len(of_style)
            told = f"{kind} on {len(of_style)} seeds, as {seed}"
            print(f"{variant}, {style}: {told}: {verdict.to_text()}", flush=True)


if __name__ == "__main__":
    main()
