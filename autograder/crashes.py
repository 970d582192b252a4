"""What Python's own error messages mean here."""

from __future__ import annotations

import re

ADVICE: tuple[tuple[str, str], ...] = (
    (r"bitwise_xor|unsupported operand type\(s\) for \^",
     "In Python ^ is not a power: write ** 2."),
    (r"truth value of an array",
     "if and max need one True or False, and this is a whole array of them: use"
     " np.where, np.maximum or a mask such as (Z > 0)."),
    (r"boolean subtract|boolean negative",
     "A mask holds True and False: multiply with it, or make numbers of it first with"
     " mask.astype(float)."),
    (r"only (length-1|size-1|0-dimensional) arrays can be converted",
     "The math module takes one number at a time: use np.exp, np.log, np.tanh."),
    (r"matmul: .*mismatch|shapes .* not aligned",
     "In A @ B the columns of A must be as many as the rows of B: print both shapes and"
     " ask which one has to be turned with .T."),
    (r"matmul: .*does not have enough dimensions",
     "On one side of @ stands a single number: a sum or a mean over everything?"),
    (r"could not be broadcast together",
     "Two arrays of different shapes meet in + - * or /: print both shapes."),
    (r"OverflowError",
     "A number became larger than about 1e308: which exp meets a score of 1000?"),
    (r"NameError: name",
     "That name is not known inside your function: an argument spelt differently, or a"
     " cell that was not run."),
    (r"KeyError",
     "The dict has no such key: look which keys it has when this line is reached."),
    (r"arrays used as indices must be of integer",
     "An index must be a whole number or a mask; rows of 0 and 1 are one-hot targets,"
     " not class numbers."),
    (r"unsupported operand type\(s\).*'(function|Counted)'",
     "A function itself stands where its value belongs: call it, as in g(x)."),
    (r"IndexError",
     "An index runs past the end: does your loop count with this array's own length?"),
    (r"UFuncTypeError|Cannot cast ufunc",
     "The array you write into holds whole numbers: make it with dtype=float."),
    (r"takes \d+ positional argument|missing \d+ required positional",
     "The number of arguments does not fit: compare with the signature in the lesson."),
    (r"incomplete input|was never closed|unexpected EOF|unterminated",
     "A bracket or a quotation mark was opened and never closed."),
    (r"RecursionError",
     "The function calls itself without end: when does it stop?"),
    (r"'NoneType'",
     "Something is None: a function without return, or an in-place method such as"
     " list.append or list.sort, gives None."),
    (r"object is not callable",
     "Round brackets call a function: use [ ] to index, and write * between factors."),
)  # fmt: skip


def advice(error: str) -> str:
    """A sentence about a well-known error, or an empty string.

    >>> advice("TypeError: ufunc 'bitwise_xor' not supported for the input types")
    'In Python ^ is not a power: write ** 2.'
    """
    found = (text for pattern, text in ADVICE if re.search(pattern, error))
    return next(found, "")
