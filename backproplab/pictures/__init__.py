"""Figures for the lessons: every one carries a text that says what it shows.

    network        units as capsules: value on the left, error signal on the right
    graph          a computation graph: f above, g below each node
    boxes          building blocks, the local derivative on each edge
    curves         functions, and under each its derivative
    number_lines   a chain of functions, and a nudge that grows from line to line
    step_sizes     how wrong a difference quotient is, for every step size
    paths          a graph with its factors: multiply along, add over paths
    jacobian_product  g beside the rows of J, J^T g below its columns
    heat_map       a matrix with its numbers
    outer_product  v on the left, x on top, v x^T between them
    lines          several lines over steps, plain or logarithmic
    landscape      a loss over two numbers, with paths through it
    boundary       points of two classes, and where a classifier says which
    images         small square images with their titles
    bar_rows       rows of bars on one scale: p, y and p - y
    contributions  bars that start where the one before ended, and their sum
    batch_gradient dW = X^T dZ as a sum of outer products, one per example
    mirror         forward on top, each signal under its value, gradients at the foot
    price          what passes cost: counted beside timed
    running_products  factors multiplied up from the loss or from the weight

Forward is blue and solid, backward is brown and dashed; signs are always printed, so
nothing depends on colour alone.  Needs matplotlib: ``pip install ".[lab]"``.
"""

from backproplab.pictures.bars import bar_rows, contributions
from backproplab.pictures.batches import batch_gradient
from backproplab.pictures.boxes import boxes
from backproplab.pictures.graphs import graph
from backproplab.pictures.jacobians import jacobian_product
from backproplab.pictures.matrices import heat_map, outer_product
from backproplab.pictures.mirror import mirror
from backproplab.pictures.networks import network
from backproplab.pictures.number_lines import number_lines
from backproplab.pictures.paths import paths
from backproplab.pictures.picture import Picture
from backproplab.pictures.plots import curves
from backproplab.pictures.price import price
from backproplab.pictures.running import running_products
from backproplab.pictures.step_sizes import step_sizes
from backproplab.pictures.training_plots import boundary, images, landscape, lines
from backproplab.shown import BACKWARD, FORWARD

__all__ = [
    "BACKWARD",
    "FORWARD",
    "Picture",
    "bar_rows",
    "batch_gradient",
    "boundary",
    "boxes",
    "contributions",
    "curves",
    "graph",
    "heat_map",
    "images",
    "jacobian_product",
    "landscape",
    "lines",
    "mirror",
    "network",
    "number_lines",
    "outer_product",
    "price",
    "paths",
    "running_products",
    "step_sizes",
]
