"""The truth of an instructor's own exercise: its loss, measured and tried out.

What cannot be measured is said where the exercise is declared, in one sentence.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.exercises.exercise import Exercise, Instance, exact, references
from autograder.exercises.truth import Reference, loss_along
from backproplab.finite_differences import gradient, one_sided

TRIAL_SEED = 0


class BadExercise(ValueError):
    """An exercise cannot be declared like this; the message is one sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def measured_truth(
    loss: Callable[..., Any], names: tuple[str, ...], parts: dict[str, str], keyed: bool
) -> Callable[..., Any]:
    """The slopes of the loss, part by part; ``keyed``: as a dict, else in order."""

    def truth(*args: Any) -> Any:
        with _calm():
            found = {
                part: _measure(*loss_along(loss, names, args, node))
                for part, node in parts.items()
            }
        values = tuple(found.values())
        return found if keyed else values if len(values) > 1 else values[0]

    return truth


@contextmanager
def _calm() -> Iterator[None]:
    """What a loss does far out is asked on purpose; nobody needs a warning of it."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _measure(evaluate: Callable[[Any], Any], start: np.ndarray) -> Reference:
    """The slope with what is uncertain about it; NaN where the loss has none."""
    value, error, method = gradient(evaluate, start)
    value = np.where(np.isfinite(value), value, np.nan)
    left, right = one_sided(evaluate, start)
    steepest = np.abs([left, right]).max(initial=0.01 * abs(float(evaluate(start))))
    kink = np.abs(right - left) > 1e-4 * steepest
    slack = error if method == "richardson" else 0.0 * value
    low = np.where(kink, np.minimum(left, right), value - slack)
    high = np.where(kink, np.maximum(left, right), value + slack)
    return Reference(value, low, high)


def try_out(declared: Exercise) -> None:
    """Measure once, so that what cannot be measured is said where it is declared."""
    name = declared.id
    rng = np.random.default_rng(TRIAL_SEED)
    sizes = dict(zip(declared.size_letters(), (4, 3, 2, 5, 6, 7, 8, 9), strict=False))
    args = exact(declared.draw_args(rng, sizes, "generic"))
    assert declared.loss is not None
    loss = declared.loss
    try:
        with _calm():
            values = [np.asarray(loss(*args)) for _ in range(2)]
    except Exception as error:
        shapes = ", ".join(str(np.shape(value)) for value in args)
        raise BadExercise(
            f"{name}: the loss stops with {type(error).__name__}: {error}"
            f" (called with the shapes {shapes})."
        ) from None
    if values[0].shape != () or values[0].dtype.kind not in "fiu":
        kind = f"an array of shape {values[0].shape}"
        raise BadExercise(
            f"{name}: the loss must return one real number, not"
            f" {kind if values[0].shape else values[0].item()!r}."
        )
    if not np.array_equal(values[0], values[1], equal_nan=True):
        raise BadExercise(
            f"{name}: the loss is {values[0]:.6g}, then {values[1]:.6g} for the same"
            " arguments; it must not be random or remember anything."
        )
    _try_gradients(declared)


def _try_gradients(declared: Exercise) -> None:
    name = declared.id
    try:
        questions = declared.instances(TRIAL_SEED)
    except (KeyError, TypeError):  # no such value passes through tap, or there is none
        wanted = ", ".join(declared.nodes.values())
        raise BadExercise(
            f"{name}: gradients can be asked for {', '.join(declared.names)}, and for"
            f' what passes through tap("name", value); not for {wanted}.'
        ) from None
    if not questions or questions[0].style != "generic":
        raise BadExercise(
            f"{name}: the loss has no finite slope on ordinary inputs, numbers between"
            ' -1.7 and 1.7; is one of the arguments "positive", or a "unit"?'
        )
    flat = [
        node
        for part, node in declared.nodes.items()
        if not _moves(questions, part, declared)
    ]
    if flat:
        raise BadExercise(
            f"{name}: the loss does not depend on {', '.join(flat)}; every gradient"
            " would be zero."
        )


def _moves(questions: Sequence[Instance], part: str, declared: Exercise) -> bool:
    return any(references(declared, q)[part].value.any() for q in questions)
