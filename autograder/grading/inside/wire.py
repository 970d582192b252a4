"""Frames between the grader and a worker: plain values and arrays, never pickles.

A frame is a magic word, two lengths, a JSON header and the arrays' raw bytes.  Every
length is checked before anything is allocated, because the sender may be hostile.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.functions import NAMED

MAGIC = b"BPL1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 8 * 2**20
MAX_BODY = 64 * 2**20
MAX_DEPTH = 12
MAX_TEXT = 2**20
DTYPES = {"f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"}
SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class WireError(Exception):
    """A frame is malformed, or a value cannot travel."""


def encode(value: Any) -> bytes:
    """The frame that carries ``value``.

    >>> decode(encode({"dW": np.ones((2, 1)), "loss": (1.5, None)}))
    {'dW': array([[1.],
           [1.]]), 'loss': (1.5, None)}
    """
    chunks: list[bytes] = []
    header = json.dumps(_pack(value, chunks, 0), separators=(",", ":")).encode()
    body = b"".join(chunks)
    if len(header) > MAX_HEADER or len(body) > MAX_BODY:
        raise WireError("the value is too large to travel")
    return PREFIX.pack(MAGIC, len(header), len(body)) + header + body


def decode(frame: bytes) -> Any:
    """The value carried by one whole frame; raises :class:`WireError`."""
    header_size, body_size = sizes(frame[: PREFIX.size])
    if len(frame) != PREFIX.size + header_size + body_size:
        raise WireError("the frame's length is not what it says")
    body = memoryview(frame)[PREFIX.size + header_size :]
    try:
        tree = json.loads(frame[PREFIX.size : PREFIX.size + header_size])
        return _unpack(tree, body, 0)
    except (ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise WireError(f"the frame is malformed ({type(error).__name__})") from None


def sizes(prefix: bytes) -> tuple[int, int]:
    """Header and body length from a frame's first bytes, checked against the limits."""
    if len(prefix) != PREFIX.size:
        raise WireError("the frame is cut off")
    magic, header, body = PREFIX.unpack(prefix)
    if magic != MAGIC or header > MAX_HEADER or body > MAX_BODY:
        raise WireError("this is not a frame, or it is too large")
    return header, body


def read(receive: Callable[[int], bytes]) -> Any:
    """Read one value; ``receive(n)`` returns exactly ``n`` bytes or raises EOFError."""
    prefix = receive(PREFIX.size)
    header, body = sizes(prefix)
    return decode(prefix + receive(header + body))


def _pack(value: Any, chunks: list[bytes], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError("the value is nested too deeply")
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        if abs(value) >= 2**63:
            raise WireError("a whole number is beyond 64 bits")
        return value
    if kind is float:
        return value if math.isfinite(value) else ["x", repr(value)]
    if kind is np.ndarray or isinstance(value, np.generic):
        return _pack_array(value, chunks)
    if kind in (tuple, list):
        return [
            "t" if kind is tuple else "l",
            *(_pack(v, chunks, depth + 1) for v in value),
        ]
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise WireError("a dict has keys that are not strings")
        return {key: _pack(item, chunks, depth + 1) for key, item in value.items()}
    name = getattr(value, "__name__", "")
    if NAMED.get(name) is value:
        return ["n", name]
    raise WireError(f"a {kind.__name__} cannot travel")


def _pack_array(value: Any, chunks: list[bytes]) -> list[Any]:
    array = np.asarray(value)
    code = array.dtype.newbyteorder("=").str[1:]
    if code not in DTYPES:
        raise WireError(f"an array of {array.dtype} cannot travel")
    chunks.append(np.ascontiguousarray(array, dtype="<" + code).tobytes())
    tag = "a" if isinstance(value, np.ndarray) else "s"
    return [tag, code, list(array.shape), sum(map(len, chunks[:-1]))]


def _unpack(tree: Any, body: memoryview, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise WireError("the value is nested too deeply")
    if isinstance(tree, dict):
        return {key: _unpack(item, body, depth + 1) for key, item in tree.items()}
    if isinstance(tree, list):
        return _unpack_tagged(tree, body, depth)
    if isinstance(tree, str) and len(tree) > MAX_TEXT:
        raise WireError("a text is too long")
    if type(tree) is int and abs(tree) >= 2**63:
        raise WireError("a whole number is beyond 64 bits")
    if type(tree) is float and not math.isfinite(tree):
        raise WireError("a number that is not finite must be tagged")
    return tree


def _unpack_tagged(tree: list[Any], body: memoryview, depth: int) -> Any:
    if not tree:
        raise WireError("an empty list has no tag")
    tag, *rest = tree
    if tag in ("t", "l"):
        items = [_unpack(item, body, depth + 1) for item in rest]
        return tuple(items) if tag == "t" else items
    if tag == "x" and len(rest) == 1 and rest[0] in SPECIAL:
        return SPECIAL[rest[0]]
    if tag == "n" and len(rest) == 1 and rest[0] in NAMED:
        return NAMED[rest[0]]
    if tag in ("a", "s") and len(rest) == 3:
        array = _unpack_array(rest[0], rest[1], rest[2], body)
        return array if tag == "a" else array[()]
    raise WireError("an unknown tag")


def _unpack_array(code: Any, shape: Any, offset: Any, body: memoryview) -> np.ndarray:
    if code not in DTYPES or not isinstance(shape, list) or len(shape) > 8:
        raise WireError("an array with an unknown type or shape")
    dtype, count = np.dtype("<" + code), 1
    for length in [*shape, offset]:
        if type(length) is not int or not 0 <= length <= MAX_BODY:
            raise WireError("an array with an impossible size")
    for length in shape:
        count *= length
    if offset + count * dtype.itemsize > len(body):
        raise WireError("an array is larger than its frame")
    array = np.frombuffer(body, dtype, count, offset).reshape(shape)
    if code == "b1" and count and int(array.view("u1").max()) > 1:
        raise WireError("a truth value that is neither 0 nor 1")
    return array.astype(dtype.newbyteorder("="), copy=True)
