"""Every exercise by its id, and by its lesson."""

from __future__ import annotations

from autograder.exercises import (
    lesson_00_finite_differences,
    lesson_01_chain_rule,
    lesson_02_jacobians,
    lesson_03_computation_graphs,
    lesson_04_neurons,
    lesson_05_linear_layer,
    lesson_06_linear_models,
    lesson_07_one_hidden_layer,
    lesson_08_softmax,
    lesson_09_two_hidden_layers,
    lesson_10_three_hidden_layers,
    lesson_11_xor_and_caching,
    lesson_12_classic_deltas,
    lesson_12_error_signals,
    lesson_13_training,
    lesson_14_deep_nets,
    lesson_15_debugging_lab,
)
from autograder.exercises.exercise import Exercise, Instance, UnknownExercise, find

_LESSONS = (
    lesson_00_finite_differences,
    lesson_01_chain_rule,
    lesson_02_jacobians,
    lesson_03_computation_graphs,
    lesson_04_neurons,
    lesson_05_linear_layer,
    lesson_06_linear_models,
    lesson_07_one_hidden_layer,
    lesson_08_softmax,
    lesson_09_two_hidden_layers,
    lesson_10_three_hidden_layers,
    lesson_11_xor_and_caching,
    lesson_12_error_signals,
    lesson_12_classic_deltas,
    lesson_13_training,
    lesson_14_deep_nets,
    lesson_15_debugging_lab,
)

EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise for module in _LESSONS for exercise in module.EXERCISES
}

# What a notebook declares beside them, see autograder.own.
DECLARED: dict[str, Exercise] = {}


def lesson(number: str) -> list[Exercise]:
    """The exercises of one lesson, in lesson order.

    >>> [exercise.id for exercise in lesson("07")][:2]
    ['one_hidden_forward', 'one_hidden_regression_grads']
    """
    return [e for e in EXERCISES.values() if e.lesson == number]


def get(exercise_id: object) -> Exercise:
    """Look up an exercise; an unknown id raises :class:`UnknownExercise`."""
    return find({**EXERCISES, **DECLARED}, exercise_id)


__all__ = [
    "DECLARED",
    "EXERCISES",
    "Exercise",
    "Instance",
    "UnknownExercise",
    "get",
    "lesson",
]
