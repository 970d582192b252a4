"""Speed of trusted grading against nbclient and stock nbgrader, in the same run.

python tests/benchmarks/bench_grading.py            the full figures
python tests/benchmarks/bench_grading.py --quick    fewer submissions
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder.demo_class import EVERYTHING, LESSON, UNUSUAL
from autograder.grading.classes import grade_class
from autograder.grading.engine import Engine, Settings
from autograder.grading.intake import Submission, find_submissions
from autograder.places import tool_environment

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "bench"
c.Execute.timeout = 60
"""
EVERY_LAYER = ("namespaces", "uid", "limits", "landlock", "seccomp")


def timed(work: Callable[[], object]) -> float:
    """Wall seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def notebook(number: int) -> bytes:
    """An all-right submission of lesson 07, with its checks, unlike every other."""
    cells = [f"import numpy as np  # {number}\nfrom autograder import check"]
    for name, answer in zip(EVERYTHING, UNUSUAL, strict=True):
        cells += [answer, f'check("{name}", {name})']
    node = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]
    )
    return nbformat.writes(node).encode()


def submissions(count: int) -> list[Submission]:
    """A class of that size."""
    return [
        Submission(f"s{n:04}", "07_x.ipynb", lambda n=n: notebook(n), "")
        for n in range(count)
    ]


def by_nbclient(count: int) -> float:
    """Seconds per submission in a fresh kernel each."""
    from nbclient import NotebookClient

    def run() -> None:
        for number in range(count):
            node = nbformat.reads(notebook(number).decode(), as_version=4)
            NotebookClient(node, timeout=120, allow_errors=True).execute()

    return timed(run) / count


def by_us(count: int, jobs: int, refused: tuple[str, ...] = ()) -> float:
    """Seconds per submission to rows ready for JSON; start-up included."""
    settings = Settings(7, require="A", refused=refused)
    work = submissions(count)

    def run() -> None:
        report = grade_class(work, settings, jobs)
        assert all(row["score"] == row["max_score"] for row in report.rows)

    return timed(run) / count


def protection_cost(count: int) -> float:
    """How much longer every layer takes than none, runs interleaved, medians."""
    from statistics import median

    times: dict[tuple[str, ...], list[float]] = {(): [], EVERY_LAYER: []}
    engines = {r: Engine(Settings(7, require="A", refused=r)) for r in times}
    for engine in engines.values():
        engine.__enter__()
    for number in range(count):
        for refused, engine in engines.items():
            data = notebook(number)
            times[refused].append(timed(lambda e=engine, d=data: e.grade(d)))
    for engine in engines.values():
        engine.__exit__()
    return median(times[()]) / median(times[EVERY_LAYER]) - 1


def make_class(folder: Path, count: int, config: str) -> Path:
    """An nbgrader course with ``count`` submissions of its own released notebook."""
    from autograder.course import make_course, nbgrader

    make_course(folder)
    (folder / "nbgrader_config.py").write_text(STOCK + config)
    nbgrader(folder, "generate_assignment", LESSON)
    released = folder / "release" / LESSON / f"{LESSON}.ipynb"
    for number in range(count):
        node = nbformat.read(released, as_version=4)
        for cell in node.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in EVERYTHING:
                answer = UNUSUAL[EVERYTHING.index(name)]
                cell.source = f"{answer}\n# {number}"
        path = folder / "submitted" / f"s{number:04}" / LESSON / released.name
        path.parent.mkdir(parents=True)
        nbformat.write(node, path)
    return folder


def by_nbgrader(folder: Path, count: int, config: str) -> float:
    """Seconds per submission inside ``nbgrader autograde``, without its start-up."""
    from autograder.course import nbgrader

    make_class(folder, count, config)
    start_up = timed(lambda: nbgrader(folder, "autograde", "--version"))
    return (timed(lambda: nbgrader(folder, "autograde", LESSON)) - start_up) / count


def into_gradebook(folder: Path, count: int) -> float:
    """Seconds per submission, graded and written into a course's gradebook."""
    from autograder import nbgrader_plugin
    from autograder.nbgrader_course import NbgraderCourse

    make_class(folder, count, nbgrader_plugin.CONFIG)
    course = NbgraderCourse(folder)
    settings = Settings(7, require="A", lessons=course.lessons)

    def run() -> None:
        found = find_submissions([folder])
        report = grade_class(found, settings, 1)
        assert all(row["score"] == row["max_score"] for row in report.rows)
        assert not course.record(found, report.rows)

    return timed(run) / count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    few, some, many = (3, 40, 100) if quick else (10, 100, 1000)
    figures: dict[str, float] = {}

    def say(what: str, value: float, unit: str = "ms") -> None:
        figures[what] = round(value, 2)
        print(f"{what:58} {value:10.1f} {unit}", flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        from autograder import nbgrader_plugin

        os.environ.update(tool_environment(Path(scratch, "settings")))
        root = Path(scratch)
        client = by_nbclient(few)
        ours = by_us(some, 1)
        say("nbclient, one submission", 1000 * client)
        say("trusted grading to JSON, one job", 1000 * ours)
        say("  to JSON, times faster than nbclient", client / ours, "x")
        stock = by_nbgrader(root / "stock", few, "")
        inside = by_nbgrader(root / "inside", few, nbgrader_plugin.CONFIG)
        book = into_gradebook(root / "book", some)
        say("stock nbgrader autograde, one submission", 1000 * stock)
        say("  to JSON, times faster than stock nbgrader", stock / ours, "x")
        say("trusted grading into the gradebook", 1000 * book)
        say("  into the gradebook, times faster than stock", stock / book, "x")
        say("trusted grading inside nbgrader autograde", 1000 * inside)
        say("  inside autograde, times faster than stock", stock / inside, "x")
    say("cost of all protection", 100 * protection_cost(some), "%")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    both = by_us(many, 2)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    say(f"{many} submissions on two jobs", both * many, "s")
    say("  submissions per second", 1 / both, "/s")
    say("  growth of the grader's memory", grown / 1024, "MB")
    print(json.dumps(figures))
    sys.exit(0)


if __name__ == "__main__":
    main()
