"""Step-by-step examples that others have published, digit for digit.

Row L1 is in test_lmu; the numbers here are as printed by their authors.
"""

from __future__ import annotations

import numpy as np

from backproplab import graph, network, training
from backproplab.graph import Node
from backproplab.lectures import notes
from tests.backproplab.test_lmu import published


def test_mazur_a_step_by_step_backpropagation_example():
    """Matt Mazur, "A Step by Step Backpropagation Example" (mattmazur.com, 2015).

    Two inputs, two hidden units, two outputs, sigmoids, rate 0.5; biases stay fixed.
    """
    params = {
        "W1": np.array([[0.15, 0.25], [0.20, 0.30]]),
        "b1": np.array([0.35, 0.35]),
        "W2": np.array([[0.40, 0.50], [0.45, 0.55]]),
        "b2": np.array([0.60, 0.60]),
    }
    X, Y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
    cache = network.forward(params, X, "sigmoid", "sigmoid")
    published(cache["Z1"][0, 0], 0.3775)
    published(cache["A1"], [[0.593269992, 0.596884378]], 9)
    published(cache["Z2"][0, 0], 1.105905967, 9)
    published(cache["A2"], [[0.75136507, 0.772928465]], 8)
    kinds = ("sigmoid", "sigmoid", "half_squared")
    loss, grads = network.loss_and_gradients(params, X, Y, *kinds)
    published(loss, 0.298371109, 9)
    published(grads["dW2"][0, 0], 0.082167041, 9)
    published(grads["dW1"][0, 0], 0.000438568, 9)
    new = _weights_only(params, grads)
    published(new["W2"], [[0.35891648, 0.511301270], [0.408666186, 0.561370121]], 8)
    published(new["W1"], [[0.149780716, 0.24975114], [0.19956143, 0.29950229]], 8)
    published(network.loss_value(new, X, Y, *kinds), 0.291027774, 9)


def test_mazur_printed_what_updating_too_early_gives():
    """His later numbers need the hidden signals to pass through the *new* output
    weights, against his own text; that is a well-known mistake, not backpropagation.
    """
    o = _mazur_outputs(steps=1, early=True)
    published(_mazur_loss(o), 0.291027924, 9)
    o = _mazur_outputs(steps=10_000, early=True)
    published(o, [0.015912196, 0.984065734], 9)
    published(_mazur_loss(o), 0.000035085, 9)  # the text slips in a digit: 0.0000351085
    o = _mazur_outputs(steps=10_000, early=False)
    published(o, [0.015913620, 0.984064274], 9)


def _mazur_loss(o):
    return ((np.array([0.01, 0.99]) - o) ** 2).sum() / 2


def _mazur_outputs(steps: int, early: bool) -> np.ndarray:
    W1 = np.array([[0.15, 0.20, 0.35], [0.25, 0.30, 0.35]])
    W2 = np.array([[0.40, 0.45, 0.60], [0.50, 0.55, 0.60]])
    x, y = np.array([0.05, 0.10]), np.array([0.01, 0.99])
    for _ in range(steps):
        _, h, o = notes.forward([W1, W2], x)
        delta = notes.output_delta(y, o)
        new = notes.update(W2, delta, h, eta=0.5)
        passed_through = new if early else W2
        below = notes.hidden_delta(delta, passed_through[:, :-1], h)
        W2 = np.column_stack([new[:, :-1], W2[:, -1]])
        W1 = np.column_stack([notes.update(W1, below, x, 0.5)[:, :-1], W1[:, -1]])
    return notes.forward([W1, W2], x)[-1]


def _weights_only(params, grads):
    new = training.sgd_step(params, grads, 0.5)
    return {name: new[name] if name[0] == "W" else params[name] for name in params}


def test_han_and_kamber_classification_by_backpropagation():
    """Han, Kamber, Pei: "Data Mining", the worked example of backpropagation.

    Three inputs, hidden units 4 and 5, output unit 6, X = (1, 0, 1), class 1, rate 0.9;
    Err is minus-delta as in the handwritten notes.  Printed to three decimals.
    """
    w14, w24, w34, w15, w25, w35 = 0.2, 0.4, -0.5, -0.3, 0.1, 0.2
    weights = [
        np.array([[w14, w24, w34, -0.4], [w15, w25, w35, 0.2]]),
        np.array([[-0.3, -0.2, 0.1]]),
    ]
    x, y = np.array([1.0, 0.0, 1.0]), np.array([1.0])
    _, hidden, output = notes.forward(weights, x)
    published(hidden, [0.332, 0.525], 3)
    published(output, 0.474, 3)
    errors, (error_6,) = notes.deltas(weights, [x, hidden, output], y)
    published(error_6, 0.131, 3)  # 0.1311 in the book, from rounded values
    published(errors, [-0.0087, -0.0065])
    first, second = notes.step(weights, x, y, eta=0.9)
    published(second, [[-0.261, -0.138, 0.218]], 3)
    published(first[0], [0.192, 0.4, -0.508, -0.408], 3)
    published(first[1], [-0.306, 0.1, 0.194, 0.194], 3)


def test_cs231n_a_circuit_and_a_neuron():
    """Stanford CS231n notes: f = (x + y) z, and a sigmoid neuron, as computed there."""
    x, y, z = Node(-2), Node(5), Node(-4)
    f = (x + y) * z
    graph.backward(f)
    assert [float(n) for n in (f.f, x.g, y.g, z.g)] == [-12, -4, -4, 3]
    w, x = Node([2, -3, -3]), Node([-1, -2, 1])
    out = graph.sigmoid(graph.dot(w, x))
    graph.backward(out)
    published(out.f, 0.73, 2)
    published(w.g, [-0.20, -0.39, 0.20], 2)
    published(x.g[:2], [0.39, -0.59], 2)


def test_micrograd_readme():
    """The expression in micrograd's README: values used many times, relu, division."""
    a, b = Node(-4.0), Node(2.0)
    c = a + b
    d = a * b + b * b * b
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + graph.relu(b + a)
    d = d + 3 * d + graph.relu(b - a)
    f = graph.square(c - d)
    g = f / 2.0
    g = g + 10.0 / f
    graph.backward(g)
    published(g.f, 24.7041)
    published(a.g, 138.8338)
    published(b.g, 645.5773)
