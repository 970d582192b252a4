"""Axes for the still pictures: where numbers go, and a grid with words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backproplab.explorers import svg
from backproplab.shown import short

LEFT, RIGHT, TOP, BOTTOM = 62, 14, 30, 46
MARKS = {
    "circle": "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0",
    "square": "M-3.2 -3.2h6.4v6.4h-6.4z",
    "triangle": "M0 -4.2L4 3H-4z",
    "diamond": "M0 -4.6L4 0L0 4.6L-4 0z",
}


@dataclass
class Axis:
    """From low to high; on a logarithmic axis these are powers of ten."""

    low: float
    high: float
    log: bool = False
    label: str = ""

    def share(self, value: float) -> float:
        """Where a value lies between the ends, from 0 to 1; beyond them, at the end.

        >>> Axis(-2, 2, log=True).share(1.0)
        0.5
        """
        if self.log:
            value = math.log10(value) if value > 0 else self.low
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return min(max(share, 0.0), 1.0)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Round places, at most about so many, each with its words."""
        rough = (self.high - self.low) / most
        size = 1.0 if self.log else 10.0 ** math.floor(math.log10(rough))
        step = size * next((k for k in (1, 2, 5, 10, 20) if k * size >= rough), 50)
        first = math.ceil(self.low / step - 1e-9)
        places = []
        while first * step <= self.high + 1e-9:
            places.append(first * step)
            first += 1
        if self.log:
            return [(10.0**p, f"1e{p:.0f}".replace("-", "−")) for p in places]
        return [(p, short(round(p, 9))) for p in places]


@dataclass
class Chart:
    """A rectangle with two axes; ``add`` what is drawn inside.

    >>> chart = Chart(Axis(0, 1), Axis(0, 10), width=200, height=100)
    >>> chart.line([0, 1], [0, 10], "#000000")
    >>> chart.parts[-1][:14]
    '<path d="M62 5'
    """

    x: Axis
    y: Axis
    width: float = 560
    height: float = 330
    at: tuple[float, float] = (0, 0)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts += list(self._grid())

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Two numbers as a place in the picture."""
        left, top = self.at[0] + LEFT, self.at[1] + TOP
        wide, high = self.width - LEFT - RIGHT, self.height - TOP - BOTTOM
        return (
            round(left + wide * self.x.share(x), 1),
            round(top + high * (1 - self.y.share(y)), 1),
        )

    def add(self, *parts: str) -> None:
        """Put SVG elements on top."""
        self.parts += parts

    def line(
        self, xs: Iterable[float], ys: Iterable[float], colour: str, **look: Any
    ) -> None:
        """A line through the places whose numbers are finite."""
        path, pen = [], "M"
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                across, up = self.place(x, y)
                path.append(f"{pen}{across:g} {up:g}")
            pen = "L" if math.isfinite(x) and math.isfinite(y) else "M"
        style = {"fill": "none", "stroke": colour, "stroke_width": 1.8, **look}
        self.add(svg.element("path", d="".join(path), **style))

    def marks(
        self, xs: Sequence[float], ys: Sequence[float], shape: str, colour: str
    ) -> None:
        """One mark for each place whose numbers are finite."""
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                across, up = self.place(x, y)
                where = f"translate({across:g} {up:g})"
                self.add(
                    svg.element("path", d=MARKS[shape], transform=where, fill=colour)
                )

    def words(
        self, x: float, y: float, text: str, shift: float = -8, **look: Any
    ) -> None:
        """Words beside a place."""
        across, up = self.place(x, y)
        self.add(svg.text(across, up + shift, text, **look))

    def _grid(self) -> Iterable[str]:
        left, right = self.x.low, self.x.high
        if self.x.log:
            left, right = 10.0**left, 10.0**right
        low, high = self.y.low, self.y.high
        if self.y.log:
            low, high = 10.0**low, 10.0**high
        (x0, y0), (x1, y1) = self.place(left, low), self.place(right, high)
        thin = {"stroke": svg.FAINT, "stroke_opacity": 0.25}
        small = {"font_size": 12.5, "fill": svg.FAINT}
        for value, words in self.x.ticks(7):
            across, _ = self.place(value, low)
            yield svg.element("line", x1=across, x2=across, y1=y0, y2=y1, **thin)
            yield svg.text(across, y0 + 18, words, **small)
        for value, words in self.y.ticks(6):
            _, up = self.place(left, value)
            yield svg.element("line", x1=x0, x2=x1, y1=up, y2=up, **thin)
            yield svg.text(x0 - 7, up + 4, words, **{**small, "text_anchor": "end"})
        yield svg.text((x0 + x1) / 2, y0 + 37, self.x.label, **small)
        start = {**small, "text_anchor": "start"}
        yield svg.text(self.at[0] + 8, self.at[1] + 15, self.y.label, **start)
