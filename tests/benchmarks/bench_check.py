"""How long the first check of an exercise takes in a notebook, diagnosis included.

Goals: median under 100 ms and worst under 300 ms for every exercise, over wrong answers
of the corpus and over right ones with one quantity bent so that nothing explains it.
CPU time, each check in a process of its own forked before any exercise was looked at.
Run ``python -m tests.benchmarks.bench_check [EXERCISE ...]``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402

from autograder.exercises import EXERCISES  # noqa: E402
from autograder.notebook import verdict_on  # noqa: E402
from tests.corpus import Variant, variants  # noqa: E402
from tests.corpus.seeds import function_of  # noqa: E402

WRONG = 12  # answers of the corpus an exercise
MEDIAN, WORST = 100, 300  # ms


def main() -> None:
    """One line for each exercise that misses a goal, and one for all."""
    if not hasattr(os, "fork"):
        print("checks are timed in forked processes, which this system has not")
        return
    worst: dict[str, float] = {}
    everything: list[float] = []
    for name in sys.argv[1:] or EXERCISES:
        times = [cold(name, make) for make in answers(name)]
        everything += times
        worst[name] = max(times)
        if worst[name] > WORST or median(times) > MEDIAN:
            print(f"{name:30} median {median(times):4.0f} ms, worst {worst[name]:4.0f}")
    slowest = max(worst, key=lambda name: worst[name])
    met = worst[slowest] <= WORST and median(everything) <= MEDIAN
    print(
        f"{'first check':22} {'pass' if met else 'MISS':5} {len(everything)} checks:"
        f" median {median(everything):.0f} ms, worst {worst[slowest]:.0f} ({slowest})"
    )


def answers(name: str) -> Iterator[Callable[[], Callable]]:
    """Wrong answers as students write them, then right ones bent part by part."""
    written = list(variants(name))
    wrong = (variant for variant in written if variant.kind == "wrong")
    for variant in islice(wrong, WRONG):
        yield lambda variant=variant: function_of(variant)
    right = next((v for v in written if v.kind == "right"), None)
    if right is not None:
        for place in range(4):
            yield lambda right=right, place=place: bent(right, place)


def bent(variant: Variant, place: int) -> Callable:
    """The right function, with each entry of one quantity off in its own way."""
    function = function_of(variant)

    def student(*arguments: Any) -> Any:
        count = [place]
        return _bent(function(*arguments), count)

    return student


def _bent(value: Any, count: list[int]) -> Any:
    if isinstance(value, dict):
        return {key: _bent(item, count) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_bent(item, count) for item in value)
    count[0] -= 1
    if count[0] != -1 or value is None or isinstance(value, (bool, str)):
        return value
    array = np.asarray(value, dtype=float)
    wave = np.sin(1.7 * np.arange(1, array.size + 1)).reshape(array.shape)
    return array * (1 + 0.3 * wave) + 0.01 * wave


def cold(name: str, make: Callable[[], Callable]) -> float:
    """Milliseconds of CPU for the first verdict of a fresh process, and its page."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        try:
            function = make()
            start = process_time()
            verdict_on(EXERCISES[name], function).to_html()
            os.write(writing, f"{1e3 * (process_time() - start):.1f}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.wait()
    with os.fdopen(reading) as pipe:
        return float(pipe.read())


if __name__ == "__main__":
    main()
