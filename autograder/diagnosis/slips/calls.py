"""Slips in a call: sums over an axis, exp, log, a largest entry."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.matrices import FIXED_SIZES, if_signal, outer_slips
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.diagnosis.slips.syntax import (
    Proposals,
    at,
    is_moment,
    is_signal,
    is_slope,
    names_in,
    parse,
    text_of,
)
from autograder.worked import Line

# Softmax over the columns, or over everything, goes wrong in two lines at once.
COLUMNS = {
    "np.max(A, axis=0)": "over columns",
    "np.sum(A, axis=0)": "over columns",
    "np.max(A)": "over everything",
    "np.sum(A)": "over everything",
}


# Where nothing is normalised, a largest entry goes with the sum that it shifts.
OF_A_SUM = {"np.max(A)": "M53", "np.max(A, axis=0)": "M52"}
# Softmax's slope without its sum is the sigmoid's; halfway it is kept in shape.
IN_A_SLOPE = {"A": "M36"}


def call_slips(node: ast.Call, line: Line) -> Proposals:
    text = text_of(node.func)
    if text.endswith(".sum") or text == "np.sum":
        yield from _sum_call(node, line)
    elif text == "np.outer":
        yield from outer_slips(node, line)
    elif text == "np.max":
        yield from _max_call(node, line)
    elif text in ("np.append", "np.linspace"):
        yield from _of_two(node, line)
    elif text in ("np.exp", "np.log", "np.sqrt", "np.sign", "np.abs", "np.clip"):
        inner = node.args[0]
        words = f"{line.target} without {text[3:]}"
        named = "M102" if text == "np.sqrt" and is_moment(text_of(inner)) else None
        if text == "np.exp" and is_slope(line.target):
            named = "M34"
        if text == "np.clip":
            named = "M40"
        yield P(f"no {text}", named, words, at(node, inner), 2)
        if text == "np.exp":
            words = f"{line.target} with exp of the opposite sign"
            new = parse("np.exp(-(A))", A=inner)
            yield P("exp sign", None, words, at(node, new), 2)
    if text in ("np.maximum", "np.minimum"):
        yield from _limited(node, line)
    if text == "np.tanh":
        words = f"{line.target} with sigma for tanh"
        new = parse("1 / (1 + np.exp(-(A)))", A=node.args[0])
        yield P("sigma for tanh", None, words, at(node, new), 2)
        for text in ("np.maximum(A, 0)", "A + 0.0"):
            words = f"{line.target} with {text.replace('A', 'z')} for tanh"
            new = parse(text, A=node.args[0])
            yield P(f"{text} for tanh", None, words, at(node, new), 2)


def _limited(node: ast.Call, line: Line) -> Proposals:
    """A kink that is left out, or the branch on its other side."""
    if text_of(node.args[1]) != "0":
        yield from _of_two(node, line)
        return
    old = text_of(node.func)
    new = {"np.maximum": "np.minimum", "np.minimum": "np.maximum"}[old]
    words = f"{line.target} without {old}"
    yield P(f"no {old}", "M40", words, at(node, node.args[0]), 2)
    words = f"{line.target} with {new} in the place of {old}"
    other = parse(f"{new}(A, B)", A=node.args[0], B=node.args[1])
    yield P(f"{new} for {old}", "M39", words, at(node, other), 2)


def _of_two(node: ast.Call, line: Line) -> Proposals:
    """The order of two parts; a limit left out; a straight line that is none."""
    name, (first, last) = text_of(node.func), node.args[:2]
    told = text_of(node)
    rows: dict[str, tuple[tuple[str, str], ...]] = {
        "np.append": (
            ("np.append(B, A)", f"np.append({text_of(last)}, {text_of(first)})"),
            ("A", f"{text_of(first)} alone"),
        ),
        "np.maximum": (("B", text_of(last)), ("A", text_of(first))),
        "np.minimum": (("B", text_of(last)), ("A", text_of(first))),
        "np.linspace": (
            ("(A + B) / 2", "the mean of the two ends everywhere"),
            (
                "(np.roll(C, 1) + np.roll(C, -1)) / 2",
                "the middle of each place's own two neighbours",
            ),
        ),
    }
    whole_array = first.value if isinstance(first, ast.Subscript) else first
    parts = {"A": first, "B": last, "C": whole_array}
    for form, words in rows[name]:
        phrase = f"{line.target} with {words} in the place of {told}"
        yield P(f"{name}: {form}", None, phrase, at(node, parse(form, **parts)), 1.5)


def _axis(node: ast.Call) -> str | None:
    return next((text_of(k.value) for k in node.keywords if k.arg == "axis"), None)


def _sum_call(node: ast.Call, line: Line) -> Proposals:
    summed = node.args[0] if text_of(node.func) == "np.sum" else None
    array = summed or node.func.value  # type: ignore[attr-defined]
    here = _axis(node)
    if here is None:
        yield from _total(node, line, array)
        return
    other = {"0": "1", "1": "0"}.get(here, "0")
    softmax = line.target in ("total", "P") and not any(map(is_signal, names_in(array)))
    rows: tuple[tuple[str, str | None, str, float], ...] = (
        (f"np.sum(A, axis={other})", "M52", "summed over the wrong axis", 1),
        (
            f"np.sum(A, axis={other}, keepdims=True)",
            "M52",
            "summed over the wrong axis",
            1,
        ),
        ("np.sum(A)", "M53", "summed to one number", 1),
        (
            "np.sum(A) + 0 * np.sum(A, axis=0)",
            "M53",
            "with one total in every entry",
            1,
        ),
        ("np.mean(A)", "M53", "averaged to one number", 2),
        ("np.mean(A, axis=1)", "M52", "averaged over the wrong axis", 2),
        (f"np.sum(A, axis={here}, keepdims=True)", "M56", "with a kept dimension", 1),
        (f"np.mean(A, axis={here})", if_signal(line, "M26"), "averaged", 0.8),
        (f"np.sum(A, axis={here})[0]", "M59", "of the first row only", 2),
        (f"np.sum(A, axis={here})[-1]", "M59", "of the last row only", 2),
        (f"np.sum(A, axis={here})", "M58", "without its kept dimension", 1),
        ("A[0]", "M59", "from the first example only", 1),
        ("A[-1]", "M59", "from the last example only", 1),
        *(
            (f"A[:{k}].sum(axis=0)", "M84", f"from {k} examples", 3)
            for k in FIXED_SIZES
        ),
        ("A[1:].sum(axis=0)", None, "without the first example", 3),
        ("A[:-1].sum(axis=0)", None, "without the last example", 3),
        ("A", None, "not summed at all", 1),
        (
            f"np.max(A, axis={here}, keepdims=True)",
            None,
            "with the largest for the sum",
            2,
        ),
        (f"np.prod(A, axis={here})", None, "multiplied up instead of summed", 3),
        (f"np.abs(A).sum(axis={here})", None, "summed without signs", 3),
    )
    for text, mistake, words, weight in rows:
        if softmax:
            if mistake in ("M56", "M26") or text.startswith("A["):
                continue
            mistake = "M70" if mistake in ("M52", "M53") else mistake
        elif line.target == "total":
            mistake = IN_A_SLOPE.get(text, mistake)
        new = parse(text, A=array)
        if text_of(new) != text_of(node):
            whole = softmax or line.target == "sums"
            key = COLUMNS.get(text, f"sum {text}") if whole else f"sum {text}"
            yield P(key, mistake, f"{line.target} {words}", at(node, new), weight)


def _total(node: ast.Call, line: Line, array: ast.expr) -> Proposals:
    for text, mistake, words in (
        ("A[0].sum()", "M59", "of the first example only"),
        ("A[-1].sum()", "M59", "of the last example only"),
        ("np.sum(A, axis=1)", None, "not summed over the examples"),
    ):
        edit = at(node, parse(text, A=array))
        yield P(f"total {text}", mistake, f"{line.target} {words}", edit, 2)


def _max_call(node: ast.Call, line: Line) -> Proposals:
    if not node.keywords:
        words = f"{line.target} never below 0"
        new = parse("np.maximum(A, 0)", A=node)
        yield P("never below 0", None, words, at(node, new), 1)
        words = f"{line.target} with the absolute values in np.max"
        new = parse("np.max(np.abs(A))", A=node.args[0])
        yield P("largest size", None, words, at(node, new), 1.5)
    for text, mistake in (
        ("np.max(A)", "M70"),
        ("np.max(A, axis=0)", "M70"),
        ("np.max(A, axis=1)", "M58"),
        ("0 * np.max(A)", None),
    ):
        told = text.replace("A", "Z")
        words = f"{line.target} with {told} for the largest score of each row"
        new = parse(text, A=node.args[0])
        key = COLUMNS.get(text, f"shift {text}")
        if line.target == "top":
            mistake = OF_A_SUM.get(text)
        yield P(key, mistake, words, at(node, new), 0.9)
