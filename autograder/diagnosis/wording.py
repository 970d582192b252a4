"""An explanation in words that the student can know.

A worked solution has names of its own.  Those that the exercise does not show are
written out: as the part of the answer they hold, in plain words, or as their formula.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache

from autograder.diagnosis.slips.slopes import kind_of
from autograder.diagnosis.slips.syntax import is_parameter, is_slope, layer, stem
from autograder.diagnosis.trial import Attempt, Trial
from autograder.exercises.exercise import Exercise
from autograder.missing import cells_of
from autograder.places import LESSONS
from autograder.show import number
from autograder.worked import FREE, Line, Program, Slip

NAME = re.compile(r"[A-Za-z_]\w*")
SIMPLE = re.compile(r"[\w.]+(\[\w+\])?(\([^()]*\))?")
SIGMOID = re.compile(r"1 / \(1 \+ np\.exp\(-\(?(.+?)\)?\)\)")
NETWORK = ("A", "Z", "dA", "dZ", "dW", "db")  # of exercises that get all of params
KINDS = {"sigma": "the sigmoid", "tanh": "tanh", "relu": "ReLU"}
WORDS = {
    "P": "P (the probabilities)",
    "E": "E (the exponentials)",
    "M": "the shifted scores",
    "shift": "the shifted scores",
}  # for what a lesson's formula would be too long
DOUBLE = re.compile(r"\(\(([^()]*)\)\)")
ECHOES = (
    (r"^\((.+)\) with (.+) in the place of \1$", r"\2 in the place of \1"),
    (
        r"^\((\w+) - (\w+)\) with \2 minus \1: the opposite sign$",
        r"\2 - \1 in the place of \1 - \2",
    ),
    (
        r"^\((.+) \* (.+)\) without (?:the factor )?\2$",
        r"\1 in the place of \1 * \2",
    ),
    (
        r"^\((\w+) \* (\w+)\) without the factor \1$",
        r"\2 in the place of \1 * \2",
    ),
)
STEPPED = "the parameters after the step in the place of those before it"
STUB = "# Your code here."
EXCHANGED = re.compile(r"(.+) with (\w+) in the place of (\w+)")
OLD_PLACE = re.compile(r"(\w+) with ([wp])0? in the place of \2\d+")
MASK = re.compile(r"^the mask \(?(.+?)\)? < (\w+)\b.* (compared with 0)$")
LONG = 48  # letters; a longer formula says less than a name


def names_known(exercise: Exercise, trial: Trial) -> set[str]:
    """The names that stand in the exercise: its arguments, its text, its parts."""
    known = {*trial.start, *_names_shown(exercise)}
    if any(argument.kind == "dict" for argument in exercise.arguments):
        lines = trial.program.lines
        known |= {line.target for line in lines if stem(line.target) in NETWORK}
    return known | {name for _, part in trial.program.parts for name in part.split(".")}


@cache
def _names_shown(exercise: Exercise) -> frozenset[str]:
    """The names in the cell that the student fills in; without a lesson, the hints."""
    shown = [
        cell.source
        for lesson in LESSONS.glob(f"{exercise.lesson or None}_*.ipynb")
        for cell in cells_of(lesson)
        if f"def {exercise.id}(" in cell.source
    ]
    text = " ".join(shown or exercise.hints).replace(STUB, "")
    return frozenset(NAME.findall(text)) - {"a", "A"}


def in_words(attempt: Attempt, program: Program, known: set[str]) -> list[str]:
    """Each kind of slip in words; the lines it was made in again are listed."""
    words: dict[str, str] = {}
    again: dict[str, list[str]] = {}
    for slip in attempt.slips:
        if slip.key in words:
            again.setdefault(slip.key, []).append(slip.target)
        else:
            words[slip.key] = _phrase(slip, program, attempt.number, known)
    told = [
        f"{text} (and the same in {', '.join(again[key])})" if key in again else text
        for key, text in words.items()
    ]
    if {"w0", "p0"} & set(program.last):
        return [_every_step(text) for text in told]
    spelt = _spelt_out(program, known)
    return _exchanged([_without_echo(_substituted(text, spelt)) for text in told])


def _exchanged(told: list[str]) -> list[str]:
    """Two names, each written in the place of the other, are one slip."""
    found = [match for text in told if (match := EXCHANGED.fullmatch(text))]
    pairs = [(match[2], match[3]) for match in found]
    if len(told) == 2 and pairs == [pair[::-1] for pair in reversed(pairs)] != []:
        return [f"{pairs[0][1]} and {pairs[0][0]} exchanged"]
    return told


def _without_echo(text: str) -> str:
    """A spelt-out line that repeats what is exchanged in it is left out."""
    text = re.sub(r"np\.asarray\((\w+)\)", r"\1", text)
    text = re.sub(r"\b(without the )term (?=[a-z]{4,}$)", r"\1", text)
    text = MASK.sub(r"\1 \3, not with \2", text)
    for echo, short in ECHOES:
        text = re.sub(echo, short, text)
    return text


def _every_step(text: str) -> str:
    """A loop's first turn speaks for all of them, without their numbers."""
    text = OLD_PLACE.sub(r"\1 taken at the start, not where the last step ended", text)
    text = re.sub(r"\(and the same in [^)]*\)", "(in every step)", text)
    text = re.sub(r"\bp[1-9]\d* in the place of p0\b", STEPPED, text)
    return re.sub(r"\b(r|w|dw|X|y|p|dp|Y|rows|losses)\d+\b", r"\1", text)


