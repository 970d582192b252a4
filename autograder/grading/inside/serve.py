"""Run a submission's cells, then answer calls of the functions they define."""

from __future__ import annotations

import importlib
import itertools
import linecache
import os
import random
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.calling import Outcome, call_many
from autograder.grading.inside import wire
from autograder.grading.inside.shell import Shell, close_figures
from autograder.time_limit import TimeLimit

# The last value, the history, the shell itself: only IPython has these.
NOTEBOOK_ONLY = re.compile(r"(?<!\w)(_+\d*|Out|In|_i+|get_ipython)(?!\w)")
TOO_LARGE = "the answer is far larger than any right answer"
REACH_OUTSIDE = {"numpy.random.bit_generator": "randbits"}

_counter = itertools.count(1)


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
            # Several calls at once: the grader judges one while the next one runs.
            for name, arguments in message["calls"]:
                function = shell.user_ns.get(name)
                pipe.send(_packed(_call(function, arguments, message["seconds"])))


def warm_up(shell: Shell) -> None:
    """Do once before any fork what is slow the first time."""
    shell.run_cell(
        "def warm(x, W, p):\n    return {'d': W @ x, 'e': (x.sum(), p['b'])}"
    )
    arguments = [(np.ones(2), np.ones((3, 2)), {"b": np.float32(1)})] * 20
    for _ in range(3):
        travelled = wire.decode(wire.encode({"arguments": arguments}))["arguments"]
        outcomes = _call(shell.user_ns["warm"], travelled, 5.0)
        wire.decode(_packed(outcomes))
    _runner(shell, "pass")()
    shell.reset(new_session=True)


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
        outcome = _guarded(_runner(shell, source), [()], min(each, left))[0]
        if outcome.status != "returned":
            errors.append((index, outcome.status, outcome.error, outcome.where))
    return errors


def _runner(shell: Shell, source: str) -> Callable[[], None]:
    """What runs one cell: plain Python at once, anything else the notebook's way."""
    plain = None if NOTEBOOK_ONLY.search(source) else _compiled(source)

    def run() -> None:
        if plain is not None:
            exec(plain, shell.user_ns)
        else:
            result = shell.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                raise error
        close_figures()

    return run


def _compiled(source: str) -> Any:
    name = f"<cell {next(_counter)}>"
    try:
        code = compile(source, name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    return code


def _call(
    function: Any, arguments: Sequence[tuple[Any, ...]], seconds: float
) -> list[Outcome]:
    if function is None:
        return [Outcome("missing")] * len(arguments)
    if not callable(function):
        kind = type(function).__name__
        refused = Outcome("refused", error=f"the name stands for a {kind}, no function")
        return [refused] * len(arguments)
    return _guarded(function, arguments, seconds)


def _guarded(
    function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], seconds: float
) -> list[Outcome]:
    """Call, whatever the function raises and however it swallows its time limit."""
    try:
        return call_many(function, arguments, seconds)
    except TimeLimit:
        late = Outcome("timeout", error=f"it took longer than {seconds:g} seconds")
        return [late] * len(arguments)
    except BaseException as error:
        broken = Outcome("crashed", error=type(error).__name__)
        return [broken] * len(arguments)
    finally:
        _stop_timer()


def _stop_timer() -> None:
    """A time limit that struck keeps striking, so stopping it may take several goes."""
    while hasattr(signal, "setitimer"):
        try:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
            return
        except TimeLimit:
            continue


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
