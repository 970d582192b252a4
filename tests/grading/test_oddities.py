"""Honest oddities get what they deserve; stock nbgrader loses points on many."""

from __future__ import annotations

import json

import pytest

from tests.grading.helpers import FULL, HONEST, NAMES, notebook

START = "import numpy as np"

EXTRA_CELLS = {
    "warnings": "import warnings; warnings.warn('careful'); np.log(0.0)",
    "prints and logging": "import logging, sys; print('x'); logging.warning('y');"
    " print('z', file=sys.stderr)",
    "widgets": "import ipywidgets; ipywidgets.IntSlider()",
    "plots": "%matplotlib inline\nimport matplotlib.pyplot as plt\n"
    "plt.plot([1, 2]); plt.show()",
    "saved figure": "import matplotlib.pyplot as plt\nplt.savefig('figure.png')",
    "magics": "%load_ext autoreload\n%autoreload 2\n%timeit 1 + 1\n%env HOME",
    "cell magic": "%%time\nz = 1",
    "capture": "%%capture out\nprint(1)",
    "bash": "%%bash\nls",
    "pip": "!pip install numpy\n%pip install numpy",
    "shell value": "files = !ls\nlen(files)",
    "display": "from IPython.display import display, HTML; display(HTML('<b>x</b>'))",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "last value": "1 + 1\n",
    "underscore": "_ if '_' in globals() else None",
    "help": "np.dot?",
    "syntax error elsewhere": "this is not Python",
    "error elsewhere": "1 / 0",
    "own check": "from autograder import check, hint\nhint('residual')\n"
    "check('residual', None)",
    "raise errors": "np.seterr(all='raise')",
    "file": "with open('notes.txt', 'w') as f: f.write('x')",
    "type hints": "from __future__ import annotations\ndef g(a: Missing) -> Gone: ...",
    "tidy": "del np",
    "reset": "%reset -f",
    "dataclass": "import dataclasses\n@dataclasses.dataclass\nclass P:\n  x: int = 1",
}


@pytest.mark.parametrize("name", EXTRA_CELLS)
def test_an_extra_cell_costs_nothing(engine, name: str):
    cells = (START, EXTRA_CELLS[name], *HONEST, EXTRA_CELLS[name])
    graded = engine.grade(notebook(*cells))
    assert graded.score == FULL, [v.headline for v in graded.verdicts]


def _cell(source: str, **more: object) -> dict:
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


def _marked(name: str, source: str, **nbgrader: object) -> dict:
    known = {"grade_id": name, "schema_version": 3, "solution": True, "grade": False}
    return _cell(source, metadata={"nbgrader": {**known, **nbgrader}})


STUBS = [
    f"def {name}(*args):\n    raise NotImplementedError('Replace this line.')"
    for name in NAMES
]
CHECKS = [f'check("{name}", {name})' for name in NAMES]

FILES = {
    "cells in reverse order": notebook(*reversed((START, *HONEST))),
    "duplicated check cells": notebook(START, *HONEST, *CHECKS, *CHECKS),
    "answers twice": notebook(START, *HONEST, *HONEST),
    "byte order mark": b"\xef\xbb\xbf" + notebook(START, *HONEST),
    "utf-16": notebook(START, *HONEST).decode().encode("utf-16"),
    "latin-1": notebook(START, "# gr\\u00fc\\u00dfe", *HONEST)
    .decode()
    .encode()
    .replace(b"\\\\u00fc", b"\xfc"),
    "windows line ends": notebook(START, *(c.replace("\n", "\r\n") for c in HONEST)),
    "source as lines": notebook(START, *HONEST).replace(b"[]", b"[]"),
    "old format 3": json.dumps(
        {
            "nbformat": 3,
            "worksheets": [
                {"cells": [{"cell_type": "code", "input": s} for s in (START, *HONEST)]}
            ],
        }
    ).encode(),
    "format of the future": notebook(START, *HONEST, nbformat=9, nbformat_minor=99),
    "no metadata at all": json.dumps(
        {"cells": [{"cell_type": "code", "source": s} for s in (START, *HONEST)]}
    ).encode(),
    "old nbgrader schema": json.dumps(
        {
            "cells": [
                _marked(n, s, schema_version=1, points="many")
                for n, s in zip(("start", *NAMES), (START, *HONEST), strict=True)
            ]
        }
    ).encode(),
    "points changed": json.dumps(
        {
            "cells": [
                _marked(n, s, points=10**6, grade=True, locked=False)
                for n, s in zip(("start", *NAMES), (START, *HONEST), strict=True)
            ]
        }
    ).encode(),
    "answer in the check cell": json.dumps(
        {
            "cells": [_cell(START)]
            + [_marked(f"check-{n}", s) for n, s in zip(NAMES, HONEST, strict=True)]
        }
    ).encode(),
    "skip tags": json.dumps(
        {
            "cells": [
                _cell(s, metadata={"tags": ["skip-execution"]})
                for s in (START, *HONEST)
            ]
        }
    ).encode(),
}


