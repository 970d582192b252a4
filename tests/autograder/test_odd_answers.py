"""Odd functions and odd answers: the right ones pass, the others get a sentence."""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict, namedtuple
from fractions import Fraction

import numpy as np
import pytest

from autograder import grade_source
from autograder.exercises import get
from autograder.notebook import verdict_on


def answer(dZ, X, W):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def with_each(change):
    """The right answer with every array of it changed."""
    return lambda *arrays: tuple(change(array) for array in answer(*arrays))


def with_last(change):
    return lambda *arrays: (*answer(*arrays)[:2], change(answer(*arrays)[2]))


def judge(function, exercise="linear_backward"):
    return verdict_on(get(exercise), function)


class Shapeless(np.ndarray):
    """Lies about its shape, and about every computation."""

    shape = (99,)

    def __array_ufunc__(self, *anything, **more):
        return np.zeros(1)

    def __array_function__(self, *anything):
        return NotImplemented


class EmptyLooking(dict):
    """A dict that hides what it holds."""

    def __getitem__(self, key):
        raise KeyError(key)

    def keys(self):
        return []

    items = keys


class Called(type):
    def __call__(cls, *arrays):
        return answer(*arrays)


class Answering(metaclass=Called):
    pass


def lying_about_itself(*arrays):
    return answer(*arrays)


lying_about_itself.__signature__ = "no signature"


def in_a_thread(*arrays):
    found = []
    thread = threading.Thread(target=lambda: found.append(answer(*arrays)))
    thread.start()
    thread.join()
    return found[0]


def into_one_buffer(*arrays, buffers={}):  # noqa: B006 - as students write it
    for name, array in zip("XWb", answer(*arrays), strict=True):
        buffers.setdefault((name, array.shape), np.empty(array.shape))[...] = array
    return tuple(
        buffers[name, array.shape]
        for name, array in zip("XWb", answer(*arrays), strict=True)
    )


def after_freezing_its_arguments(*arrays):
    for array in arrays:
        array.setflags(write=False)
    return answer(*arrays)


NAMES = ("dX", "dW", "db")
RIGHT = {
    "positional only": lambda dZ, X, W, /: answer(dZ, X, W),
    "any arguments": lambda *arrays: answer(*arrays),
    "more defaults": lambda dZ, X, W, eps=1e-8, *rest, **more: answer(dZ, X, W),
    "partial": functools.partial(lambda scale, *arrays: answer(*arrays), 1),
    "static method": staticmethod(answer),
    "single dispatch": functools.singledispatch(answer),
    "metaclass": Answering,
    "no signature": lying_about_itself,
    "thread": in_a_thread,
    "one buffer": into_one_buffer,
    "frozen arguments": after_freezing_its_arguments,
    "list": lambda *arrays: list(answer(*arrays)),
    "named tuple": lambda *arrays: namedtuple("Grads", NAMES)(*answer(*arrays)),
    "dict": lambda *arrays: OrderedDict(zip(NAMES, answer(*arrays), strict=True)),
    "hiding dict": lambda *a: EmptyLooking(zip(NAMES, answer(*a), strict=True)),
    "object array of arrays": lambda *arrays: np.array(
        [*answer(*arrays), None], dtype=object
    )[:3],
    "rows": with_each(list),
    "matrix": with_each(lambda a: np.asmatrix(a) if a.ndim == 2 else a),
    "subclass": with_each(lambda a: a.view(Shapeless)),
    "nothing masked": with_each(np.ma.masked_array),
    "objects": with_each(lambda a: a.astype(object)),
    "fractions": with_last(lambda a: np.array([Fraction(float(x)) for x in a])),
    "0-d arrays": with_last(lambda a: [np.array(x) for x in a]),
    "big endian": with_each(lambda a: a.astype(">f8")),
    "negative strides": with_each(lambda a: a[::-1].copy()[::-1]),
}


@pytest.mark.parametrize("form", RIGHT)
def test_a_right_answer_in_an_odd_form_is_right(form):
    assert judge(RIGHT[form]).status == "right"


async def awaited(dZ, X, W):
    return answer(dZ, X, W)


class Evil:
    def __array__(self, *anything, **more):
        raise SystemExit

    def __array_function__(self, *anything):
        return True


def with_strange_error(dZ, X, W):
    raise ValueError(f"no gradient for {object()}")


