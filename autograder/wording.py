"""An explanation in words that the student can know.

A worked solution has names of its own.  Those that no lesson has shown are written out:
as the part of the answer they hold, or as the formula they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.exercises.exercise import Exercise
from autograder.show import number
from autograder.slips.syntax import is_slope
from autograder.trial import Attempt, Trial
from autograder.worked import FREE, Program, Slip

NAME = re.compile(r"[A-Za-z_]\w*")
SIMPLE = re.compile(r"[\w.]+(\[\w+\])?(\([^()]*\))?")
LETTERS = 3  # of the lectures' own names: A1, dZ2, h
LONG = 48  # letters; a longer formula says less than a name


def names_known(exercise: Exercise, trial: Trial) -> set[str]:
    """The names that stand in the exercise: its arguments, its hints, its parts."""
    known = {"mask", *trial.start, *NAME.findall(" ".join(exercise.hints))}
    return known | {name for _, part in trial.program.parts for name in part.split(".")}


def in_words(attempt: Attempt, program: Program, known: set[str]) -> list[str]:
    """Each kind of slip in words; the lines it was made in again are listed."""
    words: dict[str, str] = {}
    again: dict[str, list[str]] = {}
    for slip in attempt.slips:
        if slip.key in words:
            again.setdefault(slip.key, []).append(slip.target)
        else:
            words[slip.key] = _phrase(slip, program, attempt.number)
    told = [
        f"{text} (and the same in {', '.join(again[key])})" if key in again else text
        for key, text in words.items()
    ]
    spelt = _spelt_out(program, known)
    told = [NAME.sub(lambda name: spelt.get(name[0], name[0]), text) for text in told]
    return [_every_step(text) for text in told] if "w0" in program.last else told


def _every_step(text: str) -> str:
    """A loop's first turn speaks for all of them, without their numbers."""
    text = re.sub(r"\(and the same in [^)]*\)", "(in every step)", text)
    return re.sub(r"\b(r|w|dw|X|y)\d+\b", r"\1", text)


def _phrase(slip: Slip, program: Program, free: float | None) -> str:
    """The slip's phrase, with local slopes written out as what they are."""
    words = slip.phrase
    if free is not None:
        words = words.replace(FREE, number(free))
    for line in program.lines:
        if is_slope(line.target):
            slope = rf"slope {line.target}\b"
            words = re.sub(slope, f"slope {line.formula}", words)
            if slip.target == line.target:
                start = f"the local slope {line.formula}"
                words = words.replace(f"{line.target} ", f"{start} ", 1)
    return words


def _spelt_out(program: Program, known: set[str]) -> Mapping[str, str]:
    """What to write for each name that only the worked solution has."""
    parts = {program.lines[i].target: part for i, part in program.parts}
    spelt: dict[str, str] = {}
    for line in program.lines:
        name = line.target
        if name in parts:
            spelt[name] = parts[name]
        elif name not in known and len(name) > LETTERS:
            formula = NAME.sub(lambda n: spelt.get(n[0], n[0]), line.formula)
            if len(formula) <= LONG:
                spelt[name] = formula if SIMPLE.fullmatch(formula) else f"({formula})"
    return spelt
