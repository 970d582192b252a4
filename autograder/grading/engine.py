"""One grader: a worker, its probe, and a second try when the worker dies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.exercises import EXERCISES
from autograder.grading.grade import Graded, grade_submission
from autograder.grading.inside.limits import Limits
from autograder.grading.launcher import FORK_IS_SAFE, Worker, WorkerFailed
from autograder.grading.probe import Protection, probe
from autograder.grading.rebuild import Answers, notebooks, release_from
from autograder.places import LESSONS, UsageError


@dataclass(frozen=True)
class Settings:
    """Everything a grader needs to know; it travels to other processes and machines."""

    seed: int
    policy: str = "flag"
    require: str = "B"
    limits: Limits = field(default_factory=Limits)
    refused: tuple[str, ...] = ()
    fork: bool = FORK_IS_SAFE
    release: tuple[str, bytes] | None = None
    lessons: str = ""
    answers: Answers = ()

    def dependencies(self) -> tuple[object, ...]:
        """What a grade depends on besides the notebook."""
        from backproplab import __version__

        released = hashlib.sha256()
        for path in self.released():
            released.update(path.read_bytes())
        settings = (self.seed, self.policy, self.limits, self.release, self.answers)
        return (__version__, *settings, released.hexdigest())

    def released(self) -> list[Path]:
        """The released notebooks that submissions are compared with."""
        folder = Path(self.lessons) if self.lessons else LESSONS
        return notebooks(folder)


class WeakIsolation(UsageError):
    """This system cannot hold back hostile code as well as required."""


class Engine:
    """Grades submissions one after the other; use as a context."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._release = None
        if settings.release is not None:
            name, data = settings.release
            self._release = release_from(data, name, settings.answers)
        self._worker = Worker(
            settings.limits, _preload(settings), settings.refused, settings.fork
        )
        self.protection: Protection | None = None
        self._broken = False

    def __enter__(self) -> Engine:
        """Start the worker, find out how well it is fenced in."""
        try:
            self._worker.start()
            self.protection = probe(self._worker)
        except WorkerFailed as error:
            self._worker.stop()
            raise UsageError(f"grading cannot start: {error}.") from None
        if not self.protection.enough(self.settings.require):
            self._worker.stop()
            raise WeakIsolation(_advice(self.protection, self.settings.require))
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop the worker."""
        self._worker.stop()

    @property
    def worker(self) -> Worker:
        """The worker, for tests that hurt it."""
        return self._worker

    def grade(self, data: bytes, name: str = "") -> Graded:
        """Grade one notebook; a worker that dies is replaced."""
        for _ in range(TRIES):
            try:
                if self._broken:
                    self._restart()
                return grade_submission(
                    data,
                    self._worker,
                    self.settings.seed,
                    name,
                    self._release,
                    self.settings.policy,
                    self.settings.lessons,
                    self.settings.answers,
                )
            except WorkerFailed:
                self._broken = True
        return Graded("", (), problem=LOST)

    def _restart(self) -> None:
        self._worker.start()
        again = probe(self._worker)
        if not again.enough(self.settings.require):
            raise WeakIsolation(_advice(again, self.settings.require))
        self._broken = False


TRIES = 5
LOST = "not graded: the worker kept dying (not the student's fault); grade it again"


def _preload(settings: Settings) -> list[str]:
    """What the lessons import or block, so that no submission waits for it."""
    answers = {name for e in EXERCISES.values() for name in e.answers}
    names = dict.fromkeys(sorted(name.rpartition(".")[0] for name in answers))
    for path in settings.released():
        imports = release_from(path.read_bytes(), path.stem).imports
        names.update(dict.fromkeys(imports))
    return list(names)


def _advice(protection: Protection, required: str) -> str:
    return (
        f"this system gives protection {protection.level}, {required} is required"
        f" ({protection.line}). Grade inside a container or on Linux with Landlock;"
        " --allow-weak-isolation grades all the same and marks every grade."
    )


def as_row(graded: Graded) -> dict[str, Any]:
    """A result as plain JSON values, the same on every run but for ``seconds``."""
    exercises = []
    for verdict in graded.verdicts:
        entry = verdict.to_dict()
        entry.pop("seconds")
        exercises.append({**entry, "html": verdict.to_html()})
    return {
        "lesson": graded.lesson,
        "score": None if graded.problem else graded.score,
        "max_score": None if graded.problem else graded.max_score,
        "exercises": exercises,
        "notes": list(graded.notes),
        "problem": graded.problem,
        "seconds": [v.seconds for v in graded.verdicts] + [round(graded.seconds, 4)],
    }
