"""Measure the gradient check against goals G1 to G8, beside other libraries' checkers.

Run ``python -m tests.benchmarks.bench_gradient_check [--quick]``.  Peers that are not
installed are skipped and named; the goals about our own check need none.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np  # noqa: E402

from backproplab.finite_differences import (  # noqa: E402
    Network,
    check_gradient,
    directional,
    gradient,
    network_gradient,
)
from backproplab.finite_differences.points import EPS, Point, flat  # noqa: E402
from backproplab.losses import cross_entropy  # noqa: E402
from backproplab.neurons import linear, tanh  # noqa: E402
from tests.benchmarks.gradient_corpus.instances import (  # noqa: E402
    FAMILIES,
    Arrays,
    Instance,
    designed,
    draw,
)
from tests.benchmarks.gradient_corpus.peers import (  # noqa: E402
    Checker,
    central,
    installed,
)
from tests.benchmarks.gradient_corpus.students import (  # noqa: E402
    MISTAKES,
    RIGHT,
    applies,
    backward,
)

Judge = Callable[[Instance, Arrays], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the corpus")
    parser.add_argument("--size", type=int, help="instances per family (default 92)")
    size, quick = parser.parse_args().size, parser.parse_args().quick
    size = size or (6 if quick else 92)
    peers, missing = installed()
    if missing:
        print("not installed, skipped:", ", ".join(missing))
    corpus_goals("G1 G2 corpus", range(size), 3300, 40000)
    corpus_goals("G1 G2 fresh seeds", range(10**6, 10**6 + size), 4500, 40000)
    designed_goal(6 if quick else 60)
    black_box_goal(2 if quick else 6)
    time_goals()
    direction_goal(6 if quick else 75)
    analytic_goal()
    peer_table(peers, 1 if quick else 2)


def goal(name: str, met: bool, figures: str) -> None:
    """One line: the goal, what was measured, whether that meets it."""
    print(f"{name:22} {'pass' if met else 'MISS':5} {figures}", flush=True)


def distance(a: Arrays, b: Arrays) -> float:
    """Largest difference in units of each part's largest entry."""
    worst = 0.0
    for name, right in b.items():
        scale = max(float(np.abs(right).max()), 1e-200)
        gap = np.abs(a[name].astype(float) - right.astype(float)).max()
        worst = max(worst, float(gap) / scale)
    return worst


def students(case: Instance) -> Iterator[tuple[str, bool, Arrays]]:
    """Every gradient handed in for an instance: (name, is it right, gradient)."""
    with np.errstate(all="ignore"):
        rights: dict[str, Arrays] = {}
        for how in RIGHT:
            grads = backward(case, how)
            assert grads is not None
            rights[how] = grads
            yield how, True, grads
        threshold = 2e-4 if case.family == "f32" else 1e-9
        for how in MISTAKES:
            grads = backward(case, how)
            if grads is not None and threshold < min(
                distance(grads, rights[right]) for right in ("textbook", "relu_ge")
            ):
                yield how, False, grads


def ours(case: Instance, grads: Arrays) -> str:
    return check_gradient(case.network(), case.params, grads).verdict


def below_rounding(case: Instance, grads: Arrays) -> bool:
    """Is it as near to the textbook pass as that is to itself with other roundings?

    Near: within 100 times the largest change in its part (plus 1e-17) when every
    parameter, input, activation and output delta is moved by one rounding.
    """
    textbook = backward(case)
    assert textbook is not None
    unit = float(np.finfo(grads["W1"].dtype).eps)
    random = np.random.default_rng(0)

    def moved(array: np.ndarray) -> np.ndarray:
        return array * (1 + unit * random.choice([-1, 0, 1], array.shape))

    reach = dict.fromkeys(textbook, 0.0)
    for _ in range(12):
        params = {name: moved(array) for name, array in case.params.items()}
        near = replace(case, params=params, X=moved(case.X), Y=case.Y)
        found = backward(near, jitter=random)
        assert found is not None
        for name, g in found.items():
            change = float(np.abs(g - textbook[name]).max())
            reach[name] = max(reach[name], change)
    return all(
        float(np.abs(grads[name] - g).max()) <= 100 * reach[name] + 1e-17
        for name, g in textbook.items()
    )


