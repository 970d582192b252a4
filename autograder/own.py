"""An instructor's own exercise: a loss, the shapes of its arguments, points.

It is declared in a cell of the lesson that uses it.  The loss is forward code only, so
the cell goes to students as it is; what is right is measured from it.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.diagnosis.trial import Trial
from autograder.exercises import DECLARED, EXERCISES
from autograder.exercises.draw import Argument
from autograder.exercises.exercise import Exercise, Instance, exact, references
from autograder.exercises.truth import Reference, loss_along
from autograder.worked import Program, environment_of
from backproplab.finite_differences import gradient, one_sided

KINDS = ("real", "weight", "positive", "unit", "signed unit", "sign", "one hot")
TRIAL_SEED = 0


class BadExercise(ValueError):
    """An exercise cannot be declared like this; the message is one sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def exercise(
    name: str,
    loss: Callable[..., Any],
    shapes: Mapping[str, str],
    gradients: str | Sequence[str],
    points: int = 1,
    title: str = "",
    hints: Sequence[str] = (),
) -> None:
    """Declare the exercise ``name``: write dloss/dq for every q in ``gradients``.

    ``shapes`` gives each argument of the loss its size letters and, after them, a kind:
    ``"N D"``, ``"D K weight"``, ``"N sign"``, ``""`` for a number.  The student's
    function takes the same arguments and returns the gradients in their order.  A loss
    with an argument ``tap`` may pass intermediates through ``tap("z", z)``; they can be
    asked for like arguments.  Raises :class:`BadExercise`.

    >>> exercise("cube_slope", lambda x: np.sum(x**3), {"x": "N"}, "x", points=2)
    >>> from autograder import grade_source
    >>> grade_source("cube_slope", "def cube_slope(x): return 3 * x**2").status
    'right'
    """
    wanted = (gradients,) if isinstance(gradients, str) else tuple(gradients)
    _check_name(name)
    _check_loss(name, loss, shapes)
    if type(points) is not int or points < 1:
        raise BadExercise(f"{name}: points must be a whole number, 1 or more.")
    if not wanted or isinstance(hints, str):
        what = "gradients must name" if not wanted else "hints must be a tuple of"
        raise BadExercise(f"{name}: {what} one text or more.")
    declared = Exercise(
        id=name,
        lesson="",
        title=title or name,
        points=points,
        formulas=(),
        arguments=tuple(_argument(name, a, shape) for a, shape in shapes.items()),
        truth=_truth(loss, tuple(shapes), wanted),
        returns=_named(wanted),
        order=tuple(f"d{node}" for node in wanted),
        hints=tuple(hints),
        loss=loss,
        nodes={f"d{node}": node for node in wanted},
    )
    _try_out(declared, wanted)
    DECLARED[name] = declared


def declared_in(sources: Iterable[str]) -> dict[str, Exercise]:
    """Run the cells that declare exercises (trusted ones only); what they declare.

    Such a cell stands on its own and imports what it uses; else :class:`BadExercise`.
    """
    before, found = dict(DECLARED), {}
    for source in filter(declares, sources):
        DECLARED.clear()
        try:
            exec(compile(source, "<exercise>", "exec"), {"__name__": "exercise"})
        except BadExercise:
            raise
        except Exception as error:
            raise BadExercise(
                "the cell that declares an exercise must run by itself, but it stops"
                f" with {type(error).__name__}: {error}"
            ) from None
        finally:
            found.update(DECLARED)
            DECLARED.clear()
            DECLARED.update(before)
    return found


def declares(source: str) -> bool:
    """Whether a cell calls ``exercise(...)`` at its top level."""
    if "exercise(" not in source:
        return False
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    calls = [s.value for s in body if isinstance(s, ast.Expr)]
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "exercise"
        for call in calls
    )


def with_solution(declared: Exercise, source: str) -> Exercise:
    """The exercise with the instructor's own solution for the diagnosis to vary.

    ``source`` is the answer cell.  A solution that is more than a list of assignments
    and a return, or that does not run by itself, is left out.
    """
    try:
        worked = _as_lines(declared, source)
        for instance in declared.instances(TRIAL_SEED)[:1]:
            environment = environment_of(declared, instance)
            right = references(declared, instance)
            program = Program(worked, tuple(right))
            Trial(program, environment, {name: r.value for name, r in right.items()})
    except Exception:
        return declared
    return replace(declared, worked=worked)


