"""The slips a person can make in one line, as variations of a worked solution.

Each rule looks at one place of one line and proposes what people write there
instead.  Rules know Python expressions and the roles of names (weights, slopes,
signals), not exercises: the same rules serve every worked solution.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.worked import Line, Program, Variation, compile_expression

SCALARS = ("N", "D", "H", "G", "K", "J", "loss", "lam", "lr", "eps", "beta1", "beta2")


@dataclass(frozen=True)
class Slip:
    """One proposal: the new expression for a line, and what the slip is called."""

    key: str
    mistake: str | None
    phrase: str
    expression: ast.expr
    weight: int = 0


def variations(program: Program, names: tuple[str, ...]) -> list[Variation]:
    """All single slips, then every slip repeated in all the lines it fits.

    ``names`` are the names known before the first line (the arguments).
    """
    singles: list[Variation] = []
    groups: dict[tuple[str, str], dict[int, Variation]] = {}
    for i, line in enumerate(program.lines):
        known = (*names, *(earlier.target for earlier in program.lines[:i]))
        for slip in slips_in(line, known):
            code = compile_expression(slip.expression)
            single = Variation(
                slip.key, slip.mistake, line.target, slip.phrase, {i: code}, slip.weight
            )
            singles.append(single)
            for group in ((slip.key, ""), (slip.key, stem(line.target))):
                groups.setdefault(group, {}).setdefault(i, single)
    repeated = {tuple(g): _together(list(g.values())) for g in groups.values()}
    everything = singles + [g for sites, g in repeated.items() if len(sites) > 1]
    return sorted(everything, key=lambda variation: variation.weight)


def _together(singles: list[Variation]) -> Variation:
    """The same slip in several lines at once."""
    first = singles[-1]  # the line nearest the end of the backward pass
    targets = ", ".join(single.target for single in singles[:-1])
    sites = {i: code for single in singles for i, code in single.sites.items()}
    return Variation(
        first.key,
        first.mistake,
        singles[0].target,
        f"{first.phrase} (and the same in {targets})",
        sites,
        first.weight + 1,
    )


def stem(name: str) -> str:
    """A name without its layer: ``dW2`` and ``dW1`` share the stem ``dW``."""
    return name.split("_")[0] if "_" in name else name.rstrip("0123456789")


def layer(name: str) -> int:
    """The layer number at the end of a name, 0 where there is none."""
    digits = name[len(name.rstrip("0123456789")) :]
    return int(digits) if digits else 0


def slips_in(line: Line, known: tuple[str, ...]) -> Iterator[Slip]:
    """Every slip in one line."""
    whole = line.expression
    yield from _whole_line(line, known)
    for node in _expressions(whole):
        for key, mistake, phrase, new, weight in _at(node, line, known):
            yield Slip(key, mistake, phrase, replace(whole, node, new), weight)


def replace(tree: Any, target: ast.AST, new: ast.AST) -> Any:
    """The tree with one node exchanged; everything else is shared."""
    if tree is target:
        return new
    if isinstance(tree, list):
        return [replace(item, target, new) for item in tree]
    if not isinstance(tree, ast.AST):
        return tree
    fields = {name: replace(v, target, new) for name, v in ast.iter_fields(tree)}
    return type(tree)(**fields)


def parse(text: str, **parts: ast.expr) -> ast.expr:
    """Parse an expression; names given in ``parts`` stand for whole expressions."""
    return _substitute(ast.parse(text, mode="eval").body, parts)


def _substitute(tree: Any, parts: dict[str, ast.expr]) -> Any:
    if isinstance(tree, ast.Name) and tree.id in parts:
        return parts[tree.id]
    if isinstance(tree, list):
        return [_substitute(item, parts) for item in tree]
    if not isinstance(tree, ast.AST):
        return tree
    fields = {name: _substitute(v, parts) for name, v in ast.iter_fields(tree)}
    return type(tree)(**fields)


def _expressions(tree: ast.expr) -> list[ast.expr]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
        and not (isinstance(node, ast.Name) and node.id in ("np", "len", "float"))
        and not isinstance(node, ast.Attribute | ast.Dict | ast.Tuple)
        or _is_transpose(node)
    ]


# roles of names


def is_signal(name: str) -> bool:
    """Names of gradients and error signals: dZ1, delta, r, residual, g."""
    return name.startswith(("d", "delta", "g_")) or name in ("r", "residual", "g")


def is_slope(name: str) -> bool:
    """Names of local derivatives: S, S1, slope."""
    return name in ("S", "slope", "mask") or (name[0] == "S" and name[1:].isdigit())


def is_weight(name: str) -> bool:
    """Names of weights: w, W1, V, theta, u, W_next."""
    return name[0] in "wWVu" or name == "theta"


def _names_in(node: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id != "np"]


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


def _is_transpose(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def _is(node: ast.AST, operator: type) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, operator)


# slips of a whole line


def _whole_line(line: Line, known: tuple[str, ...]) -> Iterator[Slip]:
    e, target = line.expression, line.target

    def slip(key, mistake, phrase, text, weight=0, **parts):
        expression = parse(text, **{"E": e, **parts})
        return Slip(key, mistake, f"{target} {phrase}", expression, weight)

    yield slip("sign", "M20", "with the opposite sign", "-(E)")
    if target.startswith("d") or is_signal(target) or is_slope(target):
        yield from _scaled_line(slip, line, known)
        yield slip("transposed", "M44", "transposed", "np.transpose(E)", 1)
        yield slip("uptransposed", "M45", "built on the transpose", "(E).T.copy()", 3)
    if is_slope(target):
        yield from _other_slopes(slip, line)
    if is_signal(target):
        yield slip(
            "value squared", "M08", "as r squared: a value, not a slope", "(E) ** 2", 3
        )
        yield slip(
            "masked", "M37", "cut where it is negative itself", "np.maximum(E, 0)", 3
        )
        yield slip("ones", "M16", "set to ones", "np.ones_like(E)", 3)
        yield slip("zeros", None, "set to zeros", "np.zeros_like(E)", 4)
    if target.startswith("d"):
        yield from _sums_of_line(slip, line)


SIGMA, TANH, RELU = "A * (1 - A)", "1 - A * A", "A > 0"


def _other_slopes(slip, line: Line) -> Iterator[Slip]:
    """The slopes people confuse with this one."""
    text = _text(line.expression)
    name = _names_in(line.expression)[0]
    sigma = text == SIGMA.replace("A", name)
    tanh = text == TANH.replace("A", name)
    yield slip("slope is 1", "M29", "taken as 1", "np.ones_like(E)", 1)
    forms = [
        ("A", "M34" if sigma or tanh else "M08"),
        ("1 - A", "M34"),
        ("A * A", "M34"),
        (SIGMA, "M36" if tanh else "M31"),
        (TANH, "M36" if sigma else "M31"),
        ("A * (1 + A)", "M34"),
        ("A * A - 1", "M20"),
        ("A * A * (1 - A)", "M09"),
        ("A * (1 - A) * (1 - A)", "M09"),
        ("A > 0", "M36"),
        ("A >= 0", "M40"),
        ("(1 / (1 + np.exp(-A))) * (1 - 1 / (1 + np.exp(-A)))", "M09"),
        ("1 - np.tanh(A) ** 2", "M09"),
        ("(1 - A) * (1 - A)", "M34"),
        ("1 / (1 + np.exp(-A))", "M36"),
        ("np.where(A > 0, 1, 0.01)", "M36"),
    ]
    for form, mistake in forms:
        what = f"as {form.replace('A', name)}"
        part = ast.Name(name, ast.Load())
        yield slip(f"slope {form}", mistake, what, form, 1, A=part)


def _scaled_line(slip, line: Line, known: tuple[str, ...]) -> Iterator[Slip]:
    yield slip("double", "M23", "twice as large (an extra factor 2)", "2 * (E)", 1)
    yield slip("half", "M22", "half as large (a missing factor 2)", "(E) / 2", 1)
    if "N" in known:
        yield slip("times N", "M24", "without the 1/N of the mean", "(E) * N", 1)
        yield slip("over N", "M26", "divided by N once more", "(E) / N", 1)
    for size in ("K", "H", "D"):
        if size in known:
            yield slip(
                f"over {size}", "M26", f"divided by {size} as well", f"(E) / {size}", 4
            )
    for name in known:
        if name in SCALARS or is_signal(name):
            continue
        for form, mistake in (
            ("{0} * (1 - {0})", "M31"),
            ("(1 - {0} * {0})", "M31"),
            ("({0} > 0)", None),
            ("{0}", "M09" if is_slope(name) else None),
        ):
            factor = form.format(name)
            what = (
                f"with the factor {factor} once more"
                if mistake == "M09"
                else f"with an extra factor {factor}"
            )
            yield slip(f"extra {form}", mistake, what, f"(E) * ({factor})", 5)


def _sums_of_line(slip, line: Line) -> Iterator[Slip]:
    text = _text(line.expression)
    if "sum" not in text and "np." not in text:
        yield slip(
            "row sums", "M52", "summed over the wrong axis", "(E).sum(axis=1)", 6
        )


# slips at one place


def _at(
    node: ast.expr, line: Line, known: tuple[str, ...]
) -> Iterator[tuple[str, str | None, str, ast.expr, int]]:
    if isinstance(node, ast.BinOp):
        yield from _product(node, line)
        yield from _matrix_product(node, line)
        yield from _sum_of_two(node, line)
        yield from _power(node, line)
    elif isinstance(node, ast.Name):
        yield from _name(node, line, known)
    elif isinstance(node, ast.Constant):
        yield from _constant(node, line)
    elif isinstance(node, ast.Compare):
        yield from _comparison(node, line)
    elif isinstance(node, ast.Call):
        yield from _call(node, line, known)
    elif _is_transpose(node):
        yield (
            "no transpose",
            "M45",
            f"{line.target} with {_text(node.value)} not transposed",
            node.value,
            0,
        )


def _dropped(factor: ast.expr, line: Line) -> tuple[str, str | None, str]:
    """What it is called when a factor is left out."""
    names, text, target = _names_in(factor), _text(factor), line.target
    if "lam" in names:
        return "drop lambda", "M89", f"{target} without the factor {text}"
    if isinstance(factor, ast.Constant):
        mistake = "M22" if factor.value == 2 else None
        return "drop constant", mistake, f"{target} without the factor {text}"
    if names and all(is_slope(name) for name in names):
        return "drop slope", "M29", f"{target} without the local slope {text}"
    if is_slope(target):
        return "partial slope", "M34", f"{target} without the factor {text}"
    if names and any(is_signal(name) for name in names):
        return "drop signal", "M17", f"{target} without the upstream {text}"
    if names and any(is_weight(name) for name in names):
        return "drop weight", "M50", f"{target} without the weights {text}"
    if names == ["lr"] or names == ["eta"]:
        return "drop rate", None, f"{target} without the step size {text}"
    return "drop factor", None, f"{target} without the factor {text}"


def _product(node: ast.BinOp, line: Line):
    if isinstance(node.op, ast.Mult):
        for kept, lost in ((node.left, node.right), (node.right, node.left)):
            key, mistake, phrase = _dropped(lost, line)
            yield key, mistake, phrase, kept, 0
            again = parse("A * B", A=node, B=lost)
            twice = f"{line.target} with the factor {_text(lost)} twice"
            yield f"twice {key}", "M09", twice, again, 2
        added = parse("A + B", A=node.left, B=node.right)
        what = f"{line.target} with {_text(node.left)} and {_text(node.right)} added"
        yield "added", "M04", f"{what} instead of multiplied", added, 1
        divided = parse("A / B", A=node.left, B=node.right)
        what = f"{line.target} divided by {_text(node.right)} instead of multiplied"
        yield "divided", None, what, divided, 4
    elif isinstance(node.op, ast.Div):
        yield from _quotient(node, line)


def _quotient(node: ast.BinOp, line: Line):
    below, target = _text(node.right), line.target
    if below in ("N", "len(X)"):
        yield "drop N", "M24", f"{target} without the 1/N of the mean", node.left, 0
        twice = parse("A / B / B", A=node.left, B=node.right)
        yield "N twice", "M26", f"{target} with 1/N twice", twice, 1
        for size in ("K", "D", "H"):
            new = parse(f"A / (B * {size})", A=node.left, B=node.right)
            yield (
                f"mean over {size}",
                None,
                f"{target} averaged over {size} too",
                new,
                3,
            )
    else:
        mistake = "M96" if "beta" in below else None
        what = f"{target} without dividing by {below}"
        yield "drop divisor", mistake, what, node.left, 1
    times = parse("A * B", A=node.left, B=node.right)
    yield "times divisor", None, f"{target} times {below} instead of over it", times, 3


def _matrix_product(node: ast.BinOp, line: Line):
    if not isinstance(node.op, ast.MatMult):
        return
    left, right, target = node.left, node.right, line.target
    names = (_text(left), _text(right))
    for text, mistake, what, weight in (
        ("A * B", "M46", "multiplied entry by entry instead of as matrices", 1),
        ("B @ A", "M45", "in the other order", 2),
        ("A.T @ B", "M45", f"with {names[0]} transposed", 2),
        ("A @ B.T", "M45", f"with {names[1]} transposed", 2),
        ("B.T @ A.T", "M44", "transposed", 2),
        ("np.sum(A * B)", "M53", "summed to one number", 3),
        ("A @ np.ones_like(B)", "M50", f"with ones in the place of {names[1]}", 3),
        ("np.ones_like(A) @ B", None, f"with ones in the place of {names[0]}", 3),
    ):
        new = parse(text, A=left, B=right)
        yield f"matmul {text}", mistake, f"{target} {what}", new, weight
    for text, which in (("A[:, :1] @ B[:1]", "first"), ("A[:, -1:] @ B[-1:]", "last")):
        one = parse(text, A=left, B=right)
        unit = "example" if _is_transpose(left) else "unit"
        mistake = "M59" if unit == "example" else "M12"
        what = f"{target} from the {which} {unit} only"
        yield f"{which} only", mistake, what, one, 3


def _sum_of_two(node: ast.BinOp, line: Line):
    if not isinstance(node.op, ast.Add | ast.Sub):
        return
    minus = isinstance(node.op, ast.Sub)
    left, right, target = node.left, node.right, line.target
    flipped = parse("A + B" if minus else "A - B", A=left, B=right)
    mistake = "M91" if "lr" in _names_in(right) else None
    yield (
        "inner sign",
        mistake,
        f"{target} with the sign of {_text(right)} flipped",
        flipped,
        2,
    )
    if minus:
        swapped = parse("B - A", A=left, B=right)
        what = f"{target} with {_text(right)} minus {_text(left)}: the opposite sign"
        yield "sign", "M20", what, swapped, 1
    if isinstance(left, ast.Constant) and left.value == 1 and minus:
        return
    for kept, lost in ((left, right), (right, left)):
        key, mistake = _lost_term(lost, line)
        yield key, mistake, f"{target} without the term {_text(lost)}", kept, 1
    twice = parse("A + B + B", A=left, B=right)
    key, mistake = _lost_term(right, line)
    what = f"{target} with {_text(right)} counted twice"
    yield f"twice {key}", "M65" if mistake == "M65" else None, what, twice, 3


def _lost_term(term: ast.expr, line: Line) -> tuple[str, str | None]:
    names = _names_in(term)
    if "lam" in names:
        return "drop penalty", "M88"
    if "lr" in names:
        return "drop update", "M93"
    if any(name.startswith(("m_", "v_")) for name in names):
        return "drop memory", "M103"
    if names and names[0].startswith(("b", "c")) and not is_signal(line.target):
        return "drop bias", "M65"
    if names and names[0] in ("Y", "y"):
        return "drop target", "M68"
    if is_signal(line.target):
        return "one path", "M12"
    return "drop term", None


def _power(node: ast.BinOp, line: Line):
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
        yield "no power", "M05", f"{line.target} without the power", node.left, 2
    if isinstance(node.op, ast.Pow):
        bare = f"{line.target} with {_text(node.left)} in the place of {_text(node)}"
        yield "no power of t", "M97", bare, node.left, 1
        product = parse("A * B", A=node.left, B=node.right)
        what = f"{line.target} with {_text(product)} for {_text(node)}"
        yield "times for power", "M97", what, product, 2


def _name(node: ast.Name, line: Line, known: tuple[str, ...]):
    old, target = node.id, line.target
    if old in SCALARS and old not in ("lam", "lr"):
        return
    squared = f"{target} with {old} squared"
    yield "squared", "M05", squared, parse("A ** 2", A=node), 5
    doubled = f"{target} with {old} doubled"
    yield "doubled", None, doubled, parse("2 * A", A=node), 6
    if is_slope(old):
        for text in ("A > 0", "A >= 0", "np.sign(A)"):
            yield (
                f"slope {text}",
                "M39",
                f"{target} with {text.replace('A', old)}",
                parse(text, A=node),
                5,
            )
    if is_weight(old):
        yield (
            "ones for weights",
            "M50",
            f"{target} with ones in the place of {old}",
            parse("np.ones_like(A)", A=node),
            3,
        )
        grad = "d" + old
        if grad in known:
            for rate in (1.0, 0.5, 0.1, 0.01):
                stepped = f"{target} with {old} after its update instead of before"
                new = parse(f"A - {rate} * {grad}", A=node)
                yield "stepped weights", "M79", stepped, new, 4
    for other in known:
        if other == old or other in SCALARS or not _confusable(old, other, known):
            continue
        key, mistake, phrase, weight = _exchanged(old, other, line)
        key = f"{key} {stem(old)}>{stem(other)}{layer(other) - layer(old)}"
        new = ast.Name(other, ast.Load())
        yield key, mistake, f"{target} {phrase}", new, weight


def _confusable(old: str, other: str, known: tuple[str, ...]) -> bool:
    """In long programs only names of the same kind or the same layer are confused."""
    if len(known) <= 14:
        return True
    near = abs(layer(old) - layer(other)) <= 1
    return near and (stem(old) == stem(other) or layer(old) == layer(other))


def _exchanged(old: str, other: str, line: Line) -> tuple[str, str | None, str, int]:
    what = f"with {other} in the place of {old}"
    if is_slope(line.target):
        if is_signal(other):
            return "slope at the gradient", "M37", what, 2
        mistake = "M32" if other[0] in "Zz" else None
        return "slope of another", mistake, what, 2
    if is_slope(old) and not is_slope(other):
        return "slope replaced", "M08" if not is_signal(other) else None, what, 3
    if is_signal(line.target) and is_weight(old) != is_weight(other):
        return "operand exchanged", "M14", what, 3
    if is_signal(line.target) and is_signal(old) and not is_signal(other):
        return "signal replaced", "M08", what, 4
    if is_signal(line.target) and not is_signal(old) and not is_signal(other):
        return "wrong layer", "M48", what, 3
    if is_signal(line.target) and is_signal(old):
        return "stale signal", None, what, 4
    return "name exchanged", None, what, 4


def _constant(node: ast.Constant, line: Line):
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    for new in {0: (1,), 1: (2, 0), 2: (1, 4, 3), 0.5: (1,)}.get(value, (0, 2 * value)):
        mistake = {(2, 1): "M22", (1, 2): None, (2, 4): "M23"}.get((value, new))
        what = f"{line.target} with {new:g} in the place of {value:g}"
        yield f"constant {value}->{new}", mistake, what, ast.Constant(new), 3


def _comparison(node: ast.Compare, line: Line):
    if len(node.ops) != 1:
        return
    left, right, target = node.left, node.comparators[0], line.target
    for text, mistake, what in (
        ("A < B", "M39", "with the mask inverted"),
        ("A <= B", "M39", "with the mask inverted"),
        ("A > -B", "M40", "with the wrong threshold"),
        ("np.sign(A)", "M39", "with the sign for the mask"),
        ("np.ones_like(A)", "M40", "without the mask"),
        ("A > 0", "M40", "compared with 0"),
        ("np.abs(A) > B", "M40", "with a mask that is always on"),
    ):
        new = parse(text, A=left, B=right)
        yield f"compare {text}", mistake, f"{target} {what}", new, 1


def _call(node: ast.Call, line: Line, known: tuple[str, ...]):
    text = _text(node.func)
    if text.endswith(".sum") or text == "np.sum":
        yield from _sum_call(node, line)
    elif text == "np.outer":
        yield from _outer_call(node, line)
    elif text in ("np.exp", "np.log", "np.sqrt", "np.sign", "np.abs", "np.clip"):
        inner = node.args[0]
        what = f"{line.target} without {text[3:]}"
        yield f"no {text}", None, what, inner, 2
        if text == "np.exp":
            flipped = parse("np.exp(-(A))", A=inner)
            yield (
                "exp sign",
                None,
                f"{line.target} with exp of the negative",
                flipped,
                2,
            )
    if text == "np.tanh":
        sigma = parse("1 / (1 + np.exp(-(A)))", A=node.args[0])
        yield "sigma for tanh", "M36", f"{line.target} with sigma for tanh", sigma, 2


def _sum_call(node: ast.Call, line: Line):
    array = node.func.value if _text(node.func) != "np.sum" else node.args[0]
    axis = next((k.value for k in node.keywords if k.arg == "axis"), None)
    target = line.target
    if axis is None:
        return
    here, other = _text(axis), {"0": "1", "1": "0"}.get(_text(axis), "0")
    for text, mistake, what in (
        (f"np.sum(A, axis={other})", "M52", "summed over the wrong axis"),
        (
            f"np.sum(A, axis={other}, keepdims=True)",
            "M52",
            "summed over the wrong axis",
        ),
        ("np.sum(A)", "M53", "summed to one number"),
        ("np.sum(A) + 0 * np.sum(A, axis=0)", "M53", "the same total in every entry"),
        (f"np.sum(A, axis={here}, keepdims=True)", "M56", "with a kept dimension"),
        (f"np.mean(A, axis={here})", "M26", "averaged: 1/N a second time"),
        ("A[0]", "M59", "from the first example only"),
        ("A[-1]", "M59", "from the last example only"),
        ("A", "M52", "not summed at all"),
        (
            f"np.max(A, axis={here}, keepdims=True)",
            None,
            "with the largest for the sum",
        ),
    ):
        new = parse(text, A=array)
        if mistake == "M52" and "softmax" in line.target or target in ("P", "total"):
            mistake = "M70" if mistake in ("M52", "M53") else mistake
        yield f"sum {text}", mistake, f"{target} {what}", new, 1


def _outer_call(node: ast.Call, line: Line):
    first, second = node.args
    swapped = parse("np.outer(B, A)", A=first, B=second)
    yield "transposed", "M44", f"{line.target} transposed", swapped, 0
    dot = parse("A @ B", A=first, B=second)
    yield "dot for outer", "M46", f"{line.target} with a dot product", dot, 2
    entry = parse("A * B", A=first, B=second)
    yield "entry for outer", "M46", f"{line.target} multiplied entry by entry", entry, 2
