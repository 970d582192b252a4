"""Notebooks, archives and names that lie: what they say earns nothing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from autograder.grading import command
from autograder.grading.cells import Unreadable, bound, defines
from autograder.grading.intake import find_submissions
from autograder.places import LESSONS
from tests.grading.helpers import FULL, HONEST, NAMES, ZEROS, hand_in, notebook
from tests.grading.test_bad_input import GOOD, NAME, zipped

START = "import math\nimport numpy as np"
CHEAP = "00_finite_differences"


def cells(*sources: str, **more: object) -> bytes:
    """A notebook whose cells carry nbgrader's ids, and more metadata."""
    content = json.loads(notebook(START, *sources))
    for name, cell in zip(("start", *NAMES), content["cells"], strict=False):
        cell["metadata"] = {"nbgrader": {"grade_id": name, "solution": True, **more}}
    return json.dumps(content).encode()


def solved_looking() -> bytes:
    """Zeros, edited so that every output and every number says full marks."""
    content = json.loads(cells(*ZEROS, points=400, locked=False, grade=True))
    right = {"output_type": "stream", "name": "stdout", "text": "right, 400 points"}
    for name in NAMES:
        check = {"grade_id": f"check-{name}", "points": 400, "grade": True}
        content["cells"].append(
            {
                "cell_type": "code",
                "source": f'check("{name}", {name})',
                "outputs": [right],
                "execution_count": 1,
                "metadata": {"nbgrader": check, "tags": ["skip-execution"]},
            }
        )
    content["metadata"] = {"score": 400, "kernelspec": {"name": "mine"}}
    return json.dumps(content).encode()


@pytest.mark.attack(65, 87, 89)
def test_a_notebook_that_only_looks_solved_earns_nothing(engine):
    graded = engine.grade(solved_looking(), NAME)
    assert (graded.score, graded.max_score) == (0, FULL)


@pytest.mark.attack(86)
def test_many_cells_of_one_id_count_once(engine):
    content = json.loads(cells(*HONEST))
    content["cells"] += content["cells"] * 3
    assert engine.grade(json.dumps(content).encode(), NAME).score == FULL
    for cell in content["cells"]:
        cell["metadata"]["nbgrader"]["grade_id"] = "residual"
    graded = engine.grade(json.dumps(content).encode(), NAME)
    assert (graded.score, graded.max_score) == (FULL, FULL)


def test_ids_of_an_easier_lesson_are_said_to_be_that(engine):
    data = (LESSONS / f"{CHEAP}.ipynb").read_bytes()
    graded = engine.grade(data, NAME)
    assert graded.lesson == CHEAP
    assert f"it holds the exercises of {CHEAP}" in graded.notes[0]
    assert not [n for n in engine.grade(GOOD, NAME).notes if "named like" in n]


@pytest.mark.attack(95)
@pytest.mark.parametrize("name", ["r\u0435sidual", "residual\u200b", "\u202eresidual"])
def test_ids_that_only_look_alike_are_other_ids(engine, name: str):
    answers = [ZEROS[0], HONEST[1].replace("def residual", f"def {name}"), *ZEROS[2:]]
    assert engine.grade(cells(*answers), NAME).score == 0


