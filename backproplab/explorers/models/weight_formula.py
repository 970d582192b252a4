"""One weight's next step, written out with its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.network import Params, error_signals, forward, gradients_from_signals
from backproplab.shown import parenthesised, short
from backproplab.training import OPTIMIZERS

TERMS = 3  # of the sum over examples that are written out


def formula(
    params: Params,
    X: np.ndarray,
    Y: np.ndarray,
    weight: tuple[str, int, int],
    settings: dict[str, Any],
    memory: dict[str, Any],
) -> dict[str, Any]:
    """dW[l]_ij = sum_n A[l-1]_ni dZ[l]_nj over all examples, and the step it gives.

    Returns the numbers by name, and "lines": the same as text (L5, M9).
    """
    name, i, j = weight
    layer, hidden = int(name[1:]), settings["activation"]
    loss = "softmax_cross_entropy"
    cache = forward(params, X, hidden)
    signals = error_signals(params, cache, Y, hidden, loss=loss)
    grads = gradients_from_signals(cache, signals)
    values, deltas = cache[f"A{layer - 1}"][:, i], signals[f"dZ{layer}"][:, j]
    rule = settings["optimizer"]
    new, after = OPTIMIZERS[rule](params, grads, memory, settings["lr"])
    numbers = {
        "old": float(np.asarray(params[name])[i, j]),
        "gradient": float(grads[f"d{name}"][i, j]),
        "new": float(new[name][i, j]),
        "values": values[:TERMS].tolist(),
        "signals": deltas[:TERMS].tolist(),
        "examples": len(X),
    }
    return {**numbers, "lines": _lines(weight, numbers, settings, after)}


def _lines(
    weight: tuple[str, int, int],
    numbers: dict[str, Any],
    settings: dict[str, Any],
    after: dict[str, Any],
) -> list[str]:
    name, i, j = weight
    layer, N = int(name[1:]), numbers["examples"]
    pairs = zip(numbers["values"], numbers["signals"], strict=True)
    terms = " + ".join(f"{_factor(a)} · {_factor(d)}" for a, d in pairs)
    more = f" + … ({N - TERMS} more)" if N > TERMS else ""
    here = f"{name}[{i},{j}]"
    lines = [
        f"d{here} = Σₙ A{layer - 1}[n,{i}] · dZ{layer}[n,{j}]",
        f"= {terms}{more}",
        f"= {short(numbers['gradient'])}",
    ]
    return lines + _step_lines(here, weight, numbers, settings, after)


def _step_lines(
    here: str,
    weight: tuple[str, int, int],
    numbers: dict[str, Any],
    settings: dict[str, Any],
    after: dict[str, Any],
) -> list[str]:
    """How the rule turns the gradient into a step; adaptive ones have a memory."""
    name, i, j = weight
    rate, rule = settings["lr"], settings["optimizer"]
    old, g = short(numbers["old"]), numbers["gradient"]

    def kept(letter: str) -> float:
        return float(after[letter][name][i, j])

    if rule == "momentum":
        lines = [f"v = 0.9 v + d{here} = {short(kept('v'))}"]
        step = _factor(kept("v"))
    elif rule == "adagrad":
        lines = [f"s = s + d{here}² = {short(kept('s'))}"]
        step = f"{_factor(g)} / √{short(kept('s'))}"
    elif rule == "adam":
        m = kept("m") / (1 - 0.9 ** after["t"])
        v = kept("v") / (1 - 0.999 ** after["t"])
        lines = [f"m̂ = {short(m)},  v̂ = {short(v)}"]
        step = f"{_factor(m)} / √{short(v)}"
    else:
        lines, step = [], _factor(g)
    return [*lines, f"{here} ← {old} − {rate:g} · {step} = {short(numbers['new'])}"]


def _factor(x: float) -> str:
    return parenthesised(short(x))
