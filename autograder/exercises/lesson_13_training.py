"""Exercises of lesson 13: training (M4, N4, N7, S1, S9).

The network is a classifier of any depth: hidden layers tanh, scores linear, the loss
the mean cross entropy of their softmax.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.exercises.deep import depth, entropy_layers
from autograder.exercises.draw import Argument, parameters, weight
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.truth import (
    Tap,
    as_references,
    keep,
    parameter_slopes,
    values,
)
from backproplab import network
from backproplab.finite_differences import Network
from backproplab.losses import batch_loss

SHAPES = {"W1": "D H", "b1": "H", "W2": "H K", "b2": "K"}


def classifier_loss(params: Any, X: Any, Y: Any, tap: Tap = keep) -> Any:
    """M8 behind any number of tanh layers: the mean cross entropy of the batch."""
    A, last = X, depth(params)
    for layer in range(1, last + 1):
        Z = tap(f"Z{layer}", A @ params[f"W{layer}"] + params[f"b{layer}"])
        A = tap(f"A{layer}", np.tanh(Z) if layer < last else Z)
    return batch_loss("softmax_cross_entropy", A, Y)


def _layers(params: Any, X: Any, Y: Any) -> Network:
    return entropy_layers(X, Y, params, np.tanh)


def stepped(params: Any, grads: Any, lr: Any) -> Any:
    """N4: every parameter moves against its gradient."""
    return {name: value - lr * grads[f"d{name}"] for name, value in params.items()}


def _epoch(params: Any, X: Any, Y: Any, lr: Any, batches: Any) -> Any:
    """M4: every gradient is measured, at the parameters of its own moment."""
    losses = []
    for rows in (np.asarray(rows, dtype=int) for rows in batches):
        args = (params, X[rows], Y[rows])
        losses.append(classifier_loss(*args))
        names = ("params", "X", "Y")
        found = parameter_slopes(classifier_loss, names, args, layers=_layers)
        grads = {f"d{name}": slopes for name, slopes in found.items()}
        params = stepped(params, grads, lr)
    return as_references((params, np.array(losses)))


def _slice(params: Any, direction: Any, ts: Any, X: Any, Y: Any) -> Any:
    """S9: the loss along a straight line through the parameters."""
    return [
        classifier_loss({n: p + t * direction[n] for n, p in params.items()}, X, Y)
        for t in ts
    ]


def above_chord(losses: Any) -> Any:
    """S9: how far a curve rises above the line between its ends, at the worst place."""
    chord = np.linspace(losses[0], losses[-1], len(losses))
    return np.max(np.asarray(losses - chord)[1:-1])


def _draw_step(rng: np.random.Generator, sizes: Mapping[str, int], style: str) -> tuple:
    params = parameters("params", **SHAPES).draw(rng, sizes, style)
    grads = {
        f"d{name}": weight("", shape).draw(rng, sizes, style)
        for name, shape in SHAPES.items()
    }
    lr = 1 if style == "integer" else float(rng.uniform(0.05, 0.7))
    return params, grads, lr


def draw_classifier(
    rng: np.random.Generator, widths: tuple[int, ...], N: int, scale: float = 1.0
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters of a classifier with these widths, N inputs and N one-hot labels."""

    def draw(*shape: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)

    params: dict[str, np.ndarray] = {}
    for layer, (before, after) in enumerate(
        zip(widths, widths[1:], strict=False), start=1
    ):
        params[f"W{layer}"] = draw(before, after) * scale / np.sqrt(before)
        params[f"b{layer}"] = draw(after) / 2
    Y = np.eye(widths[-1])[rng.integers(widths[-1], size=N)]
    return params, draw(N, widths[0]), Y


