"""Check one exercise: call the student's function, judge it, say what is wrong."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part
from autograder.crashes import advice
from autograder.diagnosis import Evidence, explain
from autograder.exercises.exercise import Exercise
from autograder.judged import Judged, judge, left_behind, rounding_left, spoils
from autograder.show import brief
from autograder.verdict import Diagnosis, Verdict

Calls = Callable[[Sequence[tuple[Any, ...]]], list[Outcome]]
DEFAULT_SEED = 340


def examine(exercise: Exercise, calls: Calls, seed: int = DEFAULT_SEED) -> Verdict:
    """Judge a function by its answers; ``calls`` runs it on tuples of arguments.

    The verdict depends only on the exercise, the seed and the answers, so the same
    submission always gets the same verdict.
    """
    start = time.perf_counter()
    # A student who turns warnings into errors means their own code, not the measuring.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        verdict = _examine(exercise, calls, seed)
    seconds = round(time.perf_counter() - start, 4)
    return Verdict(**{**vars(verdict), "seconds": seconds})


def _examine(exercise: Exercise, calls: Calls, seed: int) -> Verdict:
    instances = exercise.instances(seed)
    twice = [instance.args for instance in instances for _ in range(2)]
    outcomes = calls(twice)
    judged = [
        judge(exercise, instance, *outcomes[2 * i : 2 * i + 2])
        for i, instance in enumerate(instances)
    ]
    return _verdict(exercise, judged, calls, seed)


def _verdict(
    exercise: Exercise, judged: list[Judged], calls: Calls, seed: int
) -> Verdict:
    for status, speak in (
        ("unfinished", _unfinished),
        ("timeout", _timeout),
        ("refused", _refused),
    ):
        hit = next((j for j in judged if j.outcome.status == status), None)
        if hit is not None:
            return speak(exercise, hit)
    returned = [j for j in judged if j.outcome.status == "returned"]
    if judged[0].outcome.status == "crashed" or not returned:
        return _crashed(exercise, judged[0], judged, calls, seed)
    wrong = [j for j in returned if not j.right]
    if wrong:
        return _wrong(exercise, wrong, judged, calls, seed)
    spoilt = spoils(exercise, returned)
    if spoilt is not None:
        return _right_but(exercise, spoilt)
    crashed = [j for j in judged if j.outcome.status == "crashed"]
    if crashed and not all(_only_casts(j) for j in crashed):
        return _crashed(exercise, crashed[0], judged, calls, seed)
    return _audit(exercise, returned)


def _only_casts(j: Judged) -> bool:
    """NumPy refused to write into an array of another type, and said so.

    Nothing was cut in silence: numbers of the usual type are what everybody passes.
    """
    if j.instance.style == "integer":
        return "Cannot cast ufunc" in j.outcome.error
    return j.instance.style == "float32" and "TypeError" in j.outcome.error


def _unfinished(exercise: Exercise, hit: Judged) -> Verdict:
    return Verdict(
        exercise.id,
        "unfinished",
        0,
        exercise.points,
        headline=f"{exercise.id}: not written yet.",
        details=(
            "Replace the line raise NotImplementedError by your own code, run that"
            " cell, then run this one again.",
        ),
        next_step=f'A first nudge: hint("{exercise.id}")',
    )


def _timeout(exercise: Exercise, hit: Judged) -> Verdict:
    return Verdict(
        exercise.id,
        "timeout",
        0,
        exercise.points,
        headline=f"{exercise.id}: stopped, {hit.outcome.error}.",
        details=(
            f"It was called on {hit.instance.label}."
            " Is there a loop whose condition never becomes false?",
        ),
    )


def _refused(exercise: Exercise, hit: Judged) -> Verdict:
    return Verdict(
        exercise.id,
        "refused",
        0,
        exercise.points,
        headline=f"{exercise.id}: cannot be judged: {hit.outcome.error}.",
        details=(f"It should return {expected_return(exercise)}.",),
    )


def _crashed(
    exercise: Exercise,
    hit: Judged,
    judged: list[Judged],
    calls: Calls,
    seed: int,
) -> Verdict:
    fine = [j for j in judged if j.right]
    details = [f"On {hit.instance.label} it raised {hit.outcome.error}."]
    if hit.outcome.where:
        details.append(f"It happened at {hit.outcome.where}")
    if " (called at " in hit.outcome.where:
        details.append("What is handed over there: is it in the order that it wants?")
    if advice(hit.outcome.error):
        details.append(advice(hit.outcome.error))
    if fine:
        details.append(f"It is right on {fine[0].instance.label}.")
    explanation = explain(_evidence(exercise, judged, calls, seed))
    return Verdict(
        exercise.id,
        "crashed",
        0,
        exercise.points,
        headline=f"{exercise.id}: your function stopped with an error.",
        details=tuple(details),
        diagnosis=explanation.diagnosis,
        counterexample=explanation.counterexample,
        next_step=f'More help: hint("{exercise.id}")',
    )


def _wrong(
    exercise: Exercise,
    wrong: list[Judged],
    judged: list[Judged],
    calls: Calls,
    seed: int,
) -> Verdict:
    main = wrong[0]
    right = [name for name, part in main.parts.items() if part.right]
    first = next(part for part in main.parts.values() if not part.right)
    explanation = explain(_evidence(exercise, judged, calls, seed))
    diagnosis = explanation.diagnosis
    if diagnosis is None or diagnosis.mistake is None or not main.stable:
        diagnosis = left_behind(exercise, judged) or diagnosis
    details = _first_wrong_line(exercise, first, main)
    what = f" Right already: {', '.join(right)}." if right else ""
    again = _call_warnings(main.outcome)
    return Verdict(
        exercise.id,
        "wrong",
        0,
        exercise.points,
        headline=f"{exercise.id}: not right yet.{what}",
        details=tuple(details),
        first_wrong=first.name,
        parts={name: part.status for name, part in main.parts.items()},
        diagnosis=diagnosis,
        counterexample=explanation.counterexample,
        notes=again,
        next_step=f'More help: hint("{exercise.id}")',
    )


def _first_wrong_line(exercise: Exercise, first: Part, main: Judged) -> list[str]:
    several = len(main.parts) > 1
    if not several and not first.note:
        return []
    back = ", going back from the loss" if exercise.loss is not None else ""
    lead = f"First wrong{back}: " if several else ""
    where = "" if main.instance.style == "generic" else f" (on {main.instance.label})"
    return [f"{lead}{first.note or first.name}{where}."]


def _call_warnings(outcome: Outcome) -> tuple[str, ...]:
    if not outcome.warnings:
        return ()
    return (f"NumPy warned: {outcome.warnings[0]}. (No points are lost by that.)",)


def _right_but(exercise: Exercise, diagnosis: Diagnosis) -> Verdict:
    changed = diagnosis.mistake == "M80"
    but = "an argument was changed" if changed else "not every time"
    return Verdict(
        exercise.id,
        "wrong",
        0,
        exercise.points,
        headline=f"{exercise.id}: the numbers are right, but {but}.",
        diagnosis=diagnosis,
        next_step=f'More help: hint("{exercise.id}")',
    )


def _audit(exercise: Exercise, judged: list[Judged]) -> Verdict:
    complaint = exercise.audit(judged) if exercise.audit else ""
    if complaint:
        return Verdict(
            exercise.id,
            "wrong",
            0,
            exercise.points,
            headline=f"{exercise.id}: it runs, but does not yet do all that is asked.",
            details=(complaint,),
            parts=dict.fromkeys(judged[0].parts, "right"),
        )
    return _right(exercise, judged)


def _right(exercise: Exercise, judged: list[Judged]) -> Verdict:
    names = list(judged[0].parts)
    what = ", ".join(names) if len(names) < 9 else f"all {len(names)} quantities"
    agree = "agrees" if len(names) == 1 else "agree"
    points = f"{exercise.points} of {exercise.points} points"
    cases = "1 case" if len(judged) == 1 else f"{len(judged)} cases"
    details = f"{what} {agree} with the measured values on {cases}."
    if exercise.praise is not None:
        details = exercise.praise(judged)
    single = any(part.single for part in judged[0].parts.values())
    notes = _call_warnings(
        next((j.outcome for j in judged if j.outcome.warnings), judged[0].outcome)
    )
    if single:
        notes += ("Right to single precision; float64 would give twice the digits.",)
    return Verdict(
        exercise.id,
        "right",
        exercise.points,
        exercise.points,
        headline=f"{exercise.id}: right. {points}.",
        details=(details,),
        parts=dict.fromkeys(names, "right"),
        notes=notes,
        error=rounding_left(judged),
    )


def _evidence(
    exercise: Exercise, judged: list[Judged], calls: Calls, seed: int
) -> Evidence:
    answers = [(j.instance, j.outcome, j.parts) for j in judged]
    return Evidence(exercise, answers, calls, seed)


def expected_return(exercise: Exercise) -> str:
    """The return value in words, such as ``(dw, dW)``."""
    wanted = exercise.instances(DEFAULT_SEED)[0].wanted
    if isinstance(wanted, dict):
        return f"a dict with keys {', '.join(wanted)}"
    if isinstance(exercise.returns, tuple) and exercise.returns:
        return f"({', '.join(exercise.returns)})"
    return brief(exercise.returns) if exercise.returns else "one value"
