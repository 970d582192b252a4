"""Slips in a matrix product or an outer product."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.diagnosis.slips.syntax import (
    Proposals,
    at,
    is_batch,
    is_signal,
    is_transpose,
    is_weight,
    names_in,
    parse,
    text_of,
)
from autograder.worked import Line

FIXED_SIZES = (2, 3, 4, 5, 6, 8)


def matrix_slips(node: ast.BinOp, line: Line) -> Proposals:
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
        elif mistake == "M50" and not any(map(is_signal, names_in(left))):
            mistake = None
        if mistake == "M04":
            mistake = if_signal(line, mistake)
        if mistake == "M26" and not target.startswith(("dW", "dw")):
            continue
        new = parse(text, A=left, B=right)
        yield P(f"matmul {text}", mistake, f"{target} {words}", at(node, new), weight)
    yield from _untransposed(node, line)
    yield from _own_weights(node, line)
    yield from _one_only(node, line)


def if_signal(line: Line, mistake: str) -> str | None:
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
    batch = is_transpose(node.left) and any(map(is_batch, names_in(node.left)))
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
        words = (
            f"{line.target} from {which} {unit}s"
            if "all" in which
            else (f"{line.target} from the {which} {unit} only")
        )
        yield P(f"{which} only", mistake, words, at(node, one), 3)


def _own_outer(line: Line) -> tuple[tuple[str, str, str, float], ...]:
    """The weights themselves in the place of what they multiply."""
    own = line.target.removeprefix("d")
    if own == line.target or not is_weight(own):
        return ()
    words = f"with {own} itself as the other factor"
    return (
        (f"A[:, None] * {own}", "M14", words, 3),
        (f"{own} * B", "M14", words, 3),
    )


def outer_slips(node: ast.Call, line: Line) -> Proposals:
    parts = {"A": node.args[0], "B": node.args[1]}
    for text, mistake, words, weight in (
        ("np.outer(B, A)", "M44", "transposed", 0),
        ("A @ B", "M46", "with a dot product", 2),
        ("A * B", "M46", "multiplied entry by entry", 2),
        ("np.outer(A, A)", None, f"with {text_of(node.args[0])} twice", 3),
        *_own_outer(line),
    ):
        new = parse(text, **parts)
        yield P(
            f"outer {text}", mistake, f"{line.target} {words}", at(node, new), weight
        )
