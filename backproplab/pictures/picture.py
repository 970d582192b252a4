"""A matplotlib figure that shows itself in a notebook together with its alt text."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#222222"
FAINT = "#8A8A8A"
PAPER = "#FFFFFF"
FONT = 10.5
DOTS_PER_INCH = 192  # shown at 96: sharp on fine screens, 9 pt is 12 pixels


class Picture:
    """A figure and the text that says what it shows.

    ``alt`` is required: raises ValueError when it is empty.  The figure does not
    belong to pyplot, so nothing stays open when it is forgotten.

    >>> Picture(blank(2, 1)[0], "an empty frame").alt
    'an empty frame'
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        if not alt.strip():
            raise ValueError(
                "a picture needs alt text: one or two sentences that say what it shows"
            )
        self.figure = figure
        self.alt = " ".join(alt.split())

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def png(self) -> bytes:
        """The picture as PNG bytes."""
        buffer = io.BytesIO()
        FigureCanvasAgg(self.figure)
        self.figure.savefig(
            buffer,
            format="png",
            dpi=DOTS_PER_INCH,
            bbox_inches="tight",
            pad_inches=0.08,
            metadata={"Software": None},
        )
        return buffer.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict:
        png = self.png()
        width = int.from_bytes(png[16:20], "big") // 2  # PNG header: width in pixels
        source = "data:image/png;base64," + base64.b64encode(png).decode()
        # On a phone it shrinks while it can be read, then it scrolls.
        least = width * 3 // 4
        image = (
            f'<figure style="margin:0;overflow-x:auto"><img '
            f'alt="{html.escape(self.alt)}" src="{source}" '
            f'style="width:{width}px;max-width:max(100%, {least}px)"></figure>'
        )
        return {"text/html": image, "text/plain": repr(self)}


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """A white figure (size in inches) with one axes: no frame, equal units."""
    figure = Figure(figsize=(width, height), facecolor=PAPER)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_aspect("equal")
    return figure, axes


def plain(label: str) -> str:
    """A formula label as words for an alt text.

    >>> plain(r"$\\hat{y}_{2}$"), plain("$h^{(1)}_{3}$")
    ('ŷ2', 'h(1)3')
    """
    label = label.replace(r"\hat{y}", "ŷ").replace(r"\,", "")
    return "".join(c for c in label if c not in "${}_^\\")
