"""``backproplab grade``: a whole class at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from autograder.grading.classes import grade_class
from autograder.grading.engine import Settings
from autograder.grading.files import Submission
from autograder.grading.intake import find_submissions
from autograder.grading.journal import JOURNAL, Journal
from autograder.grading.output import Progress, say, show, write
from autograder.grading.policy import POLICIES
from autograder.grading.probe import LEVELS, default_level
from autograder.grading.released import Answers, notebooks
from autograder.grading.seed import course_seed, seed_number
from autograder.places import UsageError

FORMATS = ("table", "json", "csv", "html", "gradescope")
ALL_GRADED, NOT_ALL = 0, 3
NO_ANSWERS: Answers = ()


class Course(Protocol):
    """A course that lives elsewhere, such as nbgrader's: read from, recorded in."""

    folder: Path
    lessons: str
    answers: Answers

    def submissions(self, paths: Sequence[Path]) -> list[Submission]:
        """The notebooks under ``paths``, or everything handed in."""

    def record(
        self, submissions: Sequence[Submission], rows: Sequence[dict[str, Any]]
    ) -> list[str]:
        """Record the results; return what did not fit, in words."""


def grade_command(
    paths: Sequence[Path],
    out: Path | None = None,
    format: str = "table",
    jobs: int | None = None,
    scheduler: str = "",
    seed: str = "",
    course: Course | None = None,
    require: str = "",
    allow_weak_isolation: bool = False,
    policy: str = "flag",
    lessons: Path | None = None,
) -> int:
    """Do what ``backproplab grade`` says; returns its exit code.

    0: all graded; 3: some could not be read (each is named).  Raises ``UsageError``
    (exit code 2) for arguments that make no sense.
    """
    _check(format, require, policy, jobs)
    out = out or Path("grades")
    writable = _make(out)
    if lessons is not None and not notebooks(lessons):
        raise UsageError(f"there is no notebook in {lessons}, the --lessons folder.")
    secret = seed or course_seed(course.folder if course else out, writable)
    chosen = Settings(
        lessons=course.lessons if course else str(lessons or ""),
        answers=course.answers if course else NO_ANSWERS,
        seed=seed_number(secret),
        policy=policy,
        require="A" if allow_weak_isolation else require or default_level(),
    )
    # First the journal: a folder that holds one is no student's.
    journal = Journal(out / JOURNAL if writable else None)
    submissions = course.submissions(paths) if course else find_submissions(paths)
    if not submissions:
        where = ", ".join(map(str, paths)) or (course.folder if course else "")
        raise UsageError(f"there is no notebook in {where}.")
    client = _client(scheduler)
    try:
        with Progress() as progress:
            report = grade_class(
                submissions,
                chosen,
                min(jobs or os.cpu_count() or 1, len(submissions)),
                journal,
                client,
                progress.tell,
                progress.wait,
            )
        journal.close()
    finally:
        if client is not None:
            client.close()
    if journal.problem:
        say(
            f"{out / JOURNAL} cannot be written ({journal.problem}): grading went on,"
            " but another run would grade again what is not in it. Free some space."
        )
    written = writable and write(out, report, format, chosen.released())
    show(report, format, out if written else None)
    misfits = course.record(submissions, report.rows) if course else []
    for text in misfits:
        say(text)
    recorded = written and not journal.problem and not misfits
    return ALL_GRADED if report.complete and recorded else NOT_ALL


def _check(format: str, require: str, policy: str, jobs: int | None) -> None:
    for value, allowed, name in (
        (format, FORMATS, "--format"),
        (require or "A", tuple(LEVELS), "--require"),
        (policy, POLICIES, "--policy"),
    ):
        if value not in allowed:
            raise UsageError(
                f"{name} must be one of {', '.join(allowed)}, not {value}."
            )
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs must be at least 1.")


def _make(out: Path) -> bool:
    try:
        out.mkdir(parents=True, exist_ok=True)
        trial = out / ".trial"
        trial.write_bytes(b"x" * 4096)
        trial.unlink()
    except OSError as error:
        say(
            f"{out} cannot be written ({error.strerror}): grading goes on, the results"
            " are only shown here. Free some space or choose another --out."
        )
        return False
    return True


def _client(scheduler: str) -> Any:
    if not scheduler:
        return None
    from autograder.grading.cluster import connect

    return connect(scheduler)
