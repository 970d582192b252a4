"""Delta flow: predict where the error signal is largest, then let it flow back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproplab.explorers.explorer import Explorer
from backproplab.explorers.models import cache, delta_flow
from backproplab.explorers.models.network_input import as_network
from backproplab.network import sizes

OPTIONS = ("hidden", "output", "loss", "rate")
VIEWS = {"signals": "bars delta_words delta_network delta_flow", "cost": "bars cache"}


class DeltaFlow(Explorer):
    """Error signals through a network of your own, layer by layer, back from the loss.

    params {"W1", "b1", ...}, X (N, D), Y (N, K) or one example (D,), (K,); options are
    hidden, output, loss (names as in ``backproplab.network``) and rate, the step size.
    Without params: the XOR network.  view="cost" shows what forward keeps, backward
    spends and both multiply; it needs params only, or just the sizes [D_0, ..., D_L].

    >>> print(DeltaFlow().as_text().splitlines()[3])
    layer 1: values 0.3705, 0.7389; delta = dL/dZ 0.002321, −0.005062
    >>> print(DeltaFlow([2, 2, 1], view="cost").as_text().splitlines()[-3])
    backward, with the cache                                  10
    """

    title = "Delta flow"

    def __init__(
        self,
        params: Any = None,
        X: Any = None,
        Y: Any = None,
        *,
        view: str = "signals",
        **options: Any,
    ) -> None:
        self.view = VIEWS.get(view, VIEWS["signals"])

        def make() -> Any:
            unknown = set(options) - set(OPTIONS)
            if unknown:
                raise ValueError(
                    f"unknown option {min(unknown)!r}; known: {', '.join(OPTIONS)}"
                )
            if view not in VIEWS:
                raise ValueError(f'view is "signals" or "cost", got {view!r}')
            if view == "cost":
                return cache.Cache(_sizes(params))
            if params is None:
                return delta_flow.DeltaFlow(**delta_flow.xor_network() | options)
            return delta_flow.DeltaFlow(params, X, Y, **options)

        super().__init__(make)
        if view == "cost":
            self.title = "Cost and cache"


def _sizes(params: Any) -> list[int]:
    if params is None:
        return cache.SHOWN_SIZES
    if isinstance(params, Mapping):
        return sizes(as_network(params, cache.MOST_LAYERS))
    if isinstance(params, Sequence | np.ndarray) and not isinstance(params, str):
        return list(params)
    raise ValueError(
        "give the network's params, or its sizes such as [100, 50, 50, 1]; "
        f"got {type(params).__name__}"
    )
