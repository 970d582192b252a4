"""The numerical truth: derivatives measured from the forward code alone.

    points        arrays, numbers and dicts of arrays as one vector
    richardson    real differences, extrapolated, with their error
    steps         gradient, directional and one-sided slopes; complex step
    rounding      what rounding can do to a right backward pass
    entrywise     does a complex step show the slope of an activation, or of a loss?
    forward       a network as forward code, with the slope of each part
    of_network    every gradient of a known network, certified through its loss
    verdict       is a student's gradient right, wrong, or can nobody tell?

Read them in this order.  None uses a backward function of this library.
"""

from backproplab.finite_differences.forward import Network
from backproplab.finite_differences.of_network import (
    NetworkGradient,
    certified,
    network_gradient,
    running_error_bound,
)
from backproplab.finite_differences.steps import (
    Estimate,
    directional,
    gradient,
    is_analytic,
    one_sided,
)
from backproplab.finite_differences.verdict import Result, check_gradient

__all__ = [
    "Estimate",
    "Network",
    "NetworkGradient",
    "Result",
    "certified",
    "check_gradient",
    "directional",
    "gradient",
    "is_analytic",
    "network_gradient",
    "one_sided",
    "running_error_bound",
]
