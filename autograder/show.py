"""Numbers as a person would write them."""

from __future__ import annotations

from typing import Any

import numpy as np


def number(value: Any) -> str:
    """A number with at most six significant digits.

    >>> number(np.float64(0.25)), number(3.0), number(-1e-9)
    ('0.25', '3', '-1e-09')
    """
    value = float(value)
    if not np.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.6g}"


def brief(value: Any) -> str:
    """An argument on one line: numbers short, arrays as nested lists.

    >>> brief(np.array([[1.0, 2.0]]))
    '[[1, 2]]'
    """
    if isinstance(value, str):
        return value
    if callable(value):
        return getattr(value, "__name__", "a function")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {brief(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)) and not _numeric(value):
        return "[" + ", ".join(brief(item) for item in value) + "]"
    array = np.asarray(value)
    if array.ndim == 0:
        return number(array) if _numeric(array) else str(value)
    return "[" + ", ".join(brief(item) for item in array) + "]"


def _numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "fiub"
    except ValueError:
        return False
