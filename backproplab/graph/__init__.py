"""Computation graphs: forward values f, backward values g = dloss/df.

A node holds the value of one subexpression; its inputs are the nodes it was computed
from.  Build one by writing the expression, then call ``backward`` at its root:

>>> w, phi, y = Node([3, 1], "w"), Node([1, 2], "phi"), Node(2, "y")
>>> loss = square(dot(w, phi) - y)
>>> backward(loss)
>>> print(loss.f, w.g)
9.0 [ 6. 12.]

At a tie ``maximum`` passes the gradient to its second argument; hence relu'(0) = 0.

    blocks  what each operation computes, and what it passes to its inputs
    nodes   expressions, written as usual, that remember how they were made
    walk    the order of the nodes, forward and backward through it
    table   a graph as lines of text
"""

from backproplab.graph.blocks import BLOCKS, Block
from backproplab.graph.nodes import (
    Node,
    apply,
    dot,
    exp,
    log,
    maximum,
    relu,
    sigmoid,
    square,
    tanh,
    total,
)
from backproplab.graph.table import Step, draw, trace
from backproplab.graph.walk import backward, forward, topological_order, unbroadcast

__all__ = [
    "BLOCKS",
    "Block",
    "Node",
    "Step",
    "apply",
    "backward",
    "dot",
    "draw",
    "exp",
    "forward",
    "log",
    "maximum",
    "relu",
    "sigmoid",
    "square",
    "tanh",
    "topological_order",
    "total",
    "trace",
    "unbroadcast",
]
