"""What an instructor would like to know before the next lecture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from autograder.exercises import EXERCISES
from autograder.mistakes import MISTAKES

HELP_BELOW = 0.5
AT_MOST = 3


@dataclass(frozen=True)
class ExerciseSummary:
    """How a class did on one exercise."""

    id: str
    title: str
    right: int
    handed_in: int
    statuses: dict[str, int]
    mistakes: list[tuple[str, int, str]]
    seconds: float

    @property
    def share(self) -> float:
        """The share of right answers."""
        return self.right / self.handed_in if self.handed_in else 0.0


@dataclass(frozen=True)
class Mistake:
    """One known mistake: in which exercises, and made by whom."""

    id: str
    title: str
    question: str
    exercises: list[str]
    students: list[str]


@dataclass(frozen=True)
class ClassSummary:
    """How a class did on one lesson."""

    lesson: str
    exercises: list[ExerciseSummary]
    mistakes: list[Mistake]
    scores: list[float]
    most: float
    need_help: list[tuple[str, float, float, str]]

    @property
    def middle(self) -> tuple[float, float] | None:
        """Between which scores the middle half of a class lies."""
        if len(self.scores) < 4:
            return None
        low, _, high = quantiles(self.scores, n=4, method="inclusive")
        return low, high


def summarise(rows: Sequence[dict[str, Any]]) -> list[ClassSummary]:
    """Put the rows of all submissions together, lesson by lesson."""
    lessons: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if not row["spare"] and not row["problem"]:
            lessons.setdefault(row["lesson"], []).append(row)
    return [_lesson(name, lessons[name]) for name in sorted(lessons)]


def unread(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Who could not be graded, and why."""
    return [(row["student"], row["problem"]) for row in rows if row["problem"]]


def flagged(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Answers that may not be derived."""
    return [
        (row["student"], row["lesson"], note)
        for row in rows
        for note in row["notes"]
        if note.endswith("was it derived?") and not row["spare"]
    ]


def spare(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Notebooks that do not count, with why: the student handed in another one."""
    return [
        (row["student"], row["lesson"], row["notebook"], row["spare"])
        for row in rows
        if row["spare"]
    ]


def _lesson(name: str, graded: list[dict[str, Any]]) -> ClassSummary:
    by_id: dict[str, list[tuple[dict[str, Any], float]]] = {}
    for row in graded:
        for entry, seconds in zip(row["exercises"], row["seconds"], strict=False):
            by_id.setdefault(entry["exercise"], []).append((entry, seconds))
    ordered = [name for name in EXERCISES if name in by_id]
    ordered += [name for name in by_id if name not in EXERCISES]
    return ClassSummary(
        name,
        [_exercise(name, by_id[name]) for name in ordered],
        _mistakes(graded),
        [row["score"] for row in graded],
        max(row["max_score"] for row in graded),
        _need_help(graded),
    )


def _mistakes(graded: Sequence[dict[str, Any]]) -> list[Mistake]:
    """The known mistakes of a class, the one made by most students first."""
    students: dict[str, dict[str, None]] = {}
    exercises: dict[str, dict[str, None]] = {}
    for row in graded:
        for entry in row["exercises"]:
            known = entry["diagnosis"] and entry["diagnosis"]["mistake"]
            if known:
                students.setdefault(known, {})[row["student"]] = None
                exercises.setdefault(known, {})[entry["exercise"]] = None
    found = [
        Mistake(known, *MISTAKES[known], list(exercises[known]), list(students[known]))
        for known in students
    ]
    return sorted(found, key=lambda m: (-len(m.students), m.id))


def _exercise(
    name: str, entries: Sequence[tuple[dict[str, Any], float]]
) -> ExerciseSummary:
    statuses = Counter(entry["status"] for entry, _ in entries)
    mistakes: Counter[str] = Counter()
    example: dict[str, str] = {}
    for entry, _ in entries:
        found = entry["diagnosis"]
        if not found:
            continue
        key = found["mistake"] or found["pattern"]
        mistakes[key] += 1
        example.setdefault(key, _short(found["pattern"] or found["message"]))
    common = [
        (key, count, example[key]) for key, count in mistakes.most_common(AT_MOST)
    ]
    return ExerciseSummary(
        name,
        EXERCISES[name].title if name in EXERCISES else "",
        statuses["right"],
        len(entries),
        dict(sorted(statuses.items())),
        common,
        median(seconds for _, seconds in entries),
    )


def not_right(row: dict[str, Any]) -> str:
    """The exercises of a row that are not right, by what is the matter with them."""
    by_status: dict[str, list[str]] = {}
    for entry in row["exercises"]:
        if entry["status"] != "right":
            by_status.setdefault(entry["status"], []).append(entry["exercise"])
    return "; ".join(f"{status}: {', '.join(n)}" for status, n in by_status.items())


def _short(pattern: str) -> str:
    """What is wrong, without the words that every such sentence begins with.

    >>> _short("your numbers are exactly the right answer with this change: a twice")
    'a twice'
    """
    return pattern.rpartition("with this change: ")[2]


def _need_help(
    graded: Sequence[dict[str, Any]],
) -> list[tuple[str, float, float, str]]:
    """Students below half of the points, the lowest first, with what is not right."""
    found = []
    for row in graded:
        if row["max_score"] and row["score"] < HELP_BELOW * row["max_score"]:
            missing = not_right(row)
            found.append((row["student"], row["score"], row["max_score"], missing))
    return sorted(found, key=lambda item: (item[1] / item[2], item[0]))
