"""The tutor's question, fitted to the exercise it is asked in."""

from __future__ import annotations

from dataclasses import replace

from autograder.diagnosis.slips.syntax import is_weight
from autograder.exercises.exercise import Exercise, Instance, references
from autograder.mistakes import MISTAKES, tutor
from autograder.verdict import Diagnosis
from autograder.worked import source_of

CLASSIC = {"N8", "N9"}  # formulas in which delta is minus the derivative
NO_WEIGHTS = (
    "a local slope dropped. Which boxes does a nudge cross on its way to the result?"
    " Is the slope of each in your product?"
)
MINUS = (
    "opposite sign. A classic delta is minus dL/dnet: in which direction should this"
    " unit move for the loss to shrink?"
)
OF_A_LOSS = (
    "missing 1/N. Copy every example once more. Should the loss change? Does yours?"
)
OF_A_FORMULA = "Where does the formula carry a 2 or a 1/2, and where does your line?"
OF_THE_LAYER = (
    "wrong layer's values. The signal has just come down through the weights: whose"
    " slope does it cross now?"
)
OF_THE_COUNT = (
    "Adam with the wrong correction. t counts the step you are just taking, 1 for the"
    " first: is that the t in your power?"
)
OF_THE_SCORE = (
    "the mask asks the score, not the margin. A score of 2 with the label -1: is that"
    " a good answer or a bad one?"
)


def fitted(
    diagnosis: Diagnosis | None, exercise: Exercise, instance: Instance
) -> Diagnosis | None:
    """The diagnosis with a question that makes sense where it is asked."""
    if diagnosis is None or diagnosis.mistake is None:
        return diagnosis
    mistake = diagnosis.mistake
    if diagnosis.message != tutor(mistake):
        return diagnosis
    other = _question(mistake, diagnosis.pattern, exercise, instance)
    return replace(diagnosis, message=f"Likely: {other}") if other else diagnosis


def _question(
    mistake: str, pattern: str, exercise: Exercise, instance: Instance
) -> str:
    worked = source_of(exercise, instance)
    if mistake == "M20" and CLASSIC & set(exercise.formulas):
        return MINUS
    if mistake == "M24" and set(references(exercise, instance)) == {"loss"}:
        return OF_A_LOSS
    if mistake in ("M22", "M23") and not _speaks_of_loss(exercise, worked):
        return f"{MISTAKES[mistake][0]}. {OF_A_FORMULA}"
    if mistake == "M37" and pattern.endswith("in the place of w @ phi * y"):
        return OF_THE_SCORE
    if mistake == "M48" and "taken as" in pattern:
        return OF_THE_LAYER
    if mistake == "M97" and "to a power one too" in pattern:
        return OF_THE_COUNT
    names = [*exercise.names, *(line.split(" =")[0] for line in worked.splitlines())]
    if mistake == "M29" and not any(map(is_weight, names)):
        return NO_WEIGHTS
    return ""


def _speaks_of_loss(exercise: Exercise, worked: str) -> bool:
    targets = {"y", "Y"} & set(exercise.names)
    return bool(exercise.loss or targets or "loss" in worked)
