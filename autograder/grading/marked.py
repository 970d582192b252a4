"""The notebook an instructor sees: the release with a student's cells and verdicts."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from typing import Any

from autograder.grading.cells import defines

Cell = dict[str, Any]
_PLAIN = (
    "b|br|center|code|details|em|hr|i|li|ol|p|pre|s|strong|sub|summary|sup|table|tbody"
    "|td|th|thead|tr|u|ul"
)
_TAG = re.compile(rf"<(?=[a-zA-Z/!?])(?!/?(?:{_PLAIN})[ \t]*+/?>)", re.IGNORECASE)
_LINK = re.compile(r"\](?=[(:])(?!.\s{0,3}(?:https?://|mailto:|#|attachment:))")


def merged(released: Cell, submitted: Cell) -> Cell:
    """The released notebook with the student's answers and extra cells put in.

    Cells are matched by nbgrader's id, a lost one by the function it defines.  Whatever
    is locked comes from the release.
    """
    theirs = [c for c in submitted.get("cells", ()) if isinstance(c, dict)]
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        cell["source"] = _joined(cell)
    texts = {_text(cell) for cell in notebook["cells"]}
    used: set[int] = set()
    for cell in notebook["cells"]:
        if _is_answer(cell):
            _fill(cell, theirs, texts, used)
    by_id = {
        grade_id(cell): i for i, cell in enumerate(notebook["cells"]) if grade_id(cell)
    }
    after: dict[int, list[Cell]] = {}
    place = len(notebook["cells"]) - 1
    for number, cell in enumerate(theirs):
        place = by_id.get(grade_id(cell), place)
        if number not in used and _text(cell) not in texts and _text(cell).strip():
            after.setdefault(place, []).append(_extra(cell, number))
    cells: list[Cell] = []
    for number, cell in enumerate(notebook["cells"]):
        cells += [cell, *after.get(number, ())]
    notebook["cells"] = cells
    return notebook


def _fill(cell: Cell, theirs: Sequence[Cell], texts: set[str], used: set[int]) -> None:
    name = grade_id(cell)
    same_id = [i for i, c in enumerate(theirs) if grade_id(c) == name]
    by_name = [i for i, c in enumerate(theirs) if defines(_text(c), name)]
    written = [i for i in same_id + by_name if _text(theirs[i]) not in texts]
    if written:
        best = written[-1] if not same_id else max(set(written))
        cell["source"] = _shown(_text(theirs[best]), cell["cell_type"])
        used.add(best)


def _shown(text: str, cell_type: Any) -> str:
    return text if cell_type == "code" else harmless(text)


def harmless(text: str) -> str:
    """Text of which no part is HTML, but for plain tags: nobody's script runs.

    Formgrader shows a student's words in the instructor's browser as they are.  A
    character without width keeps what follows ``<`` from being read as a tag, and what
    follows ``]`` as a link to a program.

    >>> harmless("<b>x</b> < 3 <script>").replace("\u200b", "|")
    '<b>x</b> < 3 <|script>'
    """
    return _LINK.sub("]\u200b", _TAG.sub("<\u200b", text))


def _is_answer(cell: Cell) -> bool:
    return bool(_nbgrader(cell).get("solution"))


def _nbgrader(cell: Cell) -> Cell:
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def grade_id(cell: Cell) -> str:
    """The nbgrader id of a cell, or ""."""
    name = _nbgrader(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def _text(cell: Cell) -> str:
    return _joined(cell).rstrip()


def _joined(cell: Cell) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _extra(cell: Cell, number: int) -> Cell:
    """A student's own cell, without the metadata that only the release may set."""
    kind = cell.get("cell_type")
    kept: Cell = {
        "cell_type": kind if kind in ("code", "markdown", "raw") else "raw",
        "id": f"student-{number}",
        "metadata": {},
        "source": "",
    }
    kept["source"] = _shown(_text(cell), kept["cell_type"])
    if kept["cell_type"] == "code":
        kept |= {"execution_count": None, "outputs": []}
    return kept


def with_verdicts(notebook: Cell, row: dict[str, Any]) -> Cell:
    """Show each verdict as the output of its check cell."""
    by_check = {f"check-{entry['exercise']}": entry for entry in row["exercises"]}
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            entry = by_check.get(grade_id(cell))
            if entry is not None:
                cell["outputs"] = [verdict_output(entry)]
    return notebook


def verdict_output(entry: dict[str, Any]) -> dict[str, Any]:
    """A verdict as a notebook output."""
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": entry["html"], "text/plain": entry["message"]},
    }


def to_bytes(notebook: Cell) -> bytes:
    """The notebook file."""
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode(
        "utf-8", "replace"
    )
