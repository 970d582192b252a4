"""One name written in the place of another."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.slopes import kind_of
from autograder.diagnosis.slips.syntax import (
    RATES,
    SIZES,
    Proposals,
    at,
    is_batch,
    is_signal,
    is_slope,
    is_weight,
    layer,
    names_in,
    parse,
    stem,
)
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.worked import FREE, Line

MANY = 14  # beyond this many names only near ones are confused


def name_slips(node: ast.Name, line: Line, known: tuple[str, ...]) -> Proposals:
    """Slips at a place where a name stands."""
    old, target = node.id, line.target
    if old in SIZES:
        return
    if old in ("lr", "eta", "lam"):
        yield from _rate(node, line)
    if old in RATES:
        yield from _exchanged_rates(node, line, known)
        return
    words = f"{target} with {old} squared"
    yield P("squared", None, words, at(node, parse("A ** 2", A=node)), 5)
    if is_signal(old):
        yield from _signal(node, line, known)
    if is_signal(target):
        for row, which in (("A[:1]", "first"), ("A[-1:]", "last")):
            words = f"{target} with the {which} row of {old} in every row"
            new = parse(f"{row} + 0 * A", A=node)
            rows = is_batch(old) or is_signal(old) or is_slope(old)
            named = "M59" if rows else None
            yield P(f"{which} row", named, words, at(node, new), 3)
    if is_slope(old) and not is_slope(target):
        for form in ("A * (1 - A)", "1 - A ** 2"):
            words = (
                f"{target} with {form.replace('A', old)} in the place of {old}:"
                f" {old} is the slope already"
            )
            yield P(f"slope of {form}", None, words, at(node, parse(form, A=node)), 2)
    words = f"{target} with {old} doubled"
    yield P("doubled", None, words, at(node, parse("2 * A", A=node)), 6)
    if is_weight(old):
        yield from _weights(node, line, known)
    for other in known:
        if other == old or other in SIZES + RATES or not _near(old, other, known):
            continue
        key, mistake, weight = _exchanged(old, other, line, known)
        key = f"{key} {stem(old)}>{stem(other)}{layer(other) - layer(old)}"
        words = f"{target} with {other} in the place of {old}"
        edit = at(node, ast.Name(other, ast.Load()))
        yield P(key, mistake, words, edit, weight)
        if _is_first(other, old, known):
            yield P(f"always {other}", mistake, words, edit, weight + 0.5)


def _is_first(name: str, old: str, known: tuple[str, ...]) -> bool:
    """Whether a name is the first of the kind that should have moved on since."""
    kind = [other for other in known if stem(other) == stem(old) and other != stem(old)]
    return bool(kind) and kind[0] == name and layer(old) - layer(name) > 0


def _signal(node: ast.Name, line: Line, known: tuple[str, ...]) -> Proposals:
    old, target = node.id, line.target
    words = f"{target} with ones in the place of {old}"
    named = None if line.formula.startswith("np.array(") else "M17"
    yield P("ones", named, words, at(node, parse("np.ones_like(A)", A=node)), 2)
    slope = f"S{layer(old) or ''}"
    if slope in known and not is_slope(target) and old not in ("dA", "back"):
        new = parse("A * B", A=node, B=ast.Name(slope, ast.Load()))
        words = f"{target} with the slope {slope} once more"
        yield P("slope again", "M09", words, at(node, new), 2)


def _rate(node: ast.Name, line: Line) -> Proposals:
    mistake = "M89" if node.id == "lam" else "M84"
    words = f"{line.target} with the number {FREE} in the place of {node.id}"
    if node.id == "lam":
        words = f"{line.target} with {FREE} times {node.id}"
    text = f"{FREE} * A" if node.id == "lam" else FREE
    new = parse(text, A=node)
    yield P(f"fixed {node.id}", mistake, words, at(node, new), 3, free=True)
    if node.id == "lam":
        for form, what in (("A / N", "divided by N"), ("A * N", "times N")):
            words = f"{line.target} with {node.id} {what}"
            edit = at(node, parse(form, A=node))
            yield P(f"lambda {form}", "M89", words, edit, 2)


def _exchanged_rates(node: ast.Name, line: Line, known: tuple[str, ...]) -> Proposals:
    for other in RATES:
        if other != node.id and other in known:
            words = f"{line.target} with {other} in the place of {node.id}"
            new = ast.Name(other, ast.Load())
            named = "M97" if "hat" in line.target else None
            yield P(f"rate {node.id}>{other}", named, words, at(node, new), 3)


def _weights(node: ast.Name, line: Line, known: tuple[str, ...]) -> Proposals:
    old, target = node.id, line.target
    words = f"{target} with ones in the place of {old}"
    ones = parse("np.ones_like(A)", A=node)
    once = names_in(line.expression).count(old) == 1
    named = "M50" if once and is_signal(target) else None
    yield P("ones for weights", named, words, at(node, ones), 2)
    words = f"{target} with the absolute value of {old}"
    yield P("abs weights", None, words, at(node, parse("np.abs(A)", A=node)), 5)
    gradient = "d" + old
    if gradient in known:
        words = f"{target} with {old} already moved by {FREE} times {gradient}"
        moved = parse(f"A + {FREE} * {gradient}", A=node)
        yield P("stepped weights", "M79", words, at(node, moved), 2, free=True)
        for rate in (name for name in ("eta", "lr") if name in known):
            words = f"{target} with {old} after its own step"
            moved = parse(f"A - {rate} * {gradient}", A=node)
            yield P("stepped already", "M79", words, at(node, moved), 2)


def _near(old: str, other: str, known: tuple[str, ...]) -> bool:
    """In long programs only names of the same kind or the same layer are confused."""
    if len(known) <= MANY:
        return True
    apart = abs(layer(old) - layer(other))
    if _is_value(old) and _is_value(other):
        return apart <= 2 and other[0] not in "Zz"
    return apart <= 1 and (stem(old) == stem(other) or apart == 0)


def _exchanged(
    old: str, other: str, line: Line, known: tuple[str, ...]
) -> tuple[str, str | None, float]:
    target = line.target
    if target == "biases":
        return "name exchanged", "M65", 2
    if other in (target.removeprefix("g_"), target.removeprefix("d")):
        return "operand exchanged", None if _of_a_sum(old, line) else "M14", 2
    if other == f"new_{old}":
        return "stepped weights", "M79", 2
    if (old, other) == ("dfs", "fs"):
        return "value for slope", "M08", 2
    if is_slope(target):
        if other.startswith(("dw", "dW", "db")):
            return "slope of a result", None, 4
        if is_signal(other):
            return "slope at the gradient", "M37", 2
        if "_" in target and not kind_of(line)[0]:
            return "slope elsewhere", _too_early(old, other, known), 2
        return "slope of another", "M32" if other[0] in "Zz" else None, 2
    if is_signal(old) and is_slope(other) and is_signal(target):
        return "slope alone", "M17", 2
    if is_slope(old) and not is_slope(other):
        if {"eta", "lr"} & set(names_in(line.expression)):
            return "operand exchanged", "M14", 2
        return "slope replaced", None if is_signal(other) else "M08", 3
    if "_" in target and stem(target) in ("state", "mhat", "vhat", "params"):
        return "moment exchanged", _moment(old, other, line), 2
    if not is_signal(target):
        return "name exchanged", None, 4
    if is_weight(old) != is_weight(other) and not is_signal(other):
        return "operand exchanged", "M14", 3
    if is_signal(old) and _is_value(other):
        return "signal replaced", None, 4
    if not is_signal(old) and not is_signal(other):
        layers = is_weight(target[1:] or "-") and other[0] not in "Zz"
        return "wrong layer", "M48" if layers else None, 3
    if is_signal(old):
        missed = old.startswith(("dZ", "db")) and other.startswith(("dA", "dh"))
        if other == "g_loss":
            return "upstream skipped", "M17", 2
        return "stale signal", "M29" if missed else None, 2 if missed else 4
    return "name exchanged", None, 4


def _too_early(old: str, other: str, known: tuple[str, ...]) -> str | None:
    """Whether a slope was taken at a value that stands earlier on the way."""
    earlier = old in known and known.index(other) < known.index(old)
    return "M01" if earlier else None


def _of_a_sum(name: str, line: Line) -> bool:
    """Whether a name stands in a sum or difference: nothing there is passed on."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add | ast.Sub)
        and any(
            isinstance(n, ast.Name) and n.id == name for n in (node.left, node.right)
        )
        for node in ast.walk(line.expression)
    )


def _is_value(name: str) -> bool:
    return not is_signal(name) and not is_weight(name) and not is_slope(name)


def _moment(old: str, other: str, line: Line) -> str | None:
    if "hat" in old and other.startswith("state_"):
        return "M96"
    if other.startswith(("m_", "v_", "s_")) and old.startswith("d"):
        return "M103"
    if line.target.startswith("state_v") and "m" in other:
        return "M102"
    if old.startswith(("m_", "v_")) and other.startswith(("m_", "v_")):
        return "M103"
    return None
