"""Shapes as a still picture: the tiles with their numbers, and what they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproplab.explorers import svg
from backproplab.shown import short

CELL, ROW, GAP = 34, 24, 46


def picture(tiles: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    """Three equations, with the numbers of one round."""
    dW, dX, db = (measured[name].round(6) for name in ("dW", "dX", "db"))
    lines = [
        [("Xᵀ", tiles["Xᵀ"]), ("dZ", tiles["dZ"]), ("dW", dW)],
        [("dZ", tiles["dZ"]), ("Wᵀ", tiles["Wᵀ"]), ("dX", dX)],
        [("dZ, added over its rows", tiles["dZ"]), ("db", db[None])],
    ]
    parts, y, widest = [], 26.0, 0.0
    for line in lines:
        x, tall = 20.0, max(len(array) for _, array in line) * ROW
        for place, (name, array) in enumerate(line):
            colour = svg.BACKWARD if name.startswith("d") else svg.FORWARD
            parts.append(_grid(x, y, name, array, colour))
            x += max(array.shape[1] * CELL, 7.5 * len(name))
            if place < len(line) - 1:
                sign = "=" if place == len(line) - 2 else "·"
                parts.append(svg.text(x + GAP / 2, y + ROW, sign, font_size=20))
                x += GAP
        widest, y = max(widest, x), y + tall + 52
    return svg.picture(widest + 20, y - 10, *parts)


def _grid(x: float, y: float, name: str, array: Any, colour: str) -> str:
    rows, columns = np.shape(array)
    title = f"{name}  {rows} × {columns}"
    parts = [svg.text(x, y - 6, title, text_anchor="start", fill=colour)]
    for i, j in np.ndindex(rows, columns):
        left, top = x + j * CELL, y + i * ROW
        parts.append(
            svg.element("rect", x=left, y=top, width=CELL, height=ROW, fill=svg.BOX,
                        stroke=svg.FAINT)
        )  # fmt: skip
        words = short(array[i][j])
        parts.append(svg.text(left + CELL / 2, top + 17, words, font_size=13))
    return "".join(parts)