def _epochs(rng: np.random.Generator) -> list[Extra]:
    """Equal and unequal batches, single examples, the full batch, other depths."""
    kinds = (
        ("generic", (4, 5, 3), [3, 2]),
        ("more", (3, 6, 2), [2, 4]),
        ("square", (3, 3, 3), [3, 3]),
        ("one example", (2, 4, 3), [1, 1]),
        ("full batch", (3, 4, 2), [6]),
        ("four batches", (3, 5, 4), [2, 2, 2, 1]),
        ("one layer", (4, 3), [2, 3]),
        ("three layers", (2, 4, 3, 2), [3, 2]),
    )
    cases: list[Extra] = []
    for style, widths, counts in kinds:
        N = sum(counts)
        params, X, Y = draw_classifier(rng, widths, N)
        order = rng.permutation(N)
        batches = np.split(order, np.cumsum(counts)[:-1])
        lr = float(rng.uniform(0.2, 0.9))
        cases.append((style, (params, X, Y, lr, batches), {"N": N}))
    return cases


def _slices(rng: np.random.Generator) -> list[Extra]:
    """Lines through classifiers of several depths; t on both sides of 0."""
    kinds = (
        ("generic", (3, 5, 2), 6, 7),
        ("more", (2, 4, 3), 5, 4),
        ("one layer", (4, 3), 6, 5),
        ("three layers", (2, 3, 4, 2), 4, 6),
        ("one example", (3, 2, 4), 1, 5),
    )
    cases: list[Extra] = []
    for style, widths, N, T in kinds:
        params, X, Y = draw_classifier(rng, widths, N)
        direction, _, _ = draw_classifier(rng, widths, N)
        ts = np.sort(rng.uniform(-2.0, 2.0, T))
        cases.append((style, (params, direction, ts, X, Y), {"N": N}))
    return cases


def _chords(rng: np.random.Generator) -> list[Extra]:
    """Bowls, hills, waves, the worst place near either end, a straight line."""
    t = np.linspace(-1.0, 1.0, 7)
    wave = np.sin(3 * t) + rng.uniform(0.1, 0.4, 7)
    curves = (
        ("generic", wave),
        ("more", np.array([2.0, 3.5, 0.5, 0.25, 1.0])),
        ("convex", (t - 0.3) ** 2 + 1.0),
        ("a hill", 3.0 - t**2 + t),
        ("three points", np.array([1.0, 2.5, 0.5])),
        ("worst place last", np.array([4.0, 1.0, 0.5, 3.0, 1.5])),
        ("integer", np.array([4, 1, 5, 2])),
    )
    return [(style, (losses,), {}) for style, losses in curves]


def _flat(params: Any) -> np.ndarray:
    """All parameters as one vector: a step moves them together."""
    return np.concatenate([np.ravel(value) for value in params.values()])


def _like(params: Any, p: np.ndarray) -> dict[str, np.ndarray]:
    """A vector cut into parameters of these shapes again."""
    ends = np.cumsum([np.size(value) for value in params.values()])[:-1]
    pieces = zip(params.items(), np.split(p, ends), strict=True)
    return {name: piece.reshape(np.shape(value)) for (name, value), piece in pieces}


def _loss_at(params: Any, p: np.ndarray, X: Any, Y: Any) -> Any:
    return classifier_loss(_like(params, p), X, Y)


def _gradient_at(params: Any, p: np.ndarray, X: Any, Y: Any) -> np.ndarray:
    now = _like(params, p)
    grads = network.gradients(now, X, Y, "tanh", "linear", "softmax_cross_entropy")
    return _flat({name: grads[f"d{name}"] for name in params})


def _worked_epoch(params: Any, X: Any, Y: Any, lr: Any, batches: Any) -> str:
    lines = ["p0 = flat(params)"]
    for k in range(len(batches)):
        lines += [
            f"rows{k} = batches[{k}].astype(int)",
            f"X{k} = X[rows{k}]",
            f"Y{k} = Y[rows{k}]",
            f"dp{k} = gradient_at(params, p{k}, X{k}, Y{k})",
            f"p{k + 1} = p{k} - lr * dp{k}",
            f"losses{k} = loss_at(params, p{k}, X{k}, Y{k})",
        ]
    last = len(batches)
    losses = ", ".join(f"losses{k}" for k in range(last))
    lines.append(f"losses = np.array([{losses}])")
    lines += [f"params_{name} = like(params, p{last})['{name}']" for name in params]
    return "\n".join(lines)


