"""The JavaScript and the style of a view, put together from the files in views/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

VIEWS = Path(__file__).parent / "views"


@cache
def script(view: str) -> str:
    """One JavaScript module: the shared helpers, then the files of the view."""
    files = _read("common.js", *(f"{name}.js" for name in view.split()))
    return "\n".join([f'const VIEW = "{view.split()[-1]}";', *files])


@cache
def style(view: str) -> str:
    """The shared style; then the view's own, which holds inside ``.bpl-{view}``."""
    shared, *own = _read("common.css", *(f"{name}.css" for name in view.split()))
    return "\n".join([shared, f".bpl-{view.split()[-1]} {{", *own, "}"])


def _read(*names: str) -> list[str]:
    files = [VIEWS / name for name in names]
    return [file.read_text(encoding="utf-8") for file in files if file.exists()]
