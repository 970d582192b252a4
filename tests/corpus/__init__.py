"""Answers as students write them: right ones, and wrong ones with their mistake.

One text file per exercise.  A line ``#: right, how`` or ``#: wrong M29, what`` starts a
variant; ``M29+M22`` marks a composite, ``wrong -`` a mistake the catalogue lacks, and
``M32|M36`` names that cannot be told apart from outside.  Text before the first such
line stands at the top of every variant.

Two folders were written by people who had seen neither the check nor these files.
What the diagnosis did with them at first sight, before anything was mended:
``held_out``: 1 of 50 right refused, 1 of 395 wrong accepted, 227 of 268 listed mistakes
named, 92.5 % of them rightly, 14 of 98 unlisted ones given a name.
``held_out_2``: 8 of 474 refused, 4 of 1112 accepted, 495 of 662 named, 483 of them
rightly, 65 of 111 composites by a half, 40 of 335 unlisted ones given a name, 285 of
them described.  What it does now: ``python -m tests.corpus.measure FOLDER``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
HEADER = re.compile(r"^#: (right|wrong)(?: ([M\d+|-]+))?, (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One answer: its exercise, whether it is right, its mistakes, its source."""

    exercise: str
    kind: str
    mistakes: tuple[frozenset[str], ...]
    label: str
    source: str

    def __str__(self) -> str:
        return f"{self.exercise}: {self.label}"


def variants(exercise: str | None = None, folder: Path = FOLDER) -> Iterator[Variant]:
    """All variants in a folder, or those of one exercise."""
    for path in sorted(folder.glob("*.txt")):
        if exercise in (None, path.stem):
            yield from _read(path)


def _read(path: Path) -> Iterator[Variant]:
    text = path.read_text(encoding="utf-8")
    pieces = HEADER.split(text)
    top = pieces[0]
    for kind, mistakes, label, source in zip(
        pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True
    ):
        names = tuple(
            frozenset(either.split("|"))
            for either in (mistakes or "-").split("+")
            if either != "-"
        )
        yield Variant(path.stem, kind, names, label, f"{top}\n{source}")
