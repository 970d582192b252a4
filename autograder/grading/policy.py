"""Was the answer derived?  Hints for the instructor, never proof.

The text is only looked at: it is never compiled here, and whatever runs next to the
student's code could be faked.  The numbers are looked at too: a formula leaves an error
of about 1e-16, finite differences one of 1e-12 to 1e-6.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.exercises import Exercise
from autograder.grading.cells import Cell, defines, needed_for

POLICIES = ("flag", "zero")

# Nothing here may go back over long runs of text, which are hostile: every repetition
# is possessive or short.
_START = r"(?:^|[;:])[ \t]*+(?:import|from)[ \t]++"
AUTODIFF = (
    "torch", "jax", "autograd", "tensorflow", "sympy", "numdifftools", "micrograd",
    "casadi", "theano", "mxnet", "tinygrad",
)  # fmt: skip
_AUTODIFF = re.compile(
    rf"{_START}(?:[\w ]{{1,40}},[ \t]*)?({'|'.join(AUTODIFF)})\b", re.MULTILINE
)
_LIBRARY = re.compile(rf"{_START}backproplab\b[^\n;#]*+", re.MULTILINE)
_PUBLIC = re.compile(r"\b(pictures|explorers|datasets|costs)\b")
_GRADER = re.compile(
    rf"{_START}autograder\.(?!calling)\w+|import_module\(.autograder", re.MULTILINE
)
_PRYING = re.compile(
    r"\b(?:import_module|__import__|sys\.modules|_getframe|__closure__|ctypes"
    r"|gc\.get_\w+|/proc/self)\b"
)
_IMAGINARY = re.compile(r"\.imag\b|\bnp\.imag\(|\de-\d++[jJ]\b")
_UNIT, _TINY = re.compile(r"\d[jJ]\b"), re.compile(r"\de-?\d")
_GAP = r"[ \t]{0,4}"
_STEP = r"(?:eps(?:ilon)?|step|delta|tiny|h|1e-\d{1,4})"
_TWICE = rf"(?:2(?:\.0?)?{_GAP}\*{_GAP})?"
_BOTH_SIDES = re.compile(
    rf"(?:\+=?{_GAP}{_STEP}\b)[\s\S]{{0,400}}?(?:-=?{_GAP}{_TWICE}{_STEP}\b)"
)
_QUOTIENT = re.compile(rf"/{_GAP}\(?{_GAP}{_TWICE}{_STEP}\b")
DERIVED = 1e-13  # the worst of 1,450 right answers without such steps left 2e-14
DOUBLE = 1e-9  # what went through single precision is off by more
_SINGLE = re.compile(r"float32|float16|single|half|[\"']f4[\"']|\d\.\d{5}")
# Rounding, or a small number that keeps a logarithm or a quotient finite.
_GUARD = re.compile(
    r"\ba?round|(?:\blog|\bsqrt|\bsum|\bmaximum|\bclip|/)[^\n]{0,60}?"
    rf"[+,]{_GAP}(?:1e-\d{{1,4}}|\w{{0,9}}(?i:eps)\w{{0,9}}|tiny)\b"
)
_MAY_BIND = re.compile(r"try\b|if\b|with\b|[^\n;]*+;[ \t]*+(?:import|from)\b")
_TRICKS = re.compile(r"\b(?:globals|setattr|getattr|exec|eval|vars)\b|__\w")
_BLOCK = re.compile(r"^(?=[^\s#)\]}])(?!(?:else|elif|except|finally)\b)", re.MULTILINE)
MAX_READ = 50_000
MAX_PIECES = 2000


def suspicions(
    exercise: Exercise, cells: Sequence[Cell], error: float | None = None
) -> list[str]:
    """What in the cells behind one answer speaks against it being derived.

    ``error`` is how far its numbers are off (:class:`~autograder.verdict.Verdict`).

    >>> from autograder.exercises import get
    >>> cell = Cell(3, "", "from torch import grad as g\\ndef tanh(Z): return g(Z)")
    >>> suspicions(get("tanh"), [cell])
    ['uses the autodiff package torch (cell 3)']
    """
    pieces = _pieces_for(exercise.id, cells)
    found = [text for piece in pieces for text in _borrowed(piece)]
    if not exercise.asks_to_measure:
        found += [
            f"looks like a complex step (cell {piece.number})"
            for piece in pieces
            if _complex_step(piece.source)
        ]
        found += _differences(pieces, error)
    return list(dict.fromkeys(found))


def _pieces_for(name: str, cells: Sequence[Cell]) -> list[Cell]:
    """What an answer uses, statement by statement; a test below it is left out."""
    cut = [replace(cell, source=_plain(cell.source)) for cell in cells]
    pieces = [piece for cell in cut for piece in _statements(cell)]
    if len(pieces) > MAX_PIECES:
        return cut
    if not any(defines(piece.source, name) for piece in pieces):
        return pieces
    if any(_TRICKS.search(piece.source) for piece in pieces):
        return pieces
    numbered = [replace(piece, number=i) for i, piece in enumerate(pieces)]
    needed = {piece.number for piece in needed_for(name, numbered)}
    return [p for i, p in enumerate(pieces) if i in needed or _MAY_BIND.match(p.source)]


def _plain(source: str) -> str:
    """As Python reads it: letters that only look special, lines that go on."""
    text = unicodedata.normalize("NFKC", source[:MAX_READ])
    return text[:MAX_READ].replace("\\\n", " ")


def _statements(cell: Cell) -> Iterator[Cell]:
    """A cell's top-level statements, as far as their first characters tell."""
    decorators = ""
    for text in _BLOCK.split(cell.source):
        if text.startswith("@"):
            decorators += text
        elif text.strip():
            yield replace(cell, source=decorators + text)
            decorators = ""


