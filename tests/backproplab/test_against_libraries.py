"""200 random networks of 1 to 6 hidden layers against torch's and jax's autodiff.

Neither is declared as a dependency of the tests: where one is missing, its tests are
skipped and say so.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from backproplab import graph, network, training
from tests.backproplab.measuring import random_params, targets

ACTIVATIONS = ("tanh", "sigmoid", "relu", "linear", "softmax")
LOSSES = ("half_squared", "squared", "huber", "logistic", "hinge", "absolute")
SEEDS = range(200)


class Case(NamedTuple):
    params: dict[str, np.ndarray]
    X: np.ndarray
    Y: np.ndarray
    hidden: str
    output: str
    loss: str


def case(seed: int) -> Case:
    rng = np.random.default_rng(1000 + seed)
    hidden_layers = 1 + seed % 6
    sizes = [int(n) for n in rng.integers(1, 9, size=hidden_layers + 2)]
    N = int(rng.integers(1, 8))
    loss = (*LOSSES, "softmax_cross_entropy")[int(rng.integers(7))]
    if loss == "softmax_cross_entropy":
        sizes[-1] += 1  # with one class the gradient is 0, and only rounding differs
    return Case(
        random_params(sizes, rng),
        rng.normal(size=(N, sizes[0])),
        targets(loss, (N, sizes[-1]), rng),
        ACTIVATIONS[int(rng.integers(5))],
        ACTIVATIONS[int(rng.integers(5))] if seed % 2 else "linear",
        loss,
    )


def test_the_cases_cover_every_depth_activation_and_loss():
    cases = [case(seed) for seed in SEEDS]
    assert {len(c.params) // 2 - 1 for c in cases} == {1, 2, 3, 4, 5, 6}
    assert {c.hidden for c in cases} == {c.output for c in cases} == set(ACTIVATIONS)
    assert {c.loss for c in cases} == {*LOSSES, "softmax_cross_entropy"}


def agree(ours: Any, theirs: Any, rounding: float = 0.0) -> None:
    """To 1e-10 of the array's largest entry, and rounding where a batch cancels."""
    theirs = np.asarray(theirs)
    atol = 1e-10 * np.abs(theirs).max(initial=0.0) + rounding
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=atol)


