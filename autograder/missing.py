"""Which cell of a lesson makes a name that is not there yet.

Learners run cells out of order or skip some; Python then says only that a name is not
defined.  The released lessons know where it would have come from.
"""

from __future__ import annotations

import json
import re
import symtable
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.places import LESSONS

RUN_ABOVE = "The menu Run has an entry that runs all cells above the selected one."


@dataclass(frozen=True)
class Cell:
    """A code cell: the heading it stands under, and the names it makes."""

    heading: str
    source: str
    makes: frozenset[str]


@cache
def cells_of(lesson: Path) -> tuple[Cell, ...]:
    """The code cells of a released lesson, in order."""
    heading, found = "", []
    for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            found.append(Cell(heading, source.strip(), _names_made(source)))
        elif headings := re.findall(r"^#+ +(.+)$", source, re.MULTILINE):
            heading = headings[-1]
    return tuple(found)


def _names_made(source: str) -> frozenset[str]:
    symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    return frozenset(
        s.get_name() for s in symbols if s.is_assigned() or s.is_imported()
    )


def lesson_that_ran(history: Sequence[str]) -> Path | None:
    """The lesson to which most of the executed cells belong, if any does."""
    ran = {source.strip() for source in history if source.strip()}
    shared = {
        lesson: sum(cell.source in ran for cell in cells_of(lesson))
        for lesson in sorted(LESSONS.glob("*.ipynb"))
    }
    best = max(shared, key=lambda lesson: shared[lesson], default=None)
    return best if best is not None and shared[best] else None


def where_made(name: str, lesson: Path, before: str = "") -> str:
    """One sentence on the cell that makes ``name``, or an empty string.

    When several do, the last one above the cell ``before`` is meant.
    """
    cells = cells_of(lesson)
    sources = [cell.source for cell in cells]
    stop = sources.index(before.strip()) if before.strip() in sources else len(cells)
    makers = [cell for cell in cells[:stop] if name in cell.makes]
    makers = makers or [cell for cell in cells if name in cell.makes]
    if not makers:
        return ""
    under = f'under "{makers[-1].heading}"'
    if makers[-1] is cells[0]:
        under = "at the very top"
    return f"{name} is not there yet. The cell {under} makes it: run that cell first."


def explain_missing_names(shell: Any) -> None:
    """Let a notebook answer a missing name with the cell that makes it."""

    def handler(
        shell: Any, kind: type, error: NameError, trace: Any, tb_offset: Any = None
    ) -> None:
        history = shell.user_ns.get("In", [])
        sentence = _sentence(error, history) if _raised_in_a_cell(trace) else ""
        if sentence:
            error._render_traceback_ = _says(sentence)  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((NameError,), handler)


def _sentence(error: NameError, history: Sequence[str]) -> str:
    lesson = lesson_that_ran(history)
    if lesson is None or not error.name:
        return ""
    return where_made(error.name, lesson, history[-1])


def _raised_in_a_cell(trace: Any) -> bool:
    """Whether the missing name stands in the cell itself, not inside a function."""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_name.startswith("<")


def _says(sentence: str) -> Callable[[], list[str]]:
    return lambda: [sentence, RUN_ABOVE]