@pytest.mark.attack(88)
def test_given_cells_edited_earn_nothing(engine):
    content = json.loads((LESSONS / NAME).read_bytes())
    for cell in content["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and "solution" not in str(cell["metadata"]):
            cell["source"] = source + "\ncheck = hint = lambda *a: None\nexp = np.exp"
    assert engine.grade(json.dumps(content).encode(), NAME).score == 0


NAME_OF_IT = "one_hidden_regression_grads"
DISGUISED = {
    "by text": "exec('def one_hidden_regression' '_grads(*a): return own(*a)')",
    "by letters": f"def \uff4f{NAME_OF_IT[1:]}(*a): return own(*a)",
    "by globals": "globals()['one_hidden_regression' '_grads'] = own",
}
OWN = """
def own(x, y, w, W):
    def loss(w, W):
        return 0.5 * (w @ (1 / (1 + np.exp(-W @ x))) - y) ** 2
    def slope(f, a):
        g = np.zeros(a.shape)
        for i in np.ndindex(a.shape):
            b = a.astype(complex); b[i] += 1e-20j
            g[i] = f(b).imag / 1e-20
        return g
    return slope(lambda v: loss(v, W), w), slope(lambda V: loss(w, V), W)
"""


@pytest.mark.attack(74, 75)
@pytest.mark.parametrize("how", DISGUISED)
def test_an_answer_defined_in_disguise_is_looked_at_all_the_same(engine, how: str):
    graded = engine.grade(notebook(START, OWN, DISGUISED[how]), NAME)
    assert graded.score > 0
    (flag,) = [n for n in graded.notes if n.endswith("was it derived?")]
    assert flag.startswith(f"{NAME_OF_IT}: looks like a complex step")


DIFFERENCES = """
def loss(x, y, W, w):
    return 0.5 * (w @ (1 / (1 + np.exp(-W @ x))) - y) ** 2
def one_hidden_regression_grads(x, y, w, W, eps=1e-5):
    def slope(f, a):
        g = np.zeros(a.shape)
        for i in np.ndindex(a.shape):
            up, down = a.copy(), a.copy()
            up[i] += eps; down[i] -= eps
            g[i] = (f(up) - f(down)) / (2 * eps)
        return g
    return slope(lambda v: loss(x, y, W, v), w), slope(lambda V: loss(x, y, V, w), W)
"""


@pytest.mark.attack(73, 75)
def test_finite_differences_fail_or_are_flagged(engine):
    graded = engine.grade(notebook(START, DIFFERENCES), NAME)
    flagged = [n for n in graded.notes if "looks like finite differences" in n]
    assert graded.score == 0 or flagged


@pytest.mark.attack(76)
def test_an_autodiff_package_is_flagged(engine):
    answer = f"try:\n    import autograd\nexcept ImportError:\n    pass\n{HONEST[1]}"
    graded = engine.grade(notebook(START, answer), NAME)
    assert graded.score > 0
    assert any("autodiff package autograd" in note for note in graded.notes)


@pytest.mark.attack(77)
def test_an_autodiff_package_in_disguise_is_flagged(engine):
    loads = "import sys, types\nsys.modules['auto' 'grad'] = types.ModuleType('x')\n"
    hidden = HONEST[1].replace("name):", "name):\n    __import__('auto' 'grad')", 1)
    for answer in (loads + HONEST[1], loads + hidden):
        graded = engine.grade(notebook(START, answer), NAME)
        assert graded.score > 0
        asked = [n for n in graded.notes if n.endswith("was it derived?")]
        assert any("package autograd was loaded" in note for note in asked)


SLOW = {
    "spaces": "a" + " " * 2_000_000,
    "lines": "\n" * 1_000_000 + "x",
    "imports": "from " + " " * 1_000_000,
    "digits": "1" * 1_000_000,
    "signs": "+h" * 500_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_no_text_takes_long_to_look_at(name: str):
    from autograder.exercises import get
    from autograder.grading.cells import Cell
    from autograder.grading.policy import suspicions

    text = SLOW[name] + "residual"
    start = time.process_time()
    bound(text), defines(text, "residual")
    for before in ("", "/", "1j ", "import ", "x = 2 *", "def "):
        suspicions(get("residual"), [Cell(1, "", before + text)])
    assert time.process_time() - start < 20  # going back over it would take hours


@pytest.mark.attack(80)
def test_two_files_of_one_name_in_a_zip_are_both_graded(tmp_path: Path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped((NAME, b"{}"), (NAME, GOOD))
    (tmp_path / "ann.zip").write_bytes(data)
    found = find_submissions([tmp_path])
    stem = NAME.removesuffix(".ipynb")
    assert [s.student for s in found] == ["ann", "ann"]
    assert [s.notebook for s in found] == [f"{stem} [{n}].ipynb" for n in (1, 2)]
    assert [s.read() for s in found] == [b"{}", GOOD]


@pytest.mark.attack(81)
def test_a_tar_is_not_unpacked(tmp_path: Path):
    hand_in(tmp_path, "ann", b"\x1f\x8b", "work.tar.gz")
    hand_in(tmp_path, "bob", GOOD)
    ann, bob = find_submissions([tmp_path])
    assert (ann.notebook, bob.notebook) == ("(none)", NAME)


def test_zips_in_zips_end(tmp_path: Path):
    inner = zipped((NAME, GOOD))
    deep = inner
    for _ in range(20):
        deep = zipped(("next.zip", deep))
    folder = "Ann Lee_123_assignsubmission_file_/"
    (tmp_path / "class.zip").write_bytes(
        zipped(
            (folder + "work.zip", inner), ("Bob_9_assignsubmission_file_x.zip", deep)
        )
    )
    found = {s.student: s for s in find_submissions([tmp_path])}
    assert found["Ann Lee (123)"].read() == GOOD
    assert found.keys() == {"Ann Lee (123)", "Bob (9)"}


def test_a_student_cannot_rename_others_by_a_file_of_metadata(tmp_path: Path):
    fake = b"submission_77:\n  :submitters:\n  - :name: Mallory\n    :sid: m\n"
    real = fake.replace(b"Mallory", b"Ann Lee").replace(b": m\n", b": s1\n")
    files = {
        "export/submission_metadata.yml": real,
        "export/submission_77/" + NAME: GOOD,
        "export/submission_78/submission_metadata.yml": fake,
        "export/submission_78/" + NAME: GOOD,
    }
    (tmp_path / "download.zip").write_bytes(zipped(*files.items()))
    found = find_submissions([tmp_path / "download.zip"])
    assert [s.student for s in found] == ["Ann Lee (s1)", "submission_78"]


POISON = ("numpy.py", "sitecustomize.py", "json.py", "autograder.py", "conftest.py",
          "nbgrader_config.py", "ipython_config.py", "journal.jsonl", "gradebook.db",
          ".ipython/profile_default/startup/00.py")  # fmt: skip
HURTS = ["..", "a\nb", "-rf", "<img src=x onerror=alert(1)>", "=1+1", "x" * 200, " "]


@pytest.mark.attack(64, 91, 93)
def test_names_and_files_that_hurt_nobody(tmp_path: Path, monkeypatch, capsys):
    folder, out = tmp_path / "class", tmp_path / "out"
    students = [s for s in HURTS if s != ".."]
    for student in students:
        hand_in(folder, student, GOOD)
    os.makedirs(os.fsencode(folder) + b"/\xff\xfe")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe/" + NAME.encode())).write_bytes(
        notebook(START, "def residual(*a): raise ValueError(chr(0xd800) + '<b>')")
    )
    for name in POISON:
        hand_in(folder, "poisoner", b"raise SystemExit('loaded')", name)
    hand_in(folder, "poisoner", GOOD)
    monkeypatch.chdir(folder / "poisoner")
    code = command.grade_command([folder], out, "csv", 1, allow_weak_isolation=True)
    assert code == 0
    rows = json.loads((out / "grades.json").read_text())["submissions"]
    assert sorted(r["score"] for r in rows) == [0.0] + [FULL] * (len(students) + 1)
    pages = list((out / "students").iterdir())
    assert len(pages) == len(rows)
    text = "".join(p.read_text() for p in [*pages, out / "class.html"])
    assert "<img" not in text and "<b>" not in text
    assert {p.name for p in tmp_path.iterdir()} == {"class", "out"}
    assert "loaded" not in capsys.readouterr().err


def test_thousands_of_notebooks_of_one_student_do_not_take_the_others_turn(
    tmp_path: Path,
):
    hand_in(tmp_path, "ann", notebook(*HONEST))
    many = [(f"{n}.ipynb", notebook(f"while True: {n}")) for n in range(3000)]
    hand_in(tmp_path, "mallory", zipped(*many), "work.zip")
    found = find_submissions([tmp_path])
    assert len(found) < 100 and found[0].student == "ann"
    rest = next(s for s in found if s.notebook == "(more)")
    with pytest.raises(Unreadable, match="more notebooks were not graded"):
        rest.read()


PRIES = """
import sys
from backproplab import fast_step, graph, layers, losses
from backproplab.finite_differences import of_network
def attempt(function):
    try:
        function()
    except RuntimeError as error:
        return "you are asked to write" not in str(error)
    except Exception:
        pass
    return True
def residual(yhat, y, loss):
    x = np.ones((1, 1))
    tried = {
        "graph": lambda: graph.backward(graph.Node(1.0)),
        "layers": lambda: layers.linear_backward(x, x, x),
        "table": lambda: losses.LOSSES["squared"][1](x, x),
        "fast": lambda: fast_step.prepare(),
        "private": lambda: of_network._reverse(),
    }
    raise ValueError("worked:" + ",".join(n for n in tried if attempt(tried[n])) + "!")
"""


def test_nothing_in_the_library_derives_for_a_student(engine):
    graded = engine.grade(notebook(START, PRIES), NAME)
    told = next(v for v in graded.verdicts if v.exercise == "residual").to_text()
    assert "worked:!" in told


THREADS = """
import threading
threading.stack_size(32768)
never = threading.Event()
def residual(yhat, y, loss):
    for count in range(3000):
        try:
            threading.Thread(target=never.wait, daemon=True).start()
        except RuntimeError:
            raise ValueError(f"stopped at {count // 1000} thousand") from None
"""


def test_no_submission_takes_all_the_threads_of_the_machine(engine):
    graded = engine.grade(notebook(START, THREADS), NAME)
    told = next(v for v in graded.verdicts if v.exercise == "residual").to_text()
    assert "stopped at 0 thousand" in told
