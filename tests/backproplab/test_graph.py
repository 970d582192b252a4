"""Computation graphs as objects: depth, repetition, names, drawings."""

from __future__ import annotations

import gc

import numpy as np

from backproplab import graph
from backproplab.graph import Node, backward, draw, forward, square, trace


def test_depth_100_000():
    a = Node(1.0, "a")
    node = a
    for _ in range(50_000):
        node = node * 1.0 + 0.0
    backward(node)
    assert float(a.g) == 1
    a.f = np.array(3.0)
    assert float(forward(node)) == 3
    assert len(trace(node)) == 1 + 4 * 50_000
    del node
    gc.collect()  # nor does taking it apart again run out of stack


def test_a_deep_graph_with_fan_out_is_walked_once():
    """2^1000 paths, 1001 nodes."""
    a = Node(1.0)
    node = a
    for _ in range(1000):
        node = node + node
    backward(node * 2.0**-1000)
    assert float(a.g) == 1


def test_two_backward_calls_give_the_same_answer():
    a, b = Node(2.0, "a"), Node([1.0, 3.0], "b")
    loss = graph.total(square(a * b) + a)
    backward(loss)
    first = [a.g.copy(), b.g.copy()]
    backward(loss)
    np.testing.assert_array_equal(a.g, first[0])
    np.testing.assert_array_equal(b.g, first[1])


def test_two_roots_over_one_leaf_do_not_mix():
    a = Node(3.0)
    first, second = a * 2, a * 5
    backward(first)
    backward(second)
    assert float(a.g) == 5


def test_backward_shares_no_memory_between_nodes():
    a, b = Node([1.0, 2.0]), Node([3.0, 4.0])
    backward(graph.total(a + b))
    a.g += 1
    assert b.g.tolist() == [1, 1]


def test_operators_on_numbers_and_arrays():
    a = Node(4.0)
    cases = [
        (1 + a, 5, 1), (1 - a, -3, -1), (a - 1, 3, 1), (3 * a, 12, 3), (a / 2, 2, 0.5),
        (2 / a, 0.5, -0.125), (-a, -4, -1),
    ]  # fmt: skip
    for node, f, g in cases:
        backward(node)
        assert (float(node.f), float(a.g)) == (f, g)
    v, matrix = Node([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert (matrix @ v).f.tolist() == [5, 11]
    assert (matrix * v).f.tolist() == [[1, 4], [3, 8]]
    assert isinstance(matrix - v, Node)


def test_repr_is_readable():
    w, phi = Node([3, 1], "w"), Node([1, 2], "phi")
    score = graph.dot(w, phi)
    assert repr(w) == "Node(w: f = [3. 1.])"
    assert repr(Node(2)) == "Node(f = 2)"
    assert repr(score) == "Node(dot of w, phi; f = 5)"
    backward(score.named("score"))
    assert repr(score) == "Node(score = dot of w, phi; f = 5, g = 1)"
    assert "array of shape (30, 20)" in repr(Node(np.zeros((30, 20))))
    assert len(repr(graph.total(square(Node(np.zeros((30, 20))))))) < 80


def test_draw_and_trace_show_names_values_and_signals():
    w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
    loss = square(graph.dot(w, phi) - y).named("loss")
    backward(loss)
    lines = draw(loss).splitlines()
    assert lines[0].split() == ["node", "made", "of", "f", "g"]
    assert [line.split()[0] for line in lines[1:]] == [
        "w",
        "phi",
        "n1",
        "y",
        "n2",
        "loss",
    ]
    assert "[ 6. 12.]" in lines[1]
    assert [step.op for step in trace(loss)] == ["", "", "dot", "", "sub", "square"]
