"""Check gradients against finite differences of the loss, and say what is wrong.

>>> from autograder import grade_source
>>> answer = "def one_hidden_forward(x, W, w): return 0.0"
>>> grade_source("one_hidden_forward", answer).status
'wrong'
"""

from autograder.notebook import CheckFailed, LessonError, check, hint, predict, reveal
from autograder.own import exercise
from autograder.sources import grade_source
from autograder.verdict import Verdict

__all__ = [
    "CheckFailed",
    "LessonError",
    "Verdict",
    "check",
    "exercise",
    "grade_source",
    "hint",
    "predict",
    "reveal",
]