def _losses_at(params: Any, rows: np.ndarray, X: Any, Y: Any) -> np.ndarray:
    return np.array([_loss_at(params, p, X, Y) for p in rows])


HELPERS: dict[str, Callable[..., Any]] = {
    "flat": _flat,
    "like": _like,
    "loss_at": _loss_at,
    "losses_at": _losses_at,
    "gradient_at": _gradient_at,
}

EXERCISES = (
    Exercise(
        id="sgd_step",
        lesson="13",
        title="One step downhill",
        points=2,
        formulas=("N4", "M4", "S1"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("grads", kind="dict"),
            Argument("lr", kind="positive"),
        ),
        draw=_draw_step,
        letters=("D", "H", "K"),
        truth=values(stepped),
        worked="\n".join(f"new_{name} = {name} - lr * d{name}" for name in SHAPES),
        answers=("backproplab.training.sgd_step",),
        may_change_arguments=True,
        hints=(
            "The gradient points uphill.",
            'For each name: the old value minus lr times grads["d" + name].',
            'return {name: p - lr * grads["d" + name] for name, p in params.items()}',
        ),
    ),
    Exercise(
        id="train_epoch",
        lesson="13",
        title="One epoch of mini-batches",
        points=6,
        formulas=("M4", "N7", "S1"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("X"),
            Argument("Y", kind="one hot"),
            Argument("lr", kind="positive"),
            Argument("batches", kind="list"),
        ),
        truth=_epoch,
        returns=("params", "losses"),
        order=("losses",),
        styles=(),
        extra=_epochs,
        worked=_worked_epoch,
        helpers=HELPERS,
        answers=("backproplab.training.train",),
        hints=(
            "One turn of the loop per entry of batches: sample, forward and loss,"
            " backward, update.",
            "X[rows] and Y[rows] are the examples of one batch. loss_and_gradients"
            " gives the loss before the step; the next turn starts from the new"
            " parameters.",
            "losses = []; for rows in batches: loss, grads ="
            " loss_and_gradients(params, X[rows], Y[rows]); losses.append(loss);"
            " params = sgd_step(params, grads, lr). Return params, losses.",
        ),
    ),
    Exercise(
        id="above_chord",
        lesson="13",
        title="Convex or not: above the chord?",
        points=2,
        formulas=("S9",),
        arguments=(Argument("losses"),),
        truth=values(above_chord),
        returns="height",
        styles=(),
        extra=_chords,
        worked=(
            "chord = np.linspace(losses[0], losses[-1], len(losses))\n"
            "height = np.max((losses - chord)[1:-1])"
        ),
        hints=(
            "The chord is the straight line from the first loss to the last.",
            "np.linspace(losses[0], losses[-1], len(losses)) gives the chord at every"
            " place. Subtract, and look between the ends only.",
            "gap = losses - np.linspace(losses[0], losses[-1], len(losses));"
            " return gap[1:-1].max()",
        ),
    ),
    Exercise(
        id="loss_slice",
        lesson="13",
        title="The loss along a straight line",
        points=3,
        formulas=("S9",),
        arguments=(
            Argument("params", kind="dict"),
            Argument("direction", kind="dict"),
            Argument("ts"),
            Argument("X"),
            Argument("Y", kind="one hot"),
        ),
        truth=lambda *args: as_references(np.array(_slice(*args))),
        returns="losses",
        styles=(),
        extra=_slices,
        worked=(
            "p = flat(params)\n"
            "line = flat(direction)\n"
            "move = np.outer(ts, line)\n"
            "new_p = p + move\n"
            "losses = losses_at(params, new_p, X, Y)"
        ),
        helpers=HELPERS,
        hints=(
            "For each t there is one network. What is its loss?",
            "The network at t has params[name] + t * direction[name] under each name;"
            " loss_of(moved, X, Y) is its loss. Start from params every time.",
            "losses = []; for t in ts: moved = {name: params[name] + t *"
            " direction[name] for name in params}; losses.append(loss_of(moved, X, Y))."
            " Return np.array(losses).",
        ),
    ),
)
