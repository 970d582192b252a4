"""From wrong numbers to the slip that made them.

First comes behaviour (whole numbers, kept dimensions, overflow), then the search for
slips in the worked solution that give the student's numbers entry by entry on every
instance.  What no slip explains is described by a pattern; what has no pattern gets
no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.behaviour import behaviour
from autograder.calling import Outcome
from autograder.compare import Part
from autograder.exercises.exercise import Exercise, Instance, references
from autograder.mistakes import tutor
from autograder.patterns import pattern_of
from autograder.search import search
from autograder.show import number
from autograder.slips import all_slips
from autograder.slips.syntax import is_slope
from autograder.smallest import smallest_case
from autograder.trial import Attempt, Trial
from autograder.verdict import Counterexample, Diagnosis
from autograder.worked import FREE, Program, Slip, environment_of, source_of

Answer = tuple[Instance, Outcome, dict[str, Part]]
RECTANGULAR_FIRST = ("generic", "more", "square")
MOST_TRIALS = 12
LOUD = False  # tests let errors of the diagnosis through
SCALES = ("M20", "M22", "M23", "M24", "M26")


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
    """Explain a wrong or crashing answer as far as the numbers prove it.

    An explanation is help: whatever goes wrong in finding it, the verdict stands.
    """
    if LOUD:
        return _explain(evidence)
    try:
        return _explain(evidence)
    except Exception:
        return Explanation(None, None)


def _explain(evidence: Evidence) -> Explanation:
    case = smallest_case(
        evidence.exercise, evidence.calls, evidence.seed, evidence.wrong()
    )
    diagnosis = (
        behaviour(evidence.exercise, evidence.answers)
        or _by_search(evidence)
        or pattern_of(evidence.exercise, evidence.answers, evidence.calls)
    )
    return Explanation(diagnosis, case)


def _by_search(evidence: Evidence) -> Diagnosis | None:
    trials = list(_trials(evidence))
    trials = [t for t in trials if t.program is trials[0].program][:MOST_TRIALS]
    if not trials:
        return None
    attempt = search(trials, _slips(trials[0]))
    return _named(evidence, trials[0], attempt) if attempt else None


def _trials(evidence: Evidence) -> Iterator[Trial]:
    """Wrong answers first, rectangular before square, then right ones to confirm."""
    exercise = evidence.exercise
    for instance, outcome, parts in sorted(evidence.answers, key=_rank):
        got = {n: p.got for n, p in parts.items() if p.got is not None}
        usable = outcome.status == "returned" and exercise.worked and got
        if usable and instance.style not in ("integer", "float32"):
            source = source_of(exercise, instance)
            program = _program(source, tuple(references(exercise, instance)))
            yield Trial(program, environment_of(exercise, instance), got)


def _rank(answer: Answer) -> tuple[bool, int]:
    instance, _, parts = answer
    right = all(part.right for part in parts.values())
    order = {style: i for i, style in enumerate(RECTANGULAR_FIRST)}
    return right, order.get(instance.style, len(order))


@lru_cache(maxsize=64)
def _program(source: str, parts: tuple[str, ...]) -> Program:
    return Program(source, parts)


def _slips(trial: Trial) -> tuple[Slip, ...]:
    names = tuple(
        name
        for name, value in trial.start.items()
        if not isinstance(value, (dict, str)) and not callable(value)
    )
    return _all_slips(trial.program, names)


@lru_cache(maxsize=64)
def _all_slips(program: Program, names: tuple[str, ...]) -> tuple[Slip, ...]:
    return tuple(all_slips(program, names))


def _named(evidence: Evidence, trial: Trial, attempt: Attempt) -> Diagnosis:
    whose = "your numbers are"
    if attempt.reached < trial.total:
        new = trial.names_of(attempt.reached)[trial.right :]
        whose = f"your {', '.join(new)} {'are' if len(new) > 1 else 'is'}"
    words = " and ".join(_in_words(attempt, trial.program))
    pattern = f"{whose} exactly the right answer with this change: {words}"
    known = _name(attempt, trial.program)
    return Diagnosis(known, pattern, tutor(known) if known else "")


def _name(attempt: Attempt, program: Program) -> str | None:
    """The mistake an attempt proves; a mere factor never names a slip without name."""
    names = [slip.mistake for slip in attempt.slips]
    telling = [name for name in names if name and name not in SCALES]
    if "M93" in telling and len(attempt.slips[0].edits) < len(program.parts):
        return None
    other_unit = any(s.key.endswith(("for sigma", "for tanh")) for s in attempt.slips)
    if other_unit and telling == ["M36"]:
        return None  # another activation throughout, with its own right slope
    if telling:
        return telling[0]
    return names[0] if all(names) else None


def _in_words(attempt: Attempt, program: Program) -> list[str]:
    """Each kind of slip in words; the lines it was made in again are listed."""
    words: dict[str, str] = {}
    again: dict[str, list[str]] = {}
    for slip in attempt.slips:
        if slip.key in words:
            again.setdefault(slip.key, []).append(slip.target)
        else:
            words[slip.key] = _phrase(slip, program, attempt.number)
    return [
        f"{text} (and the same in {', '.join(again[key])})" if key in again else text
        for key, text in words.items()
    ]


def _phrase(slip: Slip, program: Program, free: float | None) -> str:
    """The slip's phrase, with local slopes written out as what they are."""
    words = slip.phrase
    if free is not None:
        words = words.replace(FREE, number(free))
    for line in program.lines:
        if is_slope(line.target):
            words = words.replace(f"slope {line.target}", f"slope {line.formula}")
            if slip.target == line.target:
                start = f"the local slope {line.formula}"
                words = words.replace(f"{line.target} ", f"{start} ", 1)
    return words
