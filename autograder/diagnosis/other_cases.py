"""One explanation held against other cases: other depths, activations and options.

Each case has a worked solution of its own.  What explains one of them by chance fails
in another; a mistake in the code of one option leaves the others right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from autograder.diagnosis.naming import name_of
from autograder.diagnosis.search import MOST_RUNS, search
from autograder.diagnosis.slips import all_slips
from autograder.diagnosis.slips.syntax import stem
from autograder.diagnosis.trial import Attempt, Trial
from autograder.worked import Program, Slip

Group = Sequence[Trial]
MOST_TRIALS = 12
GUESSES = 2  # explanations tried before one that fits every case is given up
ASKED_ELSEWHERE = 2  # other cases that an explanation is held against
RUNS_ELSEWHERE = 1000  # of the search in all the other cases together
FEW = 40  # numbers; fewer than this many leave room for chance


def grouped(trials: Group) -> list[list[Trial]]:
    """Trials by worked solution: another depth or another case has its own."""
    groups: dict[int, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(id(trial.program), []).append(trial)
    return [group[:MOST_TRIALS] for group in groups.values()]


def is_wrong(trial: Trial) -> bool:
    return trial.right < trial.total


def slips_of(trial: Trial) -> tuple[Slip, ...]:
    names = tuple(
        name
        for name, value in trial.start.items()
        if not isinstance(value, (dict, str)) and not callable(value)
    )
    return _all_slips(trial.program, names)


@lru_cache(maxsize=64)
def _all_slips(program: Program, names: tuple[str, ...]) -> tuple[Slip, ...]:
    return tuple(all_slips(program, names))


def explaining(groups: Sequence[Group]) -> tuple[Attempt | None, bool]:
    """The likeliest explanation, and whether it holds in other cases too.

    Few numbers are explained by chance: then one that holds there is looked for.
    """
    trials, *others = groups
    slips = slips_of(trials[0])
    first = attempt = search(trials, slips)
    wrong = [
        group
        for group in others
        if is_wrong(group[0]) and option_of(group) == option_of(trials)
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


def _alike(attempt: Attempt, group: Group, *, whole: bool = False) -> bool:
    """Whether the same kinds of slips explain another case too, all if ``whole``."""
    slips = [slip for slip in slips_of(group[0]) if slip.key in attempt.keys]
    found = search(group, slips)
    if found is None or found.reached < group[0].total:
        return False
    return not whole or found.keys == attempt.keys


def _few(trials: Group) -> bool:
    return sum(array.size for trial in trials for array in trial.got) <= FEW


def absent_elsewhere(groups: Sequence[Group], attempt: Attempt) -> bool:
    """Whether another case is right where the same slip could have been made."""
    right = [
        group
        for group in groups
        if option_of(group) == option_of(groups[0])
        if not any(is_wrong(trial) for trial in group)
    ]
    made = {(slip.key, stem(slip.target)) for slip in attempt.slips}
    return any(
        made <= {(slip.key, stem(slip.target)) for slip in slips_of(group[0])}
        for group in right[:ASKED_ELSEWHERE]
    )


def otherwise_elsewhere(
    groups: Sequence[Group], attempt: Attempt, mistake: str
) -> bool:
    """Where few numbers are compared: does another case have another name?"""
    first, *others = groups
    if not _few(first):
        return False
    runs = MOST_RUNS - RUNS_ELSEWHERE
    for group in others:
        base = group[0]
        if option_of(group) != option_of(first) or not is_wrong(base):
            continue
        if _alike(attempt, group):
            continue
        base.runs = runs
        other = search(group, slips_of(base))
        if other and name_of(other, base) not in (None, mistake):
            return True
        runs = base.runs
    return False


def also_without_kink(groups: Sequence[Group], attempt: Attempt) -> bool:
    """Whether an activation without a kink is wrong in the same way."""
    return any(
        is_wrong(group[0]) and _alike(attempt, group, whole=True)
        for group in groups
        if not any(">" in line.formula for line in group[0].program.lines)
    )


def option_of(trials: Group) -> list[str]:
    """What was asked for by name: each option has code of its own."""
    return [value for value in trials[0].start.values() if isinstance(value, str)]


def option_unexplained(groups: Sequence[Group], attempt: Attempt) -> bool:
    """Whether another option is wrong as well, in a way that has no name."""
    first, *others = groups
    for group in others:
        base = group[0]
        if option_of(group) == option_of(first) or not is_wrong(base):
            continue
        base.runs = MOST_RUNS - RUNS_ELSEWHERE
        other = search(group, slips_of(base))
        if not _alike(attempt, group) and not (other and name_of(other, base)):
            return True
    return False


def where_alone(groups: Sequence[Group]) -> str:
    """The option with which alone an answer is wrong, if others are right."""
    first, *others = groups
    right = [g for g in others if not any(is_wrong(trial) for trial in g)]
    named = {n: v for n, v in first[0].start.items() if isinstance(v, str)}
    if not named or not any(option_of(group) != option_of(first) for group in right):
        return ""
    return f", with {', '.join(f'{name} = {v!r}' for name, v in named.items())}"
