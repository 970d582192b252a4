"""An instructor's own exercise: from one text file to grades and feedback."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import EXAMPLE, add_lesson, make_course, nbgrader
from autograder.exercises import DECLARED
from autograder.grading.command import grade_command
from autograder.nbgrader_course import NbgraderCourse
from autograder.own import declared_in, with_solution
from autograder.own_truth import BadExercise
from autograder.places import UsageError
from autograder.release import released, to_text
from autograder.sources import grade_source

LESSON = EXAMPLE.stem
TEXT = EXAMPLE.read_text(encoding="utf-8")
RIGHT = """
def gaussian_grad(x, mu, s):
    variance = np.exp(2 * s)
    gap = x - mu
    return gap.sum() / variance, (gap @ gap) / variance - len(x)
"""
# Each with what its feedback must say.
WRONG = {
    "sign": (
        RIGHT.replace("return gap", "return -gap"),
        "dmu with the opposite sign",
    ),
    "lost_term": (RIGHT.replace(" - len(x)", ""), "ds"),
    "mean": (RIGHT.replace("gap.sum()", "gap.mean()"), "dmu"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the example lesson, released, and four students' work."""
    folder = tmp_path_factory.mktemp("own") / "course"
    make_course(folder)
    add_lesson(folder, folder / "own" / EXAMPLE.name)
    nbgrader(folder, "generate_assignment", LESSON)
    answers = {"right": RIGHT, **{name: code for name, (code, _) in WRONG.items()}}
    for student, code in answers.items():
        handed_out = folder / "release" / LESSON / f"{LESSON}.ipynb"
        notebook = nbformat.read(handed_out, as_version=4)
        for cell in notebook.cells:
            if cell["id"] == "gaussian_grad":
                cell.source = code
        target = folder / "submitted" / student / LESSON / handed_out.name
        target.parent.mkdir(parents=True)
        target.write_text(to_text(notebook), encoding="utf-8")
    return folder


