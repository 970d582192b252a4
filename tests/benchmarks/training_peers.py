"""One training step of the same network by everybody: relu, loss, backward, descent.

Each maker takes a ``Task`` and returns a function that does one step and returns the
loss before it.  All start from the same weights; ``same_losses`` holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from backproplab import fast_step, network, training

Maker = Callable[["Task"], Callable[[], Any]]


class Task(NamedTuple):
    sizes: list[int]
    N: int
    loss: str
    dtype: str
    threads: int

    @property
    def lr(self) -> float:
        """Small enough for many outputs, whose losses add up."""
        return 0.01 / self.sizes[-1]

    def data(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        rng = np.random.default_rng(0)
        params = training.initialise(self.sizes, "he", rng)
        for number in range(1, len(self.sizes)):  # 0 would put dead units on the kink
            params[f"b{number}"] += 0.1 * rng.normal(size=self.sizes[number])
        X = rng.normal(size=(self.N, self.sizes[0])).astype(self.dtype)
        if self.loss == "squared":
            Y = rng.normal(size=(self.N, self.sizes[-1]))
        else:
            Y = np.eye(self.sizes[-1])[rng.integers(self.sizes[-1], size=self.N)]
        params = {name: W.astype(self.dtype) for name, W in params.items()}
        return params, X, Y.astype(self.dtype)


def floor(task: Task) -> Callable[[], Any]:
    """Only the products nobody can avoid, into places that are there."""
    params, X, _ = task.data()
    L = len(task.sizes) - 1
    W = [params[f"W{i}"] for i in range(1, L + 1)]
    A = [X, *[np.ones((task.N, n), task.dtype) for n in task.sizes[1:]]]
    dA = [np.ones_like(a) for a in A]
    dW = [np.empty_like(w) for w in W]

    def step() -> None:
        for i in range(L):
            np.matmul(A[i], W[i], out=A[i + 1])
        for i in range(L - 1, -1, -1):
            np.matmul(A[i].T, dA[i + 1], out=dW[i])
            if i:
                np.matmul(dA[i + 1], W[i].T, out=dA[i])

    return step


def ours_fast(task: Task) -> Callable[[], Any]:
    params, X, Y = task.data()
    step, _ = fast_step.prepare(
        params, task.N, lr=task.lr, hidden="relu", loss=task.loss
    )
    return lambda: step(X, Y)


def ours_textbook(task: Task) -> Callable[[], Any]:
    params, X, Y = task.data()
    state = {"params": params}

    def step() -> Any:
        value, grads = network.loss_and_gradients(
            state["params"], X, Y, "relu", loss=task.loss
        )
        state["params"] = training.sgd_step(state["params"], grads, task.lr)
        return value

    return step


def torch_eager(task: Task) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(task.threads)
    params, X, Y = task.data()
    modules: list[Any] = []
    for i, (D, H) in enumerate(zip(task.sizes, task.sizes[1:], strict=False), start=1):
        layer = torch.nn.Linear(D, H, dtype=getattr(torch, task.dtype))
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(params[f"W{i}"].T))
            layer.bias.copy_(torch.tensor(params[f"b{i}"]))
        modules += [layer, torch.nn.ReLU()]
    net = torch.nn.Sequential(*modules[:-1])
    optimizer = torch.optim.SGD(net.parameters(), lr=task.lr)
    x, y, share = torch.tensor(X), torch.tensor(Y), task.sizes[-1]
    if task.loss == "squared":
        mean = torch.nn.MSELoss()
        lossf = mean if share == 1 else lambda yhat, y: mean(yhat, y) * share
    else:
        lossf, y = torch.nn.CrossEntropyLoss(), y.argmax(1)

    def step() -> Any:
        optimizer.zero_grad()
        value = lossf(net(x), y)
        value.backward()
        optimizer.step()
        return value.detach()

    return step


def _loss_of(np_like: Any, task: Task) -> Callable[..., Any]:
    """The loss as a function of the parameters, for libraries that speak NumPy."""
    L = len(task.sizes) - 1

    def loss(params: Any, X: Any, Y: Any) -> Any:
        A = X
        for i in range(1, L + 1):
            Z = np_like.dot(A, params[f"W{i}"]) + params[f"b{i}"]
            A = np_like.maximum(Z, 0) if i < L else Z
        if task.loss == "squared":
            r = A - Y
            return np_like.sum(r * r) / task.N
        shifted = A - np_like.max(A, axis=1, keepdims=True)
        log_sum = np_like.log(np_like.sum(np_like.exp(shifted), axis=1))
        return (np_like.sum(log_sum) - np_like.sum(Y * shifted)) / task.N

    return loss


def jax_jit(task: Task) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    grad = jax.value_and_grad(_loss_of(jax.numpy, task))

    @jax.jit
    def update(params: Any, X: Any, Y: Any) -> Any:
        value, slopes = grad(params, X, Y)
        return value, {name: W - task.lr * slopes[name] for name, W in params.items()}

    params, X, Y = (jax.device_put(x) for x in task.data())
    state = {"params": params}

    def step() -> Any:
        value, state["params"] = update(state["params"], X, Y)
        jax.block_until_ready(state["params"])
        return value

    return step


def hips_autograd(task: Task) -> Callable[[], Any]:
    import autograd
    import autograd.numpy

    grad = autograd.value_and_grad(_loss_of(autograd.numpy, task))
    params, X, Y = task.data()
    state = {"params": params}

    def step() -> Any:
        value, slopes = grad(state["params"], X, Y)
        old = state["params"]
        state["params"] = {name: old[name] - task.lr * slopes[name] for name in old}
        return value

    return step


def micrograd(task: Task) -> Callable[[], Any]:
    from micrograd.nn import MLP

    params, X, Y = task.data()
    net = MLP(task.sizes[0], task.sizes[1:])
    for i, layer in enumerate(net.layers, start=1):
        for k, neuron in enumerate(layer.neurons):
            neuron.b.data = float(params[f"b{i}"][k])
            for j, w in enumerate(neuron.w):
                w.data = float(params[f"W{i}"][j, k])
    rows, wanted = X.tolist(), Y[:, 0].tolist()

    def step() -> Any:
        errors = [(net(x) - y) ** 2 for x, y in zip(rows, wanted, strict=True)]
        value = sum(errors) * (1 / task.N)
        net.zero_grad()
        value.backward()
        for p in net.parameters():
            p.data -= task.lr * p.grad
        return value.data

    return step


OURS: dict[str, Maker] = {
    "floor": floor,
    "fast": ours_fast,
    "textbook": ours_textbook,
}
PEERS: dict[str, tuple[str, Maker]] = {
    "torch": ("torch", torch_eager),
    "jax.jit": ("jax", jax_jit),
    "autograd": ("autograd", hips_autograd),
    "micrograd": ("micrograd", micrograd),
}


def same_losses(steps: dict[str, Callable[[], Any]], task: Task) -> None:
    """Three steps of each: everybody has to find the same losses."""
    rtol = 1e-3 if task.dtype == "float32" else 1e-9
    first: list[float] = []
    for name, step in steps.items():
        if name == "floor":
            continue
        losses = [float(step()) for _ in range(3)]
        first = first or losses
        if not np.allclose(losses, first, rtol=rtol):
            raise SystemExit(f"{name} does something else: {losses}, not {first}")
