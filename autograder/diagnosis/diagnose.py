"""From wrong numbers to the slip that made them.

First comes behaviour (whole numbers, kept dimensions, overflow), then the search for
slips in the worked solution that give the student's numbers entry by entry on every
instance.  What no slip explains is described by a pattern; what has no pattern gets
no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part
from autograder.diagnosis.behaviour import EXTREME, behaviour
from autograder.diagnosis.collecting import uncollected
from autograder.diagnosis.hypotheses import hypothesis
from autograder.diagnosis.naming import SCALES, name_of
from autograder.diagnosis.one_size import tried_sizes
from autograder.diagnosis.other_cases import (
    absent_elsewhere,
    also_without_kink,
    explaining,
    grouped,
    is_wrong,
    option_of,
    option_unexplained,
    otherwise_elsewhere,
    slips_of,
    where_alone,
)
from autograder.diagnosis.patterns import pattern_of
from autograder.diagnosis.questions import fitted
from autograder.diagnosis.smallest import smallest_case, work_out
from autograder.diagnosis.trial import Attempt, Trial
from autograder.diagnosis.wording import in_words, names_known
from autograder.exercises.exercise import Exercise, Instance, magnitude, references
from autograder.mistakes import tutor
from autograder.rounding import program_of
from autograder.verdict import Counterexample, Diagnosis
from autograder.worked import environment_of, source_of

Answer = tuple[Instance, Outcome, dict[str, Part]]
RECTANGULAR_FIRST = ("generic", "more", "square")
LOUD = False  # tests let errors of the diagnosis through


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
    smallest = smallest_case(
        evidence.exercise, evidence.calls, evidence.seed, evidence.wrong()
    )
    diagnosis = (
        _without_asking(evidence)
        or tried_sizes(
            evidence.exercise, evidence.answers, evidence.calls, evidence.seed
        )
        or pattern_of(
            evidence.exercise,
            evidence.answers,
            evidence.calls,
            smallest[1] if smallest else None,
        )
    )
    diagnosis = fitted(diagnosis, evidence.exercise, evidence.answers[0][0])
    case = work_out(evidence.exercise, *smallest) if smallest else None
    return Explanation(diagnosis, case)


@uncollected()
def _without_asking(evidence: Evidence) -> Diagnosis | None:
    """What shows in the answers that are there; the student's code does not run."""
    return _behaviour(evidence) or _named(evidence)


def _named(evidence: Evidence) -> Diagnosis | None:
    """What the search finds; if that has no name, what shows without it."""
    found = _by_search(evidence)
    if found is not None and found.mistake is not None:
        return found
    other = hypothesis(evidence.exercise, evidence.answers, found is not None)
    if other is None or found is None:
        return other or found
    return Diagnosis(other.mistake, found.pattern, other.message)


def _behaviour(evidence: Evidence) -> Diagnosis | None:
    """What shows without a search; two operands that changed places, with one."""
    found = behaviour(evidence.exercise, evidence.answers)
    if found is None or found.mistake != "M86":
        return found
    other = _by_search(evidence)
    if other is None or other.mistake != "M14":
        return found
    return other if other.pattern.startswith("your numbers are") else found


def _by_search(evidence: Evidence) -> Diagnosis | None:
    groups = grouped(list(_trials(evidence)))
    if groups and _all_zero(groups[0]):
        groups = [g for g in groups if option_of(g) != option_of(groups[0])]
    if not groups or _all_zero(groups[0]):
        return None
    trials = groups[0]
    attempt, alike = explaining(groups)
    if attempt is None:
        return None
    known = name_of(attempt, trials[0])
    if known == "M40" and also_without_kink(groups[1:], attempt):
        dropped = any(slip.mistake == "M29" for slip in attempt.slips)
        known = "M29" if dropped else known
    if known in SCALES and absent_elsewhere(groups, attempt):
        known = None
    if known and not alike and otherwise_elsewhere(groups, attempt, known):
        known = None
    if known in SCALES and option_unexplained(groups, attempt):
        known = None
    found = _described(evidence.exercise, trials[0], attempt, known)
    found = replace(found, pattern=found.pattern + where_alone(groups))
    others = _elsewhere(trials, attempt)
    if not others:
        return found
    shown = names_known(evidence.exercise, trials[0])
    told = [in_words(other, trials[0].program, shown)[0] for other in others]
    return replace(found, pattern=" or ".join([found.pattern, *told]))


