"""Formulas as MathML, which every browser draws by itself: no script, no request."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def mathml(latex: str, display: str) -> str:
    """The formula as one ``<math>`` element; ``display`` is inline or block.

    >>> mathml("x", "inline")[-24:]
    '<mi>x</mi></mrow></math>'
    """
    return convert(latex, display=display).replace("<mrow></mrow>", "")


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """An inline formula."""
    translator.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A displayed formula; a long one scrolls by itself on a narrow screen."""
    formula = mathml(node.astext(), "block")
    translator.body.append(f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer under the name mathml."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
