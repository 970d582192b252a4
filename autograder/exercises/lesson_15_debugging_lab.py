"""Exercises of lesson 15: a checker of one's own, twelve repairs, the capstone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.exercises import lesson_15_repairs
from autograder.exercises.deep import depth, entropy_layers
from autograder.exercises.draw import Argument
from autograder.exercises.exercise import Exercise, Extra
from autograder.exercises.lesson_13_training import draw_classifier
from autograder.exercises.truth import (
    Reference,
    Tap,
    keep,
    parameter_gradients,
    values,
)
from backproplab.datasets import digits
from backproplab.finite_differences import Network
from backproplab.losses import batch_loss
from backproplab.neurons import relu, sigmoid, tanh

HIDDEN: dict[str, Callable[[Any], Any]] = {
    "relu": relu,
    "tanh": tanh,
    "sigmoid": sigmoid,
}
FORMS = {
    "relu": ("np.maximum(Z{k}, 0)", "Z{k} > 0"),
    "tanh": ("np.tanh(Z{k})", "1 - A{k} ** 2"),
    "sigmoid": ("1 / (1 + np.exp(-Z{k}))", "A{k} * (1 - A{k})"),
}
WANTED = 0.6  # a linear classifier reaches about 0.3 on these images


def symptoms(got: Any, want: Any) -> dict[str, Any]:
    """What a wrong gradient has in common with the right one."""
    same = got.shape == want.shape
    largest = np.unravel_index(np.argmax(np.abs(want)), want.shape)
    factor = got[largest] / want[largest] if same else 0.0
    if not same or np.abs(got - factor * want).max() > 1e-6 * np.abs(want).max():
        factor = 0.0
    turned = got.shape == want.T.shape and bool(np.allclose(got, want.T, rtol=1e-6))
    return {"same_shape": same, "factor": factor, "transposed": turned}


def _pairs(rng: np.random.Generator) -> list[Extra]:
    """Gradients that are right, scaled, transposed, unrelated, of another shape."""

    def draw(*shape: int) -> np.ndarray:
        return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.7, shape)

    table, square, row = draw(4, 3), draw(3, 3), draw(5)
    with_zeros = table * (rng.random(table.shape) < 0.6)
    with_zeros[0, 0], with_zeros[1, 2] = 0.0, 0.7
    nearly = table.copy()
    nearly[2, 1] *= -1
    pairs = (
        ("generic", -table, table),
        ("more", 2 * row, row),
        ("right", table, table),
        ("a fifth", row / 5, row),
        ("arrays with zeros", 3 * with_zeros, with_zeros),
        ("all zero", 0 * table, table),
        ("arrays with one sign off", nearly, table),
        ("unrelated", draw(4, 3), table),
        ("transposed", table.T, table),
        ("square, transposed", square.T, square),
        ("square, symmetric", square + square.T, square + square.T),
        ("another shape", draw(3), table),
        ("kept dimension", row[None, :], row),
    )
    return [(style, (got.copy(), want.copy()), {}) for style, got, want in pairs]


def classifier(params: Any, X: Any, Y: Any, hidden: str, tap: Tap = keep) -> Any:
    """L6 and M8: any depth, the named hidden activation, mean cross entropy."""
    A, last = X, depth(params)
    for layer in range(1, last + 1):
        Z = tap(f"Z{layer}", A @ params[f"W{layer}"] + params[f"b{layer}"])
        A = tap(f"A{layer}", HIDDEN[hidden](Z) if layer < last else Z)
    return batch_loss("softmax_cross_entropy", A, Y)


def _layers(params: Any, X: Any, Y: Any, hidden: str) -> Network:
    return entropy_layers(X, Y, params, HIDDEN[hidden])


def _networks(rng: np.random.Generator) -> list[Extra]:
    """Every activation at several depths; large scores; one example."""
    kinds = (
        ("generic", "relu", 5, (4, 6, 3), 1.0),
        ("more", "tanh", 3, (2, 5, 4, 3), 1.0),
        ("generic", "sigmoid", 4, (3, 4, 5, 2), 1.0),
        ("one example", "relu", 1, (3, 5, 2), 1.0),
        ("square", "tanh", 3, (3, 3, 3), 1.0),
        ("no hidden layer", "relu", 4, (3, 5), 1.0),
        ("four layers", "relu", 3, (3, 6, 5, 4, 3), 1.5),
    )
    cases: list[Extra] = [
        (style, (*draw_classifier(rng, widths, N, scale), hidden), {"N": N})
        for style, hidden, N, widths, scale in kinds
    ]
    return [*cases, ("large scores", (*_far_up(rng), "tanh"), {"N": 3})]


def _far_up(rng: np.random.Generator) -> tuple[Any, ...]:
    """A classifier with a score that exp cannot take."""
    largest = 0.0
    while largest < 1000:
        params, X, Y = draw_classifier(rng, (2, 4, 3), 3, 4000.0)
        A1 = np.tanh(X @ params["W1"] + params["b1"])
        largest = float((A1 @ params["W2"] + params["b2"]).max())
    return params, X, Y


def _worked(params: Any, X: Any, Y: Any, hidden: str) -> str:
    last, lines = depth(params), ["A0 = X"]
    values, slopes = FORMS[hidden]
    for k in range(1, last + 1):
        lines.append(f"Z{k} = A{k - 1} @ W{k} + b{k}")
        lines += [f"A{k} = {values.format(k=k)}"] if k < last else []
    lines.append(f"M = Z{last} - np.max(Z{last}, axis=1, keepdims=True)")
    lines += ["E = np.exp(M)", "P = E / E.sum(axis=1, keepdims=True)"]
    lines.append(f"dZ{last} = (P - Y) / N")
    for k in range(last, 0, -1):
        lines.append(f"dW{k} = A{k - 1}.T @ dZ{k}")
        lines.append(f"db{k} = dZ{k}.sum(axis=0)")
        if k > 1:
            lines.append(f"dA{k - 1} = dZ{k} @ W{k}.T")
            lines.append(f"S{k - 1} = {slopes.format(k=k - 1)}")
            lines.append(f"dZ{k - 1} = dA{k - 1} * S{k - 1}")
    return "\n".join(lines)


# The answers to the test images, by the images: they must not travel with them.
_answers: dict[int, np.ndarray] = {}


def _images(rng: np.random.Generator) -> list[Extra]:
    """Fresh training images with labels, and shuffled test images without."""
    X, labels = digits(2000, rng=rng)
    X_test, labels_test = digits(500, rng=rng)
    order = rng.permutation(500)
    X_test, labels_test = X_test[order], labels_test[order]
    _answers[hash(X_test.tobytes())] = labels_test
    return [("generic", (X, labels, X_test), {})]


def _labels(X: Any, labels: Any, X_test: Any) -> Reference:
    """Any label from 0 to 9 may come back; how many are right is counted below."""
    unknown = np.zeros(len(X_test))
    value = np.asarray(_answers.get(hash(X_test.tobytes()), unknown), dtype=float)
    return Reference(value, np.zeros(len(value)), np.full(len(value), 9.0))


def _share_right(j: Any) -> float:
    return float(np.mean(np.ravel(j.outcome.value) == j.instance.wanted.value))


def _told_right(judged: Sequence[Any]) -> str:
    images = len(judged[0].instance.wanted.value)
    return f"{_share_right(judged[0]):.1%} of {images} unseen images are right."


def _enough_right(judged: Sequence[Any]) -> str:
    for j in judged:
        right = _share_right(j)
        if right < WANTED:
            return (
                f"{right:.1%} of {len(j.instance.wanted.value)} unseen images are"
                f" right; asked for are {WANTED:.0%}. (No hidden layer gives"
                " about 30%, guessing 10%.) Print the training loss: does it fall"
                " below 0.5? And are the test images read by the activation that"
                " was trained?"
            )
    return ""


CAPSTONE = (
    Exercise(
        id="network_gradients",
        lesson="15",
        title="All gradients of a network of your choice",
        points=8,
        formulas=("L4", "L5", "L6", "M8", "U10"),
        arguments=(
            Argument("params", kind="dict"),
            Argument("X"),
            Argument("Y", kind="one hot"),
            Argument("hidden", kind="fixed", options=("relu", "tanh", "sigmoid")),
        ),
        truth=parameter_gradients(
            classifier, ("params", "X", "Y", "hidden"), layers=_layers
        ),
        styles=(),
        extra=_networks,
        loss=classifier,
        worked=_worked,
        answers=("backproplab.network.gradients",),
        hints=(
            "You have written every piece: dZ at the scores in lesson 08, the loop down"
            " in lesson 12.",
            "On the way back the activation comes in at one place only:"
            " slope(A[layer - 1]), where the signal crosses the layer below.",
            "dZ = (softmax(A[L]) - Y) / N; for l = L down to 1: dWl = A[l-1].T @ dZ,"
            " dbl = dZ.sum(axis=0), and if l > 1: dZ = (dZ @ Wl.T) * slope(A[l-1]).",
        ),
    ),
    Exercise(
        id="train_digits",
        lesson="15",
        title="Six of ten unseen images",
        points=6,
        formulas=("M4", "S10"),
        arguments=(
            Argument("X", kind="image"),
            Argument("labels", kind="label"),
            Argument("X_test", kind="image"),
        ),
        truth=_labels,
        returns="labels_test",
        styles=(),
        extra=_images,
        audit=_enough_right,
        praise=_told_right,
        answers=("backproplab.training.train",),
        hints=(
            "Start, loop over epochs and mini-batches, step; at the end the class with"
            " the highest score for every row of X_test.",
            "100 hidden units of ReLU, rate 0.5, batches of 25, about 15 epochs are"
            " enough. Train with Y = np.eye(10)[labels].",
            "params = random_net([64, 100, 10]); for each epoch, for rows of a shuffled"
            " order: grads = network_gradients(params, X[rows], Y[rows], 'relu');"
            " params = each p - 0.5 * its gradient. Return the argmax of the scores.",
        ),
    ),
)

SYMPTOMS = Exercise(
    id="symptoms",
    single_is_enough=False,  # whether arrays agree is asked of all their digits
    lesson="15",
    title="A checker of your own",
    points=3,
    formulas=("S3",),
    arguments=(Argument("got"), Argument("want")),
    truth=values(symptoms),
    order=("same_shape", "factor", "transposed"),
    styles=(),
    extra=_pairs,
    hints=(
        "If got is one number times want, where can you read that number off safely?",
        "Find the factor at the largest entry of want (there you cannot divide by"
        " zero), then test whether it explains all the other entries.",
        "i = np.argmax(np.abs(want)); c = got.flat[i] / want.flat[i] if the shapes"
        " agree; factor = c if np.allclose(got, c * want) else 0.0; transposed ="
        " got.shape == want.T.shape and np.allclose(got, want.T).",
    ),
)

# The four cases of the lesson's core; the others follow after the capstone.
CORE = ("fix_01", "fix_02", "fix_08", "fix_11")

EXERCISES = (
    *(e for e in lesson_15_repairs.EXERCISES if e.id in CORE),
    *CAPSTONE,
    SYMPTOMS,
    *(e for e in lesson_15_repairs.EXERCISES if e.id not in CORE),
)
