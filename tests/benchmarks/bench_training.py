"""Measure a training step against goals S1 to S5 and S7, beside other libraries.

Run ``python -m tests.benchmarks.bench_training [--quick]``.  One thread: all take turns
in one process pinned to one core, CPU time, median of the rounds' ratios.  Two threads:
a process for each, the best wall clock.  Peers that are missing are named and skipped.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

NETS: dict[str, tuple[list[int], int, str]] = {
    "2-8-8-1": ([2, 8, 8, 1], 32, "squared"),
    "64-128-128-10": ([64, 128, 128, 10], 64, "softmax_cross_entropy"),
    "784-256x3-10": ([784, 256, 256, 256, 10], 128, "softmax_cross_entropy"),
    "1024x5": ([1024] * 5, 256, "squared"),
}
# The fast step's share of others, and the same with AVX-512 kernels: torch brings
# kernels of its own, so its second share holds where OpenBLAS had to be told to use
# them; the floor's holds wherever they run, since everything else then weighs more.
GOALS: dict[str, dict[str, tuple[float, float]]] = {
    "2-8-8-1": {"torch": (0.06, 0.06), "jax.jit": (0.3, 0.3), "floor": (1.1, 1.1)},
    "64-128-128-10": {"torch": (0.5, 0.35), "floor": (1.35, 1.55)},
    "784-256x3-10": {"torch": (0.8, 0.45), "floor": (1.1, 1.2)},
    "1024x5": {"torch": (0.85, 0.5), "floor": (1.05, 1.1), "jax.jit": (9e9, 1.0)},
}
TEXTBOOK = {"2-8-8-1": 0.2}  # elsewhere 1.0
OWN_NAMES = ("floor", "fast", "textbook")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, one thread")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(work(json.loads(arguments.worker))))
        return
    peers = {"torch": "torch", "jax.jit": "jax", "autograd": "autograd"}
    peers["micrograd"] = "micrograd"
    here = [n for n, module in peers.items() if importlib.util.find_spec(module)]
    missing = [n for n in peers if n not in here]
    if missing:
        print("not installed, skipped:", ", ".join(missing))
    rounds = 5 if arguments.quick else 11
    one_thread(here, rounds, avx512=False)
    kernels(here, rounds)
    if not arguments.quick:
        two_threads(here)


def names(net: str, here: list[str]) -> list[str]:
    """Who takes part; micrograd has one number at a time, so only the smallest net."""
    return [*OWN_NAMES, *(n for n in here if n != "micrograd" or net == "2-8-8-1")]


def goal(name: str, met: bool, figures: str) -> None:
    print(f"{name:34} {'pass' if met else 'MISS':5} {figures}", flush=True)


def one_thread(here: list[str], rounds: int, avx512: bool) -> None:
    kernel = " with AVX-512 kernels" if avx512 else ""
    print(
        f"\none thread{kernel}: microseconds of CPU time a step; ratios to torch eager"
    )
    for number, net in enumerate(NETS, start=1):
        for dtype in ("float32", "float64"):
            who = names(net, here)
            found = ask(net, dtype, 1, who, rounds, avx512)
            table(net, dtype, found["median"], found["ratio"])
            own = avx512 or has_avx512(found["kernel"])
            judge(number, net, dtype, found["ratio"], {"floor": own, "torch": avx512})


def table(net: str, dtype: str, times: dict[str, float], ratio: Any) -> None:
    cells = []
    for name, seconds in times.items():
        share = ratio["fast"].get("torch") and ratio[name].get("torch")
        shown = f" ({share:.3f})" if share else ""
        cells.append(f"{name} {seconds * 1e6:.4g}{shown}")
    print(f"{net} {dtype}: {', '.join(cells)}", flush=True)


def judge(
    number: int, net: str, dtype: str, ratio: Any, avx512: dict[str, bool]
) -> None:
    for other, limits in GOALS[net].items():
        limit = limits[avx512.get(other, avx512["floor"])]
        # S2 to S4 set the share of eager for float32; float64 is reported.
        set_for = dtype == "float32" or other != "torch" or number == 1
        if other in ratio["fast"] and limit < 1e9 and set_for:
            share_goal(f"S{number} {dtype} fast / {other}", ratio, "fast", other, limit)
    if "torch" in ratio["textbook"]:
        label, limit = f"S5 {dtype} textbook / torch", TEXTBOOK.get(net, 1.0)
        share_goal(label, ratio, "textbook", "torch", limit)


def share_goal(label: str, ratio: Any, who: str, other: str, limit: float) -> None:
    """Say also when the products alone take longer than the goal allows for all."""
    share, products = ratio[who][other], ratio["floor"][other]
    never = f"; the products alone take {products:.3f}" if products > limit else ""
    goal(label, share <= limit, f"{share:.3f} <= {limit}{never}")


def two_threads(here: list[str]) -> None:
    print("\ntwo threads: microseconds of wall clock a step, best of each process")
    for net in NETS:
        for dtype in ("float32", "float64"):
            times = {}
            for name in names(net, here):
                if name != "micrograd":
                    times[name] = ask(net, dtype, 2, [name], 5, False)["best"][name]
            torch = times.get("torch")
            cells = [
                f"{name} {t * 1e6:.4g}" + (f" ({t / torch:.3f})" if torch else "")
                for name, t in times.items()
            ]
            print(f"{net} {dtype}: {', '.join(cells)}", flush=True)


def kernels(here: list[str], rounds: int) -> None:
    """S7: does OpenBLAS use what the processor has, and what is it worth if not?"""
    chosen = ask("2-8-8-1", "float32", 1, ["floor"], 1, False)["kernel"]
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split() if cpuinfo.exists() else []
    if "avx512f" not in flags or has_avx512(chosen):
        print(
            f"\nS7: OpenBLAS kernel {chosen} fits this processor; no remedy to measure"
        )
        return
    for dtype in ("float32", "float64"):
        usual, remedy = (
            ask("1024x5", dtype, 1, ["floor"], rounds, avx512)["median"]["floor"]
            for avx512 in (False, True)
        )
        gain = usual / remedy
        goal(f"S7 {dtype} gain in products", gain >= 1.6, f"{gain:.2f} >= 1.6")
    one_thread(here, rounds, avx512=True)


def has_avx512(kernel: str) -> bool:
    from autograder.doctor import AVX512_KERNELS

    return kernel.lower() in (name.lower() for name in AVX512_KERNELS)


def ask(
    net: str, dtype: str, threads: int, who: list[str], rounds: int, avx512: bool
) -> Any:
    """Run a worker process with these settings; they count before NumPy loads."""
    job = {"net": net, "dtype": dtype, "threads": threads, "who": who, "rounds": rounds}
    environment = dict(os.environ)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = str(threads)
    environment["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # the kernel is its choice
        environment.pop(name, None)
    if avx512:
        environment["OPENBLAS_CORETYPE"] = "SkylakeX"
    command = [sys.executable, "-m", "tests.benchmarks.bench_training"]
    done = subprocess.run(
        [*command, "--worker", json.dumps(job)],
        env=environment, cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{job} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def work(job: dict[str, Any]) -> dict[str, Any]:
    from tests.benchmarks.training_peers import OURS, PEERS, Task, same_losses

    if job["threads"] == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sizes, N, loss = NETS[job["net"]]
    task = Task(sizes, N, loss, job["dtype"], job["threads"])
    makers = OURS | {name: maker for name, (_, maker) in PEERS.items()}
    steps = {name: makers[name](task) for name in job["who"]}
    same_losses(steps, task)
    clock = process_time if job["threads"] == 1 else perf_counter
    repeats = {}
    for name, step in steps.items():
        step()
        start = perf_counter()
        step()
        repeats[name] = max(1, int(0.02 / (perf_counter() - start)))
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(job["rounds"]):
        for name, step in steps.items():
            start = clock()
            for _ in range(repeats[name]):
                step()
            times[name].append((clock() - start) / repeats[name])
    return {
        "median": {name: median(t) for name, t in times.items()},
        "best": {name: min(t) for name, t in times.items()},
        "ratio": {
            name: {other: _ratio(t, times[other]) for other in times}
            for name, t in times.items()
        },
        "kernel": _kernel(),
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def _kernel() -> str:
    if importlib.util.find_spec("threadpoolctl") is None:
        return "unknown (threadpoolctl is not installed)"
    from threadpoolctl import threadpool_info

    found = [i for i in threadpool_info() if i.get("internal_api") == "openblas"]
    return found[0].get("architecture", "unknown") if found else "not OpenBLAS"


if __name__ == "__main__":
    main()
