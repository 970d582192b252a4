"""The nudge: move one weight a little, and see everything after it move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models.graph_steps import example
from backproplab.explorers.models.nudges import Nudges, network_graph
from backproplab.graph import Node


class Nudge(Explorer):
    """Nudge one number and compare: the loss really moves, the gradient predicts (N4).

    Takes the last node of a ``backproplab.graph`` graph, or params {"W1", "b1", ...}
    with X and Y (linear output, mean over examples of the summed squares).

    >>> from backproplab.graph import square
    >>> print(Nudge(square(Node(3, "a")).named("c")).as_text())
    a is nudged; dc/da = 6
    nudge  c moves by  slope × nudge     gap
    1               7              6       1
    0.5          3.25              3    0.25
    0.2          1.24            1.2    0.04
    0.1          0.61            0.6    0.01
    0.05       0.3025            0.3  0.0025
    0.02       0.1204           0.12  0.0004
    0.01       0.0601           0.06  0.0001
    0.001    0.006001          0.006   1e−06
    """

    title = "Nudge"
    view = "graph nudge"

    def __init__(
        self,
        graph_or_params: Node | Mapping[str, Any] | None = None,
        X: Any = None,
        Y: Any = None,
        hidden: str = "tanh",
        largest: float = 1.0,
    ) -> None:
        super().__init__(lambda: Nudges(_graph(graph_or_params, X, Y, hidden), largest))


def _graph(given: Any, X: Any, Y: Any, hidden: str) -> Any:
    if given is None:
        return example()
    return network_graph(given, X, Y, hidden) if isinstance(given, Mapping) else given