def _elsewhere(trials: Sequence[Trial], attempt: Attempt) -> list[Attempt]:
    """The same slip in another line, where a single number cannot tell which it is."""
    base = trials[0]
    if len(attempt.slips) > 1 or base.total > 1 or base.got[0].size > 1:
        return []
    (slip,) = attempt.slips
    words = slip.phrase.partition(" ")[2]
    likely = [
        Attempt((other,), attempt.reached, attempt.number)
        for other in slips_of(base)
        if other.key == slip.key and other.target != slip.target
        if other.phrase.partition(" ")[2] == words and len(other.edits) == 1
    ]
    return [
        other
        for other in likely
        if all(t.reach(other.slips, other.number) == t.total for t in trials)
    ]


def _all_zero(trials: Sequence[Trial]) -> bool:
    """Zeros prove nothing, nor do infinities: many slips lead to them.

    A root seeded with 0 and a mask that is never on are told from others all the same.
    """
    wrong = [trial for trial in trials if is_wrong(trial)]
    names = {trial.parts[trial.right][1] for trial in wrong}
    if "loss" in names or "mask" in trials[0].program.last:
        return False
    if any(not is_wrong(t) and t.total == 1 and _one_number(t) for t in trials):
        return False  # one number that is not 0 elsewhere
    return all(magnitude(t.got[t.right]) < 1e-12 for t in wrong)


def _one_number(trial: Trial) -> bool:
    return trial.got[0].size == 1 and magnitude(trial.got[0]) > 0


def _trials(evidence: Evidence) -> Iterator[Trial]:
    """Wrong answers first, rectangular before square, then right ones to confirm."""
    exercise = evidence.exercise
    for instance, outcome, parts in sorted(evidence.answers, key=_rank):
        got = {n: p.got for n, p in parts.items() if p.got is not None}
        usable = bool(outcome.status == "returned" and exercise.worked and got)
        if not all(np.isfinite(array).all() for array in got.values()):
            usable = usable and instance.style not in EXTREME  # an overflow on top
        if usable and instance.style not in ("integer", "float32"):
            source = source_of(exercise, instance)
            program = program_of(source, tuple(references(exercise, instance)))
            yield Trial(program, environment_of(exercise, instance), got)


def _rank(answer: Answer) -> tuple[bool, int]:
    instance, _, parts = answer
    right = all(part.right for part in parts.values())
    order = {style: i for i, style in enumerate(RECTANGULAR_FIRST)}
    return right, order.get(instance.style, len(order))


def _described(
    exercise: Exercise, trial: Trial, attempt: Attempt, known: str | None
) -> Diagnosis:
    whose, told = "your numbers are", _of_wrong_parts(attempt, trial)
    if attempt.reached < trial.total or told is not attempt:
        parts = range(trial.right, attempt.reached)
        new = [trial.parts[part][1] for part in parts if not trial.agrees(part)]
        whose = f"your {', '.join(new)} {'are' if len(new) > 1 else 'is'}"
    words = " and ".join(in_words(told, trial.program, names_known(exercise, trial)))
    pattern = f"{whose} exactly the right answer with this change: {words}"
    return Diagnosis(known, pattern, tutor(known) if known else "")


def _of_wrong_parts(attempt: Attempt, trial: Trial) -> Attempt:
    """Without the slips that only put a part right again after an earlier one."""
    right = {trial.line_of(i) for i in range(attempt.reached) if trial.agrees(i)}
    wrong = [i for i in range(attempt.reached) if not trial.agrees(i)]
    slips = tuple(slip for slip in attempt.slips if not set(slip.edits) <= right)
    for slip in slips[1:]:
        others = tuple(other for other in slips if other is not slip)
        if trial.explained(wrong, others, attempt.number):
            slips = others
    if not slips or len(slips) == len(attempt.slips):
        return attempt
    return replace(attempt, slips=slips)
