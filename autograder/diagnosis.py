"""From wrong numbers to the slip that made them.

The search varies the worked solution one slip at a time until its numbers are the
student's, entry by entry; it then confirms the match on other instances.  What no
variation explains is described by a pattern, and what has no pattern gets no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part
from autograder.exercises.exercise import Exercise, Instance, references
from autograder.mistakes import tutor
from autograder.patterns import behaviour, pattern_of
from autograder.slips import is_slope, variations
from autograder.smallest import smallest_case
from autograder.verdict import Counterexample, Diagnosis
from autograder.worked import (
    Program,
    Variation,
    environment_of,
    source_of,
)

Answer = tuple[Instance, Outcome, dict[str, Part]]
Numbers = Mapping[str, np.ndarray]
MOST_PAIRS = 4000
CONFIRM_STYLES = ("generic", "more", "square")


@dataclass(frozen=True)
class Evidence:
    """Everything known about an answer, and a way to ask the function again."""

    exercise: Exercise
    answers: Sequence[Answer]
    calls: Callable[[Sequence[tuple]], list[Outcome]]
    seed: int

    def wrong(self) -> list[tuple[Instance, dict[str, Part]]]:
        """The instances with a wrong part."""
        return [
            (instance, parts)
            for instance, _, parts in self.answers
            if any(not part.right for part in parts.values())
        ]


@dataclass(frozen=True)
class Explanation:
    """A diagnosis and the smallest failing case, where there are any."""

    diagnosis: Diagnosis | None
    counterexample: Counterexample | None


def explain(evidence: Evidence) -> Explanation:
    """Explain a wrong or crashing answer as far as the numbers prove it."""
    case = smallest_case(
        evidence.exercise, evidence.calls, evidence.seed, evidence.wrong()
    )
    diagnosis = (
        behaviour(evidence.exercise, evidence.answers)
        or _by_variation(evidence)
        or pattern_of(evidence.exercise, evidence.answers)
    )
    return Explanation(diagnosis, case)


@dataclass(frozen=True)
class _Sample:
    """One instance with the student's numbers and the program's starting values."""

    source: str
    program: Program
    start: dict[str, Any]
    got: Numbers
    wanted: Numbers

    def explains(self, slips: tuple[Variation, ...], parts: Sequence[str]) -> bool:
        """Whether the varied program gives the student's numbers for these parts."""
        answer = self.program.answer(self.start, slips)
        return answer is not None and all(
            part in self.got and _same(self.got[part], answer[part]) for part in parts
        )


def _by_variation(evidence: Evidence) -> Diagnosis | None:
    samples = list(_samples(evidence))
    if not samples:
        return None
    base = samples[0]
    parts = base.program.parts
    slips = _slips(base)
    active = [slip for slip in slips if _changes(base, slip)]
    for slip in active:
        if base.explains((slip,), parts) and _confirmed(samples, (slip,), parts):
            return _named(evidence, base, (slip,), parts)
    return _by_pairs(evidence, samples, active)


def _samples(evidence: Evidence) -> Iterator[_Sample]:
    for instance, outcome, parts in _usable(evidence):
        source = source_of(evidence.exercise, instance)
        names = tuple(references(evidence.exercise, instance))
        program = _program(source, names)
        start = environment_of(evidence.exercise, instance)
        got = {n: p.got for n, p in parts.items() if p.got is not None}
        wanted = {n: p.reference.value for n, p in parts.items()}
        if outcome.status == "returned" and got:
            yield _Sample(source, program, start, got, wanted)


def _usable(evidence: Evidence) -> list[Answer]:
    """The answers to compare with: wrong ones first, rectangular before square."""
    if not evidence.exercise.worked:
        return []
    order = {style: i for i, style in enumerate(CONFIRM_STYLES)}
    found = [
        (instance, outcome, parts)
        for instance, outcome, parts in evidence.answers
        if outcome.status == "returned" and instance.style not in ("integer", "float32")
    ]

    def rank(answer: Answer) -> tuple[bool, int]:
        instance, _, parts = answer
        right = all(part.right for part in parts.values())
        return right, order.get(instance.style, len(order))

    return sorted(found, key=rank)


@lru_cache(maxsize=64)
def _program(source: str, parts: tuple[str, ...]) -> Program:
    return Program(source, parts)