def tally(
    cases: Iterable[Instance], judge: Judge
) -> tuple[Counter[str], list[tuple[Instance, str, Arrays]]]:
    """Count (right or wrong) x verdict, and keep the mistakes that passed."""
    counts: Counter[str] = Counter()
    passed = []
    for case in cases:
        for how, is_right, grads in students(case):
            verdict = judge(case, grads)
            counts[f"{'R' if is_right else 'W'} {verdict}"] += 1
            if not is_right and verdict == "right":
                passed.append((case, how, grads))
    return counts, passed


def total(counts: Counter[str], kind: str) -> int:
    return sum(n for name, n in counts.items() if name.startswith(kind))


def corpus_goals(name: str, seeds: range, rights: int, wrongs: int) -> None:
    """G1 and G2: nine families, every student."""
    cases = (draw(family, seed) for family in FAMILIES for seed in seeds)
    counts, passed = tally(cases, ours)
    R, W = total(counts, "R"), total(counts, "W")
    alarms, passes = counts["R wrong"], counts["W right"]
    unclear = counts["R undecided"] + counts["W undecided"]
    serious = [found for found in passed if not below_rounding(found[0], found[2])]
    sizes = "" if rights <= R and wrongs <= W else " (smaller than the goal's corpus)"
    goal(name, alarms == 0, f"false alarms {alarms} of {R}{sizes}")
    goal(
        name,
        passes <= 5e-5 * W and not serious and unclear <= 1e-3 * (R + W),
        f"false passes {passes} of {W}, {len(serious)} above rounding; "
        f"undecided {unclear}",
    )
    for case, how, grads in serious[:5]:
        right = backward(case)
        assert right is not None
        gap = max(float(np.abs(grads[name] - g).max()) for name, g in right.items())
        kind = f"{case.family}, {case.hidden}, {case.loss}"
        print(f"{'':28} passed: {how} ({kind}), off by {gap:.1e}")


def designed_goal(rounds: int) -> None:
    """G3: two designed instances and one with equal hidden sizes, all mistakes."""
    counts: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    possible: Counter[str] = Counter()
    for k in range(rounds):
        shapes = enumerate((False, False, True))
        cases = [designed(3 * k + i, equal, kind=k) for i, equal in shapes]
        dead = set()
        for case in cases:
            for how, is_right, grads in students(case):
                verdict = ours(case, grads)
                counts[f"{'R' if is_right else 'W'} {verdict}"] += 1
                if not is_right and verdict == "wrong":
                    dead.add(how)
        possible.update(
            how for how in MISTAKES if applies(how, cases[0].hidden, cases[0].loss)
        )
        killed.update(dead)
    bad = sum(counts.values()) - counts["R right"] - counts["W wrong"]
    goal(
        "G3 designed",
        bad == 0,
        f"{bad} misjudged of {total(counts, 'R')} right, {total(counts, 'W')} wrong",
    )
    rest = {
        how: f"{killed[how]} of {possible[how]}"
        for how in MISTAKES
        if killed[how] < possible[how]
    }
    late = killed["delta_clipped"] >= 0.98 * possible["delta_clipped"]
    goal(
        "G3 mistakes killed",
        late and not rest.keys() - {"delta_clipped"},
        f"{len(MISTAKES) - len(rest)} of {len(MISTAKES)} by every 3 instances "
        f"({rounds} rounds); {rest or 'no exception'}",
    )


def black_box_goal(size: int) -> None:
    """G4: the loss as an unknown function, in complex and in real arithmetic."""

    def judge(method: Any) -> Judge:
        def verdict(case: Instance, grads: Arrays) -> str:
            loss = case.network().loss
            return check_gradient(loss, case.params, grads, method=method).verdict

        return verdict

    families = [family for family in FAMILIES if "kink" not in family]
    cases = [draw(family, seed) for family in families for seed in range(size)]
    for name, method, few in (("complex", "complex", cases), ("real", "real", cases)):
        counts, passed = tally(few[:: 1 if method == "complex" else 3], judge(method))
        R, W = total(counts, "R"), total(counts, "W")
        goal(
            f"G4 black box {name}",
            counts["R wrong"] == 0 and counts["W right"] <= 2e-4 * W,
            f"false alarms {counts['R wrong']} of {R}, false passes "
            f"{counts['W right']} of {W}, undecided {counts['R undecided']} right "
            f"{counts['W undecided']} wrong",
        )
    counts, _ = tally((designed(seed) for seed in range(size)), judge("real"))
    unclear = counts["R undecided"] + counts["W undecided"]
    goal(
        "G4 real, designed",
        unclear <= 0.01 * sum(counts.values()),
        f"undecided {unclear} of {sum(counts.values())}",
    )


