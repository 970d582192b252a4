"""Shapes: which product of X, dZ and W is dW, which is dX, and what is db?"""

from __future__ import annotations

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models import shapes


class Shapes(Explorer):
    """Place tiles until dW, dX and db are right; then again with all sizes equal.

    N examples, D inputs and H units, each from 1 to 6.  What is right is measured: the
    slopes of the loss by finite differences.

    >>> print(Shapes(4, 3, 2).as_text().splitlines()[2])
    dW 3 × 2: 1 of 36 have this shape; equal to the measured slopes of the loss: Xᵀ dZ.
    """

    title = "Shapes"
    view = "bars shapes"

    def __init__(self, N: int = 4, D: int = 3, H: int = 2) -> None:
        super().__init__(lambda: shapes.Shapes(N, D, H))
