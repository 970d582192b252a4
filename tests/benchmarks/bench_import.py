"""Measure what ``import backproplab`` costs, against goal S6: 1.15 x ``import numpy``.

Run ``python -m tests.benchmarks.bench_import``.  Each import gets a fresh interpreter,
all take turns, and CPU time counts.  The package loads its modules when they are first
used; so the honest figure is the second one, with every module of the core in use.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
CORE = (
    "arrays, chain, costs, datasets, fast_step, graph, layers, lectures, losses, "
    "network, neurons, training"
)
IMPORTS = {
    "numpy": "import numpy",
    "backproplab": "import numpy, backproplab",
    "every core module": f"import numpy; from backproplab import {CORE}",
}
UNWANTED = ("numpy.random", "matplotlib", "ipywidgets", "inspect", "autograder")
UNCOMPILED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
ROUNDS = 21
TIMED = """
import sys, time
start = time.process_time()
{statement}
print(time.process_time() - start, *[m for m in {unwanted} if m in sys.modules])
"""


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    loaded: dict[str, list[str]] = {}
    for statement in IMPORTS.values():
        run(statement)  # compiles what is not compiled yet, as an installation does
    for _ in range(ROUNDS):
        for name, statement in IMPORTS.items():
            seconds, *loaded[name] = run(statement)
            times[name].append(float(seconds))
    floor = median(times["numpy"])
    print(f"import numpy: {1e3 * floor:.1f} ms of CPU time, median of {ROUNDS}")
    met = True
    for name in ("backproplab", "every core module"):
        ratio = median(
            ours / numpy
            for ours, numpy in zip(times[name], times["numpy"], strict=True)
        )
        extra = sorted(set(loaded[name]) - set(loaded["numpy"]))
        fine = ratio <= 1.15 and not extra
        met = met and fine
        also = f"; also loads {', '.join(extra)}" if extra else ""
        print(f"S6 {name:18} {'pass' if fine else 'MISS'} {ratio:.3f} <= 1.15{also}")
    sys.exit(not met)


def run(statement: str) -> list[str]:
    """Seconds and the unwanted modules that were loaded, from a fresh interpreter."""
    code = TIMED.format(statement=statement, unwanted=UNWANTED)
    environment = {k: v for k, v in os.environ.items() if k not in UNCOMPILED}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


if __name__ == "__main__":
    main()
