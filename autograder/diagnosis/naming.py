"""When a slip may be called by the name of a listed mistake.

A name says more than a change of the worked solution does: that all outputs have the
wrong sign, that the loss has lost its factor.  It is given only where that holds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

import numpy as np

from autograder.diagnosis.slips.syntax import is_signal, is_slope, is_weight, names_in
from autograder.diagnosis.trial import Attempt, Trial
from autograder.worked import Program, Slip

SCALES = ("M20", "M22", "M23", "M24", "M26")
FACTORS = ("sign", "double", "half", "times N", "over N", "drop N", "drop constant")
ONE_FOR_ALL = {"total A[0].sum()", "total A[-1].sum()"}
RATES = {"lr", "eta"}
TARGETS = {"y", "Y"}
NAME = re.compile(r"[A-Za-z_]\w*")
EXCHANGED = re.compile(r"with (\w+) in the place of (\w+)")
FROM_THE_LOSS = {"M20": -1.0, "M22": 0.5, "M23": 2.0}


def name_of(attempt: Attempt, trial: Trial) -> str | None:
    """The mistake an attempt proves; a mere factor never names a slip without name."""
    alone = len(attempt.slips) == 1
    if attempt.reached < trial.total and attempt.keys & ONE_FOR_ALL:
        return None
    names = [fitting(slip, trial, alone) for slip in attempt.slips]
    if alone and attempt.number is not None:
        names = [_of_number(attempt, trial) or names[0]]
    if _undone(attempt) or (_patched(attempt) and not all(names)):
        return None
    telling = [name for name in names if name and name not in SCALES]
    other_unit = any(s.key.endswith(("for sigma", "for tanh")) for s in attempt.slips)
    if other_unit and telling == ["M36"]:
        return None  # another activation throughout, with its own right slope
    if telling:
        return next((name for name in telling if name != "M44"), "M44")
    strange = any(
        not name and (slip.key not in FACTORS or is_slope(slip.target))
        for name, slip in zip(names, attempt.slips, strict=True)
    )
    if strange or not _enough(trial):
        return None
    return next((name for name in names if name), None)


def _of_number(attempt: Attempt, trial: Trial) -> str | None:
    """A factor that was solved for and is a sign, a 2 or a 1/2 after all."""
    slip, number = attempt.slips[0], attempt.number
    if slip.key not in ("scaled", "step scaled", "fixed N") or number is None:
        return None
    known = {-1.0: "M20", -2.0: "M20", -0.5: "M20", 2.0: "M23", 0.5: "M22"}
    name = next((m for c, m in known.items() if np.isclose(number, c)), None)
    if name == "M20" and slip.key == "step scaled":
        return "M91"
    whole = name and not _some_right(trial, _gradients(trial))
    return name if whole else None


def _undone(attempt: Attempt) -> bool:
    """Whether one slip takes out what another put in: a matter of bookkeeping."""
    put_in = any(
        slip.key.startswith(("extra", "twice")) or slip.key == "slope again"
        for slip in attempt.slips
    )
    return put_in and any(slip.key.startswith("drop") for slip in attempt.slips)


def _patched(attempt: Attempt) -> bool:
    """Whether it takes two slips in one line, none a mere factor, to explain it."""
    lines = [set(slip.edits) for slip in attempt.slips]
    plain = any(
        slip.key in FACTORS and not is_slope(slip.target) for slip in attempt.slips
    )
    return len(lines) == 2 and bool(lines[0] & lines[1]) and not plain


def _enough(trial: Trial) -> bool:
    """Whether a mere factor is seen in a gradient, and not in one number by chance."""
    return "count" not in trial.program.last and "one" not in trial.program.last


def fitting(slip: Slip, trial: Trial, alone: bool) -> str | None:
    """The slip's name where what the name says is true of this program."""
    program, name = trial.program, slip.mistake
    if name in (*SCALES, "M93") and _some_steps(slip, trial):
        return None
    if name in FROM_THE_LOSS:
        return name if _from_the_loss(slip, trial, alone) else None
    if name in ("M24", "M26") and slip.key != "over rows":
        return name if any("/ N" in line.formula for line in program.lines) else None
    if name == "M91":
        return name if not _some_right(trial, _moved(trial)) else None
    if slip.key == "no sigma" or slip.key.startswith("slope of another"):
        return name or _score_for_output(slip, program)
    if name == "M29":
        stale = slip.key.startswith("stale")
        return name if stale else _lost_slope(slip, program)
    if name in ("M39", "M40", "M65"):
        return _at_a_kink(slip, program)
    if name == "M93":
        moved = [program.lines[i].target.split("_")[-1] for i in slip.edits]
        return None if all(name[0] in "bc" for name in moved) else "M93"
    if name == "M56":
        return "M58" if _grown(trial) else "M56"
    return name


def _signals(program: Program) -> list[int]:
    """The lines that hold gradients, the one nearest the loss first."""
    named = [i for i, line in enumerate(program.lines) if line.target.startswith("g_")]
    if named and program.lines[named[0]].target == "g_loss":
        return named[1:]
    return [i for i, line in enumerate(program.lines) if is_signal(line.target)]


def _from_the_loss(slip: Slip, trial: Trial, alone: bool) -> bool:
    """Whether a sign or a factor holds for everything below the loss.

    A loss may carry it itself; a gradient has it from the first signal on, or not.
    """
    signals = _signals(trial.program)
    if slip.target in ("loss", "L"):
        return True
    lines = trial.program.lines
    at_the_loss = [i for i in signals if TARGETS & set(names_in(lines[i].expression))]
    first = min(at_the_loss or signals, default=0)
    gradients = _gradients(trial)
    if not alone:
        return bool(gradients) and not _some_right(trial, gradients)
    if gradients and trial.scaled(gradients, FROM_THE_LOSS[str(slip.mistake)]):
        return True
    whole = set(slip.edits) == _alike(first, trial.program)
    used = bool(at_the_loss) or _is_used(first, trial.program)
    return bool(signals) and whole and used


