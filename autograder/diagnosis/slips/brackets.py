"""Brackets that are lost, or that take in too much."""

from __future__ import annotations

import ast

from autograder.diagnosis.slips.syntax import Proposal as P
from autograder.diagnosis.slips.syntax import Proposals, at, is_bias, parse, text_of
from autograder.worked import Line

SUM = (ast.Add, ast.Sub)
SIGNS = {ast.Add: "+", ast.Sub: "-"}
PRODUCTS = {ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}


def bracket_slips(node: ast.BinOp, line: Line) -> Proposals:
    """The same expression read without, or with, a pair of brackets."""
    product = PRODUCTS.get(type(node.op))
    if product is not None:
        yield from _lost(node, line, product)
    elif isinstance(node.op, SUM):
        yield from _taken_in(node, line)


def _lost(node: ast.BinOp, line: Line, product: str) -> Proposals:
    left, right = node.left, node.right
    if isinstance(left, ast.BinOp) and isinstance(left.op, SUM):
        text = f"A {SIGNS[type(left.op)]} B {product} C"
        new = parse(text, A=left.left, B=left.right, C=right)
        yield _proposal(node, line, new, text_of(left))
    if isinstance(right, ast.BinOp) and isinstance(right.op, SUM):
        text = f"A {product} B {SIGNS[type(right.op)]} C"
        new = parse(text, A=left, B=right.left, C=right.right)
        yield _proposal(node, line, new, text_of(right))
    if not isinstance(right, ast.BinOp) or product != "/":
        return
    if isinstance(right.op, ast.Mult):
        new = parse("A / B * C", A=left, B=right.left, C=right.right)
        yield _proposal(node, line, new, text_of(right))


def _proposal(node: ast.BinOp, line: Line, new: ast.expr, inside: str) -> P:
    words = f"{line.target} without the brackets around {inside}"
    return P("brackets", None, words, at(node, new), 2)


def _taken_in(node: ast.BinOp, line: Line) -> Proposals:
    left, sign = node.left, SIGNS[type(node.op)]
    if not isinstance(left, ast.BinOp) or type(left.op) not in PRODUCTS:
        return
    product = PRODUCTS[type(left.op)]
    text = f"A {product} (B {sign} C)"
    new = parse(text, A=left.left, B=left.right, C=node.right)
    words = f"{line.target} with {text_of(node.right)} taken into the brackets"
    named = "M65" if is_bias(node.right, line) else None
    yield P("taken in", named, words, at(node, new), 2)
