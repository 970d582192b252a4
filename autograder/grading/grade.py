"""Grade one submission: a pure function of its bytes, the release and the seed."""

from __future__ import annotations

import contextlib
import re
import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from autograder.calling import Outcome
from autograder.check import examine
from autograder.exercises import Exercise
from autograder.grading.cells import Unreadable, read_cells
from autograder.grading.children import Gone, WorkerFailed
from autograder.grading.conversation import Calls, Session
from autograder.grading.launcher import Worker
from autograder.grading.policy import AUTODIFF, in_disguise, suspicions
from autograder.grading.rebuild import Plan, rebuild
from autograder.grading.released import Answers, Release, find_release, name_note
from autograder.grading.withheld import withheld
from autograder.places import LESSONS
from autograder.verdict import Verdict

TRIES = 3
ADDRESS = re.compile(r"0x[0-9a-fA-F]{5,}")


@dataclass(frozen=True)
class Graded:
    """The verdicts on one submission, with notes and how long it took."""

    lesson: str
    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""
    answers: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """The points earned."""
        return float(sum(verdict.points for verdict in self.verdicts))

    @property
    def max_score(self) -> float:
        """The points that could be earned."""
        return float(sum(verdict.max_points for verdict in self.verdicts))


def grade_submission(
    data: bytes,
    worker: Worker,
    seed: int,
    file_name: str = "",
    release: Release | None = None,
    policy: str = "flag",
    lessons: str = "",
    answers: Answers = (),
) -> Graded:
    """Judge one notebook file.  Raises ``WorkerFailed`` only when that is to blame."""
    start = time.monotonic()
    try:
        notebook = read_cells(data)
        name = ""
        if release is None:
            folder = Path(lessons) if lessons else LESSONS
            release = find_release(notebook, file_name, folder, answers)
            name = name_note(release, file_name, folder, answers)
        plan = rebuild(notebook, release)
    except Unreadable as problem:
        return Graded("", (), problem=str(problem))
    for _ in range(TRIES):
        verdicts, loaded, killed = _judge(plan, worker, seed)
        if not killed:
            break
    verdicts, flags = _derived(plan, verdicts, policy)
    if any(verdict.points for verdict in verdicts):
        flags += in_disguise(loaded, plan.own)
    return Graded(
        release.name,
        tuple(verdicts),
        tuple(note for note in (name, *plan.notes, *flags) if note),
        time.monotonic() - start,
        answers=tuple(plan.answer(e.id) for e in release.exercises),
    )


def _judge(
    plan: Plan, worker: Worker, seed: int
) -> tuple[list[Verdict], list[str], bool]:
    """The verdicts, autodiff packages loaded, whether somebody killed the process."""
    blocked = withheld(plan.release.exercises, plan.release.imports)
    deadline = time.monotonic() + worker.limits.total_seconds
    session = Session(worker, plan, blocked, deadline)
    try:
        try:
            session.prepare()
            session.ask_ahead(plan.release.exercises, seed)
        except Gone as gone:
            session.abandon(gone)
        verdicts = [_examine(session, e, seed) for e in plan.release.exercises]
        loaded = session.loaded(AUTODIFF)
        verdicts = [_as_it_stood(session, v, seed) for v in verdicts]
        return verdicts, loaded, session.killed
    finally:
        with contextlib.suppress(WorkerFailed):  # the next submission will notice
            session.close()


def _examine(session: Session, exercise: Exercise, seed: int) -> Verdict:
    start = time.perf_counter()
    calls: Calls
    if not session.plan.answered(exercise.id) and session.fast is False:
        calls = _always(Outcome("unfinished", error="NotImplementedError"))
    else:
        try:
            session.prepare(exercise.id)
            calls = session.calls_for(exercise)
        except Gone as gone:
            session.abandon(gone)
            calls = _always(Outcome(gone.status, error=gone.reason))
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            verdict = examine(exercise, calls, seed)
    except WorkerFailed:
        raise
    except Exception as error:
        verdict = Verdict(
            exercise.id,
            "refused",
            0,
            exercise.points,
            headline=f"{exercise.id}: the answer could not be judged.",
            details=(f"The grader met {type(error).__name__}; look at it by hand.",),
        )
    return replace(_clean(verdict), seconds=round(time.perf_counter() - start, 4))


def _as_it_stood(session: Session, verdict: Verdict, seed: int) -> Verdict:
    """A second try for an answer that only a later cell may have spoilt."""
    name = verdict.exercise
    plan = session.plan
    earlier = None if verdict.status == "right" else plan.as_it_stood(name)
    if earlier is None:
        return verdict
    session.close()
    alone = Session(
        session.worker, earlier, session.blocked, session.deadline, fast=False
    )
    exercise = next(e for e in plan.release.exercises if e.id == name)
    try:
        again = _examine(alone, exercise, seed)
    finally:
        alone.close()
    session.killed |= alone.killed
    if again.status != "right":
        return verdict
    note = "A later cell redefines something it uses; it was judged as it stood before."
    return replace(again, notes=(*again.notes, note))


def _always(outcome: Outcome) -> Calls:
    return lambda arguments: [outcome] * len(arguments)


def _clean(verdict: Verdict) -> Verdict:
    """Memory addresses in messages would differ between equal runs."""
    return replace(
        verdict,
        details=tuple(ADDRESS.sub("0x...", line) for line in verdict.details),
        headline=ADDRESS.sub("0x...", verdict.headline),
        notes=tuple(ADDRESS.sub("0x...", line) for line in verdict.notes),
    )


def _derived(
    plan: Plan, verdicts: list[Verdict], policy: str
) -> tuple[list[Verdict], list[str]]:
    """Flag answers that may not be derived; with the policy "zero" take the points."""
    flags, judged = [], []
    for exercise, verdict in zip(plan.release.exercises, verdicts, strict=True):
        cells = plan.behind(exercise.id)
        found = []
        if verdict.status == "right":
            found = suspicions(exercise, cells, verdict.error)
        if found:
            flags.append(f"{exercise.id}: {'; '.join(found)}: was it derived?")
            if policy == "zero":
                verdict = replace(
                    verdict,
                    status="refused",
                    points=0,
                    headline=f"{exercise.id}: the numbers are right, but not derived.",
                    details=(f"The answer {found[0]}. Ask your instructor.",),
                )
        judged.append(verdict)
    return judged, flags
