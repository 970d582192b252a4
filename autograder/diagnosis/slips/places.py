"""Slips at one place of a line: every kind of expression has its own."""

from __future__ import annotations

import ast
import re

from autograder.diagnosis.slips.brackets import bracket_slips
from autograder.diagnosis.slips.calls import call_slips
from autograder.diagnosis.slips.matrices import matrix_slips
from autograder.diagnosis.slips.names import name_slips
from autograder.diagnosis.slips.products import product_slips
from autograder.diagnosis.slips.sums import sum_slips
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.diagnosis.slips.syntax import (
    Proposals,
    at,
    is_moment,
    is_signal,
    is_slope,
    is_transpose,
    parse,
    places,
    text_of,
    whole,
)
from autograder.worked import Line


def place_slips(line: Line, known: tuple[str, ...]) -> Proposals:
    """Every slip at every place of a line."""
    yield from _squash(line)
    for node in places(line.expression):
        if isinstance(node, ast.BinOp):
            yield from product_slips(node, line)
            yield from matrix_slips(node, line)
            yield from sum_slips(node, line)
            yield from bracket_slips(node, line)
            yield from _power(node, line)
        elif isinstance(node, ast.Name):
            yield from name_slips(node, line, known)
        elif isinstance(node, ast.Constant):
            yield from _constant(node, line)
        elif isinstance(node, ast.Compare):
            yield from _comparison(node, line)
        elif isinstance(node, ast.Call):
            yield from call_slips(node, line)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
            words = f"all of {text_of(node.value)} in the place of {text_of(node)}"
            yield P("all rows", None, words, at(node, node.value), 2)
        elif isinstance(node, ast.Subscript):
            yield from _slices(node, line)
        elif is_transpose(node):
            inner = node.value  # type: ignore[attr-defined]
            words = f"{line.target} with {text_of(inner)} not transposed"
            yield P("no transpose", "M45", words, at(node, inner))


OTHER_ENDS = {"[1:-1]": "", "[:, :-1]": "[:, 1:]", "[1:]": "[:-1]", "[:-1]": "[1:]"}


def _slices(node: ast.Subscript, line: Line) -> Proposals:
    """The wrong end cut off, or none."""
    inner, told = node.value, text_of(node)
    cut = f"[{text_of(node.slice).strip('()')}]"
    if cut in OTHER_ENDS:
        new = parse(f"A{OTHER_ENDS[cut]}", A=inner)
        words = f"{line.target} with {text_of(new)} in the place of {told}"
        yield P(f"other end {cut}", None, words, at(node, new), 1.5)


def _squash(line: Line) -> Proposals:
    """Another activation in the place of a sigmoid, forward."""
    found = re.fullmatch(r"1 / \(1 \+ np\.exp\(-\(?(.+?)\)?\)\)", line.formula)
    if found is None or is_slope(line.target):
        return
    for text in ("np.tanh", "np.abs", "np.exp"):
        words = f"{line.target} with {text[3:]} in the place of sigma"
        edit = whole(f"{text}({found[1]})")
        yield P(f"{text} for sigma", None, words, edit, 2)
    words = f"{line.target} without the sigma"
    yield P("no sigma", None, words, whole(f"{found[1]} + 0.0"), 2)
    words = f"{line.target} with a lost minus in sigma"
    yield P("lost minus", None, words, whole("1 - (E)"), 1)


def _power(node: ast.BinOp, line: Line) -> Proposals:
    if not isinstance(node.op, ast.Pow):
        return
    base, told = text_of(node.left), text_of(node)
    if isinstance(node.right, ast.Constant):
        named: str | None = "M102" if is_moment(line.target) else "M05"
        words = f"{line.target} with {base} in the place of {told}"
        yield P("no power", named, words, at(node, node.left), 2)
        for text, what in (
            ("np.abs(A)", "the absolute value"),
            ("np.mean(A ** 2)", "one mean of squares for all"),
            ("np.sum(A ** 2)", "one sum of squares for all"),
            ("2 * A", "twice the value"),
            ("A ** 3", "the cube"),
        ):
            words = f"{line.target} with {what} in the place of {told}"
            named = named if named == "M102" else None
            yield P(
                f"power {text}", named, words, at(node, parse(text, A=node.left)), 2
            )
        return
    parts = {"A": node.left, "B": node.right}
    for text, words in (
        ("A", base),
        ("A * B", f"{base} * {text_of(node.right)}"),
        ("A ** (B - 1)", f"{base} to a power one too small"),
        ("A ** (B + 1)", f"{base} to a power one too large"),
        ("1 - A ** B", f"1 - {told}"),
        ("1 - (1 - A) ** B", f"1 - (1 - {base}) to that power"),
        ("(1 - A) ** B", f"(1 - {base}) to that power"),
    ):
        phrase = f"{line.target} with {words} in the place of {told}"
        yield P(f"power {text}", "M97", phrase, at(node, parse(text, **parts)), 1)


def _constant(node: ast.Constant, line: Line) -> Proposals:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    choices: dict[float, tuple[float, ...]] = {0: (1,), 1: (2, 0), 2: (1, 4, 3)}
    for new in choices.get(value, (0, 2 * value, 2)):
        mistake = {(2, 1): "M22", (2, 4): "M23"}.get((int(value), int(new)))
        mistake = mistake if is_signal(line.target) else None
        words = f"{line.target} with {new:g} in the place of {value:g}"
        key = f"constant {value}->{new}"
        yield P(key, mistake, words, at(node, ast.Constant(new)), 3)


def _comparison(node: ast.Compare, line: Line) -> Proposals:
    if len(node.ops) != 1:
        return
    parts = {"A": node.left, "B": node.comparators[0]}
    hinge = text_of(node.comparators[0]) != "0"
    threshold = None if hinge and line.target == "mask" else "M40"
    for text, mistake, words in (
        ("A > B", "M39", "with the mask inverted"),
        ("A < B", "M39", "with the mask inverted"),
        ("A > -B", threshold, "with the wrong threshold"),
        ("A < -B", threshold, "with the wrong threshold"),
        ("np.sign(A)", "M39", "with the sign for the mask"),
        ("np.sign(B - A)", "M39", "with the sign for the mask"),
        ("np.ones_like(A)", "M40", "without the mask"),
        ("A > 0", threshold, "compared with 0"),
        ("A < 0", threshold if hinge else "M39", "compared with 0"),
    ):
        new = parse(text, **parts)
        if text_of(new) != text_of(node):
            key = f"compare {text}"
            yield P(key, mistake, f"{line.target} {words}", at(node, new), 1)
