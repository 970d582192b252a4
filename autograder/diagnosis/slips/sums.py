"""Slips in a sum or a difference of two terms."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.slopes import SIGMA_SLOPE, TANH_SLOPE
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.diagnosis.slips.syntax import (
    Proposals,
    at,
    is_bias,
    is_signal,
    names_in,
    parse,
    text_of,
)
from autograder.worked import FREE, Line


def sum_slips(node: ast.BinOp, line: Line) -> Proposals:
    if not isinstance(node.op, ast.Add | ast.Sub):
        return
    minus = isinstance(node.op, ast.Sub)
    parts = {"A": node.left, "B": node.right}
    left, right, target = text_of(node.left), text_of(node.right), line.target
    flipped = parse("A + B" if minus else "A - B", **parts)
    mistake = _flipped(node, line)
    words = f"{target} with the sign of {right} flipped"
    key = "bias sign" if mistake == "M65" else "inner sign"
    yield P(key, mistake, words, at(node, flipped), 1 if mistake else 2)
    one = isinstance(node.left, ast.Constant) and minus
    if minus and not one:
        words = f"{target} with {right} minus {left}: the opposite sign"
        swapped = at(node, parse("B - A", **parts))
        if is_signal(target):
            yield P("sign", "M20", words, swapped, 0.4)
            yield from _difference(node, line)
        else:
            yield P("inner swapped", None, words, swapped, 2)
    if minus and one and "beta" in right:
        words = f"{target} with {right} in the place of 1 - {right}"
        yield P("no complement", _moment(line), words, at(node, node.right), 2)
    if one and isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Pow):
        base, power = node.right.left, node.right.right
        words = f"{target} with the power of the complement, (1 - {text_of(base)})"
        new = parse("(1 - A) ** B", A=base, B=power)
        yield P("power of complement", _moment(line), words, at(node, new), 2)
    if one:
        return
    for kept, lost in ((node.left, node.right), (node.right, node.left)):
        key, named = _lost_term(lost, kept, line)
        words = f"{target} without the term {text_of(lost)}"
        if isinstance(lost, ast.Constant) or text_of(kept) == text_of(lost):
            words = f"{target} with {text_of(kept)} in the place of {text_of(node)}"
        yield P(key, named, words, at(node, kept), 1)
    if is_bias(node.right, line):
        yield from _bias(node, line)
    words = f"{target} with {right} counted twice"
    twice = parse("A + B + B" if not minus else "A - B - B", **parts)
    bias = is_bias(node.right, line)
    key, _ = _lost_term(node.right, node.left, line)
    yield P(f"twice {key}", "M65" if bias else None, words, at(node, twice), 3)
    yield from _taken_inside(node, line)


def _taken_inside(node: ast.BinOp, line: Line) -> Proposals:
    """A term that slips into the function beside it: sqrt(v + eps)."""
    call, term = node.left, node.right
    if (
        isinstance(node.op, ast.Add)
        and isinstance(call, ast.Call)
        and len(call.args) == 1
    ):
        new = parse("F(A + B)", F=call.func, A=call.args[0], B=term)
        words = f"{line.target} with {text_of(term)} inside {text_of(call.func)}"
        yield P("taken inside", None, words, at(node, new), 2)


def _difference(node: ast.BinOp, line: Line) -> Proposals:
    """What people make of an error: its square, its size, its sign, a table."""
    told = text_of(node)
    for text, mistake, words in (
        ("(A - B) ** 2", "M08", f"({told})^2, a value, in the place of {told}"),
        ("np.abs(A - B)", None, f"|{told}| in the place of {told}"),
        ("np.sign(A - B)", None, f"only the sign of {told}"),
        ("np.mean(A - B)", None, f"the mean of {told} everywhere"),
        ("A[:, :1] - B", "M58", f"the first column of {text_of(node.left)} only"),
        ("A - B[:, :1]", "M58", f"the first column of {text_of(node.right)} only"),
        ("A - B[:1]", "M59", f"the first row of {text_of(node.right)} only"),
        ("A - 1", "M68", f"1 in the place of {text_of(node.right)}"),
        ("A[:, None] - B", "M58", f"every {text_of(node.left)} less every target"),
        ("A - B[:, None]", "M58", f"every {text_of(node.left)} less every target"),
        *_slope_of_output(node),
        *_whole_column(node),
    ):
        new = parse(text, A=node.left, B=node.right)
        key = f"error {text}"
        yield P(key, mistake, f"{line.target} with {words}", at(node, new), 1)


def _whole_column(node: ast.BinOp) -> tuple[tuple[str, str, str], ...]:
    """A column as it is, of which the entries were meant."""
    if not isinstance(node.left, ast.Subscript):
        return ()
    column = text_of(node.left.value)
    return ((f"{column} - B", "M58", f"{column} in the place of {text_of(node.left)}"),)


def _slope_of_output(node: ast.BinOp) -> tuple[tuple[str, str, str], ...]:
    """An activation's slope at a prediction that has none and is not named."""
    if isinstance(node.left, ast.Name):
        return ()
    told = text_of(node.left)
    return tuple(
        (f"(A - B) * ({form})", "M31", f"the slope of {what} at {told} multiplied in")
        for form, what in (
            ("A * (1 - A)", "a sigmoid"),
            ("1 - A * A", "tanh"),
            (SIGMA_SLOPE, "a sigmoid"),
            (TANH_SLOPE, "tanh"),
        )
    )


