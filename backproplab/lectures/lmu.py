"""LMU I2DL: the XOR network, every number of one step, and five factors for one weight.

Two inputs, two hidden units, one output, logistic everywhere, L = 1/2 (y - f_out)^2.
z_in = x W + b, so W_jk connects input j with hidden unit k; f_in = z_out . u + c.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproplab.arrays import misfit, number, promote
from backproplab.losses import half_squared, half_squared_backward
from backproplab.neurons import sigmoid, sigmoid_backward

Values = dict[str, np.ndarray]

XOR = {
    "W": np.array([[-0.07, 0.94], [0.22, 0.46]]),
    "b": np.array([-0.46, 0.10]),
    "u": np.array([-0.22, 0.58]),
    "c": np.array(0.78),
}


def forward(weights: Mapping[str, Any], x: Any, y: Any) -> Values:
    """z_in, z_out, f_in, f_out and L of one example (L1).

    weights W (D, H), b (H,), u (H,), c; x (D,), y a number.
    Raises ValueError when one is missing or these do not fit.

    >>> values = forward(XOR, [1, 0], 1)
    >>> print(values["f_in"].round(4), values["f_out"].round(4), values["L"].round(4))
    1.127 0.7553 0.0299
    """
    W, b, u, c = _fitting(weights, promote(x))
    z_in = promote(x) @ W + b
    z_out = sigmoid(z_in)
    f_in = z_out @ u + c
    f_out = sigmoid(f_in)
    L = half_squared(f_out, number("y", y))
    return {"z_in": z_in, "z_out": z_out, "f_in": f_in, "f_out": f_out, "L": L}


def _fitting(weights: Mapping[str, Any], x: np.ndarray) -> tuple[np.ndarray, ...]:
    """W, b, u and c as arrays, once it is clear that x W + b and z_out . u + c work."""
    missing = [name for name in XOR if name not in weights]
    if missing:
        raise ValueError(f"weights are W, b, u and c; without {', '.join(missing)}")
    W, b, u, c = (promote(weights[name]) for name in XOR)
    if W.ndim != 2 or (*x.shape, *b.shape) != W.shape or u.shape != b.shape or c.ndim:
        misfit("z_in = x @ W + b, f_in = z_out @ u + c", x=x, W=W, b=b, u=u, c=c)
    return W, b, u, c


def five_factors(
    weights: Mapping[str, Any], x: Any, y: Any, j: int, k: int
) -> tuple[float, float, float, float, float]:
    """dL/dW_jk as five factors, from the loss to the weight; j and k start at 0 (L2).

    dL/df_out, df_out/df_in, df_in/dz_k,out, dz_k,out/dz_k,in, dz_k,in/dW_jk.
    The product of the first four is delta_k, shared by all weights into unit k.

    >>> [round(factor, 4) for factor in five_factors(XOR, [1, 0], 1, j=0, k=0)]
    [-0.2447, 0.1848, -0.22, 0.2332, 1.0]
    """
    values = forward(weights, x, y)
    return (
        float(half_squared_backward(values["f_out"], y)),
        float(sigmoid_backward(1, values["f_out"])),
        float(weights["u"][k]),
        float(sigmoid_backward(1, values["z_out"][k])),
        float(promote(x)[j]),
    )


def gradients(weights: Mapping[str, Any], x: Any, y: Any) -> Values:
    """All gradients with the error signals cached once: dW, db, du, dc (L2, L4, L5).

    Shapes are those of W, b, u, c.

    >>> grads = gradients(XOR, [1, 0], 1)
    >>> print(grads["dW"][0, 0].round(4), grads["du"][0].round(4))
    0.0023 -0.0168
    """
    values = forward(weights, x, y)
    delta_out = sigmoid_backward(
        half_squared_backward(values["f_out"], y), values["f_out"]
    )
    delta = sigmoid_backward(delta_out * promote(weights["u"]), values["z_out"])
    return {
        "dW": np.outer(x, delta),
        "db": delta,
        "du": delta_out * values["z_out"],
        "dc": delta_out,
    }


def step(weights: Mapping[str, Any], x: Any, y: Any, rate: float = 0.5) -> Values:
    """One step of gradient descent on one example; returns new W, b, u, c (L1).

    >>> print(forward(step(XOR, [1, 0], 1), [1, 0], 1)["L"].round(4))
    0.0282
    """
    grads = gradients(weights, x, y)
    return {name: promote(weights[name]) - rate * grads[f"d{name}"] for name in XOR}
