"""What the explorers are timed with: a graph of 40 nodes, a 3-8-8-8-1 network."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.graph import Node, sigmoid, topological_order
from backproplab.network import zeros


def forty_nodes() -> Node:
    """A scalar graph of 40 nodes with forks: each unit uses the two before it."""
    before, last = Node(0.5, "x"), Node(-1.0, "z")
    for k in range(1, 8):
        unit = Node(0.3 * k, f"w{k}") * last + before
        before, last = last, sigmoid(unit).named(f"h{k}")
    root = (last * Node(2.0, "v") + before * Node(-1.0, "u")) - Node(1.0, "y")
    root = (root * root * Node(0.5)).named("loss")
    assert len(topological_order(root)) == 40
    return root


def network() -> tuple[dict[str, Any], Any, Any]:
    """Parameters, X and Y of a 3-8-8-8-1 network with five examples."""
    rng = np.random.default_rng(0)
    params = {
        name: rng.normal(size=value.shape)
        for name, value in zeros([3, 8, 8, 8, 1]).items()
    }
    return params, rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
