"""What a lesson calls: check, hint, predict and reveal."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.calling import Outcome, call_many
from autograder.check import DEFAULT_SEED, examine
from autograder.exercises import EXERCISES, Exercise, UnknownExercise, get
from autograder.missing import explain_missing_names
from autograder.show import brief
from autograder.verdict import Verdict

SECONDS = 5.0

_rungs: dict[str, int] = {}
_last_failure: dict[str, str] = {}
_predictions: dict[str, Any] = {}


class CheckFailed(Exception):
    """Raised when a check is not passed; notebooks show the verdict, no traceback."""

    def __init__(self, verdict: Verdict, shown: bool) -> None:
        super().__init__("\n" + verdict.to_text())
        self.verdict = verdict
        self._shown = shown

    def _render_traceback_(self) -> list[str]:
        """What IPython prints in the place of a traceback."""
        if self._shown:
            return [f"Stopped here: {self.verdict.exercise} is {self._state()}."]
        return [self.verdict.to_text()]

    def _state(self) -> str:
        return {
            "unfinished": "not written yet",
            "crashed": "stopped by an error",
        }.get(self.verdict.status, "not right yet")


class LessonError(ValueError):
    """A wrong call of check or hint, answered in one sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def check(exercise_id: str, function: Callable[..., Any]) -> None:
    """Check a function against the measured truth, and show the verdict.

    Raises :class:`CheckFailed` when the answer is not right (yet) and
    :class:`LessonError` when the call itself cannot be understood.
    """
    exercise = _find(exercise_id)
    verdict = verdict_on(exercise, function)
    verdict = _with_repeat_note(verdict)
    shown = _display(verdict)
    if verdict.status != "right":
        raise CheckFailed(verdict, shown) from None
    if not shown:
        print(verdict.to_text())


def verdict_on(exercise: Exercise, function: Any, seed: int = DEFAULT_SEED) -> Verdict:
    """The verdict on a Python function, called in this process."""
    complaint = not_callable_as(exercise, function)
    if complaint:
        return Verdict(
            exercise.id,
            "refused",
            0,
            exercise.points,
            headline=f"{exercise.id}: {complaint}",
        )

    def calls(arguments: Sequence[tuple]) -> list[Outcome]:
        return call_many(function, arguments, SECONDS)

    return examine(exercise, calls, seed)


