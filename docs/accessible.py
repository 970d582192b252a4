"""What screen readers miss in the pages of Sphinx and furo, put in at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

PLAIN = {
    # Captions of the contents are headings: of which level?
    'role="heading">': 'role="heading" aria-level="2">',
    # Two landmarks of one kind: which is which?
    '<aside class="sidebar-drawer"': '<aside aria-label="Site" class="sidebar-drawer"',
    '<aside class="toc-drawer': '<aside aria-label="This page" class="toc-drawer',
    # The page of the search has no heading until something is found.
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    # The empty corner of a table heads nothing.
    '<th class="head"><p></p></th>': '<td class="head"></td>',
}


def complete(text: str) -> str:
    """The page with what it lacks."""
    for short, whole in PLAIN.items():
        text = text.replace(short, whole)
    return text


def complete_all(app: Sphinx, error: Exception | None) -> None:
    """Go once over every page that was written."""
    if error is None and app.builder.format == "html":
        for file in Path(app.outdir).rglob("*.html"):
            text = file.read_text(encoding="utf-8")
            file.write_text(complete(text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Run when Sphinx has finished."""
    app.connect("build-finished", complete_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