@pytest.mark.attack(85, 86, 87)
@pytest.mark.parametrize("name", FILES)
def test_an_odd_file_costs_nothing(engine, name: str):
    graded = engine.grade(FILES[name], "renamed (1).ipynb")
    assert graded.problem == ""
    assert graded.score == FULL, [(v.headline, v.details) for v in graded.verdicts]


# Stands above an answer in its own cell: with the student it ran, here it cannot.
ABOVE = {
    "a package": "import a_package_of_my_own",
    "a drive": "from google.colab import drive\ndrive.mount('/content/drive')",
    "a question": "name = input('who are you? ')",
    "a file": "data = open('data.csv').read()",
    "a later check": "from __future__ import annotations\nassert False",
    "beside a magic": "%matplotlib inline\nimport a_package_of_my_own",
    "over lines": "data = open(\n    'data.csv'\n)\nlist(\n    data,\n)",
}


@pytest.mark.parametrize("name", ABOVE)
def test_what_fails_above_an_answer_does_not_cost_it(engine, name: str):
    cells = [f"{ABOVE[name]}\n{START}\n{answer}" for answer in HONEST]
    assert engine.grade(notebook(*cells)).score == FULL


def test_a_missing_package_that_an_answer_uses_is_named(engine):
    body = "import my_own as m\ndef residual(yhat, y, loss): return m.minus(yhat, y)"
    told = engine.grade(notebook(START, *HONEST, body)).verdicts
    text = next(v for v in told if v.exercise == "residual").to_text()
    assert "No module named 'my_own'" in text


def test_float32_answers_are_right(engine):
    single = "_f = lambda t: tuple(np.float32(a) for a in t)\n" + HONEST[5].replace(
        "def grad_cs221", "def in_double"
    )
    cells = [*HONEST[:5], single, HONEST[6]]
    cells.append("def grad_cs221(*args): return _f(in_double(*args))")
    assert engine.grade(notebook(START, *cells)).score == FULL


def test_untouched_stubs_are_unfinished(engine):
    graded = engine.grade(notebook(START, *STUBS))
    assert {v.status for v in graded.verdicts} == {"unfinished"}
    assert graded.score == 0


def test_a_broken_answer_cell_says_where(engine):
    cells = [*HONEST[:5], "def grad_cs221(phi, y, V, w):\n    return (", HONEST[6]]
    graded = engine.grade(notebook(START, *cells))
    verdict = {v.exercise: v for v in graded.verdicts}["grad_cs221"]
    assert verdict.status == "crashed"
    assert "cell 7" in verdict.to_text() and "SyntaxError" in verdict.to_text()
    assert graded.score == FULL - verdict.max_points


@pytest.mark.attack(74)
def test_not_derived_answers_are_flagged_and_may_cost(engine):
    from dataclasses import replace

    numeric = """
    def one_hidden_regression_grads(x, y, w, W):
        def loss(w, W):
            return 0.5 * (w @ (1 / (1 + np.exp(-W @ x))) - y) ** 2
        def slope(f, a, eps=1e-20):
            g = np.zeros(a.shape)
            for i in np.ndindex(a.shape):
                b = a.astype(complex); b[i] += 1e-20j
                g[i] = f(b).imag / 1e-20
            return g
        return slope(lambda v: loss(v, W), w), slope(lambda V: loss(w, V), W)
    """
    from textwrap import dedent

    data = notebook(START, *HONEST, dedent(numeric))
    graded = engine.grade(data)
    assert graded.score == FULL
    assert any("complex step" in note for note in graded.notes)
    strict = replace(engine.settings, policy="zero")
    before, engine.settings = engine.settings, strict
    try:
        assert engine.grade(data).score == FULL - 5
    finally:
        engine.settings = before
    honest = engine.grade(notebook(START, *HONEST))
    assert not [n for n in honest.notes if "derived" in n]
