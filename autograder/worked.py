"""A worked solution as a program whose lines can be varied.

The diagnosis asks: which slip in the worked solution gives exactly the numbers the
student got?  A program here is a list of assignments; a slip edits the right-hand
sides of some lines.  What is right is measured, never taken from a program: it only
explains what is wrong, and tells how far rounding can carry an answer.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

from autograder.evaluating import GLOBALS
from autograder.exercises.exercise import Exercise, Instance, exact

Environment = dict[str, Any]
Edit = Callable[[ast.expr], ast.expr]
FREE = "FREE"  # stands for a number that is solved for


@dataclass(frozen=True)
class Line:
    """One assignment: the name on the left, the expression on the right."""

    target: str
    expression: ast.expr

    @cached_property
    def formula(self) -> str:
        """The right-hand side as Python text."""
        return ast.unparse(self.expression)


@dataclass(frozen=True, eq=False)
class Slip:
    """Edits of some lines, and what the slip is called.

    ``key`` names the kind of slip, the same in every line; ``mistake`` is a catalogue
    id or None; ``phrase`` completes "the right answer with this change: ..."; a small
    ``weight`` is a likely slip; a ``free`` slip holds a number to be solved for.
    """

    key: str
    mistake: str | None
    target: str
    phrase: str
    edits: Mapping[int, Edit]
    weight: float = 0
    free: bool = False

    @cached_property
    def first(self) -> int:
        """The first edited line."""
        return min(self.edits)


class Program:
    """The worked solution of one exercise, ready to be varied."""

    def __init__(self, source: str, parts: tuple[str, ...]) -> None:
        tree = ast.parse(source)
        self.lines = [_line(statement) for statement in tree.body]
        self.last = {line.target: i for i, line in enumerate(self.lines)}
        found = [(self.last.get(self.variable(part), -1), part) for part in parts]
        self.parts = sorted((i, part) for i, part in found if i >= 0)
        self.reads = [_names(line.expression) for line in self.lines]
        self._compiled = [_compile(line.expression) for line in self.lines]
        self._edited: dict[tuple[int, tuple[Slip, ...]], ast.expr] = {}

    def variable(self, part: str) -> str:
        """The variable that holds a part.

        ``params.W1`` is held by ``params_W1``; a part named like an argument by
        ``g_w`` (a gradient) or ``new_w`` (an updated value).
        """
        plain = part.replace(".", "_")
        candidates = (f"g_{plain}", f"new_{plain}", plain)
        return next((name for name in candidates if name in self.last), plain)

    def run(self, index: int, environment: Environment) -> Any:
        """The value of one line as it stands."""
        return eval(self._compiled[index], GLOBALS, environment)

    def edited(self, index: int, slips: Sequence[Slip]) -> ast.expr:
        """One line's right-hand side with slips in it."""
        here = tuple(slip for slip in slips if index in slip.edits)
        key = (index, here)
        if key not in self._edited:
            expression = self.lines[index].expression
            for slip in here:
                expression = slip.edits[index](expression)
            self._edited[key] = expression
        return self._edited[key]


def _compile(expression: ast.expr) -> CodeType:
    return compile(ast.Expression(expression), "<worked solution>", "eval")


def _names(expression: ast.expr) -> frozenset[str]:
    nodes = ast.walk(expression)
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def environment_of(exercise: Exercise, instance: Instance) -> Environment:
    """Arguments by name; the entries of dict arguments by their own names too."""
    environment: Environment = {**instance.sizes, **exercise.helpers}
    for name, value in zip(exercise.names, exact(instance.args), strict=True):
        environment[name] = value
        if isinstance(value, dict):
            for key, item in value.items():
                inner = item.items() if isinstance(item, dict) else ()
                environment.update({f"{key}_{name}": v for name, v in inner})
                environment.setdefault(key, item)
    return environment


def source_of(exercise: Exercise, instance: Instance) -> str:
    """The worked solution's text, written out for this instance's depth."""
    if callable(exercise.worked):
        return exercise.worked(*instance.args)
    return exercise.worked


def _line(statement: ast.stmt) -> Line:
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        raise ValueError("a worked solution holds plain assignments only")
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        raise ValueError("a worked solution assigns to plain names only")
    return Line(target.id, statement.value)
