"""A picture of coloured points as a data address, for <image href> in any page."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np


def data_uri(rgba: np.ndarray) -> str:
    """The PNG of an array (height, width, 4) of bytes: red, green, blue, opacity.

    >>> data_uri(np.zeros((1, 1, 4), np.uint8))[:22]
    'data:image/png;base64,'
    """
    height, width, _ = rgba.shape
    lines = np.zeros((height, 1 + 4 * width), np.uint8)  # each begins with filter 0
    lines[:, 1:] = rgba.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 6)
    parts = [(b"IHDR", head), (b"IDAT", body), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    sums = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + sums


def enlarge(values: np.ndarray, times: int) -> np.ndarray:
    """A grid with (n - 1) * times + 1 places on each side, filled in linearly.

    >>> enlarge(np.array([[0.0, 2.0], [2.0, 4.0]]), 2).tolist()
    [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]]
    """
    for axis in (0, 1):
        n = values.shape[axis]
        at = np.linspace(0, n - 1, (n - 1) * times + 1)
        low = np.minimum(at.astype(int), n - 2)
        share = np.expand_dims(at - low, 1 - axis)
        below, above = values.take(low, axis), values.take(low + 1, axis)
        values = below + share * (above - below)
    return values


def rgb(colour: str) -> tuple[int, int, int]:
    """The three bytes of a colour such as '#0072B2'.

    >>> rgb("#0072B2")
    (0, 114, 178)
    """
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue
