"""However a right answer is written, and whatever an editor did to it, it counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.places import LESSONS
from tests.grading.helpers import FULL, HONEST, NAMES, notebook

START = "import numpy as np\nimport math"
CORE = HONEST[1].replace("def residual", "def _core")
DEFINE = "def residual(p, t, n):\n    return _core(p, t, n)"
Notebook = dict[str, Any]

FORMS = {
    "lambda": "residual = lambda p, t, n: _core(p, t, n)",
    "partial": "from functools import partial\n"
    "def _r(k, p, t, n): return _core(p, t, n)\nresidual = partial(_r, 0)",
    "decorated": "import functools\ndef log(f):\n    @functools.wraps(f)\n"
    "    def g(*a):\n        print(a)\n        return f(*a)\n    return g\n"
    f"@log\n{DEFINE}",
    "callable object": "class R:\n    def __call__(self, p, t, n):"
    " return _core(p, t, n)\nresidual = R()",
    "bound method": "class R:\n    def go(self, p, t, n): return _core(p, t, n)\n"
    "residual = R().go",
    "class": "class residual:\n    def __new__(cls, p, t, n): return _core(p, t, n)",
    "dataclass inside": "from dataclasses import dataclass\n@dataclass\nclass P:\n"
    "    v: float\ndef residual(p, t, n): return P(_core(p, t, n)).v",
    "asyncio": "import asyncio\nasync def slow(*a): return _core(*a)\n"
    "def residual(*a): return asyncio.run(slow(*a))",
    "awaited at the top": "import asyncio\nawait asyncio.sleep(0)\n" + DEFINE,
    "in an if": "if True:\n    def residual(p, t, n):\n        return _core(p, t, n)",
    "by exec": f"exec({DEFINE!r})",
    "by globals": "globals()['residual'] = lambda p, t, n: _core(p, t, n)",
    "renamed": "def mine(p, t, n): return _core(p, t, n)\nresidual = mine",
    "unpacked": "residual, other = (lambda p, t, n: _core(p, t, n)), 3",
    "with a type": "from typing import Callable\n"
    "residual: Callable = lambda p, t, n: _core(p, t, n)",
    "from autograder import *": "from autograder import *\n" + DEFINE,
    "more names": "from autograder import check, hint, grade_source\n" + DEFINE,
    "%%time": "%%time\n" + DEFINE,
    "%%capture": "%%capture\n" + DEFINE,
    "!pip": "!pip install -q pandas\n" + DEFINE,
    "missing magic's extension": "%load_ext tensorboard\n" + DEFINE,
    "retina": "%config InlineBackend.figure_format = 'retina'\n" + DEFINE,
    "picture asked for its text": "from backproplab import pictures\n"
    "p = pictures.network([2, 3, 1])\nassert p.alt and p.png()\n" + DEFINE,
    "widgets": "import ipywidgets as w\n@w.interact(x=(0, 3))\ndef f(x=1): print(x)\n"
    + DEFINE,
    "own test fails below": DEFINE + "\nassert 1 == 2",
    "demo below stops": DEFINE + "\nprint(undefined_name)",
    "sys.exit below": DEFINE + "\nimport sys; sys.exit()",
    "stdout replaced": "import sys, io\nsys.stdout = io.StringIO()\n" + DEFINE,
    "strict warnings": "import warnings\nwarnings.simplefilter('error')\n" + DEFINE,
    "prints a lot": DEFINE.replace(
        "return", "[print('debug', i) for i in range(500)]\n    return"
    ),
    "threads": "from concurrent.futures import ThreadPoolExecutor\n"
    "def residual(*a):\n    with ThreadPoolExecutor(2) as pool:\n"
    "        return pool.submit(_core, *a).result()",
    "a file of its own": "import json\njson.dump(2, open('k.json', 'w'))\n"
    "K = json.load(open('k.json'))\ndef residual(*a): return _core(*a) * K / 2",
    "shape ()": "def residual(*a): return np.array(_core(*a))",
    "shape (1,)": "def residual(*a): return np.array([_core(*a)])",
    "np.vectorize": "residual = np.vectorize(_core)",
    "tabs": DEFINE.replace("    ", "\t"),
    "old Mac line ends": DEFINE.replace("\n", "\r"),
    "greek letters": "def residual(ŷ, y, n):\n    δ = _core(ŷ, y, n)\n    return δ",
    "match": "def residual(p, t, n):\n    match n:\n        case _:"
    " return _core(p, t, n)",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_right_answer_in_any_form(engine, form: str):
    cells = [START, CORE, *HONEST]
    cells[cells.index(HONEST[1])] = FORMS[form]
    graded = engine.grade(notebook(*cells))
    assert graded.score == FULL, [(v.headline, v.details) for v in graded.verdicts]


SEVERAL = {
    "helper first": [
        "def gap(*a): return _core(*a)",
        "def residual(*a): return gap(*a)",
    ],
    "helper last": [
        "def residual(*a): return gap(*a)",
        "def gap(*a): return _core(*a)",
    ],
    "last value": ["2", "K = _", "def residual(*a): return _core(*a) * K / 2"],
    "Out": ["2", "K = Out[max(Out)]", "def residual(*a): return _core(*a) * K / 2"],
    "own module": [
        "%%writefile mine.py\ndef r(core, *a): return core(*a)",
        "import mine\ndef residual(*a): return mine.r(_core, *a)",
    ],
    "helper redefined later": [
        "def gap(*a): return _core(*a)\ndef residual(*a): return gap(*a)",
        "def gap(x): return 'for another exercise'",
    ],
    "built-in overwritten later": [
        "def residual(*a): return sum([_core(*a)])",
        "sum = 3",
    ],
}


@pytest.mark.parametrize("name", SEVERAL)
def test_a_right_answer_in_several_cells(engine, name: str):
    at = HONEST.index(HONEST[1])
    cells = [START, CORE, *HONEST[:at], *HONEST[at + 1 :], *SEVERAL[name]]
    graded = engine.grade(notebook(*cells))
    assert graded.score == FULL, [(v.headline, v.details) for v in graded.verdicts]


def test_the_given_helpers_are_there_whoever_asks(engine):
    uses = """
def one_hidden_regression_grads(x, y, w, W):
    h = {}(W @ x)
    r = w @ h - y
    return r * h, np.outer(r * w * h * (1 - h), x)"""
    for name in ("sigmoid", "globals()['sigmoid']", "eval('sigmoid')"):
        cells = [START, *HONEST[:2], uses.format(name), *HONEST[3:]]
        assert engine.grade(notebook(*cells)).score == FULL


def _colab(node: Notebook) -> None:
    for number, cell in enumerate(node["cells"]):
        cell["metadata"], cell["id"] = {"id": f"x{number}"}, f"x{number}"
    node["metadata"], node["nbformat_minor"] = {"colab": {"provenance": []}}, 0


def _vscode(node: Notebook) -> None:
    for cell in node["cells"]:
        cell["metadata"] = {"vscode": {"languageId": "python"}}
        cell.pop("id", None)
        cell["source"] = cell["source"].splitlines(True)


def _stripped(node: Notebook) -> None:
    for cell in node["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def _old(node: Notebook) -> None:
    cells = [
        {**cell, "input": cell.pop("source"), "language": "python"}
        if cell["cell_type"] == "code"
        else cell
        for cell in node.pop("cells")
    ]
    node.update({"nbformat": 3, "worksheets": [{"cells": cells}]})


def _without_checks(node: Notebook) -> None:
    node["cells"] = [c for c in node["cells"] if not c["source"].startswith("check(")]


def _everything_twice(node: Notebook) -> None:
    node["cells"] += node["cells"]


def _ids_mixed_up(node: Notebook) -> None:
    marked = [c for c in node["cells"] if _id(c) in NAMES]
    ids = [_id(cell) for cell in marked]
    for cell, name in zip(marked, ids[1:] + ids[:1], strict=True):
        cell["metadata"]["nbgrader"]["grade_id"] = name


def _below_the_stubs(node: Notebook) -> None:
    cells = []
    for cell in node["cells"]:
        if _id(cell) in NAMES:
            stub = f"def {_id(cell)}(*args):\n    raise NotImplementedError"
            cells.append({**cell, "source": stub})
            cell = {**cell, "metadata": {}}
        cells.append(cell)
    node["cells"] = cells


def _helpers_deleted(node: Notebook) -> None:
    node["cells"] = [c for c in node["cells"] if "def sigmoid" not in c["source"]]


def _reversed(node: Notebook) -> None:
    node["cells"].reverse()


EDITORS: tuple[Callable[[Notebook], None], ...] = (
    _colab, _vscode, _stripped, _old, _without_checks, _everything_twice,
    _ids_mixed_up, _below_the_stubs, _helpers_deleted, _reversed,
)  # fmt: skip


def _id(cell: Notebook) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def _lesson() -> Notebook:
    """The released lesson with every answer filled in."""
    node = json.loads((LESSONS / "07_one_hidden_layer.ipynb").read_bytes())
    for cell in node["cells"]:
        cell["source"] = "".join(cell["source"])
        if _id(cell) in NAMES:
            cell["source"] = HONEST[NAMES.index(_id(cell))]
    return node


@pytest.mark.parametrize("change", EDITORS, ids=lambda change: change.__name__)
def test_what_editors_and_students_do_to_a_notebook(engine, change):
    node = _lesson()
    change(node)
    graded = engine.grade(json.dumps(node).encode())
    assert graded.score == FULL, [(v.headline, v.details) for v in graded.verdicts]


ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_any_encoding(engine, encoding: str):
    node = _lesson()
    node["cells"][0]["source"] = "grüße"
    text = json.dumps(node, ensure_ascii=False) + "\n\0"
    assert engine.grade(text.encode(encoding, "replace")).score == FULL
