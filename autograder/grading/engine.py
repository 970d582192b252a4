"""One grader: a worker, its probe, and a second try when the worker dies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.exercises import EXERCISES
from autograder.grading.children import WorkerFailed
from autograder.grading.grade import Graded, grade_submission
from autograder.grading.inside.limits import Limits
from autograder.grading.journal import key_of
from autograder.grading.launcher import FORK_IS_SAFE, Worker
from autograder.grading.probe import Protection, probe
from autograder.grading.released import Answers, notebooks, release_from, releases_in
from autograder.grading.withheld import withheld
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

    def fingerprint(self) -> str:
        """One word for everything a grade depends on besides the notebook."""
        return key_of(b"", *self.dependencies())

    def released(self) -> list[Path]:
        """The released notebooks that submissions are compared with."""
        return notebooks(self.folder)

    @property
    def folder(self) -> Path:
        """Where the released notebooks are."""
        return Path(self.lessons) if self.lessons else LESSONS


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
            settings.limits,
            _preload(settings),
            settings.refused,
            settings.fork,
            withheld(EXERCISES.values()),
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
        try:
            self.check(self.settings.require)
        except WeakIsolation:
            self._worker.stop()
            raise
        return self

    def check(self, required: str) -> None:
        """Raise :class:`WeakIsolation` where the protection is less than required."""
        assert self.protection is not None
        if not self.protection.enough(required):
            raise WeakIsolation(_advice(self.protection, required))

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
        self.protection = probe(self._worker)
        self.check(self.settings.require)
        self._broken = False


TRIES = 5
LOST = "not graded: the worker kept dying (not the student's fault); grade it again"


def _preload(settings: Settings) -> list[str]:
    """What the lessons import, so that no submission waits for it."""
    if settings.release is not None:
        name, data = settings.release
        return list(release_from(data, name).imports)
    releases = releases_in(settings.folder, settings.answers)
    return list(dict.fromkeys(name for r in releases for name in r.imports))


def _advice(protection: Protection, required: str) -> str:
    return (
        f"this system gives protection {protection.level}, {required} is required"
        f" ({protection.line}). Grade inside a container or on Linux with Landlock;"
        " --allow-weak-isolation grades all the same and marks every grade."
    )


def as_row(graded: Graded) -> dict[str, Any]:
    """A result as plain JSON values, the same on every run but for ``seconds``."""
    exercises = []
    for verdict, answer in zip(graded.verdicts, graded.answers, strict=True):
        entry = verdict.to_dict()
        entry.pop("seconds")
        exercises.append({**entry, "html": verdict.to_html(), "answer": answer})
    return {
        "lesson": graded.lesson,
        "score": None if graded.problem else graded.score,
        "max_score": None if graded.problem else graded.max_score,
        "exercises": exercises,
        "notes": list(graded.notes),
        "problem": graded.problem,
        "seconds": [v.seconds for v in graded.verdicts] + [round(graded.seconds, 4)],
    }
