"""The gear train: factors multiply, and a nudge grows from gear to gear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backproplab.chain import Function
from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models.gears import (
    EXAMPLE,
    EXAMPLE_SLOPES,
    EXAMPLE_START,
    Gears,
)


class ChainGears(Explorer):
    """Turn x a little and watch the nudge grow, gear by gear (N1, N2).

    ``fs`` innermost first, a list or {"u = t²": function}; ``dfs`` are their
    derivatives (measured when left out).  Without functions: exp((2x + 3)²).

    >>> print(ChainGears({"b = 3x": lambda x: 3 * x}, x=2).as_text())
    gear    factor  value  moves by
    x                   2     +0.01
    b = 3x       3      6     +0.03
    product of the factors: 3
    """

    title = "Gear train"
    view = "chain_gears"

    def __init__(
        self,
        fs: Mapping[str, Function] | Sequence[Function] | None = None,
        dfs: Sequence[Function] | None = None,
        x: float | None = None,
        largest: float = 0.1,
    ) -> None:
        given: tuple[Any, Any, float] = (fs, dfs, 1.0)
        if fs is None:
            given = (EXAMPLE, EXAMPLE_SLOPES, EXAMPLE_START)
        chain, slopes, start = given
        super().__init__(
            lambda: Gears(chain, slopes, start if x is None else x, largest)
        )
