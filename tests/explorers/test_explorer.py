"""What every explorer does with good and bad input, without a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from backproplab import explorers
from backproplab.explorers.assets import VIEWS
from backproplab.graph import Node, square

MOST_BYTES = 12 * 1024


@pytest.fixture(params=explorers.EXPLORERS)
def explorer(request):
    return getattr(explorers, request.param)()


def test_trace_is_plain_json_and_carries_the_text(explorer):
    assert explorer.problem == ""
    trace = json.loads(json.dumps(explorer.trace(), allow_nan=False))
    assert trace["text"] == explorer.as_text()


def test_an_answer_carries_the_number_of_its_request(explorer):
    answer = explorer.answer({"n": 7, "nonsense": True})
    assert answer["n"] == 7
    assert answer.get("refused", "x")


def test_shown_as_widget_and_as_a_still_figure(explorer):
    data, _ = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert '<figure role="img" aria-label="' in data["text/html"]
    assert "<svg" in data["text/html"]
    assert explorer.as_text() in data["text/plain"]


def test_a_page_needs_nothing_else(explorer):
    fragment = explorer.fragment()
    assert fragment.count("</script>") == 1
    addresses = set(re.findall(r"https?://[^\s\"'`<]+", fragment))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "import " not in fragment.replace("!important", "")


@pytest.mark.parametrize("view", sorted(VIEWS.glob("*.*")), ids=lambda path: path.name)
def test_views_are_small(view):
    assert view.stat().st_size <= MOST_BYTES


def test_bad_input_is_a_sentence_and_the_notebook_lives_on():
    big = Node(1.0, "a")
    for _ in range(2000):
        big = big + 1
    for bad, words in [
        (3, "needs the last node of a graph"),
        (Node([1, 2]) + 1, "the last node must be a number"),
        (big, "this graph has 4,001 nodes"),
    ]:
        explorer = explorers.GraphStepper(bad)
        assert words in explorer.problem
        data, _ = explorer._repr_mimebundle_()
        assert words in data["text/plain"] and words in data["text/html"]
        assert "refused" not in explorer.answer({"n": 1})


def test_what_fails_inside_is_a_sentence_too(monkeypatch):
    explorer = explorers.Nudge()
    monkeypatch.setattr(explorer.model, "svg", lambda: 1 / 0)
    data, _ = explorer._repr_mimebundle_()
    assert "No picture: this did not work: ZeroDivisionError" in data["text/html"]
    assert explorer.as_text() in data["text/plain"]
    monkeypatch.setattr(explorer.model, "answer", lambda request: 1 / 0)
    answer = explorer.answer({"n": 4})
    assert answer["refused"] == "this did not work: ZeroDivisionError: division by zero"
    assert answer["n"] == 4 and answer["nudges"] == explorer.trace()["nudges"]


def test_nan_weights_are_shown_not_hidden():
    explorer = explorers.GraphStepper(square(Node(np.nan, "w")))
    assert explorer.problem == ""
    assert explorer.trace()["leaves"] == {"0": "nan"}


def test_nothing_heavy_is_loaded_until_an_explorer_is_shown():
    code = (
        "import sys; from backproplab.explorers import GraphStepper; GraphStepper();"
        "print([m for m in ('anywidget', 'ipywidgets', 'IPython', 'matplotlib')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_without_anywidget_there_is_a_figure(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "backproplab.explorers.widget", raising=False)
    data = explorers.GraphStepper()._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"}
