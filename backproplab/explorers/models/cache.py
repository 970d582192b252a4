"""What forward keeps and backward spends, and how many multiplications that takes.

Counts are those of ``backproplab.costs``: one example, no biases, slopes free.
Memory counts the hidden values A[1], ..., A[L-1]; the input is there anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backproplab import costs
from backproplab.explorers.models import cache_still
from backproplab.explorers.models.network_input import is_whole

MOST_LAYERS, MOST_UNITS = 24, 1_000_000
SHOWN_SIZES = [4, 6, 6, 6, 1]


class Cache:
    """Layer by layer through forward and backward, with the cache and without.

    sizes [D_0, ..., D_L].  Raises ValueError with a sentence for the learner.

    >>> steps = Cache([2, 2, 1]).state()["runs"]["cache"]
    >>> steps[-1]["products"], steps[-1]["one_by_one"]
    (16, 14)
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        if not all(map(is_whole, sizes)) or len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(
                f"sizes are whole numbers D_0, ..., D_L, all positive; got {sizes}"
            )
        self.sizes = [int(size) for size in sizes]
        if len(self.sizes) - 1 > MOST_LAYERS or max(self.sizes) > MOST_UNITS:
            raise ValueError(
                f"at most {MOST_LAYERS} layers of at most {MOST_UNITS:,} units are "
                "drawn here"
            )
        self.L = len(self.sizes) - 1

    def answer(self, request: dict[str, Any]) -> None:
        """Nothing to ask: both runs are sent whole."""

    def state(self) -> dict[str, Any]:
        """Both runs step by step, and the price of each way to all gradients."""
        forward = costs.forward_multiplications(self.sizes)
        runs = {"cache": self._run(True), "recompute": self._run(False)}
        return {
            "sizes": self.sizes,
            "runs": runs,
            "most": {
                name: max(step["numbers"] for step in run) for name, run in runs.items()
            },
            "weights": costs.weight_count(self.sizes),
            "prices": [
                ["forward pass", forward],
                ["backward, with the cache", self._backward()],
                ["each weight by itself", self._one_by_one(1)],
                [
                    "two forward passes per weight",
                    costs.central_difference_multiplications(self.sizes),
                ],
            ],
        }

    def _backward(self) -> int:
        return costs.backward_multiplications(self.sizes)

    def _one_by_one(self, layer: int) -> int:
        """The weights of layers ``layer``, ..., L, each followed up to the loss."""
        return costs.forward_caching_multiplications(self.sizes[layer - 1 :])

    def _again(self, layer: int) -> int:
        """Forward passes up to A[l-1], for the backward steps at L, ..., layer."""
        rerun = range(max(layer, 2), self.L + 1)
        return sum(costs.forward_multiplications(self.sizes[:i]) for i in rerun)

    def _run(self, cached: bool) -> list[dict[str, Any]]:
        """One entry before the first step, then one per step: L forward, L backward."""
        steps = [self._at("start", 0, range(0), {})]
        for layer in range(1, self.L + 1):
            kept = range(1, layer + 1) if cached else range(layer - 1, layer + 1)
            forward = costs.forward_multiplications(self.sizes[: layer + 1])
            steps.append(self._at("forward", layer, kept, {"forward": forward}))
        for layer in range(self.L, 0, -1):
            kept = range(1, layer) if cached else range(layer - 2, layer)
            spent = {"forward": forward, "backward": self._down_to(layer)}
            if not cached:
                spent["computed again"] = self._again(layer)
            one_by_one = self._one_by_one(layer)
            steps.append(self._at("backward", layer, kept, spent, one_by_one))
        return steps

    def _down_to(self, layer: int) -> int:
        """Products of the backward steps L, ..., layer: dW[l], then the signal below.

        A step passes its signal on, so it already holds the products that the
        network without the layers below would not need.
        """
        passed = 0
        if layer > 1:
            D, H = self.sizes[layer - 1 : layer + 1]
            passed = D * H + D
        return costs.backward_multiplications(self.sizes[layer - 1 :]) + passed

    def _at(
        self,
        phase: str,
        layer: int,
        kept: range,
        spent: dict[str, int],
        one_by_one: int = 0,
    ) -> dict[str, Any]:
        hidden = [i for i in kept if 1 <= i < self.L]
        return {
            "phase": phase,
            "layer": layer,
            "kept": hidden,
            "numbers": sum(self.sizes[i] for i in hidden),
            "products": sum(spent.values()),
            "one_by_one": one_by_one,
            "says": _bill(spent, one_by_one),
        }

    def as_text(self) -> str:
        """Both runs as tables."""
        lines = [f"Layers of {', '.join(map(str, self.sizes))} units."]
        for name, run in (("with the cache", True), ("computed again", False)):
            lines += [
                "",
                f"{name}:",
                f"{'step':14}{'numbers kept':>14}{'products':>14}",
            ]
            for step in self._run(run)[1:]:
                what = f"{step['phase']} {step['layer']}"
                lines.append(f"{what:14}{step['numbers']:14,}{step['products']:14,}")
        lines += ["", "products for all gradients:"]
        lines += [f"{name:40}{count:>20,}" for name, count in self.state()["prices"]]
        return "\n".join(lines)

    def svg(self) -> str:
        """The run with the cache as a still picture."""
        return cache_still.picture(self.state())


def _bill(spent: dict[str, int], one_by_one: int) -> str:
    """The products so far, item by item, and what single weights would cost.

    >>> _bill({"forward": 102, "backward": 198}, 2322)[:48]
    '102 forward + 198 backward = 300 products so far'
    """
    if len(spent) < 2:
        return ""
    items = " + ".join(f"{count:,} {name}" for name, count in spent.items())
    return (
        f"{items} = {sum(spent.values()):,} products so far. The weights met on the "
        f"way back, each followed up to the loss by itself: {one_by_one:,} in the "
        f"place of the {spent['backward']:,}."
    )