@lru_cache(maxsize=64)
def _variations(
    source: str, parts: tuple[str, ...], names: tuple[str, ...]
) -> tuple[Variation, ...]:
    return tuple(variations(_program(source, parts), names))


def _slips(base: _Sample) -> tuple[Variation, ...]:
    names = tuple(
        name
        for name, value in base.start.items()
        if not isinstance(value, (dict, str)) and not callable(value)
    )
    return _variations(base.source, base.program.parts, names)


def _changes(base: _Sample, slip: Variation) -> bool:
    """Whether a slip runs here and changes any part at all."""
    answer = base.program.answer(base.start, (slip,))
    return answer is not None and any(
        not _same(answer[part], base.wanted[part]) for part in base.program.parts
    )


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape and not (a.size == b.size == 1):
        return False
    a, b = a.reshape(b.shape), b
    scale = float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0))
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= 1e-7 * scale + 1e-14
    return bool(np.all(close | (np.isnan(a) & np.isnan(b)) | (a == b)))


def _confirmed(
    samples: Sequence[_Sample], slips: tuple[Variation, ...], parts: Sequence[str]
) -> bool:
    """Whether the same slips explain every other instance as well."""
    same_program = [s for s in samples[1:] if s.program is samples[0].program]
    tested = [s for s in same_program if s.program.run(s.start, slips) is not None]
    return all(sample.explains(slips, parts) for sample in tested)


def _by_pairs(
    evidence: Evidence, samples: Sequence[_Sample], active: Sequence[Variation]
) -> Diagnosis | None:
    base = samples[0]
    parts = base.program.parts
    wrong = [
        p for p in parts if p in base.got and not _same(base.got[p], base.wanted[p])
    ]
    if not wrong:
        return None
    first = wrong[:1]
    settled = [p for p in parts[: parts.index(first[0]) + 1] if p in base.got]
    partial = [slip for slip in active if base.explains((slip,), settled)]
    tries = 0
    for one in partial:
        for other in active:
            tries += 1
            if tries > MOST_PAIRS:
                break
            pair = (one, other)
            if base.explains(pair, parts) and _confirmed(samples, pair, parts):
                return _named(evidence, base, pair, parts)
    for one in partial:
        if _confirmed(samples, (one,), settled):
            return _named(evidence, base, (one,), settled)
    return _two_in_one(evidence, samples, active, settled)


def _two_in_one(
    evidence: Evidence,
    samples: Sequence[_Sample],
    active: Sequence[Variation],
    settled: Sequence[str],
) -> Diagnosis | None:
    """Two slips that together explain the first wrong part."""
    base = samples[0]
    likely = [slip for slip in active if slip.weight <= 2 and slip.mistake][:60]
    for i, one in enumerate(likely):
        for other in likely[i + 1 :]:
            pair = (one, other)
            if base.explains(pair, settled) and _confirmed(samples, pair, settled):
                parts = base.program.parts
                everything = base.explains(pair, parts) and _confirmed(
                    samples, pair, parts
                )
                whole = parts if everything else settled
                return _named(evidence, base, pair, whole)
    return None


def _named(
    evidence: Evidence,
    base: _Sample,
    slips: tuple[Variation, ...],
    parts: Sequence[str],
) -> Diagnosis:
    phrases = " and ".join(_in_words(slip, base.program) for slip in slips)
    which = "your numbers are" if len(parts) > 1 else f"your {parts[0]} is"
    if 1 < len(parts) < len(base.program.parts):
        which = f"your {', '.join(parts)} are"
    pattern = f"{which} exactly the right answer with this change: {phrases}"
    known = next((slip.mistake for slip in slips if slip.mistake), None)
    return Diagnosis(known, pattern, tutor(known) if known else "")


def _in_words(slip: Variation, program: Program) -> str:
    """The slip's phrase, with local slopes written out as what they are."""
    words = slip.phrase
    for line in program.lines:
        if is_slope(line.target):
            formula = line.text.partition(" = ")[2]
            words = words.replace(f"slope {line.target}", f"slope {formula}")
            if slip.target == line.target:
                start = f"the local slope {formula}"
                words = words.replace(f"{line.target} ", f"{start} ", 1)
    return words
