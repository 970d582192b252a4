"""Read a submitted notebook's cells: any age, any encoding, nothing trusted."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_BYTES = 32 * 2**20
MAX_CELLS = 2000
MAX_SOURCE = 2 * 2**20
MAX_PARTS = 2_000_000  # lists and dicts: each costs far more memory than its two bytes


NOT_NOTEBOOKS = {
    b"pk\x03\x04": "a zip file under another name",
    b"\x1f\x8b": "a compressed file",
    b"%pdf": "a PDF",
    b"<!doctype html": "a web page (was a login page saved?)",
    b"<html": "a web page (was a login page saved?)",
}


class Unreadable(Exception):
    """No notebook can be made of this file; the message says what to do."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its place in the notebook, its nbgrader id (if any), its text."""

    number: int
    grade_id: str
    source: str

    @property
    def text(self) -> str:
        """The source without what an editor may change by itself."""
        lines = [line.rstrip() for line in self.source.splitlines()]
        return "\n".join(lines).strip()


@dataclass(frozen=True)
class Notebook:
    """The code cells of a file, and what was odd about it."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


def read_cells(data: bytes) -> Notebook:
    """The code cells of a notebook file; raises :class:`Unreadable`.

    >>> read_cells(b'{"cells": [{"cell_type": "code", "source": "x = 1"}]}').cells
    (Cell(number=1, grade_id='', source='x = 1'),)
    """
    content, notes = _content(data)
    found, more = _cells_of(content)
    return Notebook(_code_cells(found), (*notes, *more))


def as_notebook(data: bytes) -> dict[str, Any]:
    """The same file as a plain notebook of today's format, cells only."""
    found, _ = _cells_of(_content(data)[0])
    return {"cells": [_modern(cell) for cell in found if isinstance(cell, dict)]}


def _modern(cell: dict[str, Any]) -> dict[str, Any]:
    source = cell.get("source", cell.get("input", ""))
    return {**cell, "source": _joined(source)}


def _content(data: bytes) -> tuple[Any, list[str]]:
    if not data.strip():
        raise Unreadable("the file is empty; ask the student to hand it in again")
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"the file is larger than {MAX_BYTES >> 20} MB; ask the student to clear"
            " the outputs and hand it in again"
        )
    for start, kind in NOT_NOTEBOOKS.items():
        if data.lstrip()[: len(start)].lower() == start:
            raise Unreadable(f"the file is {kind}, not a notebook; ask the student")
    text, notes = _text(data)
    if text.count("[") + text.count("{") > MAX_PARTS:
        raise Unreadable(
            "the file has millions of parts, far more than any notebook; look at it by"
            " hand"
        )
    try:
        content = json.loads(text)
    except RecursionError:
        raise Unreadable(
            "the file is nested too deeply to be a notebook; ask the student"
        ) from None
    except ValueError as error:
        where = (
            f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise Unreadable(
            f"the file is damaged or cut off: not JSON{where}; ask the student to hand"
            " it in again"
        ) from None
    return content, notes


def _text(data: bytes) -> tuple[str, list[str]]:
    while data.startswith(codecs.BOM_UTF8 * 2):
        data = data[len(codecs.BOM_UTF8) :]
    encoding: str = json.detect_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise Unreadable(
                "the file's text encoding is broken; ask the student to save again"
            ) from None
        text, encoding = _eight_bits(data)
    return text.strip("\0 \t\r\n\ufeff"), _encoding_notes(encoding)


def _eight_bits(data: bytes) -> tuple[str, str]:
    """Text from before Unicode; latin-1 fits any bytes."""
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _encoding_notes(encoding: str) -> list[str]:
    if encoding == "utf-8":
        return []
    if encoding == "utf-8-sig":
        return ["the file began with a byte order mark"]
    return [f"the file was not in UTF-8; it was read as {encoding}"]


def _cells_of(content: Any) -> tuple[list[Any], list[str]]:
    if not isinstance(content, dict):
        raise Unreadable("the file is JSON but not a notebook; ask the student")
    cells = content.get("cells")
    if isinstance(cells, list):
        return cells, []
    sheets = content.get("worksheets")
    if isinstance(sheets, list):
        inside = [s.get("cells") for s in sheets if isinstance(s, dict)]
        flat = [cell for cells in inside if isinstance(cells, list) for cell in cells]
        return flat, ["the notebook is in the old format 3"]
    raise Unreadable(
        "the file is JSON but not a notebook: it has no cells; ask the student"
    )


def _code_cells(found: list[Any]) -> tuple[Cell, ...]:
    cells, total = [], 0
    for number, cell in enumerate(found, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = _joined(cell.get("source", cell.get("input", "")))
        total += len(source)
        cells.append(Cell(number, _grade_id(cell), source))
    if len(cells) > MAX_CELLS or total > MAX_SOURCE:
        raise Unreadable(
            f"the notebook has {len(cells)} code cells with {total} characters, far"
            " more than any answer needs; look at it by hand"
        )
    return tuple(cells)


def _joined(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    return source.encode("utf-8", "replace").decode().replace("\0", "")


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if not isinstance(name, str):
        name = cell.get("id")
    return name[:200] if isinstance(name, str) else ""


WORD = re.compile(r"[^\W\d]\w*")
# Possessive throughout: the text is hostile, and a pattern that can go back over a
# line of two million spaces would hold up the whole class.
_BOUND = re.compile(
    r"^(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)"
    r"|^([\w(*][\w, \t*()]*+)(?::[^=\n]++)?=(?!=)"
    r"|^(?:from[ \t]++\S++[ \t]++)?import[ \t]++([^#\n]++)",
    re.MULTILINE,
)


@lru_cache(maxsize=256)
def words(source: str) -> frozenset[str]:
    """Every name-like word of a text."""
    return frozenset(WORD.findall(source))


@lru_cache(maxsize=256)
def bound(source: str) -> frozenset[str]:
    """The names a cell seems to define, judged by its text alone.

    Student text is never compiled in the trusted process.

    >>> sorted(bound("import numpy as np\\na, b = 1, 2\\ndef f(x): pass"))
    ['a', 'as', 'b', 'f', 'np', 'numpy']
    """
    return frozenset(
        word
        for match in _BOUND.finditer(source)
        for group in match.groups()
        if group
        for word in WORD.findall(group)
    )


def defines(source: str, name: str) -> bool:
    """Whether a cell's text seems to define ``name``."""
    if name not in source:
        return False
    return name in bound(source) or bool(
        re.search(rf"^[ \t]*+def[ \t]++{re.escape(name)}\b", source, re.MULTILINE)
    )


def needed_for(name: str, cells: list[Cell]) -> list[Cell]:
    """The cells that define ``name`` and, step by step, what those use; in order."""
    binds = {cell.number: bound(cell.source) for cell in cells}
    chosen = {cell.number for cell in cells if defines(cell.source, name)}
    wanted = {name}.union(*(words(c.source) for c in cells if c.number in chosen))
    while True:
        more = [
            cell
            for cell in cells
            if cell.number not in chosen and binds[cell.number] & wanted
        ]
        if not more:
            return [cell for cell in cells if cell.number in chosen]
        for cell in more:
            chosen.add(cell.number)
            wanted |= words(cell.source)
