"""``backproplab grade``: a whole class at once."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading import pages, tables
from autograder.grading.cells import Unreadable, as_notebook
from autograder.grading.engine import Engine, Settings, as_row
from autograder.grading.grade import Graded
from autograder.grading.intake import Submission, find_submissions
from autograder.grading.journal import Journal, key_of
from autograder.grading.policy import POLICIES
from autograder.grading.pool import Task, grade_here, grade_in_pool
from autograder.grading.probe import LEVELS, Protection
from autograder.grading.rebuild import Answers, notebooks
from autograder.places import UsageError

FORMATS = ("table", "json", "csv", "html", "gradescope")
ALL_GRADED, NOT_ALL = 0, 3
NO_ANSWERS: Answers = ()

Run = Callable[[Iterable[Task]], Iterator[tuple[int, dict]]]
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """The rows of a finished run, in order, and the protection it ran under."""

    rows: list[dict[str, Any]]
    protection: Protection

    @property
    def complete(self) -> bool:
        """Whether every submission could be graded and told apart."""
        return not any(row["problem"] or row["clash"] for row in self.rows)


def grade_class(
    submissions: Sequence[Submission],
    settings: Settings,
    jobs: int = 1,
    journal: Journal | None = None,
    client: Any = None,
    tell: Tell = lambda done, total: None,
) -> Report:
    """Grade submissions here, in ``jobs`` processes, or on a Dask ``client``.

    Finished ones are taken from the journal; each new one is in it before the next
    begins.  ``tell(done, total)`` is called as they finish.
    """
    journal = journal or Journal(None)
    with Engine(settings) as engine:
        assert engine.protection is not None
        protection = engine.protection
        run = _runner(engine, settings, jobs, client)
        rows = _grade_all(submissions, settings, journal, run, tell)
    return Report(rows, protection)


def _runner(engine: Engine, settings: Settings, jobs: int, client: Any) -> Run:
    if client is not None:
        from autograder.grading.cluster import grade_on_cluster

        return lambda tasks: grade_on_cluster(tasks, settings, client)
    if jobs > 1:
        return lambda tasks: grade_in_pool(tasks, settings, jobs)
    return lambda tasks: grade_here(tasks, engine)


def _grade_all(
    submissions: Sequence[Submission],
    settings: Settings,
    journal: Journal,
    run: Run,
    tell: Tell,
) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    keys: dict[int, str] = {}
    waiting: dict[str, list[int]] = {}

    def tasks() -> Iterator[Task]:
        for index, submission in enumerate(submissions):
            try:
                data = submission.read()
            except Unreadable as problem:
                found[index] = as_row(Graded("", (), problem=str(problem)))
                continue
            name = submission.notebook
            key = key_of(data, name[:2], *depends_on)
            keys[index] = key
            if key in journal.done:
                found[index] = journal.done[key]
            elif key in waiting:
                waiting[key].append(index)
            else:
                waiting[key] = [index]
                yield index, data, name

    depends_on = settings.dependencies()
    total = len(submissions)
    for index, row in run(tasks()):
        if not row["problem"]:
            journal.add(keys[index], row)
        for same in waiting.pop(keys[index], [index]):
            found[same] = row
        tell(len(found), total)
    tell(len(found), total)
    return [_complete(s, found[i]) for i, s in enumerate(submissions)]


def _complete(submission: Submission, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "student": submission.student,
        "notebook": submission.notebook,
        "notes": [*submission.notes, *row["notes"]],
        "clash": any(note.startswith("clash:") for note in submission.notes),
    }


def grade_command(
    paths: Sequence[Path],
    out: Path | None = None,
    format: str = "table",
    jobs: int | None = None,
    scheduler: str = "",
    seed: str = "",
    nbgrader: Path | None = None,
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
    released, answers = str(lessons or ""), NO_ANSWERS
    if lessons is not None and not notebooks(lessons):
        raise UsageError(f"there is no notebook in {lessons}, the --lessons folder.")
    if nbgrader is not None:
        from autograder import nbgrader_plugin

        released, answers = nbgrader_plugin.course_lessons(nbgrader)
    chosen = Settings(
        lessons=released,
        answers=answers,
        seed=seed_number(seed or course_seed(nbgrader or out, writable)),
        policy=policy,
        require="A" if allow_weak_isolation else require or default_level(),
    )
    if nbgrader is not None:
        submissions = nbgrader_plugin.course_submissions(nbgrader, paths)
    else:
        submissions = find_submissions(paths)
    if not submissions:
        where = ", ".join(map(str, paths))
        raise UsageError(f"there is no notebook in {where}.")
    journal = Journal(out / "journal.jsonl" if writable else None)
    client = _client(scheduler)
    try:
        with _progress() as tell:
            report = grade_class(
                submissions,
                chosen,
                min(jobs or os.cpu_count() or 1, len(submissions)),
                journal,
                client,
                tell,
            )
        journal.close()
    finally:
        if client is not None:
            client.close()
    written = writable and _write(out, report, format, chosen.released())
    _show(report, format, out if written else None)
    misfits: list[str] = []
    if nbgrader is not None:
        misfits = nbgrader_plugin.record(nbgrader, with_contents(submissions, report))
    for text in misfits:
        _say(text)
    return ALL_GRADED if report.complete and written and not misfits else NOT_ALL


def with_contents(
    submissions: Sequence[Submission], report: Report
) -> list[dict[str, Any]]:
    """Rows that can show the submitted notebook, read again when it is needed."""

    def content(submission: Submission) -> Callable[[], dict[str, Any]]:
        return lambda: as_notebook(submission.read())

    return [
        {**row, "submitted": content(submission)}
        for submission, row in zip(submissions, report.rows, strict=True)
    ]


def default_level() -> str:
    """On Linux hostile code is held back or nothing is run; elsewhere it cannot be."""
    return "B" if sys.platform == "linux" else "A"


def seed_number(text: str) -> int:
    """A seed from any text, so that it may be a sentence or a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


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
        _say(
            f"{out} cannot be written ({error.strerror}): grading goes on, the results"
            " are only shown here. Free some space or choose another --out."
        )
        return False
    return True


