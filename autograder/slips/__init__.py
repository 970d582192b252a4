"""The slips a person can make, as edits of a worked solution.

Each rule looks at one place of one line and proposes what people write there
instead.  Rules know Python expressions and the roles of names (weights, slopes,
signals), not exercises: the same rules serve every worked solution.
"""

from __future__ import annotations

from dataclasses import replace

from autograder.slips.lines import line_slips
from autograder.slips.places import place_slips
from autograder.slips.syntax import is_signal, stem
from autograder.worked import Program, Slip

AGAIN = ", and so throughout"
Groups = dict[tuple[str, str], dict[int, Slip]]
# Slips that bend a finished quantity; halfway values are not handed on like that.
OF_ANSWERS = ("transposed", "cut", "first row", "last row", "total", "average")


def all_slips(program: Program, names: tuple[str, ...]) -> list[Slip]:
    """Every slip in one line, then each slip made in all the lines it fits.

    ``names`` are the names known before the first line (the arguments).
    """
    answers = {program.variable(part) for _, part in program.parts}
    answers |= {line.target for line in program.lines if is_signal(line.target)}
    singles: list[Slip] = []
    groups: Groups = {}
    places: Groups = {}
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
                    groups.setdefault(group, {}).setdefault(i, single)
                    here = places.setdefault(group, {})
                    again = i in here and not found.key.startswith("drop")
                    here[i] = (
                        _both(here[i], single, i) if again else here.get(i, single)
                    )
    everywhere = {
        group: found
        for group, found in places.items()
        if any(found[i] is not groups[group][i] for i in found)
    }
    repeated = [*_repeated(groups), *_repeated(everywhere, alone=True)]
    return sorted([*singles, *repeated], key=lambda slip: slip.weight)


def _repeated(groups: Groups, alone: bool = False) -> list[Slip]:
    """Slips made in all their lines at once; ``alone`` also where that is one line."""
    found = {
        (key, tuple(group)): _together(list(group.values()))
        for (key, _), group in groups.items()
        if (len(group) > 1 or alone)
        and len({slip.mistake for slip in group.values()}) == 1
    }
    return list(found.values())


def _both(first: Slip, second: Slip, line: int) -> Slip:
    """The same slip at two places of one line, the outer place first."""
    before, after = first.edits[line], second.edits[line]
    return replace(
        first,
        phrase=f"{first.phrase.removesuffix(AGAIN)}{AGAIN}",
        edits={line: lambda expression: after(before(expression))},
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