def _borrowed(cell: Cell) -> Iterator[str]:
    text = cell.source
    if match := _AUTODIFF.search(text):
        yield f"uses the autodiff package {match[1]} (cell {cell.number})"
    if any(not _PUBLIC.search(line) for line in _LIBRARY.findall(text)):
        yield f"uses the reference library (cell {cell.number})"
    if _GRADER.search(text):
        yield f"reaches for the grader's own modules (cell {cell.number})"
    if match := _PRYING.search(text):
        yield f"reaches behind Python's back with {match[0]} (cell {cell.number})"


def _complex_step(text: str) -> bool:
    """Whether a number of the kind ``1e-20j`` or ``1j * 1e-20`` stands in the text."""
    if _IMAGINARY.search(text):
        return True
    units = [(line, _UNIT.search(line)) for line in text.splitlines()]
    return any(unit and _TINY.search(line, unit.end()) for line, unit in units)


def _differences(pieces: Sequence[Cell], error: float | None) -> list[str]:
    """Finite differences have fewer digits than a formula, whatever they look like."""
    if error is not None and error < DERIVED:
        return []
    text = "\n".join(piece.source for piece in pieces)
    if _BOTH_SIDES.search(text) and _QUOTIENT.search(text):
        where = next(p for p in pieces if _QUOTIENT.search(p.source)).number
        return [f"looks like finite differences (cell {where})"]
    innocent = _GUARD.search(text) or (
        error and error > DOUBLE and _SINGLE.search(text)
    )
    if error is None or innocent:
        return []
    digits = math.floor(-math.log10(error))
    return [f"has {digits} right digits only, as finite differences have"]


def in_disguise(loaded: Sequence[str], cells: Sequence[Cell]) -> list[str]:
    """What to say of autodiff packages that were loaded but that no cell imports."""
    named = {name for cell in cells for name in _AUTODIFF.findall(cell.source)}
    return [
        f"the autodiff package {name} was loaded, but no cell imports it by that name:"
        " was it derived?"
        for name in loaded
        if name not in named
    ]
