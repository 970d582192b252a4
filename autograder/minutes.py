"""How many minutes a lesson takes: one rule for all, counted in its source.

Reading goes at 180 words a minute: all text, folded answers too, and the code that the
text asks people to read (worked, broken and unfinished cells, exercises as released).
Cells that are only run cost nothing.  On top of that, in minutes:

    1       a question with a folded answer, a cell to complete
    1 1/2   a prediction
    3       an explorer
    3 + n   an exercise, n statements of its model answer to be written; at most 10

The rule is a reader's pace, not a promise; it was set by what readers noted while they
worked through the lessons.  The core of a lesson ends where :data:`MORE` begins.

    python -m autograder.minutes            prints all sixteen
    python -m autograder.minutes --write    puts the minutes into the lessons' heads
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import release
from autograder.answers import BEGIN, END, solution_lines

MORE = "## More, if you like it"
CORE_ENDS = "The core of the lesson ends here."
QUESTION = "<summary>Answer</summary>"
TO_READ = ("worked", "bug", "broken", "completion")
PLAN = re.compile(r"Plan for about \d+ minutes(; with all of \*More\*, about \d+)?\.")


@dataclass(frozen=True)
class Minutes:
    """What is to be done, counted; the exercises in minutes."""

    words: int = 0
    predictions: int = 0
    questions: int = 0
    completions: int = 0
    explorers: int = 0
    exercises: int = 0

    def __add__(self, other: Minutes) -> Minutes:
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return Minutes(*(a + b for a, b in both))

    @property
    def total(self) -> float:
        """All of it, in minutes.

        >>> Minutes(words=1800, predictions=3, explorers=1, exercises=7).total
        24.5
        """
        short = 1.5 * self.predictions + self.questions + self.completions
        return self.words / 180 + short + 3 * self.explorers + self.exercises


def core_and_more(source: Path) -> tuple[Minutes, Minutes]:
    """The minutes of a lesson's core, and of what follows its end."""
    parts = [Minutes(), Minutes()]
    behind = 0
    for cell in release.solved(source).cells:
        before, heading, after = cell.source.partition(MORE)
        parts[behind] += _of_cell(cell, before)
        if heading:
            behind = 1
            parts[behind] += _of_cell(cell, heading + after)
    return parts[0], parts[1]


def plan(source: Path) -> str:
    """The sentence for the lesson's head, rounded to five minutes."""
    core, more = core_and_more(source)
    if not more.words:
        return f"Plan for about {rounded(core)} minutes."
    return (
        f"Plan for about {rounded(core)} minutes;"
        f" with all of *More*, about {rounded(core + more)}."
    )


def rounded(minutes: Minutes) -> int:
    """The total to the nearest five.

    >>> rounded(Minutes(words=180 * 42))
    40
    """
    return 5 * round(minutes.total / 5)


def write(source: Path) -> None:
    """Put the sentence into the lesson's head in the place of the one that is there."""
    text = source.read_text(encoding="utf-8")
    source.write_bytes(PLAN.sub(plan(source), text, count=1).encode())


def _of_cell(cell: Any, source: str) -> Minutes:
    """What there is to do in one cell, or in the part ``source`` of a text."""
    if cell.cell_type == "markdown":
        return Minutes(words=_words(source), questions=source.count(QUESTION))
    if BEGIN in source:
        return _of_exercise(source)
    return Minutes(
        words=_words(source) if cell["id"].startswith(TO_READ) else 0,
        predictions=len(re.findall(r"^predict\(", source, re.MULTILINE)),
        completions=cell["id"].startswith("completion"),
        explorers="from backproplab.explorers import" in source,
    )


def _of_exercise(source: str) -> Minutes:
    answer = ast.parse(textwrap.dedent("\n".join(solution_lines(source))))
    written = sum(isinstance(node, ast.stmt) for node in ast.walk(answer))
    before, after = source.split(BEGIN)[0], source.split(END)[1]
    return Minutes(_words(before + after), exercises=min(3 + written, 10))


def _words(text: str) -> int:
    """Pieces between blanks, without HTML tags and the rules of tables."""
    pieces = re.sub(r"<[^>]+>", " ", text).split()
    return sum(bool(re.search(r"\w", piece)) for piece in pieces)


def main(arguments: list[str]) -> None:
    """The command line."""
    for source in release.sources():
        if "--write" in arguments:
            write(source)
        core, more = core_and_more(source)
        print(f"{source.stem:24} core {core.total:.0f}, more {more.total:.0f}  {core}")


if __name__ == "__main__":
    main(sys.argv[1:])
