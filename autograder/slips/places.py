"""Slips at one place of a line: products, sums, powers, constants, sums over axes."""

from __future__ import annotations

import ast
import re

from autograder.slips.names import name_slips
from autograder.slips.syntax import (
    SIZES,
    Proposals,
    at,
    is_signal,
    is_slope,
    is_transpose,
    is_weight,
    names_in,
    parse,
    places,
    text_of,
    whole,
)
from autograder.slips.syntax import Proposal as P
from autograder.worked import FREE, Line

ADDED = "A.sum(axis=1)[:, None] + B.sum(axis=0)"
FIXED_SIZES = (2, 3, 4, 5, 6, 8)


def place_slips(line: Line, known: tuple[str, ...]) -> Proposals:
    """Every slip at every place of a line."""
    yield from _squash(line)
    for node in places(line.expression):
        if isinstance(node, ast.BinOp):
            yield from _product(node, line)
            yield from _matrix_product(node, line)
            yield from _sum_of_two(node, line)
            yield from _power(node, line)
        elif isinstance(node, ast.Name):
            yield from name_slips(node, line, known)
        elif isinstance(node, ast.Constant):
            yield from _constant(node, line)
        elif isinstance(node, ast.Compare):
            yield from _comparison(node, line)
        elif isinstance(node, ast.Call):
            yield from _call(node, line)
        elif is_transpose(node):
            inner = node.value  # type: ignore[attr-defined]
            words = f"{line.target} with {text_of(inner)} not transposed"
            yield P("no transpose", "M45", words, at(node, inner))


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
        return "drop constant", "M22" if two else None, words
    if names == ["mask"]:
        return "drop mask", "M40", f"{target} without the mask"
    if names and all(is_slope(name) for name in names):
        return "drop slope", "M29", f"{target} without the local slope {text}"
    if is_slope(target):
        return "partial slope", "M34", words
    if names and any(is_signal(name) for name in names):
        return "drop signal", "M17", f"{target} without the upstream {text}"
    if names and any(is_weight(name) for name in names):
        return "drop weight", "M50", f"{target} without the weights {text}"
    if names in (["lr"], ["eta"]):
        return "drop rate", None, f"{target} without the step size {text}"
    return "drop factor", None, words


def _product(node: ast.BinOp, line: Line) -> Proposals:
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
    named = None if is_slope(target) else _if_signal(line, "M04")
    yield P("added", named, words, at(node, added), 1)
    taken = parse("A - B", A=node.left, B=node.right)
    words = f"{target} with {right} subtracted instead of multiplied"
    yield P("subtracted", None, words, at(node, taken), 4)
    divided = parse("A / B", A=node.left, B=node.right)
    words = f"{target} divided by {right} instead of multiplied"
    yield P("divided", None, words, at(node, divided), 4)


def _doubled(factor: ast.expr, line: Line, penalty: bool) -> str | None:
    """What it is called when a factor is multiplied in twice."""
    if penalty:
        return "M89"
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
        words = f"{target} without dividing by {below}"
        yield P("drop divisor", mistake, words, at(node, node.left), 1)
    words = f"{target} times {below} instead of over it"
    yield P("times divisor", None, words, at(node, parse("A * B", **parts)), 3)
    if "sqrt" in below:
        squared = parse("A / B ** 2", **parts)
        words = f"{target} divided by the square of {below}"
        yield P("square divisor", None, words, at(node, squared), 3)