def not_callable_as(exercise: Exercise, function: Any) -> str:
    """Why ``function`` cannot be called as the exercise asks, or an empty string."""
    if isinstance(function, str):
        return (
            "the second argument must be your function itself, without quotes:"
            f' check("{exercise.id}", {exercise.id})'
        )
    if not callable(function):
        return (
            "the second argument must be your function,"
            f" not {brief(type(function))}. Was its cell run?"
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(*exercise.names)
    except TypeError:
        expected = f"{exercise.id}({exercise.signature})"
        return f"it is called as {expected}; yours takes {signature}."
    return ""


def hint(exercise_id: str, rung: int | None = None) -> None:
    """Show the next hint of an exercise, or hint 1, 2, ...; the last is the answer."""
    exercise = _find(exercise_id)
    if not exercise.hints:
        print(f"{exercise.id} has no hints.")
        return
    if rung is None:
        rung = min(_rungs.get(exercise.id, 0) + 1, len(exercise.hints))
    if not isinstance(rung, int) or not 1 <= rung <= len(exercise.hints):
        raise LessonError(
            f"{exercise.id} has hints 1 to {len(exercise.hints)}, not {rung!r}."
        )
    _rungs[exercise.id] = rung
    solution = rung == len(exercise.hints) and exercise.id in EXERCISES
    last = " (the worked solution)" if solution else ""
    print(f"Hint {rung} of {len(exercise.hints)}{last}: {exercise.hints[rung - 1]}")


def predict(key: str, *guess: Any) -> None:
    """Keep a prediction until it is revealed; ``predict("L07.P1", ...)`` skips it.

    Several numbers may be given one after the other, or as a list.
    """
    if not guess or len(guess) == 1 and (guess[0] is ... or guess[0] is None):
        print(f"{key}: skipped. That is fine; a guess would teach you more.")
        return
    kept = _as_meant(guess[0]) if len(guess) == 1 else [_as_meant(g) for g in guess]
    _predictions[key] = kept
    print(f"{key}: you predict {brief(kept)}.")


def _as_meant(guess: Any) -> Any:
    """What stands between quotes: "-1/4", "30 %", "(3, 3)", "np.nan"."""
    if not isinstance(guess, str):
        return guess
    guess = guess.removeprefix("np.")
    try:
        text = guess.replace(" ", "")
        if text.endswith("%"):
            return float(text[:-1]) / 100
        return float(Fraction(text)) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        pass
    try:
        return ast.literal_eval(guess)
    except (ValueError, SyntaxError):
        return guess


def reveal(key: str, truth: Any, within: Any = 0.0) -> None:
    """Show what is measured beside what was predicted.

    ``within`` says how far a guess may be off, where nobody could know exactly.
    """
    if key not in _predictions:
        print(f"{key}: measured {brief(truth)}. (No prediction was made.)")
        return
    guess, wanted = _predictions[key], _numbers(truth)
    if wanted is not None and wanted.size == 1:
        guess = _thousands_joined(guess)
    print(f"{key}: you predicted {brief(guess)}; measured {brief(truth)}.")
    if _agrees(guess, truth, 0.0):
        print("As predicted.")
    elif _agrees(guess, truth, within):
        print("Close enough.")
    elif wanted is not None and isinstance(guess, str):
        print("A number was wanted here; yours is text and cannot be compared.")
    elif _meant_per_cent(guess, truth, within):
        print("Right, if you meant per cent. The measured number is a fraction of 1.")
    else:
        print("A surprise. What did you assume that is not so?")


def _numbers(value: Any) -> np.ndarray | None:
    """The value as an array of numbers, or None where it is none."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array.astype(float) if array.dtype.kind in "iuf" else None


def _thousands_joined(guess: Any) -> Any:
    """One number where Python saw several: it reads 25,350 as 25 and 350."""
    parts = guess if isinstance(guess, list | tuple) else []
    if len(parts) < 2 or not all(type(n) is int and 0 <= n < 1000 for n in parts):
        return guess
    if parts[0] == 0 or any(0 < n < 100 for n in parts[1:]):
        return guess
    return int("".join([str(parts[0]), *(f"{n:03}" for n in parts[1:])]))


def _meant_per_cent(guess: Any, truth: Any, within: Any) -> bool:
    """Whether 32 was written for 0.32."""
    guess, truth = _numbers(guess), _numbers(truth)
    if guess is None or truth is None or truth.size != 1 or not 0 < truth <= 1:
        return False
    return bool(np.all(guess > 1)) and _agrees(guess / 100, truth, within)


def _agrees(guess: Any, truth: Any, within: Any) -> bool:
    try:
        guess, truth = np.asarray(guess, float), np.asarray(truth, float)
        allowed = np.maximum(0.02 * np.abs(truth) + 1e-9, within)
        if guess.size != truth.size:
            return False
        guess, truth, allowed = guess.ravel(), truth.ravel(), allowed.ravel()
        same = (np.isnan(guess) & np.isnan(truth)) | (guess == truth)
        with np.errstate(invalid="ignore"):
            near = np.isfinite(truth) & (np.abs(guess - truth) <= allowed)
        return bool(np.all(same | near))
    except (TypeError, ValueError):
        return str(guess).strip().lower() == str(truth).strip().lower()


def _find(exercise_id: Any) -> Exercise:
    try:
        return get(exercise_id)
    except UnknownExercise as problem:
        raise LessonError(str(problem)) from None


def _with_repeat_note(verdict: Verdict) -> Verdict:
    """After two identical failures, point at the next hint more plainly."""
    text = verdict.to_text()
    repeated = _last_failure.get(verdict.exercise) == text
    _last_failure[verdict.exercise] = text
    if verdict.status in ("right", "unfinished") or not repeated:
        return verdict
    step = f'The same answer as before. A hint helps now: hint("{verdict.exercise}")'
    return Verdict(**{**vars(verdict), "next_step": step})


def _display(verdict: Verdict) -> bool:
    """Show the verdict as HTML where a notebook front end listens."""
    if _notebook_shell() is None:
        return False
    from IPython.display import display

    bundle = {"text/plain": verdict.to_text(), "text/html": verdict.to_html()}
    display(bundle, raw=True)
    return True


def _notebook_shell() -> Any:
    """The shell of the notebook that runs this, or None."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


if _notebook_shell() is not None:
    explain_missing_names(_notebook_shell())