def network_of(sizes: list[int], N: int) -> tuple[Network, Arrays]:
    """A tanh network with cross entropy, for timing."""
    random = np.random.default_rng(0)
    params = {}
    for layer, (D, K) in enumerate(zip(sizes, sizes[1:], strict=False), 1):
        params[f"W{layer}"] = random.standard_normal((D, K)) / np.sqrt(D)
        params[f"b{layer}"] = 0.1 * random.standard_normal(K)
    X = random.standard_normal((N, sizes[0]))
    Y = np.eye(sizes[-1])[random.integers(sizes[-1], size=N)]
    activations = [tanh] * (len(sizes) - 2) + [linear]
    return Network(X, activations, lambda A: cross_entropy(A, Y)), params


def cpu_ms(calls: dict[str, Callable[[], Any]], rounds: int = 40) -> dict[str, float]:
    """Median CPU milliseconds of each call; the calls take turns.

    CPU time of one thread does not see what else the machine does.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    counts = {name: _repeats(call) for name, call in calls.items()}
    for _ in range(rounds):
        for name, call in calls.items():
            call()  # whoever had the turn before has filled the caches
            before = process_time()
            for _ in range(counts[name]):
                call()
            times[name].append((process_time() - before) / counts[name])
    return {name: 1e3 * median(spent) for name, spent in times.items()}


def _repeats(call: Callable[[], Any]) -> int:
    """How often a call fits into ten milliseconds, at least once."""
    call()
    before = process_time()
    call()
    return max(1, int(1e-2 / max(process_time() - before, 1e-6)))


def time_goals() -> None:
    """G5 and G6: one whole certified check of every entry, and the peers' time."""
    limits = {
        "G5 20-30-30-30-5": (([20, 30, 30, 30, 5], 16), 40, (300, 3, 150)),
        "G6 3-4-2": (([3, 4, 2], 5), 20, (10, 5, 3)),
    }
    for name, (description, most, ratios) in limits.items():
        network, params = network_of(*description)
        grads = network_gradient(network, params).value
        point = Point(params)
        x = point.vector

        def f(theta: np.ndarray) -> float:
            return float(network.loss(point.rebuild(theta)))  # noqa: B023

        calls: dict[str, Callable[[], Any] | None] = {
            "forward": lambda: network.loss(params),  # noqa: B023
            "ours": lambda: check_gradient(network, params, grads),  # noqa: B023
            "torch gradcheck slow": torch_check(*description, fast=False),
            "torch gradcheck fast_mode": torch_check(*description, fast=True),
            "course loops": lambda: central(f, x, 1e-7),  # noqa: B023
        }
        spent = cpu_ms({other: call for other, call in calls.items() if call}, 15)
        forward, ours = spent.pop("forward"), spent.pop("ours")
        goal(
            name,
            ours <= most * forward,
            f"{ours:.2f} ms, {ours / forward:.1f} forwards (goal {most})",
        )
        for other, times in zip(list(calls)[2:], ratios, strict=True):
            if other not in spent:
                print(f"{'':28} {other} is not installed")
                continue
            theirs = spent[other]
            goal(
                name,
                theirs >= times * ours,
                f"{other} {theirs:.2f} ms = {theirs / ours:.1f} times ours "
                f"(goal {times})",
            )


