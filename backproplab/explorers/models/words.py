"""Numbers in sentences: a few digits are enough."""

from __future__ import annotations


def about(x: float, digits: int = 2) -> str:
    """A number with so many significant digits and a true minus sign.

    >>> about(1.2e-5), about(-57812345.0), about(0.2215, 3), about(2e-9, 1)
    ('1.2e−5', '−5.8e7', '0.222', '2e−9')
    """
    words = f"{x:.{digits}g}"
    if "e" in words:
        mantissa, power = words.split("e")
        words = f"{mantissa}e{int(power)}"
    return words.replace("-", "\N{MINUS SIGN}")
