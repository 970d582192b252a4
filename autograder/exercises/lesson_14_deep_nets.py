"""Exercises of lesson 14: making deep nets train (S10, M12)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercises.deep import depth
from autograder.exercises.draw import Argument
from autograder.exercises.exercise import Exercise
from autograder.exercises.lesson_13_training import classifier_loss
from autograder.exercises.lesson_14_instances import (
    long_and_short,
    networks,
    noises,
    states,
    sums,
)
from autograder.exercises.truth import Reference, slope, values

NAMES = ("params", "grads", "state", "lr", "beta1", "beta2", "eps")
KEYS = ("W1", "b1")


def adam(
    params: Any, grads: Any, state: Any, lr: Any, beta1: Any, beta2: Any, eps: Any
) -> Any:
    """S10: Adam by its definition, eps outside the root, t counts finished steps."""
    t = state["t"] + 1
    new: dict[str, Any] = {}
    m: dict[str, Any] = {}
    v: dict[str, Any] = {}
    for name, value in params.items():
        g = grads[f"d{name}"]
        m[name] = beta1 * state["m"][name] + (1 - beta1) * g
        v[name] = beta2 * state["v"][name] + (1 - beta2) * np.square(g)
        m_hat = m[name] / (1 - beta1**t)
        v_hat = v[name] / (1 - beta2**t)
        new[name] = value - lr * m_hat / (np.sqrt(v_hat) + eps)
    return new, {"t": t, "m": m, "v": v}


def adagrad(params: Any, grads: Any, state: Any, lr: Any, eps: Any) -> Any:
    """S10: AdaGrad by its definition, eps outside the root."""
    s = {k: state["s"][k] + np.square(grads[f"d{k}"]) for k in params}
    new = {
        k: p - lr * grads[f"d{k}"] / (np.sqrt(s[k]) + eps) for k, p in params.items()
    }
    return new, {"s": s}


def scaled(noise: Any, scheme: Any) -> Any:
    """S10: standard normal numbers made into weights of the scheme's size."""
    params: dict[str, Any] = {}
    for layer in range(1, len(noise) + 1):
        W = noise[f"W{layer}"]
        D, H = W.shape
        sizes = {
            "zeros": 0.0,
            "small": 0.01,
            "xavier": np.sqrt(2 / (D + H)),
            "he": np.sqrt(2 / D),
        }
        params[f"W{layer}"] = sizes[scheme] * W
        params[f"b{layer}"] = np.zeros(H)
    return params


def clipped(grads: Any, limit: Any) -> Any:
    """S10: all gradients shortened together, so that their joint norm is limit."""
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in grads.values()))
    factor = min(1.0, limit / norm) if norm > 0 else 1.0
    return {name: factor * g for name, g in grads.items()}


def _worked_clip(grads: Any, limit: Any) -> str:
    squares = ", ".join(f"np.sum({name} ** 2)" for name in grads)
    lines = [
        f"squares = np.array([{squares}])",
        "length = np.sqrt(np.sum(squares))",
        "factor = limit / np.maximum(length, limit)",
    ]
    return "\n".join(lines + [f"new_{name} = factor * {name}" for name in grads])


def _sizes(params: Any, X: Any, Y: Any) -> Reference:
    """M12: the root mean square of every measured error signal, layer 1 first."""
    args = (params, X, Y)
    signals = [
        slope(classifier_loss, ("params", "X", "Y"), args, f"Z{layer}").value
        for layer in range(1, depth(params) + 1)
    ]
    return Reference(np.array([np.sqrt(np.mean(dZ**2)) for dZ in signals]))


def _worked_sizes(params: Any, X: Any, Y: Any) -> str:
    last, lines = depth(params), ["A0 = X"]
    for k in range(1, last + 1):
        lines.append(f"Z{k} = A{k - 1} @ W{k} + b{k}")
        lines += [f"A{k} = np.tanh(Z{k})"] if k < last else []
    lines.append(f"E = np.exp(Z{last})")
    lines.append("P = E / E.sum(axis=1, keepdims=True)")
    lines.append(f"dZ{last} = (P - Y) / N")
    for k in range(last - 1, 0, -1):
        lines.append(f"dA{k} = dZ{k + 1} @ W{k + 1}.T")
        lines.append(f"S{k} = 1 - A{k} ** 2")
        lines.append(f"dZ{k} = dA{k} * S{k}")
    sizes = ", ".join(f"np.sqrt(np.mean(dZ{k} ** 2))" for k in range(1, last + 1))
    return "\n".join([*lines, f"sizes = np.array([{sizes}])"])


def _worked_noise(noise: Any, scheme: Any) -> str:
    lines = []
    for layer in range(1, len(noise) + 1):
        lines += [
            f"D{layer} = W{layer}.shape[0]",
            f"H{layer} = W{layer}.shape[1]",
            f"size{layer} = {{'zeros': 0.0, 'small': 0.01, 'xavier': np.sqrt(2 /"
            f" (D{layer} + H{layer})), 'he': np.sqrt(2 / D{layer})}}[scheme]",
            f"new_W{layer} = size{layer} * W{layer}",
            f"new_b{layer} = np.zeros(H{layer})",
        ]
    return "\n".join(lines)