def _as_lines(declared: Exercise, source: str) -> str:
    """The body of the answer, one assignment a line, each gradient under its name."""
    function = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == declared.id
    )
    *lines, last = function.body[1 if ast.get_docstring(function) else 0 :]
    assert isinstance(last, ast.Return) and last.value is not None
    single = isinstance(declared.returns, str)
    values = [last.value] if single else getattr(last.value, "elts", [])
    names = [declared.returns] if single else declared.returns
    named = [f"{n} = {ast.unparse(v)}" for n, v in zip(names, values, strict=True)]
    named = [line for line in named if len(set(line.split(" = "))) > 1]
    return "\n".join([*map(ast.unparse, lines), *named])


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise BadExercise(
            "an exercise's name is that of the function the student writes, such as"
            f' "gaussian_grad", not {name!r}.'
        )
    if name in EXERCISES or hasattr(builtins, name):
        raise BadExercise(f"{name}: this name is taken; choose another.")


def _check_loss(name: str, loss: Any, shapes: Any) -> None:
    if not callable(loss):
        raise BadExercise(f"{name}: the loss must be a function, not {loss!r}.")
    if not isinstance(shapes, Mapping) or not shapes:
        raise BadExercise(
            f'{name}: shapes must be a dict such as {{"x": "N D", "y": "N"}}.'
        )
    takes = [p for p in inspect.signature(loss).parameters if p != "tap"]
    if takes != list(shapes):
        raise BadExercise(
            f"{name}: the loss takes ({', '.join(takes)}), but shapes are given for"
            f" ({', '.join(shapes)})."
        )


def _argument(name: str, argument: str, shape: Any) -> Argument:
    words = shape.split() if isinstance(shape, str) else ["?"]
    letters = [word for word in words if len(word) == 1 and word.isupper()]
    kind = " ".join(words[len(letters) :]) or "real"
    if kind not in KINDS or words[: len(letters)] != letters:
        raise BadExercise(
            f'{name}: the shape of {argument} must be size letters such as "N D", then'
            f" perhaps one of {', '.join(KINDS)}; it is {shape!r}."
        )
    return Argument(argument, " ".join(letters), kind)


def _named(wanted: tuple[str, ...]) -> str | tuple[str, ...]:
    names = tuple(f"d{node}" for node in wanted)
    return names if len(names) > 1 else names[0]


def _truth(
    loss: Callable[..., Any], names: tuple[str, ...], wanted: tuple[str, ...]
) -> Callable[..., Any]:
    def truth(*args: Any) -> Any:
        with _calm():
            found = tuple(_measure(*loss_along(loss, names, args, q)) for q in wanted)
        return found if len(found) > 1 else found[0]

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


def _try_out(declared: Exercise, wanted: tuple[str, ...]) -> None:
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
    _try_gradients(declared, wanted)


def _try_gradients(declared: Exercise, wanted: tuple[str, ...]) -> None:
    name = declared.id
    try:
        questions = declared.instances(TRIAL_SEED)
    except (KeyError, TypeError):  # no such value passes through tap, or there is none
        raise BadExercise(
            f"{name}: gradients can be asked for {', '.join(declared.names)}, and for"
            f' what passes through tap("name", value); not for {", ".join(wanted)}.'
        ) from None
    if not questions or questions[0].style != "generic":
        raise BadExercise(
            f"{name}: the loss has no finite slope on ordinary inputs, numbers between"
            ' -1.7 and 1.7; is one of the arguments "positive", or a "unit"?'
        )
    flat = [node for node in wanted if not _moves(questions, f"d{node}", declared)]
    if flat:
        raise BadExercise(
            f"{name}: the loss does not depend on {', '.join(flat)}; every gradient"
            " would be zero."
        )


def _moves(questions: Sequence[Instance], part: str, declared: Exercise) -> bool:
    return any(references(declared, q)[part].value.any() for q in questions)
