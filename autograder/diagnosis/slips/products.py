"""Slips in a product or a quotient of numbers."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.matrices import if_signal
from autograder.diagnosis.slips.syntax import (
    SIZES,
    Proposals,
    at,
    is_parameter,
    is_power_slope,
    is_signal,
    is_slope,
    is_weight,
    names_in,
    parse,
    text_of,
)
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.worked import FREE, Line


def product_slips(node: ast.BinOp, line: Line) -> Proposals:
    if isinstance(node.op, ast.Div):
        yield from _quotient(node, line)
    if not isinstance(node.op, ast.Mult):
        return
    target, left, right = line.target, text_of(node.left), text_of(node.right)
    penalty = "lam" in names_in(node)
    for kept, lost in ((node.left, node.right), (node.right, node.left)):
        key, mistake, words = _dropped(lost, line)
        mistake = "M89" if penalty else mistake
        yield P(key, mistake, words, at(node, kept))
        again = parse("A * B", A=node, B=lost)
        words = f"{target} with the factor {text_of(lost)} twice"
        named = _doubled(lost, line, penalty)
        yield P(f"twice {key}", named, words, at(node, again), 2)
    added = parse("A + B", A=node.left, B=node.right)
    words = f"{target} with {left} and {right} added instead of multiplied"
    named = None if is_slope(target) else if_signal(line, "M04")
    yield P("added", named, words, at(node, added), 1)
    taken = parse("A - B", A=node.left, B=node.right)
    words = f"{target} with {right} subtracted instead of multiplied"
    yield P("subtracted", None, words, at(node, taken), 4)
    own = target.removeprefix("g_").removeprefix("d")
    if (
        own != target
        and (is_parameter(own) or own == "lam")
        and own not in (left, right)
    ):
        for new in (("P * B", node.left, left), ("A * P", node.right, right)):
            if isinstance(new[1], ast.Constant):
                continue
            edit = at(node, parse(new[0], A=node.left, B=node.right, P=_name(own)))
            words = f"{target} with {own} itself in the place of {new[2]}"
            yield P(f"own {new[0]}", "M14", words, edit, 3)
    divided = parse("A / B", A=node.left, B=node.right)
    words = f"{target} divided by {right} instead of multiplied"
    yield P("divided", None, words, at(node, divided), 4)


def _name(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _dropped(factor: ast.expr, line: Line) -> tuple[str, str | None, str]:
    """What it is called when a factor is left out."""
    names, text, target = names_in(factor), text_of(factor), line.target
    words = f"{target} without the factor {text}"
    if target.startswith("g_") and names == ["g_loss"]:
        return "drop constant", "M22", words
    if target.startswith("g_") and names == ["residual"]:
        return "drop value", "M05", words
    if names and names[0] == "lam":
        return "drop lambda", "M89", words
    if isinstance(factor, ast.Constant):
        two = factor.value == 2 and is_signal(target)
        named = "M05" if is_power_slope(line) else "M22" if two else None
        key = "drop constant of a square" if named == "M05" else "drop constant"
        return key, named, words
    if is_power_slope(line) and names:
        return "drop base", "M05", words
    if target == "margin" and names == ["y"]:
        return "drop label", "M37", words
    if names in (["Y"], ["y"]) and not is_slope(target):
        softmax = any("P" in name for name in names_in(line.expression))
        return "drop target", "M68" if softmax else None, words
    if names in (["mask"], ["on"]):
        return "drop mask", "M40", f"{target} without the mask"
    if names and all(is_slope(name) for name in names):
        return "drop slope", "M29", f"{target} without the local slope {text}"
    if is_slope(target):
        return "partial slope", "M34", words
    if names and any(is_signal(name) for name in names):
        return "drop signal", "M17", f"{target} without {text}, what arrives from above"
    if len(names) == 1 and is_weight(names[0]):
        return "drop weight", "M50", f"{target} without the weights {text}"
    if names in (["lr"], ["eta"]):
        return "drop rate", None, f"{target} without the step size {text}"
    return "drop factor", None, words


def _doubled(factor: ast.expr, line: Line, penalty: bool) -> str | None:
    """What it is called when a factor is multiplied in twice."""
    if penalty:
        return "M89" if not names_in(factor) else "M09"
    if is_power_slope(line):
        return "M05" if names_in(factor) else None
    if {"lr", "eta"} & set(names_in(factor)):
        return "M09"
    if not is_signal(line.target):
        return None
    if names_in(factor):
        return "M09"
    return "M23" if text_of(factor) == "2" else None


def _quotient(node: ast.BinOp, line: Line) -> Proposals:
    below, target = text_of(node.right), line.target
    parts = {"A": node.left, "B": node.right}
    if below == "N":
        words = f"{target} without the 1/N of the mean"
        yield P("drop N", "M24", words, at(node, node.left))
        words = f"{target} with 1/N twice"
        yield P("N twice", "M26", words, at(node, parse("A / B / B", **parts)), 1)
        for size in SIZES[1:]:
            words = f"{target} averaged over {size} as well"
            new = parse(f"A / (B * {size})", **parts)
            yield P(f"mean over {size}", None, words, at(node, new), 3)
            words = f"{target} divided by {size} in the place of N"
            new = parse(f"A / {size}", **parts)
            yield P(f"{size} for N", None, words, at(node, new), 3)
        words = f"{target} with the number {FREE} in the place of 1/N"
        fixed = at(node, parse(f"A * {FREE}", **parts))
        yield P("fixed N", "M84", words, fixed, 4.5, free=True)
    else:
        mistake = "M96" if "beta" in below else None
        if below == "2" and target in ("loss", "L"):
            mistake = "M23"
        words = f"{target} without dividing by {below}"
        yield P("drop divisor", mistake, words, at(node, node.left), 1)
    words = f"{target} times {below} instead of over it"
    yield P("times divisor", None, words, at(node, parse("A * B", **parts)), 3)
    if "sqrt" in below:
        squared = parse("A / B ** 2", **parts)
        words = f"{target} divided by the square of {below}"
        yield P("square divisor", None, words, at(node, squared), 3)
