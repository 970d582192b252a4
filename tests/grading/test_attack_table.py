"""Every row of the table of attacks has a test, and every number stands for a row."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tests.grading.attacks import ATTACKS, ROWS

HERE = Path(__file__).parent


def marks(module: ModuleType) -> Iterator[int]:
    """The rows that a module's tests and their parameters say they cover."""
    for function in vars(module).values():
        for mark in getattr(function, "pytestmark", []):
            if mark.name == "attack":
                yield from mark.args
            elif mark.name == "parametrize":
                for case in mark.args[1]:
                    for inner in getattr(case, "marks", ()):
                        yield from inner.args if inner.name == "attack" else ()


def covered() -> set[int]:
    """All rows with a test."""
    numbers = {int(n.split()[0]) for n in ATTACKS if n.split()[0].isdigit()}
    for path in sorted(HERE.glob("test_*.py")):
        numbers.update(marks(importlib.import_module(f"tests.grading.{path.stem}")))
    return numbers


def test_the_table_is_whole():
    assert list(ROWS) == list(range(1, 98))
    assert all(words.strip() for words in ROWS.values())


def test_every_row_has_a_test():
    missing = {n: words for n, words in ROWS.items() if n not in covered()}
    assert not missing


def test_no_test_covers_a_row_that_is_not_there():
    assert covered() <= set(ROWS)
