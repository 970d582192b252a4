"""The ``generated`` directive: a page takes text that a function makes.

    ```{generated} autograder.coverage:as_markdown
    ```

calls ``as_markdown()`` of that module and reads its answer as MyST Markdown, so that
a fact that lives in code is written down nowhere else.
"""

from __future__ import annotations

import importlib
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def call(name: str) -> str:
    """The text of ``module:function``."""
    module, _, function = name.partition(":")
    return str(getattr(importlib.import_module(module), function)())


class Generated(SphinxDirective):
    """Call the function that the argument names and read what it returns."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the generated text."""
        return self.parse_text_to_nodes(
            call(self.arguments[0]), allow_section_headings=True
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("generated", Generated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