def _matrix_product(node: ast.BinOp, line: Line) -> Proposals:
    if not isinstance(node.op, ast.MatMult):
        return
    left, right, target = node.left, node.right, line.target
    names = (text_of(left), text_of(right))
    rows: tuple[tuple[str, str | None, str, float], ...] = (
        ("A * B", "M46", "multiplied entry by entry instead of as matrices", 1),
        ("np.sum(A * B, axis=0)", "M46", "multiplied entry by entry and summed", 3),
        ("np.sum(A * B, axis=1)", "M46", "multiplied entry by entry and summed", 3),
        ("B @ A", "M45", "in the other order", 1.5),
        ("A.T @ B", "M45", f"with {names[0]} transposed", 1.5),
        ("A @ B.T", "M45", f"with {names[1]} transposed", 1.5),
        ("B.T @ A.T", "M44", "transposed", 2),
        ("np.sum(A * B)", "M53", "summed to one number", 3),
        ("np.sum(A @ B)", "M53", "summed to one number", 3),
        ("A @ np.ones_like(B)", "M50", f"with ones in the place of {names[1]}", 1.5),
        (
            "np.ones_like(A) @ B",
            _unseen(left),
            f"with ones in the place of {names[0]}",
            3,
        ),
        (
            "A.sum(axis=1)[:, None] + B.sum(axis=0)",
            "M04",
            "added up, not multiplied",
            3,
        ),
        ("np.sum(A) * B", None, f"with the sum of {names[0]} times {names[1]}", 4),
        ("A @ B / len(B)", "M26", "averaged instead of summed", 1.5),
        ("A @ B / len(A)", None, f"divided by the length of {names[0]}", 4),
        ("np.abs(A) @ B", None, f"with the absolute value of {names[0]}", 5),
        ("A @ np.abs(B)", None, f"with the absolute value of {names[1]}", 5),
    )
    for text, mistake, words, weight in rows:
        if mistake == "M50" and not any(map(is_weight, names_in(right))):
            mistake = "M17" if any(map(is_signal, names_in(right))) else None
        if mistake == "M26" and not target.startswith(("dW", "dw")):
            continue
        new = parse(text, A=left, B=right)
        yield P(f"matmul {text}", mistake, f"{target} {words}", at(node, new), weight)
    yield from _untransposed(node, line)
    yield from _own_weights(node, line)
    yield from _one_only(node, line)


def _if_signal(line: Line, mistake: str) -> str | None:
    return mistake if is_signal(line.target) else None


def _unseen(factor: ast.expr) -> str | None:
    return "M17" if any(map(is_signal, names_in(factor))) else None


def _untransposed(node: ast.BinOp, line: Line) -> Proposals:
    """The entrywise product of the arrays as they are, without their transposes."""
    left, right = (
        n.value if is_transpose(n) else n  # type: ignore[attr-defined]
        for n in (node.left, node.right)
    )
    if left is node.left and right is node.right:
        return
    words = f"{line.target} multiplied entry by entry instead of as matrices"
    for text in ("A * B", "np.sum(A * B, axis=0)"):
        new = parse(text, A=left, B=right)
        yield P(f"entries {text}", "M46", words, at(node, new), 1.2)


def _own_weights(node: ast.BinOp, line: Line) -> Proposals:
    """The product passes on the operand whose gradient it is."""
    own = line.target.removeprefix("g_").removeprefix("d")
    signal = next(
        (n for n in (node.left, node.right) if any(map(is_signal, names_in(n)))), None
    )
    if own == line.target or signal is None:
        return
    words = f"{line.target} with {own} itself as the other factor"
    for text in (
        "A * B.sum(axis=0)",
        "A * B.sum(axis=1, keepdims=True)",
        "A * B.sum()",
        "A * B",
        "A @ B.T",
        "A.T @ B",
    ):
        new = parse(text, A=ast.Name(own, ast.Load()), B=signal)
        yield P(f"own {text}", "M14", words, at(node, new), 3)


