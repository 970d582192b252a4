"""The chain rule by hand: factors along a line, paths that add, Jacobian products.

Lists of functions, derivatives and Jacobians start with the innermost one, which
is applied first: [t, g, f] means f(g(t(x))).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backproplab.arrays import misfit, promote

Function = Callable[[Any], Any]
Edges = Mapping[tuple[str, str], float]


def compose(*functions: Function) -> Function:
    """Return x -> f(g(t(x))) for functions t, g, f, innermost first (N1, N2).

    >>> compose(lambda x: 2 * x + 3, lambda x: x * x)(1)
    25
    """
    return lambda x: chain_values(functions, x)[-1]


def chain_values(functions: Sequence[Function], x: Any) -> list[Any]:
    """Return [x, t(x), g(t(x)), ...]: the input of every function, and the result (N2).

    >>> chain_values([lambda x: 2 * x + 3, lambda x: x * x], 1)
    [1, 5, 25]
    """
    values = [x]
    for function in functions:
        values.append(function(values[-1]))
    return values


def chain_factors(
    functions: Sequence[Function], derivatives: Sequence[Function], x: Any
) -> list[Any]:
    """Return t'(x), g'(t(x)), f'(g(t(x))), each at its own input (N1, N2, S5).

    functions and derivatives have the same length, innermost first; so has the result.
    Raises ValueError when the lengths differ.

    >>> chain_factors([lambda a: a**2, lambda b: b**2], [lambda a: 2 * a] * 2, 3)
    [6, 18]
    """
    if len(functions) != len(derivatives):
        raise ValueError(
            f"one derivative per function: got {len(functions)} functions "
            f"and {len(derivatives)} derivatives"
        )
    inputs = chain_values(functions, x)
    return [slope(at) for slope, at in zip(derivatives, inputs, strict=False)]


def chain_derivative(
    functions: Sequence[Function], derivatives: Sequence[Function], x: Any
) -> Any:
    """h'(x) = f'(g(t(x))) g'(t(x)) t'(x), the product of the factors (N1, N2, S5).

    Raises ValueError when the lengths differ.

    >>> chain_derivative([lambda a: a**2, lambda b: b**2], [lambda a: 2 * a] * 2, 3)
    108
    """
    product = 1
    for factor in chain_factors(functions, derivatives, x):
        product = product * factor
    return product


def paths(edges: Edges, start: str, end: str) -> list[list[str]]:
    """Return every path from start to end of an acyclic graph, as lists of names (M11).

    edges maps (from, to) to the local derivative dto/dfrom.

    >>> edges = {("a", "n"): 2, ("n", "p"): 3, ("n", "q"): 4}
    >>> edges |= {("p", "y"): 1, ("q", "y"): 1}
    >>> paths(edges, "a", "y")
    [['a', 'n', 'p', 'y'], ['a', 'n', 'q', 'y']]
    """
    found, unfinished = [], [[start]]
    while unfinished:
        path = unfinished.pop(0)
        if path[-1] == end:
            found.append(path)
            continue
        for source, target in edges:
            if source == path[-1]:
                _refuse_cycle(path, target)
                unfinished.append([*path, target])
    return found


def _refuse_cycle(path: list[str], target: str) -> None:
    if target in path:
        raise ValueError(f"the graph has a cycle: {' -> '.join([*path, target])}")


def sum_over_paths(edges: Edges, start: str, end: str) -> float:
    """dend/dstart: multiply along each path, add over the paths (M11).

    >>> edges = {("a", "n"): 2, ("n", "p"): 3, ("n", "q"): 4}
    >>> edges |= {("p", "y"): 1, ("q", "y"): 1}
    >>> sum_over_paths(edges, "a", "y")
    14
    """
    total: float = 0
    for path in paths(edges, start, end):
        product: float = 1
        for edge in zip(path, path[1:], strict=False):
            product *= edges[edge]
        total += product
    return total


def jacobian(f: Function, x: Any, h: float = 6e-6) -> np.ndarray:
    """J_nd = df_n/dx_d by central differences (M5).

    x (D,), f(x) (N,), J (N, D), not N x N.  The step is h times max(1, |x_d|).
    Raises ValueError when x or f(x) has more than one axis.

    >>> jacobian(lambda x: np.array([x[0] * x[1], x[0] + 3 * x[1]]), [2, 5]).round(6)
    array([[5., 2.],
           [1., 3.]])
    """
    x = np.atleast_1d(promote(x))
    values = np.atleast_1d(promote(f(x.copy())))
    if x.ndim > 1 or values.ndim > 1:
        misfit("J_nd = df_n/dx_d, of a vector by a vector,", f=values, x=x)
    columns = []
    for d in range(x.size):
        up, down = x.copy(), x.copy()
        up[d] += h * max(1.0, abs(x[d]))
        down[d] -= h * max(1.0, abs(x[d]))
        rise = promote(f(up)) - promote(f(down))
        columns.append(np.atleast_1d(rise) / (up[d] - down[d]))
    return np.stack(columns, axis=1)


def vjp(J: Any, g: Any) -> np.ndarray:
    """grad_x L = J^T grad_h L: dL/dx_d = sum_n dL/dh_n dh_n/dx_d (M5).

    J (N, D), g (N,), result (D,); with J = dh/dtheta (N, M) the result is grad_theta.
    Raises ValueError when these do not fit.

    >>> vjp([[5, 2], [1, 3]], [1, 10])
    array([15., 32.])
    """
    J, g = promote(J), promote(g)
    if J.ndim != 2 or g.shape != J.shape[:1]:
        misfit("grad_x = J.T @ grad_h", J=J, grad_h=g)
    return J.T @ g


def chain_vjp(jacobians: Sequence[Any], g: Any) -> np.ndarray:
    """J1^T (J2^T (J3^T g)): from the loss backwards, only matrix times vector (M5, L3).

    jacobians innermost first: (N1, D), (N2, N1), ...; g (N_last,), result (D,).
    Raises ValueError when these do not fit.

    >>> chain_vjp([[[5, 2], [1, 3]], [[1, 10]]], [1])
    array([15., 32.])
    """
    g = promote(g)
    for J in reversed(jacobians):
        g = vjp(J, g)
    return g


def jvp(J: Any, v: Any) -> np.ndarray:
    """J v: how h moves when x moves along v, the forward direction (S3, L3).

    J (N, D), v (D,), result (N,).  Raises ValueError when these do not fit.

    >>> jvp([[5, 2], [1, 3]], [1, 10])
    array([25., 31.])
    """
    J, v = promote(J), promote(v)
    if J.ndim != 2 or v.shape != J.shape[1:]:
        misfit("dh = J @ dx", J=J, dx=v)
    return J @ v
