"""Signatures that courses rely on: arguments go by position, so none may move."""

from __future__ import annotations

import pytest

from autograder.exercises import get

FIXED = """
nested_derivative(x)
graph_backward(w, phi, y)
graph_backward_shared(w, phi, y, lam)
sigmoid_backward(dA, A)
tanh_backward(dA, A)
relu_backward(dA, Z)
softmax(Z)
linear_forward(X, W, b)
linear_backward(dZ, X, W)
hinge_loss_grad(w, phi, y)
ridge_grad(X, y, w, lam)
one_hidden_regression_grads(x, y, w, W)
one_hidden_backward(X, Y, params)
softmax_cross_entropy(Z, Y)
two_hidden_backward(X, Y, params)
three_hidden_backward(X, Y, params)
output_delta(y, o)
hidden_delta(delta_next, W_next, o)
mlp_backward(params, cache, Y)
sgd_step(params, grads, lr)
adam_step(params, grads, state, lr, beta1, beta2, eps)
"""


@pytest.mark.parametrize("line", FIXED.split("\n")[1:-1])
def test_arguments_stay_where_they_are(line: str):
    exercise = get(line.partition("(")[0])
    assert f"{exercise.id}({exercise.signature})" == line
