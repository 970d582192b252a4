"""The descent race: five ways downhill from one start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models.descent_race import RACERS, Race


class DescentRace(Explorer):
    """Predict whether gradient descent arrives; then run it, and move the start.

    loss is "bowl", "valley", "network", your function of two weights, a list of such
    functions (one for each example), or (X, y) for least squares.  start is where all
    begin, rates {"gd": 0.1, ...} their step sizes, window ((left, right), (low, high)).

    >>> DescentRace(lambda w: w[0] ** 2 + w[1] ** 2).model.runs["gd"].outcome
    'arrives'
    """

    title = "Descent race"
    view = "charts descent_race"

    def __init__(
        self,
        loss: Any = "bowl",
        start: Any = None,
        rates: dict[str, float] | None = None,
        window: Any = None,
        racers: Sequence[str] = tuple(RACERS),
    ) -> None:
        super().__init__(lambda: Race(loss, start, rates, window, racers))