def torch_check(sizes: list[int], N: int, fast: bool) -> Callable[[], Any] | None:
    """gradcheck of the same network written in torch, or None without torch."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(1)
    network, params = network_of(sizes, N)
    tensors = [torch.from_numpy(p).clone().requires_grad_() for p in params.values()]
    X = torch.from_numpy(np.asarray(network.X))
    labels = torch.arange(N) % sizes[-1]

    def loss(*theta: Any) -> Any:
        A = X
        for layer in range(0, len(theta), 2):
            A = A @ theta[layer] + theta[layer + 1]
            A = torch.tanh(A) if layer + 2 < len(theta) else A
        return torch.nn.functional.cross_entropy(A, labels)

    return lambda: torch.autograd.gradcheck(loss, tensors, fast_mode=fast)


def direction_goal(size: int) -> None:
    """G7: two complex directions alone, time and missed mistakes."""
    network, params = network_of([20, 30, 30, 30, 5], 16)
    exact = network_gradient(network, params).value
    spent = cpu_ms(
        {
            "forward": lambda: network.loss(params),
            "ours": lambda: agrees_along(network, params, exact),
        }
    )
    taken = spent["ours"] / spent["forward"]
    goal("G7 two directions", taken <= 10, f"{taken:.1f} forwards (goal 10)")
    missed = wrong = 0
    for family in ("nice", "xsmall", "badfeat", "sat"):
        for seed in range(size):
            case = draw(family, seed)
            for _, is_right, grads in students(case):
                if not is_right:
                    wrong += 1
                    missed += agrees_along(case.network(), case.params, grads)
    goal("G7 two directions", missed == 0, f"missed {missed} of {wrong}")


def agrees_along(network: Network, params: Arrays, grads: Arrays) -> bool:
    """Im L(x + ihu) / h = g . u along two directions, equilibrated by rows of g?"""
    point, g, h = Point(params), flat(grads), 1e-20
    rows = point.by_rows(np.abs(g), lambda r: r.max(1))
    size = np.maximum(np.abs(g), 1e-3 * rows)
    scale = 1 / np.where(size > 0, size, 1.0)
    scale /= scale.max(initial=1e-300)
    for noise in directions(g.size):
        u = noise * scale
        slope = np.imag(network.loss(point.rebuild(point.vector + (1j * h) * u))) / h
        if not abs(slope - g @ u) <= 1e-12 * (np.abs(g) @ np.abs(u)):
            return False
    return True


@lru_cache(maxsize=16)
def directions(size: int) -> np.ndarray:
    """Two random directions, drawn once as the check itself does."""
    return np.random.default_rng(8).standard_normal((2, size))


def analytic_goal() -> None:
    """G8: code that is not analytic gets real differences, and right ones."""
    w = np.array([0.3, -1.2, 2.0])
    steep = np.full(3, 1e4)  # only beside w; everywhere else it is flat
    losses: dict[str, tuple[Callable[[Any], Any], np.ndarray]] = {
        "abs": (lambda v: np.abs(v).sum(), np.sign(w)),
        "conj": (lambda v: (v * np.conj(v)).sum().real, 2 * w),
        "vdot": (lambda v: np.vdot(v, v).real, 2 * w),
        "norm": (lambda v: np.linalg.norm(v), w / np.linalg.norm(w)),
        "real": (lambda v: (np.real(v) ** 3).sum(), 3 * w * w),
        "float": (lambda v: sum(float(x) ** 2 for x in v), 2 * w),
        "steep": (
            lambda v: sum(math.tanh(1e4 * (x - y)) for x, y in zip(v, w, strict=True)),
            steep,
        ),
    }
    met = 0
    for loss, truth in losses.values():
        found = gradient(loss, w)
        met += found.method == "richardson" and bool(
            (np.abs(found.value - truth) <= 4 * found.error + 4 * EPS).all()
        )
    slope = directional(losses["abs"][0], w, np.ones(3))
    met -= abs(slope - np.sign(w).sum()) > 1e-8
    goal("G8 not analytic", met == len(losses), f"{met} of {len(losses)} cases")


def peer_table(peers: dict[str, Checker], size: int) -> None:
    """False passes, false alarms and time of every checker on the same gradients."""
    cases = [draw(family, seed) for family in FAMILIES for seed in range(size)]
    judges: dict[str, Judge] = {"ours": ours}
    for name, checker in peers.items():
        judges[name] = as_judge(checker)
    print(f"\n{'checker':28} false pass %  false alarm %  undecided %  ms a check")
    for name, judge in judges.items():
        before = perf_counter()
        counts, _ = tally(cases, judge)
        taken = perf_counter() - before
        R, W = total(counts, "R"), total(counts, "W")
        unclear = counts["R undecided"] + counts["W undecided"]
        print(
            f"{name:28} {100 * counts['W right'] / W:12.2f} "
            f"{100 * counts['R wrong'] / R:14.1f} {100 * unclear / (R + W):12.2f} "
            f"{1e3 * taken / (R + W):11.2f}",
            flush=True,
        )
    print(f"{'':28} of {W} wrong and {R} right gradients; time with making them")


def as_judge(checker: Checker) -> Judge:
    def verdict(case: Instance, grads: Arrays) -> str:
        point, loss = Point(case.params), case.network().loss
        g = np.concatenate([array.ravel() for array in grads.values()]).astype(float)

        def f(theta: np.ndarray) -> Any:
            return loss(point.rebuild(np.asarray(theta)))

        return "right" if checker(f, point.vector, g) else "wrong"

    return verdict


if __name__ == "__main__":
    main()
