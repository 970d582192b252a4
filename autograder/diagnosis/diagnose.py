"""From wrong numbers to the slip that made them.

First comes behaviour (whole numbers, kept dimensions, overflow), then the search for
slips in the worked solution that give the student's numbers entry by entry on every
instance.  What no slip explains is described by a pattern; what has no pattern gets
no name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from autograder.calling import Outcome
from autograder.compare import Part
from autograder.diagnosis.behaviour import EXTREME, behaviour
from autograder.diagnosis.collecting import uncollected
from autograder.diagnosis.hypotheses import hypothesis
from autograder.diagnosis.naming import SCALES, name_of
from autograder.diagnosis.one_size import tried_sizes
from autograder.diagnosis.patterns import pattern_of
from autograder.diagnosis.questions import fitted
from autograder.diagnosis.search import MOST_RUNS, search
from autograder.diagnosis.slips import all_slips
from autograder.diagnosis.slips.syntax import stem
from autograder.diagnosis.smallest import smallest_case, work_out
from autograder.diagnosis.trial import Attempt, Trial
from autograder.diagnosis.wording import in_words, names_known
from autograder.exercises.exercise import Exercise, Instance, magnitude, references
from autograder.mistakes import tutor
from autograder.rounding import program_of
from autograder.verdict import Counterexample, Diagnosis
from autograder.worked import Program, Slip, environment_of, source_of

Answer = tuple[Instance, Outcome, dict[str, Part]]
RECTANGULAR_FIRST = ("generic", "more", "square")
MOST_TRIALS = 12
GUESSES = 2  # explanations tried before one that fits every case is given up
ASKED_ELSEWHERE = 2  # other cases that an explanation is held against
RUNS_ELSEWHERE = 1000  # of the search in all the other cases together
FEW = 40  # numbers; fewer than this many leave room for chance
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
    groups = _groups(list(_trials(evidence)))
    if groups and _all_zero(groups[0]):
        groups = [g for g in groups if _option(g) != _option(groups[0])]
    if not groups or _all_zero(groups[0]):
        return None
    trials = groups[0]
    attempt, alike = _explaining(groups)
    if attempt is None:
        return None
    known = name_of(attempt, trials[0])
    if known == "M40" and _also_without_kink(groups[1:], attempt):
        dropped = any(slip.mistake == "M29" for slip in attempt.slips)
        known = "M29" if dropped else known
    if known in SCALES and _absent_elsewhere(groups, attempt):
        known = None
    if known and not alike and _otherwise_elsewhere(groups, attempt, known):
        known = None
    if known in SCALES and _option_unexplained(groups, attempt):
        known = None
    found = _described(evidence.exercise, trials[0], attempt, known)
    found = replace(found, pattern=found.pattern + _where_alone(groups))
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
        for other in _slips(base)
        if other.key == slip.key and other.target != slip.target
        if other.phrase.partition(" ")[2] == words and len(other.edits) == 1
    ]
    return [
        other
        for other in likely
        if all(t.reach(other.slips, other.number) == t.total for t in trials)
    ]


def _groups(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Trials by worked solution: another depth or another case has its own."""
    groups: dict[int, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(id(trial.program), []).append(trial)
    return [group[:MOST_TRIALS] for group in groups.values()]


def _wrong(trial: Trial) -> bool:
    return trial.right < trial.total


def _all_zero(trials: Sequence[Trial]) -> bool:
    """Zeros prove nothing, nor do infinities: many slips lead to them.

    A root seeded with 0 and a mask that is never on are told from others all the same.
    """
    wrong = [trial for trial in trials if _wrong(trial)]
    names = {trial.parts[trial.right][1] for trial in wrong}
    if "loss" in names or "mask" in trials[0].program.last:
        return False
    if any(not _wrong(t) and t.total == 1 and _one_number(t) for t in trials):
        return False  # one number that is not 0 elsewhere
    return all(magnitude(t.got[t.right]) < 1e-12 for t in wrong)


def _one_number(trial: Trial) -> bool:
    return trial.got[0].size == 1 and magnitude(trial.got[0]) > 0


def _absent_elsewhere(groups: Sequence[Sequence[Trial]], attempt: Attempt) -> bool:
    """Whether another case is right where the same slip could have been made."""
    right = [
        group
        for group in groups
        if _option(group) == _option(groups[0])
        if not any(_wrong(trial) for trial in group)
    ]
    made = {(slip.key, stem(slip.target)) for slip in attempt.slips}
    return any(
        made <= {(slip.key, stem(slip.target)) for slip in _slips(group[0])}
        for group in right[:ASKED_ELSEWHERE]
    )


def _also_without_kink(groups: Sequence[Sequence[Trial]], attempt: Attempt) -> bool:
    """Whether an activation without a kink is wrong in the same way."""
    return any(
        _wrong(group[0]) and _alike(attempt, group, whole=True)
        for group in groups
        if not any(">" in line.formula for line in group[0].program.lines)
    )


def _explaining(groups: Sequence[Sequence[Trial]]) -> tuple[Attempt | None, bool]:
    """The likeliest explanation, and whether it holds in other cases too.

    Few numbers are explained by chance: then one that holds there is looked for.
    """
    trials, *others = groups
    slips = _slips(trials[0])
    first = attempt = search(trials, slips)
    wrong = [
        group
        for group in others
        if _wrong(group[0]) and _option(group) == _option(trials)
    ][:ASKED_ELSEWHERE]
    if not wrong or not _few(trials):
        return first, not wrong
    for _ in range(GUESSES):
        if attempt is None:
            break
        if all(_alike(attempt, group) for group in wrong):
            return attempt, True
        slips = tuple(slip for slip in slips if slip.key not in attempt.keys)
        trials[0].runs = max(trials[0].runs, MOST_RUNS - RUNS_ELSEWHERE)
        attempt = search(trials, slips)
    return first, False


def _option(trials: Sequence[Trial]) -> list[str]:
    """What was asked for by name: each option has code of its own."""
    return [value for value in trials[0].start.values() if isinstance(value, str)]


def _option_unexplained(groups: Sequence[Sequence[Trial]], attempt: Attempt) -> bool:
    """Whether another option is wrong as well, in a way that has no name."""
    first, *others = groups
    for group in others:
        base = group[0]
        if _option(group) == _option(first) or not _wrong(base):
            continue
        base.runs = MOST_RUNS - RUNS_ELSEWHERE
        other = search(group, _slips(base))
        if not _alike(attempt, group) and not (other and name_of(other, base)):
            return True
    return False


def _where_alone(groups: Sequence[Sequence[Trial]]) -> str:
    """The option with which alone an answer is wrong, if others are right."""
    first, *others = groups
    right = [g for g in others if not any(_wrong(trial) for trial in g)]
    named = {n: v for n, v in first[0].start.items() if isinstance(v, str)}
    if not named or not any(_option(group) != _option(first) for group in right):
        return ""
    return f", with {', '.join(f'{name} = {v!r}' for name, v in named.items())}"


def _few(trials: Sequence[Trial]) -> bool:
    return sum(array.size for trial in trials for array in trial.got) <= FEW


def _alike(attempt: Attempt, group: Sequence[Trial], *, whole: bool = False) -> bool:
    """Whether the same kinds of slips explain another case too, all if ``whole``."""
    slips = [slip for slip in _slips(group[0]) if slip.key in attempt.keys]
    found = search(group, slips)
    if found is None or found.reached < group[0].total:
        return False
    return not whole or found.keys == attempt.keys


def _otherwise_elsewhere(
    groups: Sequence[Sequence[Trial]], attempt: Attempt, mistake: str
) -> bool:
    """Where few numbers are compared: does another case have another name?"""
    first, *others = groups
    if not _few(first):
        return False
    runs = MOST_RUNS - RUNS_ELSEWHERE
    for group in others:
        base = group[0]
        if _option(group) != _option(first) or not _wrong(base):
            continue
        if _alike(attempt, group):
            continue
        base.runs = runs
        other = search(group, _slips(base))
        if other and name_of(other, base) not in (None, mistake):
            return True
        runs = base.runs
    return False


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
