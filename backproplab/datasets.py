"""Small data made here from a seed: nothing is downloaded, the same everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproplab.arrays import whole

Data = tuple[np.ndarray, np.ndarray]


def xor() -> Data:
    """The four examples of exclusive or (L1): X (4, 2), Y (4, 1).

    >>> X, Y = xor()
    >>> Y.ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    return X, (X[:, :1] != X[:, 1:]).astype(float)


def moons(N: int = 200, noise: float = 0.1, rng: Any = 0) -> Data:
    """Two interleaved half circles: X (N, 2), labels (N,) in 0, 1.

    >>> X, labels = moons(6, noise=0)
    >>> X.shape, labels.tolist()
    ((6, 2), [0, 1, 0, 1, 0, 1])
    """
    rng = np.random.default_rng(rng)
    labels = np.arange(_count(N)) % 2
    angle = rng.uniform(0, np.pi, N)
    side = 1 - 2 * labels
    X = np.column_stack([np.cos(angle) * side + labels, np.sin(angle) * side])
    X[:, 1] += 0.5 * labels
    return X + noise * rng.standard_normal((N, 2)), labels


def spirals(N: int = 300, classes: int = 3, noise: float = 0.1, rng: Any = 0) -> Data:
    """Arms that wind around the origin: X (N, 2), labels (N,) in 0..classes-1.

    >>> X, labels = spirals(6, classes=3)
    >>> X.shape, labels.tolist()
    ((6, 2), [0, 1, 2, 0, 1, 2])
    """
    rng = np.random.default_rng(rng)
    labels = np.arange(_count(N)) % whole("the number of classes", classes)
    radius = rng.uniform(0.05, 1, N)
    angle = 4 * radius + 2 * np.pi * labels / classes
    angle += noise * rng.standard_normal(N)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None], labels


# Five rows of three pixels for each digit, as on a pocket calculator.
_GLYPHS = (
    "111101101101111",
    "010110010010111",
    "111001111100111",
    "111001111001111",
    "101101111001001",
    "111100111001111",
    "111100111101111",
    "111001010010010",
    "111101111101111",
    "111101111001111",
)


def digits(N: int = 200, noise: float = 0.15, rng: Any = 0) -> Data:
    """Images of digits, 8 x 8, shifted, of varying brightness, noisy.

    X (N, 64), pixels about 0 (paper) to 1 (ink), row by row; labels (N,) in 0..9.

    >>> X, labels = digits(20)
    >>> X.shape, labels.tolist()[:3]
    ((20, 64), [0, 1, 2])
    """
    rng = np.random.default_rng(rng)
    labels = np.arange(_count(N)) % 10
    images = np.zeros((N, 8, 8))
    for image, label in zip(images, labels, strict=True):
        glyph = np.array(list(_GLYPHS[label]), dtype=float).reshape(5, 3)
        top, left = rng.integers(0, 4), rng.integers(0, 6)
        image[top : top + 5, left : left + 3] = glyph * rng.uniform(0.7, 1.0)
    return images.reshape(N, 64) + noise * rng.standard_normal((N, 64)), labels


def _count(N: int) -> int:
    return whole("N, the number of examples,", N)
