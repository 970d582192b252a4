"""A worked solution as a program whose lines can be varied one at a time.

The diagnosis asks: which single slip in the worked solution gives exactly the
numbers the student got?  A program here is a list of assignments; a variation
replaces the right-hand sides of some lines.  Programs are never used to judge: what
is right is measured, this only explains what is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from autograder.exercises.exercise import Exercise, Instance, exact

Environment = dict[str, Any]
GLOBALS = {"np": np, "len": len, "float": float, "int": int, "abs": abs, "max": max}


@dataclass(frozen=True)
class Line:
    """One assignment: the name on the left, the expression on the right."""

    target: str
    expression: ast.expr

    @property
    def text(self) -> str:
        """The line as Python text."""
        return f"{self.target} = {ast.unparse(self.expression)}"


@dataclass(frozen=True)
class Variation:
    """A slip: new right-hand sides for some lines, and what the slip is called.

    ``sites`` maps line numbers to compiled expressions; ``key`` names the kind of
    slip; ``mistake`` is a catalogue id or None; ``phrase`` completes the sentence
    "your numbers are exactly those of ...".
    """

    key: str
    mistake: str | None
    target: str
    phrase: str
    sites: Mapping[int, CodeType]
    weight: int = 0


class Program:
    """The worked solution of one exercise, ready to be varied."""

    def __init__(self, source: str, parts: tuple[str, ...]) -> None:
        tree = ast.parse(source)
        self.lines = [_line(statement) for statement in tree.body]
        self.code = [compile_expression(line.expression) for line in self.lines]
        self.parts = parts

    def variable(self, part: str) -> str:
        """The variable that holds a part.

        ``params.W1`` is held by ``params_W1``; a part named like an argument by
        ``g_w`` (a gradient) or ``new_w`` (an updated value).
        """
        plain = part.replace(".", "_")
        targets = {line.target for line in self.lines}
        candidates = (f"g_{plain}", f"new_{plain}", plain)
        return next((name for name in candidates if name in targets), plain)

    def run(
        self, start: Environment, variations: tuple[Variation, ...] = ()
    ) -> Environment | None:
        """Every named value of the (varied) program; None when it cannot run."""
        environment = dict(start)
        sites: dict[int, CodeType] = {}
        for variation in variations:
            if sites.keys() & variation.sites.keys():
                return None
            sites.update(variation.sites)
        try:
            with np.errstate(all="ignore"):
                for i, line in enumerate(self.lines):
                    code = sites.get(i, self.code[i])
                    environment[line.target] = eval(code, GLOBALS, environment)
        except Exception:
            return None
        return environment

    def answer(
        self, start: Environment, variations: tuple[Variation, ...] = ()
    ) -> dict[str, np.ndarray] | None:
        """The parts the (varied) program returns."""
        environment = self.run(start, variations)
        if environment is None:
            return None
        try:
            return {
                part: np.asarray(environment[self.variable(part)], dtype=float)
                for part in self.parts
            }
        except (KeyError, TypeError, ValueError):
            return None


def compile_expression(expression: ast.expr) -> CodeType:
    """Compile one right-hand side."""
    wrapped = ast.fix_missing_locations(ast.Expression(expression))
    return compile(wrapped, "<worked solution>", "eval")


def environment_of(exercise: Exercise, instance: Instance) -> Environment:
    """Arguments by name; the entries of dict arguments by their own names too."""
    environment: Environment = dict(instance.sizes)
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
