"""What people write in the place of a local derivative."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.syntax import (
    SIZES,
    Proposals,
    is_signal,
    layer,
    names_in,
    stem,
    text_of,
    whole,
)
from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.worked import Line

KINDS = {"A * (1 - A)": "sigma", "1 - A * A": "tanh", "A > 0": "relu"}
SIGMA_OF = "1 / (1 + np.exp(-(A)))"
SIGMA_SLOPE = f"({SIGMA_OF}) * (1 - {SIGMA_OF})"
TANH_SLOPE = "1 - np.tanh(A) ** 2"

# What each form is called when it stands where another slope belongs.  The value put
# in is the right one: the output for sigma and tanh, the score for relu.
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("A", {"sigma": "M34", "tanh": "M08", "relu": "M08"}),
    ("1 - A", {"sigma": "M34", "tanh": "M34"}),
    ("A * A", {"sigma": "M34", "tanh": "M34"}),
    ("A * (1 - A)", {"tanh": "M36"}),
    ("1 - A * A", {"sigma": "M36"}),
    ("A > 0", {"sigma": "M36", "tanh": "M36"}),
    ("A < 0", {"relu": "M39"}),
    ("A <= 0", {"relu": "M39"}),
    ("np.sign(A)", {"relu": "M39"}),
    ("np.abs(A) >= 0", {"relu": "M40"}),
    ("A != 0", {"relu": "M40"}),
    ("np.where(A > 0, 1, np.exp(np.minimum(A, 0)))", {"relu": "M36"}),
    ("np.where(A > 0, 1, -1)", {"relu": "M39"}),
    ("np.maximum(A, 0)", {"relu": "M08"}),
    ("np.where(A > 0, 1, 0.01)", {"relu": "M36"}),
    ("np.where(A > 0, 1, 0.1)", {"relu": "M36"}),
    ("np.where(A > 0, 1, 0.2)", {"relu": "M36"}),
    (SIGMA_OF, {"relu": "M36"}),
    (SIGMA_SLOPE, {"relu": "M36"}),
    (TANH_SLOPE, {"relu": "M36"}),
    ("-(A * A)", {"tanh": "M34"}),
    ("-(A * (1 - A))", {}),
    ("A * A - 1", {}),
    ("A * (1 + A)", {}),
    ("1 + A * A", {}),
    ("(1 - A) * (1 - A)", {}),
    ("1 - 2 * A", {}),
    ("2 * A", {}),
    ("-2 * A", {}),
    ("A * A * (1 - A)", {"sigma": "M09"}),
    ("A * (1 - A) * (1 - A)", {"sigma": "M09"}),
    ("1 - A * A * A", {}),
    ("A * (1 - A * A)", {}),
    ("A * (1 - A) * 4", {}),
    ("2 * A * (1 - A)", {}),
    ("2 * (1 - A * A)", {}),
    ("np.sqrt(np.abs(A))", {}),
    ("np.sqrt(np.abs(1 - A * A))", {}),
    ("1 - np.abs(A)", {}),
)
# Forms whose name only depends on what is put in: a score, or a gradient.
FED = ("A * (1 - A)", "1 - A * A", "A > 0")
OF_SCORES = (
    SIGMA_SLOPE,
    TANH_SLOPE,
    SIGMA_OF,
    "1 / (1 + A * A)",
    "np.where(A > 0, 1, 0.01)",
    "np.where(A > 0, 1, 0.1)",
    "np.where(A > 0, 1, 0.2)",
)


def kind_of(line: Line) -> tuple[str, str]:
    """The activation whose slope a line takes, and the name it takes it of."""
    names = names_in(line.expression)
    if not names:
        return "", ""
    text = line.formula.replace(names[0], "A") if len(set(names)) == 1 else ""
    text = text.replace("A ** 2", "A * A")
    return KINDS.get(text, ""), names[0]


def slope_slips(line: Line, known: tuple[str, ...]) -> Proposals:
    """The slopes people confuse with the one this line takes."""
    kind, name = kind_of(line)
    phrase = f"{line.target} taken as"
    yield P("slope 1", "M29", f"{phrase} 1", whole("np.ones_like(E, float)"), 0.5)
    yield from _of_the_message(line, kind, known)
    if not kind:
        return
    if kind == "relu":
        own = ast.Name(name, ast.Load())
        for form in ("A * (1 - A)", "1 - A * A"):
            words = f"{phrase} {form.replace('A', name)}"
            yield P(f"formula {form}", "M32", words, whole(form, A=own), 1.5)
        yield P("slope on", "M40", f"{phrase} 1", whole("np.ones_like(E, float)"), 0.4)
    own = ast.Name(name, ast.Load())
    for form, names in FORMS:
        if KINDS.get(form) == kind:
            continue
        words = f"{phrase} {_told(form, name)}"
        if kind == "sigma" and form == SIGMA_SLOPE:
            words += ": sigmoid put through sigmoid again"
        weight = 1 if kind in names else 2
        yield P(f"slope {form}", names.get(kind), words, whole(form, A=own), weight)
    yield from _fed_with_another(line, kind, name, known)


def _of_the_message(line: Line, kind: str, known: tuple[str, ...]) -> Proposals:
    """A slope taken at what comes back across the output weights, where that is a line
    of its own in nobody's solution.
    """
    error = next((name for name in ("r", "residual") if name in known), None)
    call = line.expression
    if error is None or "w" not in known:
        return
    if isinstance(call, ast.Call) and len(call.args) == 1:
        forms: tuple[str, ...] = (f"{text_of(call.func)}(A)",)
    else:
        forms = {"sigma": ("A * (1 - A)", SIGMA_SLOPE)}.get(kind, ())
        forms = {"tanh": ("1 - A * A", TANH_SLOPE)}.get(kind, forms)
    for message in (f"{error} * w", f"2 * {error} * w"):
        for form in forms:
            told = form.replace("A", f"({message})")
            words = f"{line.target} taken at the message {message}"
            yield P(f"message {form}", "M37", words, whole(told), 2)


def _told(form: str, name: str) -> str:
    """A form in words as short as people write it."""
    if form == SIGMA_SLOPE:
        return f"s * (1 - s) with s = sigmoid({name})"
    return f"sigmoid({name})" if form == SIGMA_OF else form.replace("A", name)


def _fed_with_another(
    line: Line, kind: str, name: str, known: tuple[str, ...]
) -> Proposals:
    right = next(form for form, k in KINDS.items() if k == kind)
    for other in known:
        if layer(other) == layer(line.target) + 1 > 1 and other[0] in "AZ":
            words = f"{line.target} taken as {right.replace('A', other)}"
            part = ast.Name(other, ast.Load())
            yield P(f"slope above: {other[0]}", "M48", words, whole(right, A=part), 2)
        if other == name or layer(other) != layer(line.target):
            continue
        mistake = _fed_mistake(other, kind)
        if mistake is None:
            continue
        part = ast.Name(other, ast.Load())
        for form in dict.fromkeys((right, *FED)):
            words = f"{line.target} taken as {form.replace('A', other)}"
            named = mistake if form == right or mistake == "M37" else "M36"
            if mistake == "M40" and form != "A > 0":
                named = "M36"
            key = f"slope of {stem(other)}: {form}"
            weight = 1 if form == right else 2.5
            yield P(key, named, words, whole(form, A=part), weight)
        if mistake == "M32":
            for form in OF_SCORES:
                words = f"{line.target} taken as {_told(form, other)}"
                key = f"slope of {stem(other)}: {form}"
                yield P(key, "M36", words, whole(form, A=part), 2)
        if mistake == "M37":
            for form in ("np.maximum(A, 0)", "np.sign(A)", SIGMA_SLOPE, TANH_SLOPE):
                words = f"{line.target} taken as {_told(form, other)}"
                key = f"slope of {stem(other)}: {form}"
                yield P(key, "M37", words, whole(form, A=part), 2)


def _fed_mistake(other: str, kind: str) -> str | None:
    if is_signal(other):
        return None if other.startswith(("dW", "dw", "db")) else "M37"
    if other[0] in "Zz" and kind != "relu":
        return "M32"
    if other[0] in "Ah" and kind == "relu":
        return "M40"
    return None


def extra_slopes(line: Line, known: tuple[str, ...]) -> Proposals:
    """A slope multiplied in where there is none, or a second time."""
    for name in known:
        if (
            is_signal(name)
            or name in ("one", "steps", *SIZES)
            or text_of(line.expression) == name
        ):
            continue
        for form in ("A * (1 - A)", "1 - A * A", "A > 0"):
            factor = form.replace("A", name)
            mistake = "M66" if name == "P" else "M68" if name in "Yy" else "M31"
            words = f"{line.target} with an extra factor {factor}"
            part = ast.Name(name, ast.Load())
            edit = whole(f"(E) * ({form})", A=part)
            yield P(f"extra {stem(name)} {form}", mistake, words, edit, 3)
        if name[0] in "ZzYAyos":
            part = ast.Name(name, ast.Load())
            for form, words in ((SIGMA_SLOPE, "sigma'"), (TANH_SLOPE, "tanh'")):
                phrase = f"{line.target} with an extra factor {words}({name})"
                edit = whole(f"(E) * ({form})", A=part)
                yield P(f"extra {words} of score", "M31", phrase, edit, 3)
