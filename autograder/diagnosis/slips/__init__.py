"""The slips a person can make, as edits of a worked solution.

Each rule looks at one place of one line and proposes what people write there
instead.  Rules know Python expressions and the roles of names (weights, slopes,
signals), not exercises: the same rules serve every worked solution.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.diagnosis.slips.lines import line_slips
from autograder.diagnosis.slips.places import place_slips
from autograder.diagnosis.slips.syntax import is_signal, stem
from autograder.worked import Program, Slip

Groups = dict[tuple[str, str], dict[int, list[Slip]]]
# Slips that bend a finished quantity; halfway values are not handed on like that.
# Slips that people make at every place of a line that has the form for it.
THROUGHOUT = (
    "added",
    "subtracted",
    "divided",
    "no transpose",
    "constant",
    "operand",
    "name",
    "slope",
    "stale",
    "upstream",
    "ones",
    "always",
    "wrong layer",
)
OF_ANSWERS = ("transposed", "cut", "first row", "last row", "total", "average")


def all_slips(program: Program, names: tuple[str, ...]) -> list[Slip]:
    """Every slip in one line, then each slip made in all the lines it fits.

    ``names`` are the names known before the first line (the arguments).
    """
    answers = {program.variable(part) for _, part in program.parts}
    answers |= {line.target for line in program.lines if is_signal(line.target)}
    singles: list[Slip] = []
    groups: Groups = {}
    for i, line in enumerate(program.lines):
        known = (*names, *(earlier.target for earlier in program.lines[:i]))
        for rule in (line_slips, place_slips):
            for found in rule(line, known):
                if found.key in OF_ANSWERS and line.target not in answers:
                    continue
                single = Slip(
                    found.key,
                    found.mistake,
                    line.target,
                    found.phrase,
                    {i: found.edit},
                    found.weight,
                    found.free,
                )
                singles.append(single)
                for group in ((found.key, ""), (found.key, stem(line.target))):
                    groups.setdefault(group, {}).setdefault(i, []).append(single)
    repeated: dict[tuple, Slip] = {}
    for places in groups.values():
        for slip in _repeated(list(places.values())):
            repeated.setdefault((slip.key, *slip.edits, len(slip.phrase)), slip)
    return sorted([*singles, *repeated.values()], key=lambda slip: slip.weight)


def _repeated(places: Sequence[Sequence[Slip]]) -> Iterator[Slip]:
    """A slip made in all its lines at once, and at all its places in them."""
    if len({slip.mistake for slip in places[0]} | {p[0].mistake for p in places}) > 1:
        return
    if len(places) > 1:
        yield _together([found[0] for found in places])
    if places[0][0].key.startswith(THROUGHOUT) and any(len(p) > 1 for p in places):
        yield _together([_throughout(found) for found in places])


def _throughout(places: Sequence[Slip]) -> Slip:
    """The same slip at every place of one line, the outer ones first."""
    first, *others = places
    if not others:
        return first
    (line,) = first.edits
    edits = [slip.edits[line] for slip in places]

    def every(expression: ast.expr) -> ast.expr:
        for edit in edits:
            expression = edit(expression)
        return expression

    return replace(
        first,
        phrase=f"{first.phrase}, and so throughout",
        edits={line: every},
        weight=first.weight + 0.1,
    )


def _together(singles: list[Slip]) -> Slip:
    """The same slip in several lines at once."""
    first = singles[0]
    others = ", ".join(single.target for single in singles[1:])
    return Slip(
        first.key,
        first.mistake,
        first.target,
        f"{first.phrase} (and the same in {others})" if others else first.phrase,
        {i: edit for single in singles for i, edit in single.edits.items()},
        first.weight + 0.1,
        first.free,
    )