def _phrase(slip: Slip, program: Program, free: float | None, known: set[str]) -> str:
    """The slip's phrase, with local slopes written out as what they are."""
    words = slip.phrase
    if free is not None:
        words = words.replace(FREE, number(free))
    for line in program.lines:
        if is_slope(line.target):
            told = _slope(line, known)
            words = re.sub(rf"(local )?slope {line.target}\b", told, words)
            if slip.target == line.target:
                words = words.replace(f"{line.target} ", f"the {told} ", 1)
    return words


def _slope(line: Line, known: set[str]) -> str:
    """A local slope: its formula, or in words where its names are not known."""
    kind, name = kind_of(line)
    if line.formula.startswith("{"):
        return "slope of the activation"
    if kind != "relu" and isinstance(line.expression, ast.Compare):
        return f"mask {line.formula}"
    if not kind or name in known or _activations(name, known) in known:
        return f"local slope {line.formula}"
    where = f" in layer {layer(line.target)}" if layer(line.target) else ""
    return f"slope of {KINDS[kind]}{where}"


def _activations(name: str, known: set[str]) -> str:
    """A layer's activations by the exercise's own letter, z2, or in words."""
    own = f"z{layer(name)}"
    return own if own in known else f"the activations of layer {layer(name)}"


def _spelt_out(program: Program, known: set[str]) -> dict[str, str]:
    """What to write for each name that only the worked solution has."""
    parts = {program.lines[i].target: part for i, part in program.parts}
    spelt: dict[str, str] = {}
    for line in program.lines:
        name = line.target
        if name in parts:
            spelt[name] = parts[name]
        elif name in known:
            continue
        elif is_slope(name):
            spelt[name] = f"the {_substituted(_slope(line, known), spelt)}"
        elif name[0] == "A" and layer(name):
            spelt[name] = _activations(name, known)
        elif stem(name) in ("mhat", "vhat"):
            spelt[name] = f"{name[0]}_hat of {name.partition('_')[2]}"
        elif name[0] == "d" and name[1:] in known and is_parameter(name[1:]):
            spelt[name] = f"the gradient of {name[1:]}"
        else:
            formula = _substituted(_plain(line.formula), spelt)
            if len(formula) <= LONG:
                spelt[name] = formula if SIMPLE.fullmatch(formula) else f"({formula})"
            elif name in WORDS:
                spelt[name] = WORDS[name]
    return spelt


def _substituted(text: str, spelt: Mapping[str, str]) -> str:
    """The text with names written out, none in two pairs of brackets."""
    text = NAME.sub(lambda name: spelt.get(name[0], name[0]), text)
    text = re.sub(r"\b([PE]) \(the \w+\)(?= [*/@+-]|\))", r"\1", text)
    return DOUBLE.sub(r"(\1)", text).replace("the the ", "the ")


def _plain(formula: str) -> str:
    """A formula as one writes it on paper: sigmoid by its name, no added axes."""
    formula = re.sub(r"\[None, :\]|\[:, None\]", "", formula)
    formula = re.sub(r"^\((.+)\)\[0\]$", r"\1", formula)
    found = SIGMOID.fullmatch(formula)
    return f"sigmoid({found[1]})" if found else formula
