"""What is in the wheel, and that it works without the checkout, and without Unix."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.places import LESSONS, ROOT

pytest.importorskip("hatchling")

NAMES = sorted(path.name for path in LESSONS.glob("*.ipynb"))
WINDOWS = Path(__file__).parent / "like_windows.py"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def unpacked(built: Path) -> Path:
    """The wheel as it lies in site-packages."""
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(built / "site-packages")
    return built / "site-packages"


def test_the_wheel_holds_the_lessons_and_no_solution(unpacked: Path):
    inside = unpacked / "autograder" / "data" / "lessons"
    assert sorted(path.name for path in inside.iterdir()) == NAMES
    assert not list(unpacked.rglob("[0-9][0-9]_*.md"))
    for package in ("autograder", "backproplab"):
        assert (unpacked / package / "py.typed").is_file()
    top = {path.name.split("-")[0] for path in unpacked.iterdir()}
    assert top == {"autograder", "backproplab"}


def test_the_source_distribution_holds_everything(built: Path):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        top = {Path(name).parts[1] for name in archive.getnames()}
    assert {"solutions", "lessons", "tests", "docs", "README.md", "LICENSE"} <= top
    assert not {".venv", "site", "dist"} & top


def run(unpacked: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the unpacked wheel, far from the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "autograder.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
    )


def test_the_wheel_alone_gives_lessons_and_checks_them(unpacked: Path, tmp_path: Path):
    done = run(unpacked, tmp_path, "lab", "mine", "--no-start")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == NAMES
    done = run(unpacked, tmp_path, "check", f"mine/{NAMES[7]}", "--exercise=residual")
    assert done.returncode == 1 and "residual: not written yet" in done.stdout


def test_a_course_from_the_wheel_needs_the_checkout(unpacked: Path, tmp_path: Path):
    done = run(unpacked, tmp_path, "course", "mine")
    assert done.returncode == 2 and "run this in the backproplab folder" in done.stderr
    assert not (tmp_path / "mine").exists()
    done = run(unpacked, ROOT, "course", str(tmp_path / "mine"))
    assert done.returncode == 0, done.stderr


def test_nothing_that_only_unix_has_is_needed(tmp_path: Path):
    command = [sys.executable, str(WINDOWS), str(LESSONS / NAMES[7])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    ends = [line for line in done.stdout.splitlines() if " ended with " in line]
    assert ends == ["lab ended with 0", "check ended with 1", "doctor ended with 0"]
