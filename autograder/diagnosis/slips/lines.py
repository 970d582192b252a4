"""Slips of a whole line: sign, constants, shape, axis, extra factors."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.slopes import extra_slopes, slope_slips
from autograder.diagnosis.slips.syntax import (
    SIZES,
    Proposals,
    at,
    is_batch,
    is_bias_name,
    is_signal,
    is_slope,
    layer,
    names_in,
    parse,
    stem,
    whole,
)
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.worked import FREE, Edit, Line

CUT = "np.where(np.trunc(G).any(), np.trunc(G), np.nan)"


def line_slips(line: Line, known: tuple[str, ...]) -> Proposals:
    """Every slip that concerns a whole right-hand side."""
    target = line.target
    if target == "g_loss":
        yield from _root(known)
        return
    yield from _squashed_score(line)
    gradient = target.startswith("d")
    signal = is_signal(target) and target != "g"
    backward = gradient or signal or is_slope(target)
    named = "M76" if target == "loss" else "M20" if backward else None
    weight = 0.5 if named else 1.5
    if {"lr", "eta"} & set(known):
        weight += 1  # where steps are taken, a step uphill is likelier
    yield P("sign", named, f"{target} with the opposite sign", whole("-(E)"), weight)
    yield from _shaped(line)
    if is_slope(target):
        yield from slope_slips(line, known)
    if backward or target in ("P", "loss"):
        yield from _scaled(line, known)
    if signal:
        yield from _replaced(line)
        yield from _value_instead(line, known)
    if gradient or signal:
        yield from _extra_factors(line, known)
        yield from extra_slopes(line, known)
    if target.startswith("new_") or "params_" in target:
        yield from _updates(line, known)


def _root(known: tuple[str, ...]) -> Proposals:
    """What people seed the root with in the place of 1."""
    words = "the root seeded with"
    loss = "residual * residual" + (" + lam * (w @ w)" if "lam" in known else "")
    for text in (loss, "residual", "0 * residual", "score"):
        if text.split()[-1] in known or text == loss:
            told = text.replace(loss, "the loss")
            told = told.replace("0 * residual", "0")
            yield P(f"root {text}", "M16", f"{words} {told}", whole(text), 1)


def _squashed_score(line: Line) -> Proposals:
    """An activation on a layer that has none."""
    if "@" not in line.formula or line.target[:1] not in "Zzys":
        return
    for text, name in (
        ("1 / (1 + np.exp(-(E)))", "sigma"),
        ("np.tanh(E)", "tanh"),
        ("np.maximum(E, 0)", "ReLU"),
    ):
        words = f"{line.target} squashed by {name}"
        yield P(f"squashed by {name}", None, words, whole(text), 1.5)


def _scaled(line: Line, known: tuple[str, ...]) -> Proposals:
    target = line.target
    twice, half = (None, None) if is_slope(target) else ("M23", "M22")
    weight = 1.3 if is_slope(target) else 1
    yield P("double", twice, f"{target} twice as large", whole("2 * (E)"), weight)
    yield P("half", half, f"{target} half as large", whole("(E) / 2"), weight)
    if "N" in known:
        words = f"{target} without the 1/N of the mean"
        yield P("times N", "M24", words, whole("(E) * N"), 1)
        again = " once more" if "/ N" in line.formula else ""
        words = f"{target} divided by N{again}"
        yield P("over N", "M26", words, whole("(E) / N"), 1)
    batch = f"X{layer(target)}"
    if batch in known and target.startswith("d"):
        words = f"{target} divided by the number of rows in its batch"
        yield P("over rows", "M26", words, whole(f"(E) / len({batch})"), 1)
    for size in SIZES:
        if size in known and size != "N":
            words = f"{target} divided by {size} as well"
            yield P(f"over {size}", None, words, whole(f"(E) / {size}"), 4)
    if not is_slope(target):
        words = f"{target} multiplied by the number {FREE}"
        yield P("scaled", None, words, whole(f"{FREE} * (E)"), 6, free=True)


def gradient_like(target: str) -> bool:
    """Whether a line holds a gradient or an error signal."""
    return target.startswith("d") or is_signal(target)


def _shaped(line: Line) -> Proposals:
    target = line.target
    yield P("transposed", "M44", f"{target} transposed", whole("np.transpose(E)"), 1)
    words = f"{target} cut to whole numbers"
    # Where nothing is left of it, a cut cannot be told from zeros.
    cut = whole(CUT.replace("G", "E"))
    yield P("cut", "M82", words, cut, 1)
    for text, which in (("[:1]", "first"), ("[-1:]", "last")):
        words = f"{target} with its {which} row in every row"
        rows = gradient_like(target) or is_batch(target) or target[0] in "ZYPo"
        rows = rows or target == "losses"
        examples = "M59" if rows else None
        yield P(f"{which} row", examples, words, whole(f"(E){text} + 0 * (E)"), 2)
    if gradient_like(target):
        words = f"{target} summed to one number"
        yield P("total", "M53", words, whole("np.sum(E)"), 1.5)
        words = f"{target} averaged to one number"
        yield P("average", "M53", words, whole("np.mean(E)"), 2)
    if "sum" not in line.formula and target.startswith("d"):
        for form, words in (
            ("(E).sum(axis=1)", "summed over the wrong axis"),
            ("(E).sum(axis=0)", "summed over the examples"),
        ):
            mistake = "M52" if "wrong" in words else None
            yield P(f"whole {form}", mistake, f"{target} {words}", whole(form), 6)


def _replaced(line: Line) -> Proposals:
    target = line.target
    for text, mistake, words, weight in (
        ("(E) ** 2", "M08", "squared: a value, not a slope", 3),
        ("(E) ** 2 / 2", "M08", "squared and halved: the loss, not its slope", 3),
        ("(E) ** 2 / 4", "M08", "as the loss itself, not its slope", 3),
        ("np.sum((E) ** 2)", "M08", "as a total of squares: a value, not a slope", 3),
        ("np.abs(E)", None, "without its sign", 3),
        ("np.sign(E)", None, "reduced to its sign", 3),
        ("(E) * ((E) > 0)", "M37", "cut where it is negative itself", 2),
        ("np.ones_like(E)", "M17", "set to ones", 3),
        ("np.zeros_like(E)", None, "set to zeros", 4),
        ("np.zeros_like(E) + np.mean(E)", None, "replaced by its mean", 4),
        ("np.zeros_like(E) + np.sum(E)", "M53", "replaced by its sum", 4),
    ):
        yield P(f"replaced {text}", mistake, f"{target} {words}", whole(text), weight)


def _value_instead(line: Line, known: tuple[str, ...]) -> Proposals:
    """A forward value where a gradient belongs."""
    for name in ("r", "residual"):
        for text, words in (("A * A", "squared"), ("A * A / 2", "squared and halved")):
            if name in known:
                part = ast.Name(name, ast.Load())
                phrase = f"{line.target} as {name} {words}: the loss, not its slope"
                yield P(f"loss {text}", "M08", phrase, whole(text, A=part), 2)
    for name in known:
        if (
            not name.startswith(("A", "h", "o", "P", "Z", "z", "slope_exp", "S_exp"))
            or abs(layer(name) - layer(line.target)) > 1
        ):
            continue
        words = f"{line.target} as {name} itself"
        part = ast.Name(name, ast.Load())
        yield P(f"as {stem(name)}", "M08", words, whole("A + 0.0", A=part), 2)


def _extra_factors(line: Line, known: tuple[str, ...]) -> Proposals:
    target = line.target
    for name in known:
        if name in SIZES or name in ("loss", "eps", "t"):
            continue
        part = ast.Name(name, ast.Load())
        if is_slope(name):
            words = f"{target} with the slope {name} once more"
            edit = whole("(E) * A", A=part)
            yield P(f"extra slope {name[0]}", "M09", words, edit, 2)
        elif not name.startswith("dW"):
            words = f"{target} with an extra factor {name}"
            named = "M09" if name in ("r", "residual") else None
            own = name == target.removeprefix("d") and is_bias_name(name)
            named = "M14" if own else named
            yield P(f"extra {name[0]}", named, words, whole("(E) * A", A=part), 5)


def _updates(line: Line, known: tuple[str, ...]) -> Proposals:
    target = line.target
    old = target.removeprefix("new_").removeprefix("params_")
    if old in known:
        part = ast.Name(old, ast.Load())
        words = f"{target} moved the other way, uphill"
        yield P("uphill", "M91", words, whole("2 * A - (E)", A=part), 0.2)
        same = whole("A + 0 * (E)", A=part)
        yield P("lost", "M93", f"{target} not changed", same, 0.4)
        words = f"{target} moved two steps instead of one"
        yield P("two steps", "M09", words, whole("2 * (E) - A", A=part), 1)
        words = f"{target} as the step alone, without the old value"
        yield P("step alone", None, words, whole("(E) - A", A=part), 1)
        words = f"{target} as the step alone, without the old value"
        yield P("step alone", None, words, whole("A - (E)", A=part), 1)
        yield from _steps(line, old)
        words = f"{target} with a step of {FREE} times the right size"
        edit = whole(f"A + {FREE} * ((E) - A)", A=part)
        yield P("step scaled", None, words, edit, 5, free=True)


def _steps(line: Line, old: str) -> Proposals:
    """The gradient in an update bent out of shape."""
    step = next((n for n in names_in(line.expression) if n == f"d{old}"), None)
    if step is None:
        return
    target = line.target
    parts = {"W": ast.Name(old, ast.Load()), "G": ast.Name(step, ast.Load())}
    for text, mistake, words in (
        ("W", "M14", f"{old} itself in the place of {step}"),
        ("W * G", "M14", f"{old} multiplied into {step}"),
        ("np.transpose(G)", "M44", f"{step} transposed"),
        ("np.sum(G)", "M53", f"the sum of {step} for every entry"),
        ("np.mean(G)", "M53", f"the mean of {step} for every entry"),
        ("np.sign(G)", None, f"only the sign of {step}"),
        ("G ** 2", None, f"{step} squared"),
        ("G / len(G)", "M26", f"{step} divided by its number of rows"),
        (CUT, "M82", f"{step} cut to whole numbers"),
        (f"(G + {FREE} * W)", "M89", f"{FREE} times {old} added to {step}"),
    ):
        edit = _exchange(step, parse(text, **parts))
        words = f"{target} with {words}"
        yield P(f"step {text}", mistake, words, edit, 2, free=FREE in text)


def _exchange(name: str, new: ast.expr) -> Edit:
    def edit(expression: ast.expr) -> ast.expr:
        for node in ast.walk(expression):
            if isinstance(node, ast.Name) and node.id == name:
                return at(node, new)(expression)
        return expression

    return edit