def course_seed(folder: Path, writable: bool) -> str:
    """The secret seed of this course, made once and kept, so that regrades agree."""
    path = folder / ".grading_seed"
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        seed = secrets.token_hex(16)
    if writable:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(seed + "\n")
    return seed


def _client(scheduler: str) -> Any:
    if not scheduler:
        return None
    from autograder.grading.cluster import connect

    return connect(scheduler)


def _write(out: Path, report: Report, format: str, released: Sequence[Path]) -> bool:
    rows, protection = report.rows, report.protection
    names = pages.page_names(rows)
    try:
        _put(out / "grades.json", tables.as_json(rows, protection))
        _put(out / "grades.csv", tables.as_csv(rows, protection))
        _put(out / "class.html", pages.class_page(rows, protection))
        for name, row in zip(names, rows, strict=True):
            _put(out / "students" / f"{name}.html", pages.student_page(row, protection))
            if format == "gradescope":
                text = tables.as_gradescope(row, protection)
                _put(out / "gradescope" / name / "results.json", text)
        if format == "gradescope":
            from autograder.grading.gradescope import autograder_zip

            (out / "autograder.zip").write_bytes(autograder_zip(released))
    except OSError as error:
        _say(f"{out} cannot be written to the end ({error.strerror}); free some space.")
        return False
    return True


def _put(path: Path, text: str) -> None:
    """Write a whole file or none: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def _show(report: Report, format: str, out: Path | None) -> None:
    rows, protection = report.rows, report.protection
    if format == "json":
        sys.stdout.write(tables.as_json(rows, protection))
    elif format == "csv":
        sys.stdout.write(tables.as_csv(rows, protection))
    elif format == "gradescope" and len(rows) == 1:
        sys.stdout.write(tables.as_gradescope(rows[0], protection))
    elif format == "table":
        from rich.console import Console

        width = None if sys.stdout.isatty() else 160
        console = Console(width=width, markup=False, highlight=False, emoji=False)
        console.print(tables.as_table(rows))
    _say(protection.line)
    if out is not None:
        _say(
            f"class report: {out / 'class.html'};"
            f" a page per student: {out / 'students'}"
        )
    for row in rows:
        if row["problem"]:
            _say(f"not graded: {row['student']} ({row['notebook']}): {row['problem']}")
        elif row["clash"]:
            _say(f"{row['student']} ({row['notebook']}): {row['notes'][0]}; rename one")


def _say(text: str) -> None:
    shown = "".join(c if c.isprintable() else "?" for c in text)
    print(shown, file=sys.stderr)


class _progress:
    """A bar on a terminal, nothing in a pipe."""

    def __enter__(self) -> Tell:
        """Begin; returns the function that moves the bar."""
        self._bar: Any = None
        if not sys.stderr.isatty():
            return lambda done, total: None
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        columns += (TimeRemainingColumn(),)
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("grading", total=None)
        return lambda done, total: self._bar.update(task, completed=done, total=total)

    def __exit__(self, *exception: object) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.stop()