endless: list = []
endless.append(endless)

# function, status, words of the verdict
ODD = {
    "keyword only": (lambda *, dZ, X, W: 1, "refused", "(dZ, X, W)"),
    "async": (awaited, "refused", "async def"),
    "map": (lambda *a: map(abs, answer(*a)), "refused", "list first"),
    "own array": (with_last(lambda a: Evil()), "refused", "type Evil"),
    "ragged": (with_last(lambda a: [[1], [2, 3]]), "wrong", "differ in length"),
    "holds None": (with_last(lambda a: [None for _ in a]), "wrong", "holds None"),
    "holds text": (with_last(lambda a: [str(x) for x in a]), "wrong", "holds text"),
    "nan": (with_each(lambda a: a * np.nan), "wrong", "not a finite number"),
    "own keys": (lambda *a: {object(): 1}, "wrong", "(object)"),
    "no keys": (lambda *a: {}, "wrong", "an empty dict"),
    "one number": (lambda *a: 3, "wrong", "got a whole number"),
    "hidden wrong": (with_each(lambda a: (2 * a).view(Shapeless)), "wrong", "dX"),
    "within itself": (lambda *a: endless, "refused", "nested"),
    "stretched": (
        with_last(lambda a: np.broadcast_to(0.0, (10**6, 10**6))),
        "refused",
        "larger",
    ),
    "address": (with_strange_error, "crashed", "<object object at 0x...>"),
    "reshaped argument": (
        lambda dZ, X, W: (answer(dZ, X, W), X.resize(X.size, refcheck=False))[0],
        "wrong",
        "changed its argument X",
    ),
}


@pytest.mark.parametrize("form", ODD)
def test_an_odd_answer_gets_a_sentence_and_the_same_one_twice(form):
    function, status, words = ODD[form]
    verdict = judge(function)
    assert verdict.status == status
    assert words in verdict.to_text()
    assert verdict.to_text() == judge(function).to_text()


def test_zeros_and_infinities_have_no_sign_and_prove_no_slip():
    zero_here = judge(
        with_each(lambda a: a * (np.arange(a.size) % 5 == 0).reshape(a.shape))
    )
    assert "opposite sign" not in zero_here.to_text()
    infinite = judge(lambda x: np.inf, "nested_derivative")
    assert infinite.status == "wrong" and infinite.diagnosis is None


def test_a_given_function_may_be_called_by_keyword():
    def numerical_gradient(f, x, h):
        slopes = np.zeros(len(x))
        for i, unit in enumerate(np.eye(len(x))):
            slopes[i] = (f(x=x + h * unit) - f(x=x - h * unit)) / (2 * h)
        return slopes

    verdict = judge(numerical_gradient, "numerical_gradient")
    assert "unexpected keyword" not in verdict.to_text()


STEP = """
def sgd_step(params, grads, lr):
    new = {name: p - lr * grads[f"d{name}"] for name, p in params.items()}
    new[%r] = %s
    return new
"""


@pytest.mark.parametrize(
    "extra", ["lambda: 3", "None", "'note'", "float('nan')", "lr * 1j", "new", "-lr"]
)
def test_what_stands_beside_the_keys_asked_for_is_the_students_own(extra):
    assert grade_source("sgd_step", STEP % ("mine", extra)).status == "right"


@pytest.mark.parametrize("value", ["lambda: 3", "lr * 1j", "(p for p in params)"])
def test_under_a_key_asked_for_only_numbers_are_judged(value):
    assert grade_source("sgd_step", STEP % ("W1", value)).status == "refused"
    assert grade_source("sgd_step", STEP % ("W1", "-new['W1']")).status == "wrong"


def test_a_step_may_change_the_state_that_it_was_given():
    """The exercise does not forbid it, and hands back what it changed."""
    source = """
import numpy as np

def adam_step(params, grads, state, lr, beta1, beta2, eps):
    state["t"] += 1
    for k in params:
        m, v, g = state["m"][k], state["v"][k], grads["d" + k]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g**2
        up = m / (1 - beta1 ** state["t"])
        params[k] -= lr * up / (np.sqrt(v / (1 - beta2 ** state["t"])) + eps)
    return params, state
"""
    assert grade_source("adam_step", source).status == "right"
    lost = source.replace("return params, state", 'return params, {**state, "t": 0}')
    assert grade_source("adam_step", lost).status == "wrong"
