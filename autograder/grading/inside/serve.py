"""Run a submission's cells, then answer calls of the functions they define."""

from __future__ import annotations

import importlib
import itertools
import os
import random
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.calling import Outcome, call_many
from autograder.grading.inside import wire
from autograder.grading.inside.shell import Shell, close_figures

TOO_LARGE = "the answer is far larger than any right answer"
REACH_OUTSIDE = {"numpy.random.bit_generator": "randbits"}


class Pipe:
    """Both ends of the conversation with the grader: two file descriptors."""

    def __init__(self, inward: int, outward: int) -> None:
        self._inward, self._outward = inward, outward

    def receive(self) -> Any:
        """The next message; EOFError when the grader is gone."""
        return wire.read(self._exactly)

    def send(self, frame: bytes) -> None:
        """Send a whole frame."""
        view = memoryview(frame)
        while view:
            view = view[os.write(self._outward, view) :]

    def _exactly(self, count: int) -> bytes:
        chunks = []
        while count:
            chunk = os.read(self._inward, min(count, 2**20))
            if not chunk:
                raise EOFError
            chunks.append(chunk)
            count -= len(chunk)
        return b"".join(chunks)


def serve(pipe: Pipe, shell: Shell) -> None:
    """Answer messages until the grader hangs up."""
    _make_repeatable()
    while True:
        try:
            message = pipe.receive()
        except (EOFError, OSError):
            return
        if message["do"] == "cells":
            _block(message["blocked"])
            errors = _run_cells(shell, message["cells"], *message["seconds"])
            pipe.send(wire.encode(errors))
        else:
            function = shell.user_ns.get(message["name"])
            outcomes = _call(function, message["arguments"], message["seconds"])
            pipe.send(_packed(outcomes))


def _make_repeatable() -> None:
    """Unseeded random numbers are the same on every run."""
    random.seed(0)
    np.random.seed(0)
    counter = itertools.count(1)
    for module, name in REACH_OUTSIDE.items():
        setattr(sys.modules[module], name, lambda bits: next(counter) % 2**bits)


def _block(dotted_names: Sequence[str]) -> None:
    """Let library functions that are this notebook's answers raise instead."""
    for dotted in dotted_names:
        module_name, _, name = dotted.rpartition(".")
        try:
            original = getattr(importlib.import_module(module_name), name)
        except (ImportError, AttributeError):
            continue
        replacement = _refusal(dotted)
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("backproplab"):
                for key, value in list(vars(module).items()):
                    if value is original:
                        setattr(module, key, replacement)


def _refusal(dotted: str) -> Callable[..., Any]:
    def not_here(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f"{dotted} is what the exercise asks you to write")

    return not_here


def _run_cells(
    shell: Shell, cells: Sequence[str], each: float, together: float
) -> list[tuple[int, str, str, str]]:
    """Run every cell; what failed as (index, status, error, where)."""
    errors = []
    deadline = time.monotonic() + together
    for index, source in enumerate(cells):
        left = deadline - time.monotonic()
        if left <= 0:
            errors.append((index, "timeout", "the cells before took too long", ""))
            continue
        outcome = call_many(_runner(shell, source), [()], min(each, left))[0]
        if outcome.status != "returned":
            errors.append((index, outcome.status, outcome.error, outcome.where))
    return errors


def _runner(shell: Shell, source: str) -> Callable[[], None]:
    def run() -> None:
        result = shell.run_cell(source, store_history=True)
        close_figures()
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise error

    return run


def _call(
    function: Any, arguments: Sequence[tuple[Any, ...]], seconds: float
) -> list[Outcome]:
    if function is None:
        return [Outcome("missing")] * len(arguments)
    if not callable(function):
        kind = type(function).__name__
        refused = Outcome("refused", error=f"the name stands for a {kind}, no function")
        return [refused] * len(arguments)
    return call_many(function, arguments, seconds)


def _packed(outcomes: Sequence[Outcome]) -> bytes:
    try:
        return wire.encode([_fields(outcome) for outcome in outcomes])
    except (wire.WireError, MemoryError, RecursionError, UnicodeError):
        refused = Outcome("refused", error=TOO_LARGE)
        return wire.encode([_fields(refused)] * len(outcomes))


def _fields(o: Outcome) -> tuple[Any, ...]:
    return (o.status, o.value, o.error, o.where, o.changed, o.warnings, o.evaluated)


def over_socket(connection: socket.socket) -> Pipe:
    """A pipe that goes both ways through one socket."""
    return Pipe(connection.fileno(), connection.fileno())
