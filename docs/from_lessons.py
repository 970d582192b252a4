"""Pages of the site that are collected from the lessons' own text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from autograder import release

CODE = re.compile(r"^```.*?^```$\n?", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
# What only makes sense beside the cells of the lesson.
BESIDE_A_CELL = re.compile(r"^\*\*Predict\.\*\*|The next cell|^For this lesson's")


def notations() -> str:
    """The section "Five notations" of every lesson that has one."""
    found = []
    for source in release.sources():
        text = source.read_text(encoding="utf-8")
        for heading, body in _sections(text):
            if heading.lstrip("# ").startswith("Five notations"):
                what = re.sub(r".*Five notations[,:] ", "", heading)
                found += [f"## {what.capitalize()}", f"From {_link(source)}."]
                found += _paragraphs(body)
    return "\n\n".join(found)


def errata() -> str:
    """Every erratum box, with a link to the lesson whose cell settles it."""
    found = []
    for source in release.sources():
        boxes = list(_errata(source.read_text(encoding="utf-8")))
        if boxes:
            found += [f"## In {_link(source)}", *boxes]
    return "\n\n".join(found)


def _errata(text: str) -> Iterator[str]:
    """Sections with that title, and paragraphs that begin with the word."""
    for heading, body in _sections(text):
        if heading.startswith("### Erratum"):
            yield "\n\n".join(_paragraphs(body))
            continue
        for paragraph in _paragraphs(body):
            lines = [line.removeprefix("> ") for line in paragraph.split("\n")]
            plain = "\n".join(lines)
            if plain.startswith("**Erratum.** "):
                yield _without_pointers(plain.removeprefix("**Erratum.** "))


def _sections(text: str) -> list[tuple[str, str]]:
    """The headings with what stands below each."""
    prose = CODE.sub("", text)
    headings = HEADING.findall(prose)
    return list(zip(headings, HEADING.split(prose)[1:], strict=True))


def _paragraphs(body: str) -> list[str]:
    found = [p.strip() for p in re.split(r"\n\s*\n", body) if p.strip(" \n+")]
    return [p for p in found if not re.match(BESIDE_A_CELL, p)]


def _without_pointers(paragraph: str) -> str:
    """Without the sentences that point at the next cell."""
    sentences = re.split(r"(?<=[.:]) ", paragraph)
    return " ".join(s for s in sentences if not s.startswith("The next cell"))


def _link(source: Path) -> str:
    return f"[lesson {source.stem[:2]}](lessons/{source.stem}.ipynb)"
