"""The font of the formulas: STIX Two Math, cut down to the signs that they use.

A browser takes the height of an index or the length of a root from the font.  Phones,
and many computers, have no font that knows them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fontTools import subset
from sphinx.application import Sphinx

logging.getLogger("fontTools").setLevel(logging.WARNING)
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E]
FILE = "_static/math.woff"


def signs(pages: Iterable[str]) -> str:
    """Every sign of the formulas, and the slanted letters that browsers make of them.

    >>> signs(["x <math><mi>y</mi><mo>&lt;</mo></math>"])[:2]
    '<y'
    """
    found = {
        sign
        for page in pages
        for formula in FORMULA.findall(page)
        for sign in unescape(TAG.sub("", formula))
    }
    return "".join(sorted(found) + [chr(letter) for letter in ITALIC])


def write(text: str, target: Path) -> None:
    """Write the font with the glyphs of ``text`` and their taller forms."""
    package = find_spec("ziamath")
    assert package is not None and package.origin is not None
    whole = Path(package.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    options = subset.Options(flavor="woff", layout_features=["*"], name_IDs=["*"])
    font = subset.load_font(str(whole), options)
    chosen = subset.Subsetter(options)
    chosen.populate(text=text)
    chosen.subset(font)
    subset.save_font(font, str(target), options)


def bring(app: Sphinx, error: Exception | None) -> None:
    """Put the font beside the pages that were written."""
    if error is None and app.builder.format == "html":
        site = Path(app.outdir)
        pages = (file.read_text(encoding="utf-8") for file in site.rglob("*.html"))
        write(signs(pages), site / FILE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Run when Sphinx has finished."""
    app.connect("build-finished", bring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
