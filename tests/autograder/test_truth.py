"""All gradients of a network are measured at once, and never believed unseen."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.exercises import get, truth
from autograder.exercises.deep import network_loss, squared_layers
from autograder.exercises.exercise import exact, flatten
from autograder.exercises.truth import parameter_slopes
from backproplab.neurons import sigmoid, tanh

AT_ONCE = (
    "one_hidden_backward",
    "two_hidden_backward",
    "three_hidden_backward",
    "mlp_backward",
    "network_gradients",
    "train_epoch",
    "fix_10",
)
NAMES = ("X", "Y", "params")


def layered_loss(X, Y, params):
    return network_loss(X, Y, params, tanh)


@pytest.mark.parametrize("name", AT_ONCE)
def test_measured_at_once_is_measured_entry_by_entry(name, monkeypatch):
    exercise = get(name)
    at_once = [flatten(i.wanted) for i in exercise.instances(3)]
    monkeypatch.setattr(truth, "certified", lambda *given: False)
    for instance, wanted in zip(exercise.instances(3), at_once, strict=True):
        for part, entrywise in flatten(exercise.truth(*exact(instance.args))).items():
            tolerance = 1e-13 * entrywise.scale
            assert np.abs(wanted[part].value - entrywise.value).max() <= tolerance


def test_layers_that_are_another_loss_are_not_believed():
    random = np.random.default_rng(0)
    params = {"W1": random.normal(size=(2, 3)), "b1": random.normal(size=3)}
    params |= {"W2": random.normal(size=(3, 1)), "b2": random.normal(size=1)}
    args = (random.normal(size=(4, 2)), random.normal(size=(4, 1)), params)
    right = parameter_slopes(layered_loss, NAMES, args)
    for activation in (tanh, sigmoid):
        layers = squared_layers(activation)
        found = parameter_slopes(layered_loss, NAMES, args, layers=layers)
        assert all(np.allclose(found[k], right[k], rtol=1e-12) for k in params)


def test_the_larger_slope_at_a_kink_sets_the_scale():
    """Else an array of nothing but ties would have to be right to the last bit."""
    tied = truth.Reference(np.zeros(2), np.array([-3.0, 0.0]), np.zeros(2))
    assert tied.scale == 3.0
