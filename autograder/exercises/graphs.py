"""Graphs that exercises hand to students, and what is measured on them (S2, S8, M11).

A graph is a dict from names to tuples: ``("leaf",)``, or an operation and the names of
its inputs, ``("mul", "a", "b")``.  The last name of a topological order is the root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.exercises.truth import Reference, Tap, keep, slope

Graph = Mapping[str, Sequence[str]]
OPERATIONS = ("add", "sub", "mul", "max", "square", "sigmoid", "dot")


def box(op: str, a: Any, b: Any = None) -> Any:
    """The value of one building block; square and sigmoid ignore b (S4)."""
    if op == "max":
        return np.where(np.real(a) > np.real(b), a, b)
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "mul": lambda: a * b,
        "square": lambda: a * a,
        "sigmoid": lambda: 1 / (1 + np.exp(-a)),
        "dot": lambda: a @ b,
    }[op]()


def levels_of(graph: Graph) -> dict[str, int]:
    """0 for a leaf, else one more than the highest of the inputs."""
    found: dict[str, int] = {}
    while len(found) < len(graph):
        for name, (_, *inputs) in graph.items():
            if all(i in found for i in inputs):
                found[name] = 1 + max((found[i] for i in inputs), default=-1)
    return found


def values_of(
    graph: Graph, leaves: Mapping[str, Any], order: Sequence[str], tap: Tap = keep
) -> dict[str, Any]:
    """Every forward value f, each passed through the tap (S8)."""
    f: dict[str, Any] = {}
    for name in order:
        op, *inputs = graph[name]
        value = box(op, *[f[i] for i in inputs]) if inputs else leaves[name]
        f[name] = tap(name, value)
    return f


def truth_of_backward(
    graph: Graph, f: Mapping[str, Any], order: Sequence[str]
) -> dict[str, Reference]:
    """Every backward value, measured by nudging that node alone; root first."""

    def loss(*args: Any, tap: Tap = keep) -> Any:
        return values_of(graph, f, order, tap)[order[-1]]

    return {name: slope(loss, (), (), name) for name in reversed(order)}


def graphs(rng: np.random.Generator) -> list[tuple[str, dict[str, Any], dict]]:
    """A chain, a tree, forks, one input used twice, dense ones; names out of order."""

    def numbers(*names: str) -> dict[str, float]:
        signs = rng.choice([-1.0, 1.0], len(names))
        return dict(zip(names, signs * rng.uniform(0.4, 1.8, len(names)), strict=True))

    def large() -> dict[str, float]:  # no derivative of small_nodes is below 1
        w, x = rng.uniform(1.3, 2.4, 2)
        return {"w": float(w), "x": -float(x)}

    def made(leaves: Mapping[str, float], **nodes: str) -> dict[str, Any]:
        graph: dict[str, Any] = dict.fromkeys(leaves, ("leaf",))
        graph.update({name: tuple(text.split()) for name, text in nodes.items()})
        return graph

    fork = {"a": 1.0, "c2": 2.0, "c3": 3.0, "c4": 4.0}
    fork_nodes = {"n": "mul c2 a", "p": "mul c3 n", "q": "mul c4 n", "y": "add p q"}
    small_nodes = {
        "score": "mul w x",
        "residual": "sub score w",
        "loss": "square residual",
    }
    tree = numbers("w1", "x1", "w2", "x2", "t")
    tree_nodes = {
        "loss": "square residual",
        "residual": "sub score t",
        "score": "add s1 s2",
        "s2": "mul w2 x2",
        "s1": "mul w1 x1",
    }
    chain = numbers("a")
    chain_nodes = {"b": "square a", "c": "sigmoid b", "d": "square c"}
    twice = numbers("a", "b")
    twice_nodes = {"d": "mul c c", "c": "sub b a", "e": "add d a"}
    long = numbers("a", "b")
    long_nodes = {
        "n1": "add a b",
        "n2": "mul n1 a",
        "n3": "sub n2 n1",
        "n4": "sigmoid n3",
        "n5": "mul n4 n2",
        "n6": "add n5 b",
    }
    made_of = (
        ("paper", {"w": 3.0, "x": 5.0}, small_nodes),
        ("generic", large(), small_nodes),
        ("more", large(), small_nodes),
        ("fork", fork, fork_nodes),
        ("tree", tree, tree_nodes),
        ("chain", chain, chain_nodes),
        ("twice", twice, twice_nodes),
        ("long", long, long_nodes),
        ("one box", numbers("a", "b"), {"c": "sub a b"}),
    )
    fixed = [(style, made(leaves, **nodes), leaves) for style, leaves, nodes in made_of]
    return [*fixed, _dense(rng)]


def _dense(rng: np.random.Generator) -> tuple[str, dict[str, Any], dict]:
    """Every node uses the one before it and any other; listed in a random order."""
    names = [f"v{i}" for i in range(9)]
    leaves = {name: float(rng.uniform(0.5, 1.5)) for name in names[:3]}
    graph: dict[str, Any] = dict.fromkeys(leaves, ("leaf",))
    for i in range(3, len(names)):
        op = ("add", "sub", "mul")[int(rng.integers(3))]
        graph[names[i]] = (op, names[i - 1], names[int(rng.integers(i))])
    listed = [names[i] for i in rng.permutation(len(names))]
    return "dense", {name: graph[name] for name in listed}, leaves


# Worked solutions, written out for one graph: what the diagnosis varies.

EXPRESSIONS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "square": "{0} * {0}",
    "sigmoid": "1 / (1 + np.exp(-{0}))",
}


def forward_lines(graph: Graph, leaves: Mapping[str, Any], order: Sequence[str]) -> str:
    """One line per node."""
    lines = []
    for name in order:
        op, *inputs = graph[name]
        form = EXPRESSIONS[op] if inputs else f"leaves['{name}']"
        lines.append(f"new_{name} = " + form.format(*[f"new_{i}" for i in inputs]))
    return "\n".join(lines)


def backward_lines(graph: Graph, f: Mapping[str, Any], order: Sequence[str]) -> str:
    """One line per node, root first; contributions of all consumers added."""
    arriving: dict[str, list[str]] = {name: [] for name in order}
    for name in reversed(order):
        op, *inputs = graph[name]
        for i, local in zip(inputs, _local(op, name, inputs), strict=True):
            arriving[i].append(f"g_{name} * {local}")
    lines = ["one = 1.0", *(f"{name} = f['{name}']" for name in order)]
    lines += [
        f"g_{name} = {' + '.join(arriving[name]) or '1.0'}" for name in reversed(order)
    ]
    return "\n".join(lines)


def _local(op: str, name: str, values: Sequence[str]) -> list[str]:
    if op in ("add", "sub"):
        return ["one", "one" if op == "add" else "(-one)"]
    if op == "mul":
        return [values[1], values[0]]
    if op == "square":
        return [f"(2 * {values[0]})"]
    return [f"({name} * (1 - {name}))"] if op == "sigmoid" else []
