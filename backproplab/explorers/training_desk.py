"""The training desk: a classifier trained a few epochs at a time."""

from __future__ import annotations

from typing import Any

from backproplab.explorers.explorer import Explorer, jsonable
from backproplab.explorers.models.desk_film import film
from backproplab.explorers.models.training_desk import Desk


class TrainingDesk(Explorer):
    """Predict the final accuracy, then train: boundary, hidden units, loss, gradients.

    X (N, 2) and labels (N,) are your data, params {"W1", "b1", ...} your network;
    without them data is "spiral", "moons" or "xor".  Further settings: hidden ("none",
    "2", "4", "8", "8 + 8"), activation, optimizer, lr, batch, epochs.

    >>> desk = TrainingDesk(data="xor")
    >>> desk.model.step(100)
    >>> desk.model.accuracy
    1.0
    """

    title = "Training desk"
    view = "charts desk_net training_desk"

    def __init__(
        self, X: Any = None, labels: Any = None, params: Any = None, **settings: Any
    ) -> None:
        super().__init__(lambda: Desk(X, labels, params, **settings))

    def fragment(self) -> str:
        """As ``Explorer.fragment``, with pictures of a run to the end to play."""
        if not self.problem:
            self._state = {**self._state, "film": jsonable(film(self.model))}
        return super().fragment()
