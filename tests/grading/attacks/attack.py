"""Attacks and faults: GRADING's table, one entry each; what else they must not do.

``cells`` run before wrong answers (zeros) unless ``honest`` is set.  ``reaches`` names
what the probe must have found refused for the attack to be harmless beyond its grade;
where that is POSSIBLE, the report has to say so and the attack is not let loose.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from tests.grading.helpers import HONEST, ZEROS


@dataclass(frozen=True)
class Attack:
    """A submission, the exercises it may earn, and what it must not reach."""

    name: str
    cells: tuple[str, ...]
    earns: str = "nothing"
    reaches: str = ""
    slow: bool = False


def zeros(name: str, text: str, **more: object) -> Attack:
    return Attack(name, (dedent(text).strip(), *ZEROS), **more)  # type: ignore[arg-type]


def honest(name: str, text: str, **more: object) -> Attack:
    """The attack hurts nobody's honest answers, not even its author's."""
    more.setdefault("earns", "everything")
    return Attack(name, (dedent(text).strip(), *HONEST), **more)  # type: ignore[arg-type]


def call(name: str, body: str, **more: object) -> Attack:
    """Right answers but for residual, whose body attacks when it is called."""
    inner = dedent(body).strip().replace("\n", "\n    ")
    more.setdefault("earns", "all but residual")
    cells = (*HONEST, f"def residual(yhat, y, loss):\n    {inner}")
    return Attack(name, cells, **more)  # type: ignore[arg-type]
