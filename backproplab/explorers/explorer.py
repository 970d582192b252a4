"""What all explorers share: a pure model, shown live, as a static figure, or as text.

A model is plain Python, tested without a browser.  Its view is one JavaScript module
that draws what the model sent and computes none of the numbers.
"""

from __future__ import annotations

import hashlib
import html
import json
import math
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from backproplab.explorers.assets import script, style


class Model(Protocol):
    """What an explorer needs of its model; the numbers come from the library."""

    def state(self) -> dict[str, Any]:
        """Everything the view draws, at full precision."""

    def answer(self, request: dict[str, Any]) -> None:
        """Apply what the learner changed, or raise ValueError with one sentence."""

    def as_text(self) -> str:
        """The same in words and a table."""

    def svg(self) -> str:
        """The same as a still picture."""


class Explorer:
    """A model and its view; the last line of a notebook cell shows it.

    ``make`` builds the model.  What it raises becomes ``problem``, a sentence in the
    explorer's place: a notebook goes on after it.
    """

    title = ""
    view = ""  # the names of its files in views/, the last one exports render

    def __init__(self, make: Callable[[], Model]) -> None:
        self.model: Any = None
        self.problem = ""
        self._widget: Any = None
        try:
            self.model = make()
            self._state = self._read()
        except Exception as error:
            self.problem, self._state = sentence(error), {}

    def _read(self) -> dict[str, Any]:
        state: dict[str, Any] = jsonable(self.model.state())
        return {**state, "text": self.model.as_text()}

    def trace(self) -> dict[str, Any]:
        """All that the view draws, as plain numbers, strings, lists and dicts."""
        return self._state

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Apply what the learner changed; return the new trace, for any request.

        The trace carries the request's number as "n", and says in "refused" why a
        request could not be followed.  Everything else is then as it was.
        """
        refused = {}
        if self.model is not None:
            try:
                self.model.answer(dict(request))
                self._state = self._read()
            except Exception as error:
                refused = {"refused": sentence(error)}
        return {**self._state, "n": request.get("n", 0), **refused}

    def written(self, request: dict[str, Any] | None = None) -> str:
        """The trace, or the answer to a request, as JSON: what the browser gets."""
        trace = self.trace() if request is None else self.answer(request)
        return json.dumps(trace, ensure_ascii=False, allow_nan=False)

    def as_text(self) -> str:
        """The explorer in words."""
        return self.problem or str(self.model.as_text())

    def figure(self) -> str:
        """A still picture as HTML, with the text folded below it."""
        label, text = html.escape(self.title), html.escape(self.as_text())
        if self.problem:
            return f"<p><strong>{label}:</strong> {text}</p>"
        try:
            picture = self.model.svg()
        except Exception as error:  # the text below still says everything
            picture = f"<p>No picture: {html.escape(sentence(error))}</p>"
        return (
            f'<figure role="img" aria-label="{label}" style="margin:0">'
            f"{picture}</figure>"
            f"<details><summary>{label} as text</summary><pre>{text}</pre></details>"
        )

    def fragment(self) -> str:
        """The explorer for a page without Python: a piece of HTML that needs no other.

        What needs no Python works; the rest says that it needs the notebook.
        """
        data = {"title": self.title, "problem": self.problem, "trace": self.written()}
        text = json.dumps(data, ensure_ascii=False)
        name = hashlib.sha256((self.view + text).encode()).hexdigest()[:12]
        return (
            f"<style>{style(self.view)}</style>\n"
            f'<div data-explorer="{name}"></div>\n'
            f'<script type="module">\n{script(self.view)}\n'
            f'onPage("{name}", render, {text.replace("<", chr(92) + "u003c")});\n'
            "</script>\n"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.as_text()}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        still = {"text/plain": repr(self), "text/html": self.figure()}
        if self._widget is None:
            self._widget = _live(self)
        if self._widget is None:
            return still
        shown = self._widget._repr_mimebundle_()
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**data, **still}, metadata


def _live(explorer: Explorer) -> Any:
    """The widget, or None where there is no anywidget."""
    try:
        from backproplab.explorers.widget import make_widget
    except ImportError:
        return None
    return make_widget(
        explorer.view, explorer.title, explorer.problem, explorer.written
    )


def sentence(error: Exception) -> str:
    """An error as one sentence for the learner.

    >>> sentence(ValueError("the step size must be positive"))
    'the step size must be positive'
    >>> sentence(ZeroDivisionError("division by zero"))
    'this did not work: ZeroDivisionError: division by zero'
    """
    words = " ".join(str(error).split())
    if isinstance(error, ValueError) and words:
        return words
    return f"this did not work: {type(error).__name__}: {words}"


def jsonable(value: Any) -> Any:
    """Arrays as lists, NumPy's numbers as Python's; nan, inf and -inf as words.

    >>> jsonable({"w": np.array([1.5, np.inf]), "n": np.int64(3)})
    {'w': [1.5, 'inf'], 'n': 3}
    """
    if isinstance(value, dict):
        return {str(key): jsonable(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        numbers = value.dtype.kind in "biuf" and bool(np.isfinite(value).all())
        return value.tolist() if numbers else jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [jsonable(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