WORKED = "state_t = t + 1\n" + "\n".join(
    f"""\
state_m_{k} = beta1 * m_{k} + (1 - beta1) * d{k}
state_v_{k} = beta2 * v_{k} + (1 - beta2) * d{k} ** 2
mhat_{k} = state_m_{k} / (1 - beta1 ** state_t)
vhat_{k} = state_v_{k} / (1 - beta2 ** state_t)
params_{k} = {k} - lr * mhat_{k} / (np.sqrt(vhat_{k}) + eps)"""
    for k in KEYS
)

WORKED_ADAGRAD = "\n".join(
    f"""\
state_s_{k} = s_{k} + d{k} ** 2
params_{k} = {k} - lr * d{k} / (np.sqrt(state_s_{k}) + eps)"""
    for k in KEYS
)

EXERCISES = (
    Exercise(
        id="signal_sizes",
        lesson="14",
        title="How large is the error signal in each layer?",
        points=4,
        formulas=("M12", "S10"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("X"),
            Argument("Y", kind="one hot"),
        ),
        truth=_sizes,
        returns="sizes",
        styles=(),
        extra=networks,
        worked=_worked_sizes,
        answers=("backproplab.network.error_signals",),
        hints=(
            "Each turn notes the size of dZ, and then makes the dZ of the layer below.",
            "One layer down, dZ is (dZ @ W.T) * (1 - A^2), with the W of the layer"
            " that dZ belongs to and the A of the layer below it.",
            'if layer > 1: dZ = (dZ @ params[f"W{layer}"].T) * (1 - A[layer - 1]**2).',
        ),
    ),
    Exercise(
        id="initial_params",
        lesson="14",
        title="Where to start: four schemes",
        points=3,
        formulas=("S10",),
        arguments=(
            Argument("noise", kind="dict"),
            Argument("scheme", kind="fixed"),
        ),
        truth=values(scaled),
        styles=(),
        extra=noises,
        worked=_worked_noise,
        answers=("backproplab.training.initialise",),
        hints=(
            "Each scheme is one number per layer: what the noise is multiplied by.",
            "D, H = noise[name].shape. zeros: 0; small: 0.01; xavier: the root of"
            " 2 / (D + H); he: the root of 2 / D. The biases are zero.",
            "size = {'zeros': 0.0, 'small': 0.01, 'xavier': np.sqrt(2 / (D + H)),"
            " 'he': np.sqrt(2 / D)}[scheme]; params[W] = size * noise[W];"
            " params[b] = np.zeros(H).",
        ),
    ),
    Exercise(
        id="adagrad_step",
        lesson="14",
        title="One step of AdaGrad",
        points=3,
        formulas=("S10",),
        arguments=tuple(
            Argument(name, kind="dict" if i < 3 else "positive")
            for i, name in enumerate(("params", "grads", "state", "lr", "eps"))
        ),
        truth=values(adagrad),
        returns=("params", "state"),
        order=(*(f"state.s.{k}" for k in KEYS), *(f"params.{k}" for k in KEYS)),
        styles=(),
        extra=sums,
        may_change_arguments=True,
        worked=WORKED_ADAGRAD,
        answers=("backproplab.training.adagrad_step",),
        hints=(
            "Two lines per parameter: add the squared gradient to the sum, then step.",
            "s = s + g^2, entry by entry. The step is lr * g, divided by the root of"
            " the new s; eps is added to the root.",
            "s[name] = state['s'][name] + g**2; new[name] = p - lr * g /"
            " (np.sqrt(s[name]) + eps); return new, {'s': s}.",
        ),
    ),
    Exercise(
        id="adam_step",
        lesson="14",
        title="One step of Adam",
        points=5,
        formulas=("S10",),
        arguments=tuple(
            Argument(name, kind="dict" if i < 3 else "positive")
            for i, name in enumerate(NAMES)
        ),
        truth=values(adam),
        returns=("params", "state"),
        order=(
            "state.t",
            *(f"state.{mv}.{k}" for mv in "mv" for k in KEYS),
            *(f"params.{k}" for k in KEYS),
        ),
        styles=(),
        extra=states,
        may_change_arguments=True,
        worked=WORKED,
        answers=("backproplab.training.adam_step",),
        hints=(
            "Four lines per parameter: first moment, second moment, both corrected,"
            " then the step.",
            "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2. Both are too"
            " small at first: divide by 1 - beta^t, where t counts this step too.",
            "t = state t + 1; step = lr * m_hat / (sqrt(v_hat) + eps);"
            " new p = p - step; return the new params and {t, m, v}.",
        ),
    ),
    Exercise(
        id="clip_gradients",
        lesson="14",
        title="Against explosions: clip the gradient",
        points=2,
        formulas=("S10",),
        arguments=(
            Argument("grads", kind="dict"),
            Argument("limit", kind="positive"),
        ),
        truth=values(clipped),
        styles=(),
        extra=long_and_short,
        worked=_worked_clip,
        hints=(
            "One length for all arrays together, and one factor for all of them.",
            "The length is the root of the sum of all squares, over all arrays. Only"
            " when it is above the limit, everything is multiplied by limit / length.",
            "norm = np.sqrt(sum(np.sum(g**2) for g in grads.values())); factor = limit"
            " / norm if norm > limit else 1.0; return {n: factor * g for each}.",
        ),
    ),
)
