"""An explorer as a live widget; the only module that needs anywidget."""

from __future__ import annotations

from functools import cache
from typing import Any

import anywidget
import traitlets

from backproplab.explorers.explorer import Explorer, script, style


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


def make_widget(explorer: Explorer) -> Any:
    """A widget that shows the explorer and passes requests on to it."""
    widget = widget_class(explorer.view)(
        title=explorer.title, problem=explorer.problem, trace=explorer.written()
    )

    def reply(change: dict[str, Any]) -> None:
        widget.trace = explorer.written(change["new"])

    widget.observe(reply, "request")
    return widget
