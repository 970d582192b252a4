"""nbgrader's feedback pages, made to be read anywhere: offline, and with no script."""

from __future__ import annotations

import html
import re
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.mathml import mathml_if_any

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " style-src 'unsafe-inline'; img-src data:; font-src data:\">"
    "<style>summary{display:list-item;cursor:pointer}</style>"
)


class FormulaRenderer(IPythonRenderer):
    """Markdown to HTML with formulas as MathML."""

    def inline_math(self, body: str) -> str:
        """A formula in a line; what is none stays as it was written."""
        return mathml_if_any(body, "inline") or f"${html.escape(body)}$"

    def block_math(self, body: str) -> str:
        """A displayed formula."""
        return mathml_if_any(body, "block") or f"$${html.escape(body)}$$"


class OfflineHTML(HTMLExporter):
    """A page that asks for nothing and runs nothing, whatever a student wrote in it."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown to HTML, as in a notebook."""
        renderer = FormulaRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            exclude_anchor_links=True,
        )
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert; the head's scripts, which would only fetch MathJax, are left out."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        head, body = page.split("</head>", 1)
        head = SCRIPT.sub("", head).replace("<head>", f"<head>\n{POLICY}", 1)
        return f"{head}</head>{body}", resources
