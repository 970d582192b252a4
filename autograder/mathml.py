"""Formulas as MathML, which every browser draws by itself: no script, no request."""

from __future__ import annotations

from functools import lru_cache

MAX_LATEX = 2000


def mathml(latex: str, display: str) -> str:
    """The formula as one ``<math>`` element; ``display`` is inline or block.

    >>> mathml("x", "inline")[-24:]
    '<mi>x</mi></mrow></math>'
    """
    from latex2mathml.converter import convert

    return convert(latex, display=display).replace("<mrow></mrow>", "")


@lru_cache(maxsize=4096)
def mathml_if_any(latex: str, display: str) -> str | None:
    """The same for text that anybody wrote; None where it is no formula.

    Also None where latex2mathml is absent: a course must not stop for that.
    """
    if len(latex) > MAX_LATEX:
        return None
    try:
        return mathml(latex, display)
    except Exception:  # latex2mathml has many, and a RecursionError for deep nesting
        return None
