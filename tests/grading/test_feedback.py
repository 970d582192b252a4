"""Feedback pages: formulas drawn without a script, nothing fetched, nothing run."""

from __future__ import annotations

import re

import nbformat
import pytest

pytest.importorskip("latex2mathml")

from autograder.feedback import OfflineHTML  # noqa: E402


def page(*texts: str) -> tuple[str, str]:
    """Head and body of the page of a notebook with these Markdown cells."""
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    whole = nbformat.v4.new_notebook(cells=cells)
    text, _ = OfflineHTML(template_name="classic").from_notebook_node(whole)
    head, body = text.split("</head>")
    return head, body


def test_formulas_are_drawn_by_the_browser():
    table = "| $a_c$ | b |\n|---|---|\n| $x$ | 2 |"
    _, body = page("So $v_c = a|b$.\n\n$$\\frac12 x$$", table)
    assert body.count("<math") == 4 and 'display="block"' in body
    assert "$" not in body and "<table" in body


@pytest.mark.parametrize("text", ["\\frac{", "{" * 5000, "x" * 3000, "<b>&"])
def test_what_is_no_formula_stays_text(text: str):
    _, body = page(f"A $ {text} $ B", "`$HOME` and `$x$`")
    assert "<b>&" not in body and "<code>$x$</code>" in body


def test_nothing_is_fetched_and_nothing_a_student_wrote_runs():
    head, _ = page("<script>alert(1)</script><img src='https://example.org/x.png'>")
    tags = re.sub("<style.*?</style>", "", head, flags=re.DOTALL)
    assert "<script" not in head and "https://" not in tags
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', head)
    assert policy and policy[1].startswith("default-src 'none'")
    assert "script" not in policy[1] and "http" not in policy[1]
    assert head.index("Content-Security-Policy") < head.index("<style")
