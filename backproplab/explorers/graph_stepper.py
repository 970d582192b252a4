"""The graph stepper: predict every value and every gradient, then see it."""

from __future__ import annotations

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models.graph_steps import GraphSteps, example
from backproplab.graph import Node


class GraphStepper(Explorer):
    """Step forward, then backward, through a graph of ``backproplab.graph`` nodes.

    Without a graph it shows (w.phi - y)^2 with w = [3, 1], phi = [1, 2], y = 2.

    >>> from backproplab.graph import square
    >>> print(GraphStepper(square(Node(3, "a")).named("c")).as_text())
    node  made of    f  g
    a     input      3  6
    c     square(a)  9  1
    """

    title = "Graph stepper"
    view = "graph graph_stepper"

    def __init__(self, root: Node | None = None) -> None:
        super().__init__(lambda: GraphSteps(example() if root is None else root))