def _gradients(trial: Trial) -> list[int]:
    """The parts that are gradients or error signals."""
    signals = _signals(trial.program)
    return [part for part in range(trial.total) if trial.line_of(part) in signals]


def _alike(index: int, program: Program) -> set[int]:
    """The lines of the same form: one for every step."""
    forms = [re.sub(r"\d+", "", line.formula) for line in program.lines]
    return {i for i, form in enumerate(forms) if form == forms[index]}


def _is_used(index: int, program: Program) -> bool:
    """Whether other gradients are made from the one of this line."""
    name = program.lines[index].target
    later = (i for i in _signals(program) if i > index)
    return any(name in names_in(program.lines[i].expression) for i in later)


def _moved(trial: Trial) -> list[int]:
    """The parts that a step moves."""
    lines = trial.program.lines
    return [
        part
        for part in range(trial.total)
        if RATES & set(names_in(lines[trial.line_of(part)].expression))
    ]


def _some_right(trial: Trial, parts: Iterable[int]) -> bool:
    """Whether the student has one of these parts right."""
    return any(trial.agrees(part) for part in parts)


def _score_for_output(slip: Slip, program: Program) -> str | None:
    """M32 where a slope is taken of the score that its activation was made from."""
    if slip.key == "no sigma":
        used = [ln for ln in program.lines if slip.target in names_in(ln.expression)]
        part = any(program.lines[i].target == slip.target for i, _ in program.parts)
        of_slopes = used and all(is_slope(line.target) for line in used)
        return "M32" if of_slopes and not part else None
    exchanged = EXCHANGED.search(slip.phrase)
    if exchanged is None or exchanged[2] not in program.last:
        return None
    line = program.lines[program.last[exchanged[2]]]
    activation = "np.exp(" in line.formula or "np.tanh(" in line.formula
    return (
        "M32"
        if activation and set(names_in(line.expression)) == {exchanged[1]}
        else None
    )


def _lost_slope(slip: Slip, program: Program) -> str | None:
    """M40 for a mask, M29 for another slope behind weights, nothing at the output."""
    if _is_mask(slip, program):
        return "M40"
    lost = {program.lines[i].target for i in slip.edits}
    lost |= set(re.findall(r"slope (\w+)", slip.phrase))
    slopes = {name for name in lost if is_slope(name)}
    if _outermost(slip, program):
        return "M17"
    for line in program.lines:
        names = names_in(line.expression)
        behind = any(is_weight(n) or _has_come_back(n, program) for n in names)
        if slopes & set(names) and behind:
            return "M29"
    return None


def _outermost(slip: Slip, program: Program) -> bool:
    """Whether all that is left of a chain's product is the slopes of its inner boxes.

    A box further out takes its slope at a value that was computed later.
    """
    factors = set(names_in(program.lines[slip.first].expression))
    lost = factors.intersection(NAME.findall(slip.phrase))
    kept = factors - lost
    if not kept or not lost or not all(is_slope(name) for name in factors):
        return False
    return min(_place(n, program) for n in lost) > max(_place(n, program) for n in kept)


def _place(slope: str, program: Program) -> int:
    """The line of the latest value that a slope is taken at; -1 for an argument."""
    names = names_in(program.lines[program.last[slope]].expression)
    return max((program.last.get(name, -1) for name in names), default=-1)


def _has_come_back(name: str, program: Program) -> bool:
    """Whether a signal has crossed more than the loss's own slope."""
    if not is_signal(name):
        return False
    if name not in program.last:
        return True
    line = program.lines[program.last[name]]
    names = names_in(line.expression)
    softmax = "P" in names
    return softmax or any(is_signal(n) or is_weight(n) for n in names)


def _at_a_kink(slip: Slip, program: Program) -> str | None:
    """In a forward pass only the branches can be exchanged or lost."""
    if _signals(program):
        return slip.mistake
    if slip.key == "compare A < B":
        return "M39"
    if slip.key in ("compare A > -B", "compare A < -B"):
        return "M65"  # a threshold is a bias that is subtracted
    if slip.key in ("compare np.ones_like(A)", "drop mask"):
        return "M40"
    return slip.mistake if slip.mistake == "M65" else None


def _is_mask(slip: Slip, program: Program) -> bool:
    """Whether the lost slope is a mask: a comparison with a kink."""
    lines = [line for line in program.lines if is_slope(line.target)]
    masks = {n.target for n in lines if isinstance(n.expression, ast.Compare)}
    lost = {program.lines[i].target for i in slip.edits}
    return bool(masks) and (lost <= masks or any(m in slip.phrase for m in masks))


def _some_steps(slip: Slip, trial: Trial) -> bool:
    """Whether the slip was made in some of several steps: no code line does that."""
    if not RATES & set(trial.start) or not slip.target[-1:].isdigit():
        return False
    steps = _alike(slip.first, trial.program)
    if steps <= set(slip.edits) or "_" in slip.target:
        return False
    return slip.mistake == "M93" or min(steps) not in slip.edits


def _grown(trial: Trial) -> bool:
    """Whether the first wrong part has more numbers than were asked for."""
    right = trial.value(trial.right, ())
    return right is not None and np.size(trial.got[trial.right]) > right.size
