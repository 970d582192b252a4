"""The numbers of one example on its way through a network, with either sign of delta.

``modern`` is delta = dL/dZ, subtracted from the weights; ``classic`` is the notes'
delta = -dL/dnet, added to them.  Each is carried through by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.explorers.models.network_pass import NetworkPass
from backproplab.losses import batch_loss
from backproplab.training import sgd_step

Shown = list[np.ndarray]
SIGNS = {"modern": 1.0, "classic": -1.0}


def cut(matrix: np.ndarray, shown: Shown, layer: int) -> np.ndarray:
    """The entries of a (D_{l-1}, D_l) matrix between units that are drawn."""
    return matrix[np.ix_(shown[layer - 1], shown[layer])]


def frame(flow: NetworkPass, n: int, shown: Shown) -> dict[str, Any]:
    """Values, slopes and signals of example n; lists have one entry per layer."""
    layers = range(1, flow.L + 1)
    row = slice(n, n + 1)
    yhat, Y = flow.cache[f"A{flow.L}"][row], flow.Y[row]
    slopes = [flow.slope(i) for i in layers]
    return {
        "A": [flow.cache[f"A{i}"][n, shown[i]] for i in range(flow.L + 1)],
        "Z": [[]] + [flow.cache[f"Z{i}"][n, shown[i]] for i in layers],
        "slope": [[]]
        + [
            [None] * len(shown[i]) if slope is None else slope[n, shown[i]]
            for i, slope in zip(layers, slopes, strict=True)
        ],
        "y": flow.Y[n, shown[-1]],
        "loss": batch_loss(flow.names["loss"], yhat, Y),
        **{name: backward(flow, n, sign, shown) for name, sign in SIGNS.items()},
    }


def backward(flow: NetworkPass, n: int, sign: float, shown: Shown) -> dict[str, Any]:
    """delta[l], what each path adds to dA[l], and what each weight collects.

    dA[l]_j = sum_m paths_jm, with ``rest`` for the downstream units not drawn;
    product_jk = A[l-1]_j delta[l]_k, and ``others`` is the sum of the same product
    over the other examples.
    """
    keys = ("dA", "delta", "paths", "rest", "product", "others", "strongest")
    found: dict[str, list[Any]] = {key: [[]] for key in keys}
    for i in range(1, flow.L + 1):
        delta = sign * flow.signals[f"dZ{i}"][n]
        below = flow.cache[f"A{i - 1}"][n, shown[i - 1]]
        product = np.outer(below, delta[shown[i]])
        found["delta"].append(delta[shown[i]])
        found["product"].append(product)
        found["others"].append(sign * cut(flow.grads[f"dW{i}"], shown, i) - product)
        found["strongest"].append(int(np.argmax(np.abs(delta))))
        for key, value in zip(
            ("dA", "paths", "rest"), downstream(flow, n, i, sign, shown), strict=True
        ):
            found[key].append(value)
    return found


def downstream(
    flow: NetworkPass, n: int, i: int, sign: float, shown: Shown
) -> tuple[Any, Any, Any]:
    """dA[l]_j = sum_m W[l+1]_jm delta[l+1]_m: sum, terms, what is left out."""
    if i == flow.L:
        return sign * flow.output_slopes()[n][shown[i]], [], []
    weights = flow.params[f"W{i + 1}"][shown[i]]
    terms = weights * (sign * flow.signals[f"dZ{i + 1}"][n])
    hidden = np.setdiff1d(np.arange(flow.sizes[i + 1]), shown[i + 1])
    return terms.sum(axis=1), terms[:, shown[i + 1]], terms[:, hidden].sum(axis=1)


def gradients(flow: NetworkPass, shown: Shown) -> dict[str, Any]:
    """dW and db of the whole batch, or their negatives for the classic sign."""
    found = {}
    for name, sign in SIGNS.items():
        dW: list[Any] = [[]]
        db: list[Any] = [[]]
        for i in range(1, flow.L + 1):
            dW.append(sign * cut(flow.grads[f"dW{i}"], shown, i))
            db.append(sign * flow.grads[f"db{i}"][shown[i]])
        found[name] = {"W": dW, "b": db}
    return found


def updated(flow: NetworkPass, rate: float, shown: Shown) -> dict[str, Any]:
    """One step with either convention, and how far apart the new weights are."""
    modern = sgd_step(flow.params, flow.grads, rate)
    classic = {}
    for i in range(1, flow.L + 1):
        delta, o = -flow.signals[f"dZ{i}"], flow.cache[f"A{i - 1}"]
        classic[f"W{i}"] = flow.params[f"W{i}"] + rate * (o.T @ delta)
        classic[f"b{i}"] = flow.params[f"b{i}"] + rate * delta.sum(axis=0)
    found: dict[str, Any] = {}
    for name, new in (("modern", modern), ("classic", classic)):
        W: list[Any] = [[]]
        b: list[Any] = [[]]
        for i in range(1, flow.L + 1):
            W.append(cut(new[f"W{i}"], shown, i))
            b.append(new[f"b{i}"][shown[i]])
        found[name] = {"W": W, "b": b}
    gaps = [np.abs(modern[key] - classic[key]).max() for key in modern]
    return {**found, "apart": max(gaps)}
