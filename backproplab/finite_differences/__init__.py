"""The numerical truth: derivatives measured from the forward code alone.

    points        arrays, numbers and dicts of arrays as one vector
    steps         complex step, Richardson extrapolation, one-sided slopes
    of_network    every gradient of a known network, certified through its loss
    verdict       is a student's gradient right, wrong, or can nobody tell?

Read them in this order.  None uses a backward function of this library.
"""

from backproplab.finite_differences.steps import (
    Estimate,
    directional,
    gradient,
    is_analytic,
    one_sided,
)

__all__ = ["Estimate", "directional", "gradient", "is_analytic", "one_sided"]