def scores(folder: Path) -> dict[str, float]:
    """The gradebook's scores by student."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        submissions = gradebook.assignment_submissions(LESSON)
        return {s.student.id: s.score for s in submissions}


DESERVED = {"right": 4.0, "sign": 0.0, "lost_term": 0.0, "mean": 0.0}


@pytest.mark.slow
def test_a_course_grades_it_and_says_what_is_wrong(course: Path, tmp_path: Path):
    shown = (course / "release" / LESSON / f"{LESSON}.ipynb").read_text()
    assert "z * z - 1" not in shown and "SOLUTION" not in shown
    nbgrader(course, "autograde", LESSON)
    assert scores(course) == DESERVED
    nbgrader(course, "generate_feedback", LESSON)
    for student, (_, said) in WRONG.items():
        page = course / "feedback" / student / LESSON / f"{LESSON}.html"
        assert said in page.read_text(encoding="utf-8")
    code = grade_command([], tmp_path / "out", course=NbgraderCourse(course), jobs=1)
    assert code == 0 and scores(course) == DESERVED


def test_a_students_own_check_says_it_too():
    DECLARED.update(declared_in(cell.source for cell in released(EXAMPLE).cells))
    try:
        assert grade_source("gaussian_grad", "import numpy as np" + RIGHT).points == 4
        for code, said in (
            (WRONG["sign"][0], "your dmu is -1 times the right answer"),
            (WRONG["mean"][0], "your dmu is 1/N of the right answer"),
        ):
            verdict = grade_source("gaussian_grad", "import numpy as np" + code)
            assert verdict.diagnosis is not None
            assert verdict.diagnosis.pattern == said
    finally:
        DECLARED.clear()


def test_a_class_without_nbgrader(course: Path, tmp_path: Path):
    code = grade_command(
        [course / "submitted"], tmp_path, lessons=course / "release", jobs=1
    )
    assert code == 0
    lines = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()
    found = {line.split(",")[0]: float(line.split(",")[2]) for line in lines[1:]}
    assert found == DESERVED


def test_a_notebook_changed_by_hand_is_not_written_over(course: Path):
    source = course / "own" / EXAMPLE.name
    target = add_lesson(course, source)  # unchanged: written again
    notebook = nbformat.read(target, as_version=4)
    notebook.cells[0].source = "# My better words"
    target.write_text(to_text(notebook), encoding="utf-8")
    with pytest.raises(UsageError, match="changed since; nothing was written"):
        add_lesson(course, source)
    assert "My better words" in target.read_text(encoding="utf-8")


# What an instructor may get wrong in the file: old text, new text, the sentence.
LESSON_SLIPS = {
    "solution": ("z * z - 1", "z * z", "your own solution fails the check"),
    "import": ("import check, exercise", "import check", "must run by itself"),
    "no numpy": ("import numpy as np\n", "", "name 'np' is not defined"),
    "check cell": (":check: gaussian_grad", ":id: mine", "stand there once, not 0"),
    "name": ('    "gaussian_grad",', '    "gaussian_slope",', "there is no exercise"),
    "arguments": (
        "def gaussian_grad(x, mu, s)",
        "def gaussian_grad(x, s, mu)",
        "the arguments are (x, s, mu), should be (x, mu, s)",
    ),
}


@pytest.mark.parametrize("slip", LESSON_SLIPS)
def test_a_slip_in_the_file_is_one_sentence(course: Path, tmp_path: Path, slip: str):
    old, new, sentence = LESSON_SLIPS[slip]
    assert old in TEXT
    (tmp_path / "mine.md").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        add_lesson(course, tmp_path / "mine.md")
    assert sentence in str(caught.value) and str(caught.value).startswith("mine.md: ")
    assert not (course / "source" / "mine").exists()


@pytest.mark.parametrize(
    "folder, lesson, sentence",
    [
        ("nowhere", EXAMPLE, "is no course; make one"),
        ("", Path("nothing.md"), "there is no lesson nothing.md"),
        ("", Path(__file__), "name a lesson like gaussian_likelihood.md"),
    ],
)
def test_what_is_added_where(course: Path, folder: str, lesson: Path, sentence: str):
    with pytest.raises(UsageError, match=sentence):
        add_lesson(course / folder, lesson)


START = "import numpy as np\nfrom autograder import exercise\n"
GOOD = 'exercise("f", lambda x, y: np.sum((x - y) ** 2), {"x": "N", "y": "N"}, "x")'
DECLARATION_SLIPS = {
    "not a name": ('"f"', '"my f"', "the function the student writes"),
    "taken": ('"f"', '"residual"', "this name is taken"),
    "no function": ("lambda x, y: np.sum((x - y) ** 2)", "3", "must be a function"),
    "no shapes": ('{"x": "N", "y": "N"}', '"N"', "shapes must be a dict"),
    "other arguments": ('"y": "N"', '"z": "N"', "takes (x, y), but shapes are given"),
    "bad shape": ('"y": "N"', '"y": "n"', "must be size letters"),
    "bad kind": ('"y": "N"', '"y": "N big"', "must be size letters"),
    "points": ('"x")', '"x", points=0)', "points must be a whole number"),
    "no gradient": ('"x")', "())", "gradients must name one text or more"),
    "hints": ('"x")', '"x", hints="Look")', "hints must be a tuple of one text"),
    "shape as number": ('"y": "N"', '"y": 4', "must be size letters"),
    "other gradient": ('"x")', '"w")', "gradients can be asked for x, y"),
    "not a number": ("np.sum((x - y) ** 2)", "(x - y)", "must return one real number"),
    "crash": ("(x - y) ** 2", "x @ y.T @ z", "stops with NameError"),
    "random": ("(x - y)", "(x - np.random.rand())", "must not be random"),
    "undefined": ("(x - y) ** 2", "np.log(-np.abs(x - y))", "no finite slope"),
    "flat": ("(x - y) ** 2", "0 * x + y", "does not depend on x"),
    "empty dict": ('"y": "N"', '"y": {}', "must be size letters"),
    "kind in a dict": ('"y": "N"', '"y": {"a": "N sign"}', "y is a dict of weights"),
    "dict in a dict": ('"y": "N"', '"y": {"a": {"b": "N"}}', "y is a dict of weights"),
    "dict among others": (
        '"y": "N"}, "x"',
        '"y": {"a": "N"}}, ("x", "y")',
        "so are its gradients",
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("slip", DECLARATION_SLIPS)
def test_a_slip_in_a_declaration_is_one_sentence(slip: str):
    old, new, sentence = DECLARATION_SLIPS[slip]
    assert old in GOOD
    with pytest.raises(BadExercise) as caught:
        declared_in([START + GOOD.replace(old, new)])
    assert sentence in str(caught.value) and "\n" not in str(caught.value)
    assert "f" not in DECLARED


def test_a_kink_and_a_tapped_step_are_measured():
    """|w . x - y| is not analytic; at its kink every slope between is accepted."""
    source = START + (
        "def miss(w, x, y, tap=lambda name, value: value):\n"
        '    score = tap("score", w @ x)\n'
        "    return abs(score - y)\n"
        'shapes = {"w": "D weight", "x": "D", "y": ""}\n'
        'exercise("miss_grad", miss, shapes, ("score", "w"))\n'
    )
    DECLARED.update(declared_in([source]))
    try:
        answer = (
            "import numpy as np\n"
            "def miss_grad(w, x, y):\n"
            "    dscore = np.sign(w @ x - y)\n"
            "    return dscore, dscore * x\n"
        )
        assert grade_source("miss_grad", answer).status == "right"
        wrong = grade_source("miss_grad", answer.replace("dscore * x", "dscore * w"))
        assert wrong.first_wrong == "dw" and wrong.parts["dscore"] == "right"
    finally:
        DECLARED.clear()


def test_weights_in_a_dict_are_asked_for_as_a_dict():
    source = START + (
        "def fit(X, y, params):\n"
        '    return np.sum((X @ params["w"] + params["b"] - y) ** 2) / len(X)\n'
        'shapes = {"X": "N D", "y": "N", "params": {"w": "D", "b": ""}}\n'
        'exercise("fit_grads", fit, shapes, "params")\n'
    )
    answer = (
        "def fit_grads(X, y, params):\n"
        '    e = 2 * (X @ params["w"] + params["b"] - y) / len(X)\n'
        '    return {"dw": e @ X, "db": e.sum()}\n'
    )
    declared = declared_in([source])["fit_grads"]
    assert with_solution(declared, answer).worked.endswith("db = e.sum()")
    DECLARED["fit_grads"] = with_solution(declared, answer)
    try:
        assert grade_source("fit_grads", answer).status == "right"
        wrong = grade_source("fit_grads", answer.replace("e.sum()", "e.mean()"))
        assert wrong.first_wrong == "db" and wrong.parts["dw"] == "right"
        assert "db divided by N" in wrong.to_text()
        assert (
            grade_source("fit_grads", answer.replace('"db"', '"b"')).status == "wrong"
        )
    finally:
        DECLARED.clear()
