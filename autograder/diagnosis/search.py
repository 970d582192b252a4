"""Find the slips that turn the worked solution's numbers into the student's.

The search goes back from the loss as the student's code does: it looks for a slip
that carries the program past the first part that disagrees, then for one that carries
it past the next.  The same slip made in every layer counts as one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograder.diagnosis.trial import Attempt, Trial
from autograder.worked import Slip

BEAM = 5  # attempts that are followed further
STAGES = 4  # different places of slips in one answer
MOST_RUNS = 2500
LIKELY = 1.0  # pairs within one quantity are tried among slips of this weight


def search(trials: Sequence[Trial], slips: Sequence[Slip]) -> Attempt | None:
    """The likeliest confirmed explanation, whole or of the first wrong part."""
    base = trials[0]
    if base.right == base.total:
        return None
    single = _advance(base, Attempt((), base.right), slips)
    attempts = list(_confirmed(trials, single))
    if all(attempt.number is not None for attempt in attempts):
        # A number that was solved for may stand for two plain slips: 1/2 for 2 and N.
        attempts += _confirmed(trials, _two_at_once(base, slips))
        attempts.sort(key=_rank)
    whole = next((a for a in attempts if a.reached == base.total), None)
    if whole is not None:
        return whole
    followed = _follow(base, attempts, slips)
    further = sorted([*followed, *attempts], key=lambda a: (-a.reached, a.weight))
    return next(iter(_confirmed(trials, further)), None)


def _advance(base: Trial, before: Attempt, slips: Sequence[Slip]) -> list[Attempt]:
    """The attempts with one more slip that get past the part where ``before`` ends."""
    stuck = before.reached
    limit = base.line_of(stuck)
    found = []
    for slip in slips:
        if slip.first > limit or slip in before.slips:
            continue
        if base.runs > MOST_RUNS:
            break
        number = before.number
        if slip.free:
            if before.number is not None:
                continue
            number = base.solve(slip, before.slips, stuck)
            if number is None:
                continue
        together = (*before.slips, slip)
        reached = base.reach(together, number)
        if reached > stuck:
            found.append(Attempt(together, reached, number))
    return sorted(found, key=_rank)


def _rank(attempt: Attempt) -> tuple[float, int]:
    return attempt.weight, -attempt.reached


def _follow(
    base: Trial, attempts: Sequence[Attempt], slips: Sequence[Slip]
) -> list[Attempt]:
    """Go on from the likeliest attempts until every part agrees, where that works."""
    done: list[Attempt] = []
    beam = _widest(attempts)
    for _ in range(STAGES):
        further: list[Attempt] = []
        for attempt in beam:
            if attempt.reached == base.total:
                continue
            last = attempt.slips[-1].key
            again = [slip for slip in slips if slip.key == last]
            found = _advance(base, attempt, again) or _advance(base, attempt, slips)
            further += found
        beam = _widest(further)
        done = [*further, *done]
        if not beam or any(a.reached == base.total for a in beam):
            break
    return sorted(done, key=_rank)


def _widest(attempts: Sequence[Attempt]) -> list[Attempt]:
    """A few likely attempts, and of each the ones that reach furthest."""
    ordered = sorted(attempts, key=lambda a: (-a.reached, a.weight))
    likely = sorted(attempts, key=_rank)
    return list(dict.fromkeys([*likely[:2], *ordered]))[:BEAM]


def _two_at_once(base: Trial, slips: Sequence[Slip]) -> list[Attempt]:
    """Two slips that only together explain the first wrong part."""
    stuck = base.right
    limit = base.line_of(stuck)
    near = [slip for slip in slips if slip.first <= limit and not slip.free]
    scales = [s for s in near if s.key in SCALES and len(s.edits) == 1]
    found: list[Attempt] = []
    for slip in near:
        if slip.key in SCALES or base.runs > MOST_RUNS:
            continue
        if not _off_by_scale(base, slip, stuck):
            continue
        found += _pairs(base, slip, scales, stuck)
    for i, slip in enumerate(scales):
        found += _pairs(base, slip, scales[i + 1 :], stuck)
    if found:
        return sorted(found, key=_rank)
    likely = [slip for slip in near if slip.weight <= LIKELY and slip.mistake]
    for i, slip in enumerate(likely):
        if base.runs > MOST_RUNS:
            break
        found += _pairs(base, slip, likely[i + 1 :], stuck)
    return sorted(found, key=_rank)


SCALES = ("sign", "double", "half", "times N", "over N", "transposed", "drop N")


def _pairs(
    base: Trial, slip: Slip, others: Sequence[Slip], stuck: int
) -> list[Attempt]:
    found = []
    for other in others:
        pairs = ((slip, other), (other, slip))  # in one line the order matters
        for pair in pairs[: 1 if slip.edits.keys().isdisjoint(other.edits) else 2]:
            reached = base.reach(pair)
            if reached > stuck:
                found.append(Attempt(pair, reached))
                break
    return found


def _off_by_scale(base: Trial, slip: Slip, part: int) -> bool:
    """Whether one factor, or a transpose, is all that still separates the two."""
    ours, got = base.value(part, (slip,)), base.got[part]
    if ours is None or ours.size != got.size:
        return False
    for array in (ours, ours.T):
        if array.shape != got.shape:
            continue
        with np.errstate(all="ignore"):
            size = float(np.vdot(array, array))
            factor = float(np.vdot(array, got)) / size if size else 0.0
            gap = np.max(np.abs(factor * array - got), initial=0.0)
        if factor and gap <= 1e-6 * np.max(np.abs(got), initial=0.0):
            return True
    return False


def _confirmed(
    trials: Sequence[Trial], attempts: Sequence[Attempt]
) -> Iterator[Attempt]:
    for attempt in attempts:
        if all(_confirms(trial, attempt) for trial in trials[1:]):
            yield attempt


def _confirms(trial: Trial, attempt: Attempt) -> bool:
    """Whether the same slips explain as much of another instance."""
    wanted = min(attempt.reached, trial.total)
    return trial.reach(attempt.slips, attempt.number) >= wanted
