"""Still pictures as SVG text, in the colours of the explorers on white."""

from __future__ import annotations

import html
from typing import Any

from backproplab.shown import BACKWARD, FORWARD

PAPER, INK, FAINT, BOX = "#FFFFFF", "#1F2328", "#6B7280", "#F3F4F6"
FONT = 'font-family="system-ui, sans-serif"'

__all__ = [
    "BACKWARD", "BOX", "FAINT", "FORWARD", "INK", "PAPER", "element", "picture", "text"
]  # fmt: skip


def element(tag: str, *children: str, **attributes: Any) -> str:
    """One SVG element; ``stroke_width=2`` becomes ``stroke-width="2"``.

    >>> element("line", x1=0, x2=1.5, stroke_width=2)
    '<line x1="0" x2="1.5" stroke-width="2"/>'
    """
    parts = [tag]
    for name, value in attributes.items():
        if isinstance(value, float):
            value = f"{value:.6g}"
        name = name.rstrip("_").replace("_", "-")
        parts.append(f'{name}="{html.escape(str(value))}"')
    inside = "".join(children)
    return f"<{' '.join(parts)}>{inside}</{tag}>" if inside else f"<{' '.join(parts)}/>"


def text(x: float, y: float, words: str, **attributes: Any) -> str:
    """Words centred at x, on the line y.

    >>> text(1, 2, "a < b", fill="red")
    '<text x="1" y="2" text-anchor="middle" fill="red">a &lt; b</text>'
    """
    given = {"x": x, "y": y, "text_anchor": "middle", "fill": INK, **attributes}
    return element("text", html.escape(words), **given)


def picture(width: float, height: float, *children: str) -> str:
    """An SVG picture on white that shrinks with the page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" {FONT} font-size="14" '
        f'style="max-width:100%;height:auto;background:{PAPER}">'
        f"{''.join(children)}</svg>"
    )
