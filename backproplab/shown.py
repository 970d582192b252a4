"""How numbers and operations are shown, in pictures and explorers alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

FORWARD = "#0072B2"
BACKWARD = "#A84300"
SYMBOLS = {
    "add": "+",
    "sub": "−",
    "mul": "×",
    "div": "÷",
    "dot": "dot",
    "square": "square",
    "sigmoid": "σ",
    "sum": "Σ",
}


def short(value: Any, sign: bool = False) -> str:
    """A number with at most four significant digits, a true minus sign, and + if asked.

    >>> short(0.73105857), short(-3.0), short(1.5, sign=True), short(1e-9)
    ('0.7311', '−3', '+1.5', '1e−09')
    """
    value = float(value) + 0.0  # -0.0 is shown as 0
    text = f"{value:.4g}"
    if sign and value > 0:
        text = "+" + text
    return text.replace("-", "\N{MINUS SIGN}")


def listed(values: Any) -> str:
    """Numbers one after the other: ``0.5, 0.7311``.

    >>> listed([0.5, -1.0])
    '0.5, −1'
    """
    return ", ".join(short(value) for value in np.ravel(values))


def bracketed(value: Any, sign: bool = False) -> str:
    """A number, a list of at most four numbers, or else the shape.

    >>> bracketed(0.5), bracketed([1, -2]), bracketed(np.zeros((3, 4)))
    ('0.5', '[1, −2]', '3×4')
    """
    value = np.asarray(value)
    if value.ndim == 0:
        return short(value, sign)
    if value.size > 4:
        return "×".join(map(str, value.shape))
    return "[" + ", ".join(short(entry, sign) for entry in value.ravel()) + "]"


def parenthesised(number: str) -> str:
    """A written number as a factor: a negative one in parentheses.

    >>> parenthesised(short(-2)), parenthesised(short(2))
    ('(−2)', '2')
    """
    return f"({number})" if number.startswith("\N{MINUS SIGN}") else number


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of words as a table: the first column to the left, numbers to the right.

    >>> print(columns([("weight", "value"), ("w", "3"), ("b", "−0.5")]))
    weight  value
    w           3
    b        −0.5
    """
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        numbers = [f"{word:>{w}}" for word, w in zip(others, wide[1:], strict=True)]
        lines.append("  ".join([f"{first:<{wide[0]}}", *numbers]).rstrip())
    return "\n".join(lines)
