"""The depth lab: what depth does to values and error signals."""

from __future__ import annotations

from typing import Any

from backproplab.explorers.explorer import Explorer, jsonable
from backproplab.explorers.models.depth_lab import Depth
from backproplab.explorers.models.depth_presets import presets


class DepthLab(Explorer):
    """Predict which layer learns least; then change depth, activation and weights.

    Hidden layers of ``width`` units on images of digits, or your own network: params
    {"W1", "b1", ...} with X (N, D) and Y (N, K) one-hot.

    >>> DepthLab(activation="relu", scheme="he").model.verdict
    'level'
    """

    title = "Depth lab"
    view = "charts depth_lab"

    def __init__(
        self,
        depth: int = 12,
        activation: str = "sigmoid",
        scheme: str = "xavier",
        scale: float = 1.0,
        width: int = 32,
        params: Any = None,
        X: Any = None,
        Y: Any = None,
    ) -> None:
        super().__init__(
            lambda: Depth(depth, activation, scheme, scale, width, params, X, Y)
        )

    def fragment(self) -> str:
        """As every explorer's, with the answers to a few choices."""
        if self.model is not None and self.model.own is None:
            self._state = {**self._state, "presets": jsonable(presets(self.model))}
        return super().fragment()