def _one_only(node: ast.BinOp, line: Line) -> Proposals:
    weights = any(map(is_weight, names_in(node.left)))
    batch = is_transpose(node.left) and not weights
    unit = "example" if batch else "unit"
    usual = "M12" if is_signal(line.target) and not batch else "M59"
    for k in FIXED_SIZES:
        new = parse(f"A[..., :{k}] @ B[:{k}]", A=node.left, B=node.right)
        words = f"{line.target} from the first {k} {unit}s, however many there are"
        yield P(f"first {k}", "M84", words, at(node, new), 3.5)
    for text, which in (
        ("A[:, :1] @ B[:1]", "first"),
        ("A[:, -1:] @ B[-1:]", "last"),
        ("A[:, 1:] @ B[1:]", "all but the first"),
        ("A[:, :-1] @ B[:-1]", "all but the last"),
        ("A[:1] @ B", "first row"),
        ("A[..., 0] * B[0]", "first entry"),
        ("A[..., -1] * B[-1]", "last entry"),
    ):
        one = parse(text, A=node.left, B=node.right)
        mistake = usual if "all" not in which else None
        if which == "first row":
            mistake = "M59"
        words = (
            f"{line.target} from {which} {unit}s"
            if "all" in which
            else (f"{line.target} from the {which} {unit} only")
        )
        yield P(f"{which} only", mistake, words, at(node, one), 3)


def _sum_of_two(node: ast.BinOp, line: Line) -> Proposals:
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
    if one:
        return
    for kept, lost in ((node.left, node.right), (node.right, node.left)):
        key, named = _lost_term(lost, line)
        words = f"{target} without the term {text_of(lost)}"
        yield P(key, named, words, at(node, kept), 1)
    key, named = _lost_term(node.right, line)
    if named == "M65":
        yield from _bias(node, line)
    words = f"{target} with {right} counted twice"
    twice = parse("A + B + B" if not minus else "A - B - B", **parts)
    named = named if named == "M65" else None
    yield P(f"twice {key}", named, words, at(node, twice), 3)


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
        ("A + np.transpose([B])", f"with {right} as a column"),
        ("A + np.abs(B)", f"with {right} without its sign"),
    ):
        edit = at(node, parse(text, **parts))
        words = f"{line.target} {words}"
        yield P(f"bias {text}", "M65", words, edit, 2, free=FREE in text)


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
    ):
        new = parse(text, A=node.left, B=node.right)
        key = f"error {text}"
        yield P(key, mistake, f"{line.target} with {words}", at(node, new), 1)


def _moment(line: Line) -> str | None:
    return "M97" if "hat" in line.target else None


def _flipped(node: ast.BinOp, line: Line) -> str | None:
    names = names_in(node.right)
    if "lr" in names or "eta" in names:
        return "M91"
    if "lam" in names:
        return "M89"
    if names and names[0][0] in "bc" and not is_signal(line.target):
        return "M65"
    return None


def _lost_term(term: ast.expr, line: Line) -> tuple[str, str | None]:
    names = names_in(term)
    if "lam" in names:
        return "drop penalty", "M88"
    if "lr" in names or "eta" in names:
        return "drop update", "M93"
    if any(name.startswith(("m_", "v_")) for name in names):
        return "drop memory", "M103"
    if names and names[0][0] in "bc" and not is_signal(line.target):
        return "drop bias", "M65"
    if names and names[0] in ("Y", "y"):
        return "drop target", "M68"
    if is_signal(line.target) and len(names) > 1:
        return "one path", "M12"
    return "drop term", None


def _power(node: ast.BinOp, line: Line) -> Proposals:
    if not isinstance(node.op, ast.Pow):
        return
    base, told = text_of(node.left), text_of(node)
    if isinstance(node.right, ast.Constant):
        named: str | None = "M102" if "v_" in line.target else "M05"
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
        ("A ** (B - 1)", f"the power one step too early of {base}"),
        ("A ** (B + 1)", f"the power one step too late of {base}"),
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
    for text, mistake, words in (
        ("A > B", "M39", "with the mask inverted"),
        ("A < B", "M39", "with the mask inverted"),
        ("A > -B", "M40", "with the wrong threshold"),
        ("A < -B", "M40", "with the wrong threshold"),
        ("np.sign(A)", "M39", "with the sign for the mask"),
        ("np.sign(B - A)", "M39", "with the sign for the mask"),
        ("np.ones_like(A)", "M40", "without the mask"),
        ("A > 0", "M40", "compared with 0"),
        ("A < 0", "M40" if hinge else "M39", "compared with 0"),
    ):
        new = parse(text, **parts)
        if text_of(new) != text_of(node):
            key = f"compare {text}"
            yield P(key, mistake, f"{line.target} {words}", at(node, new), 1)