def all_agree(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    largest = max(float(np.abs(g).max()) for g in ours.values())
    for name, slope in theirs.items():
        agree(ours[f"d{name}"], slope, rounding=1e-15 * largest)


def ours(c: Case) -> tuple[Any, dict[str, np.ndarray]]:
    """In any memory order, and read-only: none of this may matter."""
    params = {name: np.asfortranarray(W) for name, W in c.params.items()}
    X, Y = np.repeat(c.X, 2, axis=0)[::2], c.Y[::-1].copy()[::-1]
    for array in (*params.values(), X, Y):
        array.flags.writeable = False
    return network.loss_and_gradients(params, X, Y, c.hidden, c.output, c.loss)


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed here")


@pytest.fixture(scope="module")
def jax() -> Any:
    jax = pytest.importorskip("jax", reason="jax is not installed here")
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    return jax


def torch_losses(torch: Any, c: Case, yhat: Any, Y: Any) -> Any:
    F, N = torch.nn.functional, len(c.X)
    if c.loss == "softmax_cross_entropy":
        return F.cross_entropy(yhat, Y)
    total = {
        "half_squared": lambda: F.mse_loss(yhat, Y, reduction="sum") / 2,
        "squared": lambda: F.mse_loss(yhat, Y, reduction="sum"),
        "absolute": lambda: F.l1_loss(yhat, Y, reduction="sum"),
        "huber": lambda: F.huber_loss(yhat, Y, reduction="sum"),
        "logistic": lambda: F.soft_margin_loss(yhat, Y, reduction="sum"),
        "hinge": lambda: F.relu(1 - Y * yhat).sum(),
    }
    return total[c.loss]() / N


@pytest.mark.parametrize("seed", SEEDS)
def test_torch_agrees_to_1e_10(seed: int, torch: Any):
    c = case(seed)
    p = {n: torch.tensor(a, requires_grad=True) for n, a in c.params.items()}
    h = {"linear": lambda z: z, "softmax": lambda z: torch.softmax(z, -1)}
    h |= {n: getattr(torch, n) for n in ACTIVATIONS[:3]}
    A, L = torch.tensor(c.X), len(p) // 2
    for layer in range(1, L + 1):
        Z = A @ p[f"W{layer}"] + p[f"b{layer}"]
        A = h[c.hidden if layer < L else c.output](Z)
    value = torch_losses(torch, c, A, torch.tensor(c.Y))
    value.backward()
    loss, grads = ours(c)
    agree(loss, value.item())
    all_agree(grads, {name: tensor.grad.numpy() for name, tensor in p.items()})


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_jax_agrees_to_1e_10(seed: int, jax: Any):
    c, jnp = case(seed), jax.numpy
    h = {"linear": lambda z: z, "tanh": jnp.tanh}
    h |= {n: getattr(jax.nn, n) for n in ("sigmoid", "relu", "softmax")}

    def loss_of(params: dict[str, Any]) -> Any:
        A, L = c.X, len(params) // 2
        for layer in range(1, L + 1):
            Z = A @ params[f"W{layer}"] + params[f"b{layer}"]
            A = h[c.hidden if layer < L else c.output](Z)
        r = A - c.Y
        return {
            "half_squared": lambda: (r * r).sum() / 2,
            "squared": lambda: (r * r).sum(),
            "absolute": lambda: jnp.abs(r).sum(),
            "huber": lambda: jnp.where(abs(r) < 1, r * r / 2, abs(r) - 0.5).sum(),
            "logistic": lambda: jnp.logaddexp(0, -c.Y * A).sum(),
            "hinge": lambda: jnp.maximum(1 - c.Y * A, 0).sum(),
            "softmax_cross_entropy": lambda: -(c.Y * jax.nn.log_softmax(A)).sum(),
        }[c.loss]() / len(c.X)

    value, theirs = jax.jit(jax.value_and_grad(loss_of))(c.params)
    loss, grads = ours(c)
    agree(loss, value)
    all_agree(grads, theirs)


@pytest.mark.parametrize("seed", range(20))
def test_the_graph_agrees_with_torch(seed: int, torch: Any):
    rng = np.random.default_rng(seed)
    values = [rng.uniform(0.5, 2, size=s) for s in ((3,), (4, 3), (4,), ())]

    def build(x, W, b, s, f):
        h = f["tanh"](W @ x + b) * f["sigmoid"](b) - s / (b + 1)
        m = f["max"](h, b * 0.1) + f["log"](W @ x) * f["exp"](-s)
        return f["total"](m * m + f["relu"](h) * h)

    ours = [graph.Node(value) for value in values]
    theirs = [torch.tensor(value, requires_grad=True) for value in values]
    f = {n: getattr(graph, n) for n in ("tanh", "sigmoid", "exp", "log", "relu")}
    root = build(*ours, f | {"max": graph.maximum, "total": graph.total})
    graph.backward(root)
    f = {n: getattr(torch, n) for n in ("tanh", "sigmoid", "exp", "log", "relu")}
    value = build(*theirs, f | {"max": torch.maximum, "total": torch.sum})
    value.backward()
    agree(root.f, value.item())
    for node, tensor in zip(ours, theirs, strict=True):
        agree(node.g, tensor.grad.numpy())


GROWN = ("add", "sub", "mul", "div", "max", "dot", "exp", "log", "relu", "square")
SHAPES = ((), (1,), (3,), (2, 1), (2, 3), (1, 3), (4, 2, 3))


def grow(a: Any, b: Any, op: str, f: Any) -> Any:
    """A node from two others, kept within reach of exp and away from 1/0 and log 0."""
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "div": lambda: a / (b * b + 1.5),
        "max": lambda: f.maximum(a, b),
        "dot": lambda: a @ b,
        "exp": lambda: f.exp(f.sigmoid(a)),
        "log": lambda: f.log(a * a + 0.5),
        "relu": lambda: f.relu(f.tanh(a)),
        "square": lambda: f.square(a / 2.0),
    }[op]()


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_agrees_with_torch(seed: int, torch: Any):
    """Nodes shared and spread over shapes at random; what does not fit is left out."""
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=SHAPES[i]) for i in rng.integers(len(SHAPES), size=4)]
    ours = [graph.Node(value) for value in values]
    theirs = [torch.tensor(value, requires_grad=True) for value in values]
    for op in rng.choice(GROWN, 12):
        i, j = rng.integers(len(ours), size=2)
        if op == "dot" and ours[j].f.ndim > 2:
            continue
        try:
            node = grow(ours[i], ours[j], op, graph)
        except ValueError:
            continue
        ours.append(node)
        theirs.append(grow(theirs[i], theirs[j], op, torch))
    graph.backward(graph.total(ours[-1]))
    theirs[-1].sum().backward()
    agree(ours[-1].f, theirs[-1].detach().numpy())
    for node, tensor in zip(ours[:4], theirs[:4], strict=True):
        if tensor.grad is None:  # not in this graph
            assert node.g is None
        else:
            agree(node.g, tensor.grad.numpy(), rounding=1e-14)


@pytest.mark.parametrize("name", ["momentum", "adagrad", "adam"])
def test_optimizers_agree_with_torch(name: str, torch: Any):
    rng = np.random.default_rng(3)
    start, grads = rng.normal(size=4), rng.normal(size=(30, 4))
    w = torch.tensor(start, requires_grad=True)
    optimizer = {
        "momentum": lambda: torch.optim.SGD([w], lr=0.1, momentum=0.9),
        "adagrad": lambda: torch.optim.Adagrad([w], lr=0.1, eps=1e-8),
        "adam": lambda: torch.optim.Adam([w], lr=0.1, eps=1e-8),
    }[name]()
    params, state = {"W1": start}, {}
    for g in grads:
        w.grad = torch.tensor(g)
        optimizer.step()
        step = training.OPTIMIZERS[name]
        params, state = step(params, {"dW1": g}, state, 0.1)
        agree(params["W1"], w.detach().numpy())
