"""Every exercise by its id, and by its lesson."""

from __future__ import annotations

from autograder.exercises import lesson_07_one_hidden_layer
from autograder.exercises.exercise import Exercise, Instance, UnknownExercise, find

_LESSONS = (lesson_07_one_hidden_layer,)

EXERCISES: dict[str, Exercise] = {
    exercise.id: exercise for module in _LESSONS for exercise in module.EXERCISES
}


def lesson(number: str) -> list[Exercise]:
    """The exercises of one lesson, in lesson order.

    >>> [exercise.id for exercise in lesson("07")][:2]
    ['one_hidden_forward', 'residual']
    """
    return [e for e in EXERCISES.values() if e.lesson == number]


def get(exercise_id: object) -> Exercise:
    """Look up an exercise; an unknown id raises :class:`UnknownExercise`."""
    return find(EXERCISES, exercise_id)


__all__ = ["EXERCISES", "Exercise", "Instance", "UnknownExercise", "get", "lesson"]
