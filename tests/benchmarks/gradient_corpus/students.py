"""Students' backward passes: six right ones and sixty-seven mistakes.

``backward`` is one textbook pass; every mistake is a name that bends it at one place.
A mistake that does not exist for an instance (no relu, unequal sizes) gives None.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.gradient_corpus.instances import Arrays, Instance

ACTIVATION = (
    "act_missing act_missing_first act_missing_top act_of_a act_of_z act_layer_below "
    "act_layer_above act_one_minus_a act_a_only act_twice act_plus act_other"
)
RELU = "relu_from_delta relu_inverted relu_shifted relu_leaky"
PRODUCTS = (
    "W_untransposed W_reshaped W_abs dW_reshaped dW_from_Z dW_outer_of_sums "
    "dW_first_example stale_W"
)
COUNTS = "N_missing N_twice N_outputs_too N_outputs N_minus_1 N_not_in_b N_only_top"
SIGNS = "sign_all sign_bias sign_first sign_top_W twice half twice_hidden"
BIAS = "b_mean b_zero b_without_last b_max b_first b_total"
DECAY = (
    "decay_missing decay_twice decay_half decay_sign decay_bias decay_over_N "
    "decay_top_only"
)
LOSS = (
    "softmax_axis softmax_diagonal output_act_missing output_act_extra "
    "hinge_minus_one hinge_no_margin"
)
BATCH = "batch_centred batch_mean_delta"
SMALL = "entry_1e-3 stale_W_1e-3 relative_1e-3 relative_1e-5 float16"
LATE = "delta_clipped z_clipped"
MISTAKES = tuple(
    " ".join(
        (ACTIVATION, RELU, PRODUCTS, COUNTS, SIGNS, BIAS, DECAY, LOSS, BATCH)
    ).split()
) + tuple((SMALL + " entry_zero " + LATE).split())
RIGHT = ("textbook", "relu_ge", "mask_from_a", "loops", "softmax_jacobian", "outer_sum")


NOT_FOR_RELU = {
    "act_of_a",
    "act_of_z",
    "act_one_minus_a",
    "act_twice",
    "act_plus",
    "act_other",
    "z_clipped",
}
LOSSES_OF = {
    "softmax_axis": {"cross_entropy"},
    "softmax_diagonal": {"cross_entropy"},
    "output_act_missing": {"sigmoid_squared"},
    "output_act_extra": {"cross_entropy", "squared"},
    "hinge_minus_one": {"hinge"},
    "hinge_no_margin": {"hinge"},
    # (a - y) a (1 - a) / 7 is never above 0.022, so nothing is clipped
    "delta_clipped": {"squared", "cross_entropy", "hinge"},
}


def applies(how: str, hidden: str, loss: str) -> bool:
    """Can this mistake be made with this activation and loss?"""
    if how.startswith("relu_"):
        return hidden == "relu"
    if hidden == "relu" and how in NOT_FOR_RELU:
        return False
    return loss in LOSSES_OF.get(how, {loss})


def backward(
    case: Instance, how: str = "textbook", jitter: np.random.Generator | None = None
) -> Arrays | None:
    """The gradient this student computes, or None where the mistake cannot be made.

    jitter makes every activation and output delta one rounding more wrong, at random.
    """
    dtype = np.float32 if case.family == "f32" else np.float64
    p = {name: array.astype(dtype) for name, array in case.params.items()}
    A, Z = _forward(case, p, case.X.astype(dtype), jitter)
    L, N = case.depth, dtype(len(case.X))
    delta = _output_delta(case, how, A[-1], Z[-1], case.Y.astype(dtype), jitter)
    if delta is None:
        return None
    K = delta.shape[1]
    divisor = {"N_missing": 1, "N_twice": N * N, "N_outputs_too": N * K}.get(how, N)
    divisor = {"N_outputs": K, "N_minus_1": max(N - 1, 1)}.get(how, divisor)
    delta = (delta / dtype(1 if how == "N_only_top" else divisor)).astype(dtype)
    delta = _rounded(delta, jitter)
    if how == "delta_clipped":
        delta = np.clip(delta, -0.05, 0.05)
    if how == "batch_centred":
        delta = delta - delta.mean(0)
    if how == "batch_mean_delta":
        delta = np.repeat(delta.mean(0, keepdims=True), len(delta), 0)
    grads: Arrays = {}
    for layer in range(L, 0, -1):
        W = p[f"W{layer}"]
        if how == "N_only_top" and layer == L:
            dW, db = _layer(how, A, Z, delta / N, layer, W)
        else:
            dW, db = _layer(how, A, Z, delta, layer, W)
        db = db * N if how == "N_not_in_b" else db
        grads[f"W{layer}"] = dW + _decay(case, how, W, layer, N)
        extra = case.decay * p[f"b{layer}"] if how == "decay_bias" else 0
        grads[f"b{layer}"] = db + extra
        if layer > 1:
            below = _through(how, delta, W, grads[f"W{layer}"])
            slope = _slope(case, how, A, Z, below, layer - 1)
            if slope is None:
                return None
            delta = below * slope
            if how == "twice_hidden" and layer == L:
                delta = 2 * delta
    return _after(how, {name: grads[name] for name in p}, L)


def _forward(
    case: Instance, p: Arrays, X: np.ndarray, jitter: np.random.Generator | None
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    A, Z = [X], [X]
    for layer in range(1, case.depth + 1):
        Z.append(A[-1] @ p[f"W{layer}"] + p[f"b{layer}"])
        last = "sigmoid" if case.loss == "sigmoid_squared" else "linear"
        name = case.hidden if layer < case.depth else last
        A.append(_rounded(_activate(name, Z[-1]), jitter))
    return A, Z


def _rounded(array: np.ndarray, jitter: np.random.Generator | None) -> np.ndarray:
    """The array with every entry one rounding more wrong, at random."""
    if jitter is None:
        return array
    signs = jitter.choice([-1, 0, 1], array.shape)
    return (array * (1 + np.finfo(array.dtype).eps * signs)).astype(array.dtype)


def _activate(name: str, Z: np.ndarray) -> np.ndarray:
    if name == "sigmoid":
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-Z))
    return {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}.get(name, lambda z: z)(
        Z
    )


def _output_delta(
    case: Instance,
    how: str,
    A: np.ndarray,
    Z: np.ndarray,
    Y: np.ndarray,
    jitter: np.random.Generator | None,
) -> np.ndarray | None:
    if case.loss == "cross_entropy":
        axis = 0 if how == "softmax_axis" else 1
        E = np.exp(Z - Z.max(axis, keepdims=True))
        P = _rounded(E / E.sum(axis, keepdims=True), jitter)
        if how == "softmax_diagonal":
            return -Y * (1 - P)
        if how == "softmax_jacobian":
            return _through_jacobian(P, Y)
        return (P - Y) * P * (1 - P) if how == "output_act_extra" else P - Y
    if how.startswith("softmax_") and how != "softmax_jacobian":
        return None
    if case.loss == "hinge":
        return _hinge_delta(how, A, Y)
    if how.startswith("hinge_"):
        return None
    R = A - Y
    if case.loss == "sigmoid_squared" and how != "output_act_missing":
        R = R * A * (1 - A)
    if case.loss == "squared" and how == "output_act_extra":
        R = R * A * (1 - A)
    return R


def _through_jacobian(P: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """-log p through the whole Jacobian diag(p) - p p^T: fails where p underflows."""
    rows = []
    for p, y in zip(P, Y, strict=True):
        k = int(np.argmax(y))
        if p[k] < 1e-6:
            rows.append(p - y)
            continue
        rows.append((np.diag(p) - np.outer(p, p))[k] * (-1 / p[k]))
    return np.array(rows, P.dtype)


def _hinge_delta(how: str, S: np.ndarray, Y: np.ndarray) -> np.ndarray:
    right = (S * Y).sum(1, keepdims=True)
    margin = 0 if how == "hinge_no_margin" else 1
    active = ((margin + S - right > 0) & (Y == 0)).astype(S.dtype)
    count = active.sum(1, keepdims=True)
    return active - Y * ((count > 0) if how == "hinge_minus_one" else count)


def _layer(
    how: str,
    A: list[np.ndarray],
    Z: list[np.ndarray],
    delta: np.ndarray,
    layer: int,
    W: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    below = Z[layer - 1] if how == "dW_from_Z" else A[layer - 1]
    dW = below.T @ delta
    if how == "dW_reshaped":
        dW = (delta.T @ below).reshape(W.shape)
    elif how == "dW_outer_of_sums":
        dW = np.outer(below.sum(0), delta.sum(0))
    elif how == "dW_first_example":
        dW = np.outer(below[0], delta[0])
    elif how == "loops":
        dW = np.zeros_like(W)
        for n in range(len(below)):
            for i in range(W.shape[0]):
                for j in range(W.shape[1]):
                    dW[i, j] += below[n, i] * delta[n, j]
    elif how == "outer_sum":
        rows = zip(below, delta, strict=True)
        dW = np.sum([np.outer(a, d) for a, d in rows], 0)
    bias: dict[str, Any] = {
        "b_mean": lambda: delta.mean(0),
        "b_zero": lambda: 0 * delta[0],
        "b_without_last": lambda: delta[:-1].sum(0),
        "b_max": lambda: delta.max(0),
        "b_first": lambda: delta[0],
        "b_total": lambda: np.full_like(delta[0], delta.sum()),
    }
    return dW, bias.get(how, lambda: delta.sum(0))()


def _decay(case: Instance, how: str, W: np.ndarray, layer: int, N: float) -> Any:
    factor = {"missing": 0.0, "twice": 2.0, "half": 0.5, "sign": -1.0, "over_N": 1 / N}
    if how == "decay_top_only" and layer < case.depth:
        return 0 * W
    return W.dtype.type(case.decay * factor.get(how.removeprefix("decay_"), 1.0)) * W


def _through(how: str, delta: np.ndarray, W: np.ndarray, dW: np.ndarray) -> np.ndarray:
    if how == "W_untransposed":
        return delta @ (W if W.shape[0] == W.shape[1] else W.T)
    if how == "W_reshaped":
        return delta @ W.reshape(W.T.shape)
    if how == "W_abs":
        return delta @ np.abs(W).T
    if how.startswith("stale_W"):
        return delta @ (W - W.dtype.type(1e-3 if "e" in how[7:] else 0.1) * dW).T
    return delta @ W.T


def _slope(
    case: Instance,
    how: str,
    A: list[np.ndarray],
    Z: list[np.ndarray],
    delta: np.ndarray | None,
    layer: int,
) -> np.ndarray | None:
    """h'(Z[layer]) as the student sees it; delta is dL/dA[layer]."""
    a, z, L = A[layer], Z[layer], case.depth
    if how in ("act_layer_below", "act_layer_above"):
        other = layer - 1 if how.endswith("below") else layer + 1
        if not 1 <= other < L or A[other].shape != a.shape:
            other = layer
        a, z = A[other], Z[other]
    if how == "act_missing" or (how, layer) in (
        ("act_missing_first", 1),
        ("act_missing_top", L - 1),
    ):
        return np.ones_like(a)
    if case.hidden == "relu":
        return _relu_slope(how, a, z, delta)
    if how == "z_clipped":
        a = _activate(case.hidden, np.clip(z, -2, 2))
    if how == "act_of_a":
        a = _activate(case.hidden, a)
    if how == "act_of_z":
        a = z
    sigmoid = (case.hidden == "sigmoid") != (how == "act_other")
    if how == "act_one_minus_a":
        return 1 - a
    if how == "act_a_only":
        return a
    if how == "act_plus":
        return a * (1 + a) if sigmoid else 1 + a * a
    slope = a * (1 - a) if sigmoid else 1 - a * a
    return slope * slope if how == "act_twice" else slope


