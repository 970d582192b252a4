"""The rules for an answer cell of a lesson source."""

from __future__ import annotations

import ast

from autograder.exercises import Exercise

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def solution_lines(source: str) -> list[str]:
    """The lines between the two markers of an answer cell."""
    lines = source.splitlines()
    marks = [line.strip() for line in lines]
    return lines[marks.index(BEGIN) + 1 : marks.index(END)]


def answer_problem(source: str, exercise: Exercise) -> str:
    """Say what is wrong with an answer cell, or "" when nothing is."""
    marks = [line.strip() for line in source.splitlines()]
    if marks.count(BEGIN) != 1 or marks.count(END) != 1 or "SOLUTION" in _rest(marks):
        return f"needs exactly one region from {BEGIN} to {END}"
    first, last = marks.index(BEGIN) + 1, marks.index(END) + 1
    if last - first < 2:
        return "the solution region is empty, or ends before it begins"
    try:
        functions = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == exercise.id
        ]
    except SyntaxError as error:
        return f"is not Python: {error.msg} in line {error.lineno}"
    if len(functions) != 1:
        return f"must define the function {exercise.id} once, at the top level"
    return _function_problem(functions[0], exercise, first, last)


def _function_problem(
    function: ast.FunctionDef, exercise: Exercise, first: int, last: int
) -> str:
    names = ", ".join(argument.arg for argument in function.args.args)
    if names != exercise.signature:
        return f"the arguments are ({names}), should be ({exercise.signature})"
    if not ast.get_docstring(function):
        return "the function has no docstring"
    docstring_end = function.body[0].end_lineno or 0
    if not docstring_end < first < last <= (function.end_lineno or 0) + 1:
        return "the solution region must stand inside the function, below the docstring"
    return ""


def _rest(marks: list[str]) -> str:
    return "\n".join(line for line in marks if line not in (BEGIN, END))
