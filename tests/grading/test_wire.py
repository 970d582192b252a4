"""Frames: what is sent arrives; hostile frames raise WireError and cost nothing."""

from __future__ import annotations

import random
import struct
import tracemalloc

import numpy as np
import pytest

from autograder.calling import fingerprint
from autograder.exercises import EXERCISES
from autograder.functions import NAMED
from autograder.grading.inside import wire


def test_all_instances_of_all_exercises_survive_the_trip():
    for exercise in EXERCISES.values():
        for instance in exercise.instances(3):
            back = wire.decode(wire.encode(instance.args))
            assert fingerprint(back) == fingerprint(instance.args)
            for sent, got in zip(instance.args, back, strict=True):
                assert type(got) is type(sent)
                assert not isinstance(sent, np.ndarray) or got.dtype == sent.dtype


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        (float("inf"), -0.0),
        {"a": [1, (2, None)]},
        np.zeros((0, 3)),
        np.array(True),
        np.float32(1.5),
        NAMED["tanh"],
        2**62,
        "text \u2603",
        [],
        (),
        {},
    ],
)
def test_values_survive_the_trip(value):
    back = wire.decode(wire.encode(value))
    assert repr(back) == repr(value) and type(back) is type(value)


@pytest.mark.parametrize(
    "value",
    [object(), 2**64, 1j, np.zeros(2, complex), np.array([None]), {1: 2}, len, b"x"],
)
def test_other_things_do_not_travel(value):
    with pytest.raises(wire.WireError):
        wire.encode(value)


def _frame(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<4sIQ", b"BPL1", len(header), len(body)) + header + body


HOSTILE = [
    b"",
    b"BPL1",
    _frame(b""),
    _frame(b"[" * 10**6),
    _frame(b'["a","f8",[1099511627776],0]'),
    _frame(b'["a","f8",[0,1152921504606846976],0]', b"x" * 8),
    _frame(b'["a","f8",[-1],0]', b"x" * 8),
    _frame(b'["a","f8",[1],-8]', b"x" * 8),
    _frame(b'["a","f8",[true],0]', b"x" * 8),
    _frame(b'["a","f8",[1],4]', b"x" * 8),
    _frame(b'["a","O",[1],0]', b"x" * 8),
    _frame(b'["a",{},[1],0]', b"x" * 8),
    _frame(b'["a","b1",[1],0]', b"\x07"),
    _frame(b'["n","eval"]'),
    _frame(b'["n",[]]'),
    _frame(b'["x","1e999"]'),
    _frame(b'["x",{}]'),
    _frame(b"NaN"),
    _frame(b"Infinity"),
    _frame(b"1e999"),
    _frame(b"9" * 5000),
    _frame(b"99999999999999999999"),
    _frame(b"[]"),
    _frame(b"[[]]"),
    _frame(b"\xff\xfe"),
    struct.pack("<4sIQ", b"BPL1", 2**32 - 1, 2**63),
    struct.pack("<4sIQ", b"EVIL", 1, 0) + b"1",
]


@pytest.mark.attack(97)
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_frames(number: int):
    with pytest.raises(wire.WireError):
        wire.decode(HOSTILE[number])


def test_mutated_frames_raise_nothing_else():
    dice = random.Random(0)
    good = wire.encode(
        [
            (
                "returned",
                {"dW": np.ones((3, 2)), "r": 1.5},
                "",
                "",
                (0,),
                ("w",),
                ((4, 3),),
            )
        ]
    )
    tracemalloc.start()
    survived = 0
    for _ in range(10_000):
        frame = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            frame[dice.randrange(len(frame))] = dice.randrange(256)
        try:
            wire.decode(bytes(frame))
            survived += 1
        except wire.WireError:
            pass
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()
    assert survived < 10_000