def _call(node: ast.Call, line: Line) -> Proposals:
    text = text_of(node.func)
    if text.endswith(".sum") or text == "np.sum":
        yield from _sum_call(node, line)
    elif text == "np.outer":
        yield from _outer_call(node, line)
    elif text == "np.max":
        yield from _max_call(node, line)
    elif text in ("np.exp", "np.log", "np.sqrt", "np.sign", "np.abs", "np.clip"):
        inner = node.args[0]
        words = f"{line.target} without {text[3:]}"
        named = "M102" if text == "np.sqrt" else None
        if text == "np.exp" and is_slope(line.target):
            named = "M34"
        yield P(f"no {text}", named, words, at(node, inner), 2)
        if text == "np.exp":
            words = f"{line.target} with exp of the opposite sign"
            new = parse("np.exp(-(A))", A=inner)
            yield P("exp sign", None, words, at(node, new), 2)
    if text == "np.tanh":
        words = f"{line.target} with sigma for tanh"
        new = parse("1 / (1 + np.exp(-(A)))", A=node.args[0])
        yield P("sigma for tanh", None, words, at(node, new), 2)
        for text in ("np.maximum(A, 0)", "A + 0.0"):
            words = f"{line.target} with {text.replace('A', 'z')} for tanh"
            new = parse(text, A=node.args[0])
            yield P(f"{text} for tanh", None, words, at(node, new), 2)


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
    softmax = line.target in ("total", "P")
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
        (f"np.mean(A, axis={here})", _if_signal(line, "M26"), "averaged", 0.8),
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
        ("A", "M52", "not summed at all", 1),
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
        new = parse(text, A=array)
        if text_of(new) != text_of(node):
            key = f"sum {text}"
            yield P(key, mistake, f"{line.target} {words}", at(node, new), weight)


def _total(node: ast.Call, line: Line, array: ast.expr) -> Proposals:
    for text, mistake, words in (
        ("A[0].sum()", "M59", "of the first example only"),
        ("A[-1].sum()", "M59", "of the last example only"),
        ("np.sum(A, axis=1)", "M53", "not summed over the examples"),
    ):
        edit = at(node, parse(text, A=array))
        yield P(f"total {text}", mistake, f"{line.target} {words}", edit, 2)


def _max_call(node: ast.Call, line: Line) -> Proposals:
    for text, mistake in (
        ("np.max(A)", "M70"),
        ("np.max(A, axis=0)", "M70"),
        ("np.max(A, axis=1)", "M58"),
        ("0 * np.max(A)", None),
    ):
        told = text.replace("A", "Z")
        words = f"{line.target} with {told} for the largest score of each row"
        new = parse(text, A=node.args[0])
        yield P(f"shift {text}", mistake, words, at(node, new), 0.9)


def _outer_call(node: ast.Call, line: Line) -> Proposals:
    parts = {"A": node.args[0], "B": node.args[1]}
    for text, mistake, words, weight in (
        ("np.outer(B, A)", "M44", "transposed", 0),
        ("A @ B", "M46", "with a dot product", 2),
        ("A * B", "M46", "multiplied entry by entry", 2),
        ("np.outer(A, A)", None, f"with {text_of(node.args[0])} twice", 3),
    ):
        new = parse(text, **parts)
        yield P(
            f"outer {text}", mistake, f"{line.target} {words}", at(node, new), weight
        )
