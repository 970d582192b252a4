"""The cost and cache view as a still picture: a hill of hidden values."""

from __future__ import annotations

from typing import Any

from backproplab.explorers import svg

STEP, HILL, BASE, LEFT = 46, 150, 184, 14


def picture(state: dict[str, Any]) -> str:
    """One column per step; blocks are the layers in memory after it."""
    steps, sizes = state["runs"]["cache"], state["sizes"]
    most = max(1, *(step["numbers"] for step in steps))
    parts = []
    for k, step in enumerate(steps):
        x, y = LEFT + k * STEP, float(BASE)
        for layer in step["kept"]:
            high = HILL * sizes[layer] / most
            y -= high
            parts.append(
                svg.element("rect", x=x + 3, y=y, width=STEP - 6, height=high, rx=3,
                            fill="#CCE3F0", stroke=svg.FORWARD)
            )  # fmt: skip
            if high > 15:
                parts.append(svg.text(x + STEP / 2, y + high / 2 + 5, f"A{layer}"))
        arrow = {"start": "", "forward": "→ ", "backward": "← "}[step["phase"]]
        words = f"{arrow}{step['layer'] or 'start'}"
        colour = svg.BACKWARD if step["phase"] == "backward" else svg.FORWARD
        parts.append(svg.text(x + STEP / 2, BASE + 18, words, fill=colour))
    wide = max(2 * LEFT + STEP * len(steps), 560)
    title = f"hidden values in memory after each step, at most {most:,}"
    left = {"text_anchor": "start", "font_size": 13}
    again = state["runs"]["recompute"]
    foot = (
        f"products: {steps[-1]['products']:,}; without keeping them: "
        f"{again[-1]['products']:,}; each weight by itself: {steps[-1]['one_by_one']:,}"
    )
    return svg.picture(
        wide,
        BASE + 52,
        svg.text(LEFT, 18, title, **left),
        *parts,
        svg.text(LEFT, BASE + 42, foot, **left),
    )
