"""One student, one lesson, several files: which of them counts.

Equal files are one submission.  Of different ones the file with the lesson's own name
counts, else the one with most points; the others are graded, shown, and said not to
count.  The copy that nbgrader needs of a renamed notebook follows its original.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from autograder.grading.cells import Unreadable
from autograder.grading.files import Submission, read_file

MOST = 64  # four for each lesson
RECORD = ".backproplab-copies.json"
Row = dict[str, Any]


def few_each(submissions: Iterable[Submission], most: int = MOST) -> list[Submission]:
    """The same, but of each student no more than ``most``; one row tells of the rest.

    Reading and running thousands of notebooks would cost the others their turn.
    """
    kept = []
    for group in _by_student(submissions):
        kept += sorted(group, key=_plainest)[:most] if len(group) > most else group
        if len(group) > most:
            kept.append(_the_rest(group[0], len(group) - most, most))
    return kept


def _the_rest(example: Submission, left: int, most: int) -> Submission:
    why = (
        f"{left} more notebooks were not graded: one student may hand in {most} of"
        " them; ask which ones count, or give each student a folder"
    )

    def read() -> bytes:
        raise Unreadable(why)

    return replace(example, notebook="(more)", read=read)


def merged(submissions: Iterable[Submission]) -> list[Submission]:
    """The same without files that equal another of the same student."""
    return [kept for group in _by_student(submissions) for kept in _different(group)]


def _by_student(submissions: Iterable[Submission]) -> list[list[Submission]]:
    groups: dict[tuple[str, str], list[Submission]] = {}
    for submission in submissions:
        key = submission.student, submission.folder
        groups.setdefault(key, []).append(submission)
    return list(groups.values())


def _different(group: Sequence[Submission]) -> list[Submission]:
    if len(group) == 1:
        return list(group)
    same: dict[object, list[Submission]] = {}
    for submission in group:
        try:
            key: object = hashlib.sha256(submission.read()).digest()
        except Unreadable:
            key = id(submission)
        same.setdefault(key, []).append(submission)
    return [_with_copies(sorted(files, key=_plainest)) for files in same.values()]


def _plainest(submission: Submission) -> tuple[int, str]:
    return len(submission.notebook), submission.source


def _with_copies(files: Sequence[Submission]) -> Submission:
    first, *copies = files
    others = [c.notebook for c in copies if c.notebook != first.notebook]
    if not others:
        return first
    note = f"the same file was handed in as {', '.join(others)} too"
    return replace(first, notes=(*first.notes, note))


def settle(rows: Sequence[Row]) -> None:
    """One row counts for each student and lesson; the others say why they are spare."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        row["spare"] = ""
        if not row["problem"]:
            groups.setdefault((row["student"], row["lesson"]), []).append(row)
    for group in groups.values():
        best = max(group, key=precedence)
        for row in group:
            if row is not best:
                row["spare"] = _why_not(row, best)
                row["notes"] = [f"does not count: {row['spare']}", *row["notes"]]


def precedence(row: Row) -> tuple[bool, float]:
    """Of two notebooks of one student for one lesson, the larger counts."""
    return _has_the_name(row), row["score"]


def _has_the_name(row: Row) -> bool:
    return PurePath(row["notebook"]).stem == row["lesson"]


def _why_not(row: Row, best: Row) -> str:
    why = "has as many points"
    if row["score"] < best["score"]:
        why = "has more points"
    if _has_the_name(best) and not _has_the_name(row):
        why = "has the lesson's name"
    return f"{best['notebook']} {why}"


def put_copy(original: Path, name: str) -> Path:
    """Copy a renamed notebook beside itself, and record of what it is a copy."""
    data, copy = read_file(original), original.with_name(name)
    copy.write_bytes(data)
    record = _recorded(original.parent)
    record[name] = {"of": original.name, "sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps(record, indent=1, sort_keys=True)
    original.with_name(RECORD).write_text(text + "\n", encoding="utf-8")
    return copy


def refresh(folder: Path) -> None:
    """Let each untouched copy of ours follow its original, if that is still there."""
    for name, entry in _recorded(folder).items():
        copy = folder / PurePath(name).name
        try:
            original = folder / PurePath(entry["of"]).name
            if hashlib.sha256(read_file(copy)).hexdigest() == entry["sha256"]:
                put_copy(original, copy.name)
        except (Unreadable, OSError, KeyError, TypeError):
            continue  # one of the two is gone, or the record is not ours


def _recorded(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_file(folder / RECORD))
    except (Unreadable, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
