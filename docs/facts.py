"""Tables of the site that are made of the code they tell about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill

from autograder import compare, release
from autograder.check import DEFAULT_SEED
from autograder.course import EXAMPLE
from autograder.coverage import DEMONSTRATED, Covered, coverage
from autograder.exercises import EXERCISES, Instance, get
from autograder.exercises.draw import STYLES
from autograder.formulas import FORMULAS, LECTURES
from autograder.grading.inside.limits import Limits
from autograder.grading.probe import PROMISED_BY_LEVEL, WORDS
from autograder.mistakes import MISTAKES
from autograder.sources import grade_source
from backproplab.explorers import GraphStepper

ROOT = Path(__file__).resolve().parent.parent


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def block(text: str, language: str = "text") -> str:
    """A block of code or of output, which may hold such blocks itself."""
    return f"````{language}\n{text.rstrip()}\n````"


def title(name: str) -> str:
    """A lesson's title, with a link to it."""
    return f"[{name[:2]}](lessons/{name}.ipynb)"


def formulas() -> str:
    """Every formula with its lesson, its tests and its exercises, by lecture."""
    names = {source.stem[:2]: source.stem for source in release.sources()}
    rows = coverage(release.SOLUTIONS, ROOT / "tests")
    head = ("id", "what", "lessons", "tests", "exercises")
    found = []
    for letter, name in LECTURES.items():
        lines = [_formula(row, names) for row in rows if row.row.startswith(letter)]
        found += [f"## {name}", table(head, lines)]
    return "\n\n".join(found)


def _formula(row: Covered, names: dict[str, str]) -> tuple[object, ...]:
    lessons = ", ".join(title(names[number]) for number in row.lessons)
    exercises = ", ".join(f"`{name}`" for name in row.exercises)
    shown = exercises or "shown" * (row.row in DEMONSTRATED)
    return row.row, FORMULAS[row.row], lessons, len(row.tests), shown


def styles() -> str:
    """The kinds of questions a function is asked, in an exercise that has most."""
    instances = get("one_hidden_backward").instances(DEFAULT_SEED)
    seen = {instance.style: instance for instance in instances}
    rows = [(STYLES[style], _sizes(seen[style])) for style in seen]
    return table(("how the inputs are drawn", "sizes, with the public seed"), rows)


def _sizes(instance: Instance) -> str:
    return ", ".join(f"{letter} = {size}" for letter, size in instance.sizes.items())


def tolerances() -> str:
    """The two tolerances, as they stand in the code."""
    rows = [
        ("double precision", f"{compare.DOUBLE:g}", "right"),
        ("single precision", f"{compare.SINGLE:g}", "right, and told so"),
    ]
    return table(("the answer went through", "relative error up to", "verdict"), rows)


def wrong_answer() -> str:
    """What the check says about a forgotten slope."""
    answer = (
        "import numpy as np\n\n"
        "def grad_cs221(phi, y, V, w):\n"
        "    h = 1 / (1 + np.exp(-(V @ phi)))\n"
        "    r = w @ h - y\n"
        "    return 2 * r * h, 2 * r * np.outer(w, phi)"
    )
    verdict = grade_source("grad_cs221", answer)
    lines = [
        fill(line, 74, subsequent_indent="    ")
        for line in verdict.to_text().split("\n")
    ]
    return f"{block(answer, 'python')}\n\n{block(chr(10).join(lines))}"


def mistakes() -> str:
    """The catalogue of mistakes that have a name."""
    rows = [(key, name, question) for key, (name, question) in MISTAKES.items()]
    return table(("id", "what it is", "what a tutor would ask"), rows)


def first_explorer() -> str:
    """The graph stepper, alive: what somebody who has just arrived can play with."""
    return f"```{{raw}} html\n{GraphStepper().fragment()}\n```"


def lessons() -> str:
    """Every lesson's title, linked, with its opening sentence."""
    rows = []
    for source in release.sources():
        text = source.read_text(encoding="utf-8")
        _, heading, rest = text.partition("\n# ")
        name, _, rest = rest.partition("\n")
        paragraph = " ".join(rest.strip().partition("\n\n")[0].split())
        opening = re.split(r"(?<=\.) ", paragraph)[0]
        rows.append(f"- [{name}](lessons/{source.stem}.ipynb): {opening}")
    return "\n".join(rows)


def exercises() -> str:
    """How many exercises and points each lesson has."""
    rows = []
    for source in release.sources():
        found = [e for e in EXERCISES.values() if e.lesson == source.stem[:2]]
        ids = ", ".join(f"`{e.id}`" for e in found)
        points = sum(e.points for e in found)
        rows.append((title(source.stem), len(found), points, ids))
    return table(("lesson", "exercises", "points", "what is written"), rows)


def levels() -> str:
    """The protection levels and what each promises."""
    return table(("level", "promise"), PROMISED_BY_LEVEL.items())


def attempts() -> str:
    """What a throw-away submission tries before the first real one is graded."""
    return "\n".join(f"- {words}" for words in WORDS.values())


def limits() -> str:
    """What one submission may use."""
    chosen = Limits()
    rows = [
        ("one cell", f"{chosen.cell_seconds:g} s"),
        ("all cells together", f"{chosen.cells_seconds:g} s"),
        ("all calls of one function", f"{chosen.call_seconds:g} s"),
        ("the whole notebook", f"{chosen.total_seconds:g} s"),
        ("memory beyond what NumPy needs", f"{chosen.memory >> 20} MB"),
        ("one file", f"{chosen.file_size >> 20} MB"),
        ("all files", f"{chosen.folder_size >> 20} MB"),
    ]
    return table(("of", "at most"), rows)


def own_example() -> str:
    """The cells of the example lesson, without the keys above them."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return block(text.partition("---\n\n")[2])


def changes() -> str:
    """The changelog without its title."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return text.partition("\n")[2]
