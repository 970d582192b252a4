"""Speed of trusted grading against nbclient and stock nbgrader, in the same run.

python tests/benchmarks/bench_grading.py            the full figures
python tests/benchmarks/bench_grading.py --quick    fewer submissions
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.demo_class import EVERYTHING, LESSON, UNUSUAL
from autograder.grading.classes import grade_class
from autograder.grading.engine import Engine, Settings
from autograder.grading.files import Submission
from autograder.grading.intake import find_submissions
from autograder.places import LESSONS, tool_environment

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "bench"
c.Execute.timeout = 60
"""
EVERY_LAYER = ("namespaces", "uid", "limits", "landlock", "seccomp")


@dataclass(frozen=True)
class Cost:
    """What something took: seconds by the clock, and seconds of one processor core."""

    wall: float
    cpu: float

    def each(self, count: int) -> Cost:
        """The share of one of ``count``."""
        return Cost(self.wall / count, self.cpu / count)

    def minus(self, other: Cost) -> Cost:
        """Without what ``other`` took."""
        return Cost(self.wall - other.wall, self.cpu - other.cpu)


def cost(work: Callable[[], object]) -> Cost:
    """The cost of a piece of work, with all processes that it starts and ends."""
    start, cpu = time.perf_counter(), _cpu()
    work()
    return Cost(time.perf_counter() - start, _cpu() - cpu)


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(u.ru_utime + u.ru_stime for u in used)


def notebook(number: int) -> bytes:
    """The whole of lesson 07, answered rightly, unlike every other."""
    node = nbformat.read(LESSONS / f"{LESSON}.ipynb", as_version=4)
    for cell in node.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name in EVERYTHING:
            cell.source = f"{UNUSUAL[EVERYTHING.index(name)]}\n# {number}"
    return nbformat.writes(node).encode()


def bare(number: int) -> bytes:
    """Its answers and checks alone, without a picture: a kernel's easiest case."""
    cells = [f"import numpy as np  # {number}\nfrom autograder import check"]
    for name, answer in zip(EVERYTHING, UNUSUAL, strict=True):
        cells += [answer, f'check("{name}", {name})']
    node = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]
    )
    return nbformat.writes(node).encode()


Make = Callable[[int], bytes]


def submissions(count: int, make: Make = notebook) -> list[Submission]:
    """A class of that size."""
    return [
        Submission(f"s{n:04}", f"{LESSON}.ipynb", lambda n=n: make(n), "")
        for n in range(count)
    ]


def by_nbclient(count: int, make: Make = notebook) -> Cost:
    """Each submission in a fresh kernel."""
    from nbclient import NotebookClient

    def run() -> None:
        for number in range(count):
            node = nbformat.reads(make(number).decode(), as_version=4)
            NotebookClient(node, timeout=120, allow_errors=True).execute()

    return cost(run).each(count)


def by_us(count: int, jobs: int, make: Make = notebook) -> Cost:
    """Rows ready for JSON; start-up included."""
    settings = Settings(7, require="A")
    work = submissions(count, make)

    def run() -> None:
        report = grade_class(work, settings, jobs)
        assert all(row["score"] == row["max_score"] for row in report.rows)

    return cost(run).each(count)


def protection_cost(count: int) -> float:
    """How much longer every layer takes than none, runs interleaved, medians."""
    from statistics import median

    times: dict[tuple[str, ...], list[float]] = {(): [], EVERY_LAYER: []}
    with contextlib.ExitStack() as stack:
        engines = {
            refused: stack.enter_context(
                Engine(Settings(7, require="A", refused=refused))
            )
            for refused in times
        }
        for number in range(count):
            for refused, engine in engines.items():
                data = notebook(number)
                start = time.perf_counter()
                engine.grade(data)
                times[refused].append(time.perf_counter() - start)
    return median(times[()]) / median(times[EVERY_LAYER]) - 1


def make_class(folder: Path, count: int, config: str) -> Path:
    """An nbgrader course with ``count`` submissions of its own released notebook."""
    from autograder.course import make_course, nbgrader

    make_course(folder)
    (folder / "nbgrader_config.py").write_text(STOCK + config)
    nbgrader(folder, "generate_assignment", LESSON)
    for number in range(count):
        path = folder / "submitted" / f"s{number:04}" / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook(number))
    return folder


def by_nbgrader(folder: Path, count: int, config: str) -> Cost:
    """Each submission inside ``nbgrader autograde``, without its start-up."""
    from autograder.course import nbgrader

    make_class(folder, count, config)
    start_up = cost(lambda: nbgrader(folder, "autograde", "--version"))
    whole = cost(lambda: nbgrader(folder, "autograde", LESSON))
    return whole.minus(start_up).each(count)


def into_gradebook(folder: Path, count: int) -> Cost:
    """Each submission, graded and written into a course's gradebook."""
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

    return cost(run).each(count)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    few, some, many = (3, 40, 100) if quick else (10, 100, 1000)
    figures: dict[str, float] = {}

    def say(what: str, value: float, unit: str) -> None:
        figures[what] = round(value, 2)
        print(f"{what:60} {value:10.1f} {unit}", flush=True)

    def tell(what: str, found: Cost, than: str = "", peer: Cost | None = None) -> None:
        say(f"{what}: clock", 1000 * found.wall, "ms")
        say(f"{what}: processor", 1000 * found.cpu, "ms")
        if peer is not None:
            say(f"{what}: times faster than {than}", peer.wall / found.wall, "x")
            say(f"{what}: times less processor", peer.cpu / found.cpu, "x")

    with tempfile.TemporaryDirectory() as scratch:
        from autograder import nbgrader_plugin

        os.environ.update(tool_environment(Path(scratch, "settings")))
        root = Path(scratch)
        for make, name in ((notebook, "lesson 07"), (bare, "its answers alone")):
            client = by_nbclient(few, make)
            tell(f"nbclient, {name}", client)
            tell(f"to JSON, {name}", by_us(some, 1, make), "nbclient", client)
        stock = by_nbgrader(root / "stock", few, "")
        inside = by_nbgrader(root / "inside", few, nbgrader_plugin.CONFIG)
        book = into_gradebook(root / "book", some)
        tell("stock nbgrader autograde", stock)
        tell("into the gradebook", book, "stock", stock)
        tell("ours inside nbgrader autograde", inside, "stock", stock)
    say("cost of all protection", 100 * protection_cost(some), "%")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    both = by_us(many, 2)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    say(f"{many} submissions on two jobs", both.wall * many, "s")
    say("  submissions per second", 1 / both.wall, "/s")
    say("  growth of the grader's memory", grown / 1024, "MB")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
