"""Other libraries' gradient checkers, behind one call: accepts(f, x, gradient).

f is the loss of one flat float64 vector.  Each rule is the library's own default; those
that return only a number use the threshold their documentation or course gives.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Flat = Callable[[np.ndarray], float]
Checker = Callable[[Flat, np.ndarray, np.ndarray], bool]


def torch_gradcheck(fast: bool) -> Checker:
    """torch.autograd.gradcheck on a Function whose backward is the student's."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        class Student(torch.autograd.Function):  # type: ignore[name-defined,misc]
            @staticmethod
            def forward(ctx: Any, theta: Any) -> Any:
                return torch.tensor(f(theta.detach().numpy()), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, upstream: Any) -> Any:
                return upstream * torch.from_numpy(gradient.copy())

        theta = torch.from_numpy(x.copy()).requires_grad_()
        return bool(
            torch.autograd.gradcheck(
                Student.apply, (theta,), fast_mode=fast, raise_exception=False
            )
        )

    return accepts


def jax_check_vjp() -> Checker:
    """jax.test_util.check_vjp, the reverse half of check_grads, in x64."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    check_vjp = importlib.import_module("jax.test_util").check_vjp

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        def forward(theta: Any) -> np.ndarray:
            return np.asarray(f(np.asarray(theta)))

        def with_pullback(theta: Any) -> tuple[np.ndarray, Any]:
            return forward(theta), lambda upstream: (np.asarray(upstream) * gradient,)

        try:
            check_vjp(forward, with_pullback, (x,))
        except AssertionError:
            return False
        return True

    return accepts


def autograd_check_grads() -> Checker:
    """autograd.test_util.check_grads, reverse mode, first order."""
    extend = importlib.import_module("autograd.extend")
    check_grads = importlib.import_module("autograd.test_util").check_grads

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        student = extend.primitive(lambda theta: f(theta))
        extend.defvjp(student, lambda ans, theta: lambda upstream: upstream * gradient)
        try:
            check_grads(student, modes=["rev"], order=1)(x)
        except AssertionError:
            return False
        return True

    return accepts


def cs231n(threshold: float) -> Checker:
    """Central differences, h = 1e-5, |a - n| / max(1e-8, |a| + |n|) per entry."""

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        numeric = central(f, x, 1e-5)
        scale = np.maximum(1e-8, np.abs(gradient) + np.abs(numeric))
        return not (np.abs(gradient - numeric) / scale > threshold).any()

    return accepts


def deeplearning_ai() -> Checker:
    """Central differences, h = 1e-7, one ratio of norms below 2e-7."""

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        numeric = central(f, x, 1e-7)
        scale = np.linalg.norm(gradient) + np.linalg.norm(numeric)
        return bool(np.linalg.norm(gradient - numeric) <= 2e-7 * scale)

    return accepts


def central(f: Flat, x: np.ndarray, h: float) -> np.ndarray:
    """(f(x + h e_i) - f(x - h e_i)) / 2h for every entry, the course loop."""
    slopes, moved = np.empty(len(x)), x.copy()
    for i in range(len(x)):
        moved[i] = x[i] + h
        up = f(moved)
        moved[i] = x[i] - h
        slopes[i] = (up - f(moved)) / (2 * h)
        moved[i] = x[i]
    return slopes


def scipy_check_grad() -> Checker:
    """scipy.optimize.check_grad returns a norm; below 1e-6 is commonly accepted."""
    check_grad = importlib.import_module("scipy.optimize").check_grad
    return lambda f, x, g: bool(check_grad(f, lambda _: g, x) <= 1e-6)


def scipy_derivative(method: str) -> Checker:
    """approx_derivative with the rule of scipy's check_derivative at 1e-6."""
    module = importlib.import_module("scipy.optimize._numdiff")

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        numeric = np.ravel(module.approx_derivative(f, x, method=method))
        error = np.abs(gradient - numeric) / np.maximum(1, np.abs(numeric))
        return bool(error.max() <= 1e-6)

    return accepts


def numdifftools(method: str) -> Checker:
    """numdifftools.Gradient; accepted within 10 of its errors + 1.5e-8 |d| + 1e-10."""
    module = importlib.import_module("numdifftools")

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        found = module.Gradient(f, method=method, full_output=True)(x)
        d = np.ravel(found.estimate)
        allowed = 10 * np.ravel(found.error_estimate) + 1.5e-8 * np.abs(d) + 1e-10
        return bool((np.abs(gradient - d) <= allowed).all())

    return accepts


PEERS: dict[str, tuple[str, Callable[[], Checker]]] = {
    "torch gradcheck slow": ("torch", lambda: torch_gradcheck(False)),
    "torch gradcheck fast_mode": ("torch", lambda: torch_gradcheck(True)),
    "jax check_vjp": ("jax", jax_check_vjp),
    "autograd check_grads": ("autograd", autograd_check_grads),
    "cs231n at 1e-7": ("numpy", lambda: cs231n(1e-7)),
    "cs231n at 1e-4": ("numpy", lambda: cs231n(1e-4)),
    "cs231n at 1e-2": ("numpy", lambda: cs231n(1e-2)),
    "deeplearning.ai": ("numpy", deeplearning_ai),
    "scipy check_grad": ("scipy", scipy_check_grad),
    "scipy 3-point": ("scipy", lambda: scipy_derivative("3-point")),
    "scipy complex step": ("scipy", lambda: scipy_derivative("cs")),
    "numdifftools central": ("numdifftools", lambda: numdifftools("central")),
    "numdifftools complex": ("numdifftools", lambda: numdifftools("complex")),
}


def installed() -> tuple[dict[str, Checker], list[str]]:
    """The checkers that can be imported here, and the names of those that cannot."""
    found, missing = {}, []
    for name, (module, make) in PEERS.items():
        try:
            importlib.import_module(module)
            found[name] = quiet(make())
        except ImportError:
            missing.append(name)
    return found, missing


def quiet(checker: Checker) -> Checker:
    """The checker without warnings; a crash counts as a refusal."""

    def accepts(f: Flat, x: np.ndarray, gradient: np.ndarray) -> bool:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return checker(f, x, gradient)
            except (ValueError, RuntimeError, FloatingPointError):
                return False

    return accepts
