"""A broken lesson source is refused with a sentence, and nothing is written."""

from __future__ import annotations

import pytest

from autograder import release
from autograder.places import SOLUTIONS

LESSON = "07_one_hidden_layer"
TEXT = (SOLUTIONS / f"{LESSON}.md").read_text(encoding="utf-8")

BROKEN = {
    "unknown exercise": (
        ":exercise: residual",
        ":exercise: residul",
        'did you mean "residual"',
    ),
    "unknown key": (":check: residual", ":chek: residual", "unknown cell key :chek:"),
    "missing check": (
        ':check: residual\n\ncheck("residual", residual)',
        "\n1 + 1",
        "cell check-residual must stand there once, not 0 times",
    ),
    "another check text": (
        'check("residual", residual)',
        'check("residual", my_residual)',
        'must be exactly check("residual", residual)',
    ),
    "wrong arguments": (
        "def residual(yhat, y, loss)",
        "def residual(y, yhat, loss)",
        "the arguments are (y, yhat, loss), should be (yhat, y, loss)",
    ),
    "other function": (
        "def residual(yhat, y, loss)",
        "def residuum(yhat, y, loss)",
        "must define the function residual once",
    ),
    "no region": ("### BEGIN SOLUTION", "", "exactly one region"),
    "marker in prose": (
        "# 07",
        "# BEGIN SOLUTION 07",
        "the word SOLUTION stands outside an answer cell",
    ),
    "not Python": ("def residual(yhat", "def residual((yhat", "is not Python"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_refused(name, tmp_path):
    old, new, sentence = BROKEN[name]
    assert old in TEXT
    (tmp_path / f"{LESSON}.md").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(release.ReleaseError) as caught:
        release.write(tmp_path, tmp_path / "lessons")
    assert sentence in str(caught.value)
    assert f"{LESSON}.md" in str(caught.value)
    assert not (tmp_path / "lessons").exists()


def test_two_regions_are_refused(tmp_path):
    one = TEXT.index("### BEGIN SOLUTION", TEXT.index(":exercise: residual"))
    doubled = TEXT[:one] + "### BEGIN SOLUTION\n    ### END SOLUTION\n    " + TEXT[one:]
    (tmp_path / f"{LESSON}.md").write_text(doubled, encoding="utf-8")
    with pytest.raises(release.ReleaseError, match="exactly one region"):
        release.write(tmp_path, tmp_path / "lessons")


def test_exercise_of_another_lesson_is_refused(tmp_path):
    (tmp_path / "08_other.md").write_text(TEXT, encoding="utf-8")
    with pytest.raises(release.ReleaseError, match="belongs to lesson 07"):
        release.write(tmp_path, tmp_path / "lessons")


def test_check_names_what_differs(tmp_path, capsys):
    sources, lessons = tmp_path / "sources", tmp_path / "lessons"
    sources.mkdir()
    (sources / f"{LESSON}.md").write_text(TEXT, encoding="utf-8")
    options = ["--sources", str(sources), "--lessons", str(lessons)]
    assert release.main([*options, "--check"]) == 1
    assert "is missing" in capsys.readouterr().out
    assert release.main(options) == 0
    assert release.main([*options, "--check"]) == 0
    target = lessons / f"{LESSON}.ipynb"
    target.write_bytes(target.read_bytes() + b"\n")
    (lessons / "99_stray.ipynb").write_text("{}")
    capsys.readouterr()
    assert release.main([*options, "--check"]) == 1
    said = capsys.readouterr().out
    assert f"{LESSON}.ipynb differs" in said
    assert "99_stray.ipynb has no source" in said


def test_no_sources_is_a_usage_error(tmp_path, capsys):
    assert release.main(["--sources", str(tmp_path)]) == 2
    assert "no lesson source" in capsys.readouterr().err


def test_cell_ids_do_not_depend_on_position(tmp_path):
    before = {c["id"] for c in release.solved(SOLUTIONS / f"{LESSON}.md").cells}
    where = TEXT.index("```{code-cell}")
    cell = "```{code-cell} ipython3\nprint('a cell of its own')\n```\n\n"
    longer = TEXT[:where] + cell + TEXT[where:]
    path = tmp_path / f"{LESSON}.md"
    path.write_text(longer, encoding="utf-8")
    after = {c["id"] for c in release.solved(path).cells}
    assert len(after - before) == 1 and before < after
