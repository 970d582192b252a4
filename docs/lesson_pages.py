"""Each lesson as a page to read: the released text, with what its cells show.

The solved lesson is run, and then everything that would give an answer away is put
back as the student gets it.  What a cell of the lesson asks is kept as a question: a
prediction becomes a field to type in, and what was measured stays folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from autograder import release
from docs import notebooks

BEFORE_EACH_LESSON = """\
%reset -f
try:
    from backproplab.explorers.explorer import Explorer
except ImportError:
    pass
else:
    Explorer._repr_mimebundle_ = lambda self, **_: {"text/html": self.fragment()}
"""
CALL = re.compile(r'^(predict|reveal)\("(L\d\d\.P\w+)"', re.MULTILINE)
SECOND_TITLE = re.compile(r"^# ", re.MULTILINE)
MEASURED = re.compile(
    r"^L\d\d\.P\w+: measured (.*)\. \(No prediction was made\.\)$",
    re.MULTILINE | re.DOTALL,
)
TIMES = "(Times differ from machine to machine: run it to see yours.)"
SECONDS = 120


def pages(kernels: int = 2) -> dict[str, Any]:
    """The page of every lesson, as an executed notebook, by its name."""
    answers, given = notebooks.solved(), notebooks.released()
    names = sorted(answers)

    def some(names: list[str]) -> list[Any]:
        with _kernel() as kernel:
            return [page(name, answers[name], given[name], kernel) for name in names]

    with ThreadPoolExecutor(kernels) as pool:
        parts = pool.map(some, [names[start::kernels] for start in range(kernels)])
        made = [list(part) for part in parts]
    return {name: made[i % kernels][i // kernels] for i, name in enumerate(names)}


@contextmanager
def _kernel() -> Iterator[KernelManager]:
    """One kernel for several lessons; it is emptied before each."""
    kernel = KernelManager()
    kernel.start_kernel(extra_arguments=["--log-level=ERROR"])
    try:
        yield kernel
    finally:
        kernel.shutdown_kernel(now=True)


def page(name: str, solved: Any, released: Any, kernel: KernelManager) -> Any:
    """One lesson: run solved, shown as released."""
    notebook = executed(solved, kernel)
    given = {cell["id"]: cell.source for cell in released.cells}
    title, *rest = notebook.cells
    shown = [title, _markdown(run_it_here(name))]
    for cell in rest:
        cell.source = given[cell["id"]]
        shown += as_read(cell)
    notebook.cells = shown
    return notebook


def executed(notebook: Any, kernel: KernelManager) -> Any:
    """Run a notebook to its end in a running kernel; an error stops the build."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BEFORE_EACH_LESSON))
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=SECONDS,
        record_timing=False,
        coalesce_streams=True,  # else the clock decides where a text is cut in two
    )
    client.execute()
    client.kc.stop_channels()
    del notebook.cells[0]
    return notebook


def as_read(cell: Any) -> list[Any]:
    """What the reader sees of a cell of the solved lesson, which has been run."""
    if cell.cell_type != "code":
        cell.source = SECOND_TITLE.sub("## ", cell.source)
        return [cell]
    asked = CALL.search(cell.source)
    if asked and asked[1] == "predict":
        return [_markdown(prediction(asked[2]))]
    if asked:
        return _folded(cell, asked[2])
    if release.grade_id(cell):
        cell.outputs = []
    elif "perf_counter" in cell.source and cell.outputs:
        cell.outputs = [nbformat.v4.new_output("stream", text=TIMES)]
    return [cell]


def prediction(key: str) -> str:
    """A field for a prediction, as HTML; site.js keeps what is typed."""
    return (
        '<p class="prediction"><label>Your prediction'
        f' <input type="text" data-prediction="{key}" autocomplete="off"></label></p>'
    )


def _folded(cell: Any, key: str) -> list[Any]:
    """What was measured, hidden until the reader asks for it."""
    for output in cell.outputs:
        if output.output_type == "stream":
            output.text = MEASURED.sub(r"measured: \1", output.text)
    fold = (
        f'<details class="reveal" data-reveal="{key}"><summary>Reveal</summary>'
        '<p class="predicted" hidden></p>'
    )
    return [_markdown(fold), cell, _markdown("</details>")]


def run_it_here(lesson: str) -> str:
    """The button that opens the lesson in JupyterLite, as HTML."""
    return (
        '<div class="run-it">'
        f'<a href="../lite/notebooks/index.html?path={lesson}.ipynb">Run it here</a>'
        "<p>On this page you read, predict and play. Where the text says <em>run</em>"
        " or <em>exercise</em>, the notebook in your browser does it, and checks what"
        ' you write: nothing to install. <a href="../browser.html">How that'
        " works</a></p></div>"
    )


def _markdown(text: str) -> Any:
    return nbformat.v4.new_markdown_cell(text)