def _bias(node: ast.BinOp, line: Line) -> Proposals:
    """A bias that enters in another way than once per unit."""
    parts = {"A": node.left, "B": node.right}
    right = text_of(node.right)
    for text, words in (
        ("A * B", f"multiplied by {right}"),
        ("A + np.sum(B)", f"with the sum of {right} in every entry"),
        ("A + B[0]", f"with the first entry of {right} for all"),
        ("A + np.mean(B)", f"with the mean of {right} in every entry"),
        (f"A + {FREE} * B", f"with {right} counted {FREE} times"),
        ("A + len(A) * B", f"with {right} once per example"),
        ("A + D * B", f"with {right} once per input"),
        ("A + np.abs(B)", f"with {right} without its sign"),
    ):
        edit = at(node, parse(text, **parts))
        words = f"{line.target} {words}"
        yield P(f"bias {text}", "M65", words, edit, 2, free=FREE in text)
    edit = at(node, parse("A + np.transpose([B])", **parts))
    words = f"{line.target} with {right} as a column"
    yield P("bias column", "M58", words, edit, 2)


def _moment(line: Line) -> str | None:
    return "M97" if "hat" in line.target else None


def _flipped(node: ast.BinOp, line: Line) -> str | None:
    names = names_in(node.right)
    if "lr" in names or "eta" in names:
        return "M91"
    if "lam" in names:
        return "M89"
    if is_bias(node.right, line):
        return "M65"
    return None


def _lost_term(term: ast.expr, kept: ast.expr, line: Line) -> tuple[str, str | None]:
    names = names_in(term)
    if "lam" in names:
        return "drop penalty", "M88"
    if "lr" in names or "eta" in names:
        return "drop update", "M93"
    if any(name.startswith(("m_", "v_", "s_")) for name in names):
        return "drop memory", "M103"
    if is_bias(term, line):
        return "drop bias", None
    if names and names[0] in ("Y", "y"):
        return "drop target", "M68" if names_in(kept) == ["P"] else None
    if line.target == "state_t":
        return "drop count", "M103"
    if is_signal(line.target) and (len(names) > 1 or names[:1] in (["ds"], ["total"])):
        return "one path", "M12"
    if line.target.startswith("state_") and any(n.startswith("d") for n in names):
        return "drop news", "M103"
    return "drop term", None
