"""Grade a whole class: what is journalled is kept, the rest is graded once each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.grading.cells import Unreadable
from autograder.grading.copies import settle
from autograder.grading.engine import Engine, Settings, as_row
from autograder.grading.files import Submission
from autograder.grading.grade import Graded
from autograder.grading.journal import Journal, key_of
from autograder.grading.pool import Task, grade_here, grade_in_pool
from autograder.grading.probe import Protection

Run = Callable[[Iterable[Task]], Iterator[tuple[int, dict]]]
Tell = Callable[[int, int], None]
Wait = Callable[[str], None]


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
    wait: Wait = lambda what: None,
) -> Report:
    """Grade submissions here, in ``jobs`` processes, or on a Dask ``client``.

    Finished ones are taken from the journal; each new one is in it before the next
    begins.  ``tell(done, total)`` is called as they finish, ``wait`` with what a run on
    a cluster waits for.
    """
    journal = journal or Journal(None)
    with _graders(settings, jobs, client, wait) as (protection, run):
        rows = _grade_all(submissions, settings, journal, run, tell)
    settle(rows)
    return Report(rows, protection)


@contextlib.contextmanager
def _graders(
    settings: Settings, jobs: int, client: Any, wait: Wait
) -> Iterator[tuple[Protection, Run]]:
    """What grades, and how well it is protected."""
    if client is not None:
        from autograder.grading import cluster

        wait("waiting for the workers to start their graders")
        protection = cluster.prepare(client, settings)
        wait("")
        weakest = replace(settings, require=protection.level)
        yield protection, lambda t: cluster.grade_on_cluster(t, weakest, client, wait)
        return
    with Engine(settings) as engine:
        assert engine.protection is not None
        if jobs > 1:
            yield engine.protection, lambda t: grade_in_pool(t, settings, jobs)
        else:
            yield engine.protection, lambda t: grade_here(t, engine)


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
            key = key_of(data, name, *depends_on)
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
