"""The gradient-check V: which step size measures a slope best, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models.gradient_check_v import StepSizes


class GradientCheckV(Explorer):
    """Place a guess of the best step size h, then see both difference quotients' error.

    f takes and returns one number, x is a number.

    >>> print(GradientCheckV(lambda x: x**3, 2.0).as_text().splitlines()[0])
    f(2) = 8, slope 12
    """

    title = "Gradient-check V"
    view = "charts gradient_check_v"

    def __init__(self, f: Callable[[Any], Any] = np.sin, x: float = 1.0) -> None:
        super().__init__(lambda: StepSizes(f, x))
