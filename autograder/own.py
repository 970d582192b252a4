"""An instructor's own exercise: a loss, the shapes of its arguments, points.

It is declared in a cell of the lesson that uses it.  The loss is forward code only, so
the cell goes to students as it is; what is right is measured from it.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.diagnosis.trial import Trial
from autograder.exercises import DECLARED, EXERCISES
from autograder.exercises.draw import Argument, parameters
from autograder.exercises.exercise import Exercise, references
from autograder.own_truth import TRIAL_SEED, BadExercise, measured_truth, try_out
from autograder.worked import Program, environment_of

KINDS = ("real", "weight", "positive", "unit", "signed unit", "sign", "one hot")


def exercise(
    name: str,
    loss: Callable[..., Any],
    shapes: Mapping[str, str | Mapping[str, str]],
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
    asked for like arguments.  An argument may be a dict of weights, such as
    ``{"W": "D K", "b": "K"}``: asked for alone, its gradients are a dict with the keys
    ``dW`` and ``db``.  Raises :class:`BadExercise`.

    >>> import numpy as np
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
    arguments = tuple(_argument(name, a, shape) for a, shape in shapes.items())
    parts = _parts(name, arguments, wanted)
    keyed = tuple(parts.values()) != wanted
    declared = Exercise(
        id=name,
        lesson="",
        title=title or name,
        points=points,
        formulas=(),
        arguments=arguments,
        truth=measured_truth(loss, tuple(shapes), parts, keyed),
        returns=() if keyed else tuple(parts) if len(parts) > 1 else next(iter(parts)),
        order=tuple(parts),
        hints=tuple(hints),
        loss=loss,
        nodes=parts,
    )
    try_out(declared)
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
    names: Sequence[Any] = [declared.returns] if single else declared.returns
    if isinstance(last.value, ast.Dict):
        values = last.value.values
        names = [ast.literal_eval(key) for key in last.value.keys if key]
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
    if isinstance(shape, Mapping) and shape:
        return _dict_argument(name, argument, shape)
    words = shape.split() if isinstance(shape, str) else ["?"]
    letters = [word for word in words if len(word) == 1 and word.isupper()]
    kind = " ".join(words[len(letters) :]) or "real"
    if kind not in KINDS or words[: len(letters)] != letters:
        raise BadExercise(
            f'{name}: the shape of {argument} must be size letters such as "N D", then'
            f" perhaps one of {', '.join(KINDS)}; it is {shape!r}."
        )
    return Argument(argument, " ".join(letters), kind)


def _dict_argument(name: str, argument: str, shapes: Mapping[str, Any]) -> Argument:
    inside = {key: _argument(name, f"{argument}.{key}", s) for key, s in shapes.items()}
    if any(a.kind not in ("real", "weight") or a.parameters for a in inside.values()):
        raise BadExercise(
            f"{name}: {argument} is a dict of weights: give each a shape such as"
            f' "D K", and nothing else; it is {dict(shapes)!r}.'
        )
    return parameters(argument, **{key: a.shape for key, a in inside.items()})


def _parts(
    name: str, arguments: Sequence[Argument], wanted: tuple[str, ...]
) -> dict[str, str]:
    """What each part of the answer is the slope in: ``{"dmu": "mu"}``."""
    dicts = {a.name: a.parameters for a in arguments if a.parameters}
    if len(wanted) == 1 and wanted[0] in dicts:
        return {f"d{key}": f"{wanted[0]}.{key}" for key in dicts[wanted[0]]}
    for node in wanted:
        if node in dicts:
            raise BadExercise(
                f"{name}: {node} is a dict, and so are its gradients; ask for them in"
                " an exercise of their own."
            )
    return {f"d{node.rpartition('.')[2]}": node for node in wanted}
