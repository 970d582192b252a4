"""An explorer as a live widget; the only module that needs anywidget."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import anywidget
import traitlets

from backproplab.explorers.assets import script, style


class Live(anywidget.AnyWidget):
    """The trace goes to the browser, requests come back, each with a number.

    The trace is JSON text: as a dict, ipywidgets would walk through it several times.
    """

    title = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    trace = traitlets.Unicode().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)


@cache
def widget_class(view: str) -> type[Live]:
    """The class that carries the JavaScript and the style of one view."""
    name = "".join(part.title() for part in view.split()[-1].split("_")) + "Live"
    return type(name, (Live,), {"_esm": script(view), "_css": style(view)})


def make_widget(
    view: str, title: str, problem: str, written: Callable[..., str]
) -> Any:
    """A widget that shows ``written()`` and, for each request, ``written(request)``."""
    widget = widget_class(view)(title=title, problem=problem, trace=written())

    def reply(change: dict[str, Any]) -> None:
        widget.trace = written(change["new"])

    widget.observe(reply, "request")
    return widget