def _relu_slope(
    how: str, a: np.ndarray, z: np.ndarray, delta: np.ndarray | None
) -> np.ndarray:
    mask = z >= 0 if how == "relu_ge" else z > 0
    if how == "mask_from_a":
        mask = a > 0
    if how == "relu_from_delta":
        mask = delta > 0
    if how == "relu_inverted":
        mask = z < 0
    if how == "relu_shifted":
        mask = z > 0.1
    if how == "act_a_only":
        return a
    if how == "relu_leaky":
        return np.where(mask, z.dtype.type(1), z.dtype.type(0.01))
    return mask.astype(z.dtype)


def _after(how: str, grads: Arrays, L: int) -> Arrays:
    """Mistakes made when everything is computed."""
    factor = {"sign_all": -1, "twice": 2, "half": 0.5}
    factor |= {"relative_1e-3": 1.001, "relative_1e-5": 1.00001}
    for name, g in grads.items():
        if how == "float16":
            grads[name] = g.astype(np.float16).astype(g.dtype)
        grads[name] = grads[name] * g.dtype.type(factor.get(how, 1))
        signed = {"sign_bias": name[0] == "b", "sign_first": name in ("W1", "b1")}
        if signed.get(how) or (how, name) == ("sign_top_W", f"W{L}"):
            grads[name] = -g
    if how.startswith("entry_"):
        g = grads["W1"].copy()
        place = np.unravel_index(np.argmax(np.abs(g)), g.shape)
        g[place] *= g.dtype.type(0 if how == "entry_zero" else 1.001)
        grads["W1"] = g
    return grads
