"""Answers as students write them: none right refused, none wrong accepted."""

from __future__ import annotations

import pytest

from autograder.diagnosis import diagnose
from tests.corpus import FOLDER
from tests.corpus.measure import Tally, measure

EXERCISES = sorted(path.stem for path in FOLDER.glob("*.txt"))
tallies: dict[str, Tally] = {}


def tally_of(exercise: str) -> Tally:
    """Judge the answers of one exercise, once."""
    if exercise not in tallies:
        tallies.update(measure([exercise]))
    return tallies[exercise]


@pytest.fixture(autouse=True)
def _errors_of_the_diagnosis_show(monkeypatch):
    monkeypatch.setattr(diagnose, "LOUD", True)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_answers_pass_and_wrong_ones_fail(exercise):
    tally = tally_of(exercise)
    assert tally.right >= 5 and tally.wrong >= 10
    assert tally.refused == []
    assert tally.accepted == []


@pytest.mark.slow
def test_names_are_right():
    """What is said is true: the shares of answers about which something is said are
    printed by ``python -m tests.corpus.measure``.
    """
    every = [tally_of(exercise) for exercise in EXERCISES]
    named = sum(t.named for t in every)
    misnamed = sum(len(t.misnamed) for t in every)
    unlisted = sum(t.unlisted for t in every)
    assert named / (named + misnamed) >= 0.95
    assert sum(t.half for t in every) / sum(t.composite for t in every) >= 0.6
    assert sum(t.unlisted_patterns for t in every) / unlisted >= 0.5


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["held_out", "held_out_2"])
def test_answers_of_strangers_are_judged_rightly(folder):
    every = list(measure(folder=FOLDER / folder).values())
    assert [told for tally in every for told in tally.refused] == []
    assert [told for tally in every for told in tally.accepted] == []
    named = sum(t.named for t in every)
    assert named / (named + sum(len(t.misnamed) for t in every)) >= 0.95
    unlisted = sum(len(t.unlisted_named) for t in every)
    assert unlisted / sum(t.unlisted for t in every) <= 0.03
