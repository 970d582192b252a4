"""What backpropagation costs: multiplications counted exactly, for one example.

Sizes are [D_0, D_1, ..., D_L]: a UBC network with d inputs and m hidden layers of k
units is [d, k, ..., k, 1].  Counted are products of weights, values and signals, with a
linear output and without biases (they cost additions only); the activations, their
slopes and the loss's slope are evaluations of a function, and not counted.
"""

from __future__ import annotations

from collections.abc import Sequence


def weight_count(sizes: Sequence[int]) -> int:
    """D_0 D_1 + D_1 D_2 + ..., biases not counted (U9).

    >>> weight_count([100, 50, 50, 50, 50, 50, 1])
    15050
    """
    return sum(D * H for D, H in zip(sizes, sizes[1:], strict=False))


def forward_multiplications(sizes: Sequence[int]) -> int:
    """d k + (m - 1) k^2 + k: every weight multiplies once (U9).

    >>> forward_multiplications([100, 50, 50, 50, 50, 50, 1])
    15050
    """
    return weight_count(sizes)


def backward_multiplications(sizes: Sequence[int]) -> int:
    """Weight gradients d k + (m - 1) k^2 + k, signals (m - 1) k^2 + k, slopes m k (U9).

    Every weight has one product A[l-1]_j delta[l]_k; every weight but those of layer 1
    passes one signal down; every hidden unit multiplies once by its slope.

    >>> backward_multiplications([100, 50, 50, 50, 50, 50, 1])
    25350
    """
    return weight_count(sizes) + weight_count(sizes[1:]) + sum(sizes[1:-1])


def forward_caching_multiplications(sizes: Sequence[int]) -> int:
    """The chain from each weight up to the loss, nothing shared between weights (L3).

    One weight into layer l: times its unit's slope, times that unit's outgoing weights,
    then slopes and full layers up to the output, times the loss's slope.

    >>> forward_caching_multiplications([2, 2, 1])
    14
    """
    total, L = 0, len(sizes) - 1
    for layer in range(1, L + 1):
        weights = sizes[layer - 1] * sizes[layer]
        total += weights * _chain(sizes[layer:])
    return total


def _chain(above: Sequence[int]) -> int:
    """Products for one weight that enters one unit of the first of these layers."""
    if len(above) == 1:  # an output unit: only the loss's slope
        return 1
    slopes = 1 + sum(above[1:-1])
    signals = above[1] + weight_count(above[1:])
    return slopes + signals + above[-1]


def central_difference_multiplications(sizes: Sequence[int]) -> int:
    """Two forward passes for each weight (U9).

    >>> central_difference_multiplications([100, 50, 50, 50, 50, 50, 1]) // 15050
    30100
    """
    return 2 * weight_count(sizes) * forward_multiplications(sizes)
