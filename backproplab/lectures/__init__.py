"""The same networks in five courses' own symbols, one file per course.

    ubc       CPSC 340: r, v, u and a, b, d for one, two and three hidden layers
    notes     handwritten notes: minus-delta, the bias inside W, w += eta delta o
    michigan  EECS 545: every derivative as its own factor
    lmu       I2DL: five factors for one weight, and one step of the XOR network
    cs221     Stanford: hinge loss, two-layer and four-layer regression

Each function writes the lecture's formula out; the tests show that all of them equal
``backproplab.network`` and finite differences of the loss.
"""

from backproplab.lectures import cs221, lmu, michigan, notes, ubc

__all__ = ["cs221", "lmu", "michigan", "notes", "ubc"]
