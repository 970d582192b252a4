"""Call a student's function safely and bring back only plain numbers.

Nothing here knows the right answer, and nothing is imported from the rest of the
project but the time limit: the same two files serve the notebook and the untrusted
worker.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import linecache
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from autograder.time_limit import TimeLimit, time_limit

MAX_DEPTH = 8
MAX_NUMBERS = 2_000_000
MAX_TEXT = 300
ASIDE = 2  # levels of dicts in which entries of any kind may stand beside the answer
NOT_NUMBERS = "not numbers: "
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
ROOT = os.path.dirname(os.path.dirname(__file__))
OURS = tuple(os.path.join(ROOT, name, "") for name in ("autograder", "backproplab"))


@dataclass(frozen=True)
class Outcome:
    """What one call did.

    ``status`` is returned, unfinished, crashed, timeout or refused; ``value`` holds
    plain numbers, arrays, tuples, lists and dicts; ``error`` is one line; ``where``
    the student's line it came from; ``changed`` lists the changed arguments by
    position; ``evaluated`` pairs each function argument's position with how many
    numbers it was evaluated on.
    """

    status: str
    value: Any = None
    error: str = ""
    where: str = ""
    changed: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    evaluated: tuple[tuple[int, int], ...] = ()


class NotPlain(Exception):
    """The returned value is not made of plain numbers and arrays."""


def call_many(
    function: Callable[..., Any],
    argument_tuples: Sequence[tuple[Any, ...]],
    seconds: float = 5.0,
) -> list[Outcome]:
    """Call ``function`` on each tuple of arguments; all calls share ``seconds``.

    After a time-out the remaining calls are not made: they count as timed out too.

    >>> call_many(lambda x: 2 * x, [(3.0,)])[0].value
    6.0
    """
    deadline = time.monotonic() + seconds
    late = Outcome("timeout", error=_took_too_long(seconds))
    outcomes: list[Outcome] = []
    with _quiet() as caught, time_limit(seconds, _answer.__code__):
        for arguments in argument_tuples:
            over = time.monotonic() >= deadline
            if over or (outcomes and outcomes[-1].status == "timeout"):
                outcomes.append(late)
                continue
            caught.clear()
            outcome = _call(function, arguments, caught)
            outcomes.append(late if outcome.status == "timeout" else outcome)
    return outcomes


def _took_too_long(seconds: float) -> str:
    return f"the calls took longer than {seconds:g} seconds together"


def _call(
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    caught: list[warnings.WarningMessage],
) -> Outcome:
    given = tuple(
        Counted(argument) if callable(argument) else copy.deepcopy(argument)
        for argument in arguments
    )
    before = [fingerprint(argument) for argument in given]
    try:
        with np.errstate(all="warn", under="ignore"):
            value = _answer(function, given)
    except TimeLimit:
        return Outcome("timeout")
    except NotPlain as problem:
        return Outcome("refused", error=str(problem))
    except NotImplementedError as error:
        return Outcome("unfinished", error=_one_line(error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit and the student's own included
        return Outcome("crashed", error=_one_line(error), where=_where(error))
    after = [fingerprint(argument) for argument in given]
    changed = tuple(
        i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b
    )
    messages = tuple(_tidy(str(w.message)) for w in caught)
    evaluated = tuple(
        (i, argument.numbers)
        for i, argument in enumerate(given)
        if isinstance(argument, Counted)
    )
    return Outcome(
        "returned", value, changed=changed, warnings=messages, evaluated=evaluated
    )


def _answer(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    return plain(function(*given))


class Counted:
    """A given function that counts the numbers it is evaluated on."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.__name__ = getattr(function, "__name__", "function")
        self.numbers = 0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Evaluate, and count."""
        given = (*arguments, *named.values())
        self.numbers += int(np.size(given[0])) if given else 1
        return self._function(*arguments, **named)


def plain(value: Any, depth: int = 0) -> Any:
    """Turn a returned value into exact base types, or raise :class:`NotPlain`.

    Arrays become base-class float or integer arrays (a copy), numbers become Python
    numbers, namedtuples become tuples.  Subclasses cannot lie: only their data is read.

    >>> plain((np.float64(2.0), [1, 2]))
    (2.0, [1, 2])
    """
    if depth > MAX_DEPTH:
        raise NotPlain(f"the answer is nested more than {MAX_DEPTH} levels deep")
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return _plain_scalar(value)
    if isinstance(value, np.ndarray):
        return _plain_array(value, depth)
    if isinstance(value, np.generic):
        return _plain_array(np.asarray(value)).item()
    if isinstance(value, dict):
        entry = _entry if depth < ASIDE else plain
        items = list(dict.items(value))
        return {_key(key): entry(item, depth + 1) for key, item in items}
    if isinstance(value, (tuple, list)):
        base: Any = tuple if isinstance(value, tuple) else list
        if base.__len__(value) > MAX_NUMBERS:
            raise NotPlain("the answer is far larger than any right answer")
        return base(plain(item, depth + 1) for item in base.__iter__(value))
    if isinstance(value, complex):
        raise NotPlain("the answer is a complex number; return real numbers")
    raise NotPlain(_unknown_kind(value))


def _entry(item: Any, depth: int) -> Any:
    """One entry of a dict; what is not plain is text that says so.

    A student may keep a function or a note beside what is asked for: only an entry
    that is asked for has to be numbers.
    """
    try:
        return plain(item, depth)
    except NotPlain as problem:
        return f"{NOT_NUMBERS}{problem}"


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, int) and abs(value) > 2**62:
        raise NotPlain("the answer holds a whole number beyond 64 bits; return floats")
    return value


def _key(key: Any) -> str:
    if isinstance(key, (str, int, float)) or key is None:
        return str(key)[:100]
    return f"({type(key).__name__})"


def _plain_array(value: np.ndarray, depth: int = 0) -> Any:
    if value.size > MAX_NUMBERS:
        raise NotPlain("the answer is far larger than any right answer")
    masked = sys.modules.get("numpy.ma")  # importing it takes longer than a check
    if masked is not None and isinstance(value, masked.MaskedArray):
        if masked.getmaskarray(value).any():
            raise NotPlain("the answer is a masked array with hidden entries")
        value = masked.getdata(value)
    base = np.array(value, dtype=value.dtype, subok=False, copy=True)
    if base.dtype.kind in "fiub":
        return base.astype(np.float64) if base.dtype.itemsize > 8 else base
    if base.dtype.kind == "c":
        raise NotPlain("the answer holds complex numbers; return real numbers")
    try:
        if base.dtype.kind == "O":
            return base.astype(np.float64)
    except Exception:
        if base.ndim == 1:
            return [plain(item, depth + 1) for item in base]
    what = "text" if base.dtype.kind in "US" else str(base.dtype)
    raise NotPlain(f"the answer is an array of {what} instead of numbers")


def _unknown_kind(value: Any) -> str:
    kind = f"the answer is of type {type(value).__name__}"
    if hasattr(type(value), "__await__"):
        return f"{kind}; write def in the place of async def"
    if hasattr(type(value), "__next__"):
        return f"{kind}; turn it into an array, a tuple or a list first"
    if callable(value):
        return f"{kind}, not numbers; did you forget to call it?"
    return f"{kind}; return NumPy arrays or plain numbers"


def fingerprint(value: Any) -> bytes:
    """A hash of everything in an argument: two equal hashes, nothing was changed."""
    digest = hashlib.blake2b(digest_size=16)
    _feed(digest, value)
    return digest.digest()


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        digest.update(f"{value.shape}{value.dtype.str}".encode())
        digest.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, dict):
        for key in value:
            digest.update(repr(key).encode())
            _feed(digest, value[key])
    elif isinstance(value, (list, tuple)):
        digest.update(f"{len(value)}".encode())
        for item in value:
            _feed(digest, item)
    elif not callable(value):
        digest.update(repr(value).encode())


@contextlib.contextmanager
def _quiet() -> Iterator[list[warnings.WarningMessage]]:
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(_Bounded()),
        contextlib.redirect_stderr(_Bounded()),
    ):
        warnings.simplefilter("always")
        yield caught


class _Bounded(io.StringIO):
    """Swallows what is printed, keeping memory flat however much that is."""

    def write(self, text: str) -> int:
        return len(text)


def _one_line(error: BaseException) -> str:
    try:
        name, message = _said(error)
        message = _tidy(str(message))
    except BaseException:
        name, message = type(error).__name__, "(its message cannot be shown)"
    return f"{name}: {message}" if message else name


def _tidy(text: str) -> str:
    """One line, and the same in every run: an address of an object is not."""
    return " ".join(ADDRESS.sub("0x...", text).split())[:MAX_TEXT]


def _said(error: BaseException) -> tuple[str, str]:
    """Its kind and its words; a SyntaxError's own words name a file nobody has."""
    if isinstance(error, SyntaxError) and error.lineno:
        public = next(t for t in type(error).mro() if not t.__name__.startswith("_"))
        return public.__name__, f"{error.msg} (line {error.lineno})"
    return type(error).__name__, str(error)


def _where(error: BaseException) -> str:
    """The innermost line of the student's own code, and the line that called it."""
    lines: list[str] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        installed = "site-packages" in code.co_filename
        inner = code.co_name in ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>")
        if not installed and not inner and not code.co_filename.startswith(OURS):
            lines += _line(code, step.tb_lineno)
        step = step.tb_next
    called = f" (called at {lines[-2]})" if len(lines) > 1 else ""
    return lines[-1] + called if lines else ""


def _line(code: CodeType, number: int) -> list[str]:
    text = linecache.getline(code.co_filename, number).strip()
    name = "" if code.co_name.startswith("<") else f" of {code.co_name}"
    return [f"line {number}{name}: {text[:120]}"] if text else []
