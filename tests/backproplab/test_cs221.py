"""Stanford CS221, rows S1 to S10: graphs, building blocks, training despite hills."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backproplab import chain, datasets, graph, network, training
from backproplab.finite_differences import gradient, one_sided
from backproplab.graph import Node, backward
from backproplab.lectures import cs221
from tests.backproplab.measuring import assert_measured, random_params, sigma

PHI = np.array([0.7, -1.2, 0.4])


def _four_layers() -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(1)
    shapes = [(4, 3), (5, 4), (2, 5)]
    return [rng.normal(size=shape) for shape in shapes], rng.normal(size=2)


def _four_layer_loss(p: dict[str, Any]) -> Any:
    h = sigma(p["V3"] @ sigma(p["V2"] @ sigma(p["V1"] @ PHI)))
    return (p["w"] @ h - 0.6) ** 2


def test_S1_four_layer_regression():
    V, w = _four_layers()
    dV, dw = cs221.regression(PHI, 0.6, V, w)
    at = {"V1": V[0], "V2": V[1], "V3": V[2], "w": w}
    claimed = {"V1": dV[0], "V2": dV[1], "V3": dV[2], "w": dw}
    assert_measured(_four_layer_loss, at, claimed)


def test_S1_stochastic_descent_uses_old_values_everywhere():
    V, w = _four_layers()
    at = {"V1": V[0], "V2": V[1], "V3": V[2], "w": w}
    slopes = gradient(_four_layer_loss, at).value
    new_V, new_w = cs221.sgd_step(PHI, 0.6, V, w, eta=0.3)
    new = dict(zip(at, [*new_V, new_w], strict=True))
    for name, old in at.items():
        expected = old - 0.3 * slopes[name]
        np.testing.assert_allclose(new[name], expected, rtol=1e-13, atol=1e-15)
    assert _four_layer_loss(new) < _four_layer_loss(at)


def test_S2_a_graph_of_subexpressions_with_the_expression_at_its_root():
    w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
    residual = (graph.dot(w, phi) - y).named("residual")
    loss = graph.square(residual).named("loss")
    steps = graph.trace(loss)
    assert [step.name for step in steps] == ["w", "phi", "n1", "y", "residual", "loss"]
    seen: set[str] = set()
    for step in steps:  # a DAG: everything a node needs stands before it
        assert seen.issuperset(step.inputs)
        seen.add(step.name)


def test_S3_the_gradient_is_how_the_output_moves():
    for operation, slope in ((lambda a, b: a + b, 1.0), (lambda a, b: a * b, 5.0)):
        a, b = Node(3.0), Node(5.0)
        c = operation(a, b)
        backward(c)
        assert float(a.g) == slope
        for e in (1.0, 0.25, -2.0):  # exactly linear: (a + e) b = c + b e
            assert float(operation(Node(3.0 + e), b).f - c.f) == slope * e


ONE = {
    "square": lambda a: a * a,
    "sigmoid": sigma,
    "tanh": np.tanh,
    "relu": lambda a: np.where(np.real(a) > 0, a, 0),
    "exp": np.exp,
    "log": np.log,
}
TWO = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": lambda a, b: np.where(np.real(a) > np.real(b), a, b),
}
SHAPES = [((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 4)), ((), (2, 2))]


def _local(op: str, f: Any, inputs: list[np.ndarray]) -> None:
    """Weigh the block's output at random and measure every input's slope."""
    nodes = [Node(value) for value in inputs]
    out = graph.apply(op, *nodes)
    upstream = np.random.default_rng(4).normal(size=out.f.shape)
    backward(out, upstream)
    at = {str(i): value for i, value in enumerate(inputs)}
    assert_measured(
        lambda p: (upstream * f(*p.values())).sum(),
        at,
        {str(i): node.g for i, node in enumerate(nodes)},
    )


@pytest.mark.parametrize("op", ONE)
def test_S4_blocks_of_one_input(op: str):
    rng = np.random.default_rng(4)
    for shape in ((), (3,), (2, 3)):
        a = rng.uniform(0.2, 2, size=shape)
        _local(op, ONE[op], [a if op == "log" else a * rng.choice([-1, 1], size=shape)])


@pytest.mark.parametrize("op", TWO)
@pytest.mark.parametrize("shapes", SHAPES)
def test_S4_blocks_of_two_inputs(op: str, shapes: tuple[tuple[int, ...], ...]):
    rng = np.random.default_rng(4)
    _local(op, TWO[op], [rng.normal(size=shape) for shape in shapes])


@pytest.mark.parametrize(
    "shapes", [((3,), (3,)), ((4, 3), (3,)), ((3,), (3, 2)), ((4, 3), (3, 2))]
)
def test_S4_dot(shapes: tuple[tuple[int, ...], ...]):
    rng = np.random.default_rng(44)
    _local("dot", lambda a, b: a @ b, [rng.normal(size=shape) for shape in shapes])


def test_S4_sum():
    a = np.random.default_rng(444).normal(size=(2, 3))
    _local("sum", lambda a: a.sum(), [a])


def test_S4_every_block_is_measured():
    assert set(graph.BLOCKS) == {*ONE, *TWO, "dot", "sum"}


def test_S4_at_a_tie_max_gives_all_to_its_second_argument():
    a, b = Node(2.0), Node(2.0)
    backward(graph.maximum(a, b))
    assert (float(a.g), float(b.g)) == (0, 1)
    low, high = one_sided(lambda a: float(np.maximum(a, 2.0)), 2.0)
    assert low <= float(a.g) <= high


def test_S5_composition_of_squares():
    for a in (-1.5, 0.5, 2.0):
        factors = chain.chain_factors([np.square] * 2, [lambda v: 2 * v] * 2, a)
        assert factors == [2 * a, 2 * a * a]
        assert_measured(lambda a: (a * a) * (a * a), a, float(np.prod(factors)))
        node = Node(a)
        backward(graph.square(graph.square(node)))
        assert float(node.g) == 4 * a**3


@pytest.mark.parametrize("y", [1.0, -1.0])
@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_S6_hinge_on_both_sides_of_the_margin(y: float, scale: float):
    w = scale * np.array([1.0, -0.5, 0.8])
    loss = lambda w: np.where(np.real(w @ PHI) * y < 1, 1 - w @ PHI * y, 0)  # noqa: E731
    assert_measured(lambda w: loss(w).sum(), w, cs221.hinge_gradient(w, PHI, y))


def test_S6_both_sides_occur():
    w = np.array([1.0, -0.5, 0.8])
    assert cs221.hinge_gradient(0.1 * w, PHI, 1).any()
    assert not cs221.hinge_gradient(3 * w, PHI, 1).any()


def test_S7_two_layer_network():
    rng = np.random.default_rng(7)
    at = {"V": rng.normal(size=(4, 3)), "w": rng.normal(size=4)}
    dw, dV = cs221.two_layer(PHI, 0.6, at["V"], at["w"])
    loss = lambda p: (p["w"] @ sigma(p["V"] @ PHI) - 0.6) ** 2  # noqa: E731
    assert_measured(loss, at, {"V": dV, "w": dw})
    params = {"W1": at["V"].T, "b1": np.zeros(4)}
    params |= {"W2": at["w"][:, None], "b2": np.zeros(1)}
    house = network.gradients(params, PHI[None], [[0.6]], "sigmoid")
    np.testing.assert_allclose(house["dW1"].T, dV, rtol=1e-13)
    np.testing.assert_allclose(house["dW2"][:, 0], dw, rtol=1e-13)


def test_S8_forward_and_backward_values_node_by_node():
    w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
    score = graph.dot(w, phi)
    residual = score - y
    loss = graph.square(residual)
    backward(loss)
    assert [float(n.f) for n in (score, residual, loss)] == [5, 3, 9]
    assert [float(n.g) for n in (score, residual, loss)] == [6, 6, 1]
    assert w.g.tolist() == [6, 12]
    assert phi.g.tolist() == [18, 6]
    assert float(y.g) == -6
    assert_measured(lambda w: (w @ [1.0, 2.0] - 2) ** 2, [3.0, 1.0], w.g)


def test_S8_forward_again_after_a_leaf_changed():
    w, phi = Node([3.0, 1.0]), Node([1.0, 2.0])
    loss = graph.square(graph.dot(w, phi) - 2)
    w.f = np.array([0.0, 0.5])
    assert float(graph.forward(loss)) == 1
    backward(loss)
    assert_measured(lambda w: (w @ [1.0, 2.0] - 2) ** 2, w.f, w.g)


def test_S9_linear_predictors_are_convex_problems():
    rng = np.random.default_rng(9)
    X, y = rng.normal(size=(20, 3)), rng.choice([-1.0, 1.0], size=(20, 1))
    for loss in ("squared", "logistic", "hinge"):
        for _ in range(200):
            a, b = (random_params([3, 1], rng) for _ in range(2))
            assert _sag(a, b, X, y, "linear", loss) <= 1e-12


def _sag(a: Any, b: Any, X: Any, y: Any, hidden: str, loss: str = "squared") -> float:
    """How far the loss halfway between a and b lies above the mean of both ends."""
    half = {name: (a[name] + b[name]) / 2 for name in a}
    values = [
        float(network.loss_value(p, X, y, hidden, loss=loss)) for p in (a, half, b)
    ]
    return values[1] - (values[0] + values[2]) / 2


def test_S9_networks_are_not_two_equal_minima_with_a_hill_between():
    X, Y = datasets.xor()
    start = training.initialise([2, 6, 1], rng=1)
    best, history = training.train(start, X, Y, lr=0.3, epochs=3000)
    assert history[-1] < 1e-6
    swap = np.roll(np.arange(6), 1)  # hidden units in another order: the same network
    other = {"W1": best["W1"][:, swap], "b1": best["b1"][swap]}
    other |= {"W2": best["W2"][swap], "b2": best["b2"]}
    assert network.loss_value(other, X, Y) < 1e-6
    assert _sag(best, other, X, Y, "tanh") > 0.01
