"""kill -9 of a child, worker, pool process or grader: nothing lost or doubled."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grading.classes import grade_class
from autograder.grading.command import grade_command
from autograder.grading.engine import Engine
from autograder.grading.grade import Graded
from autograder.grading.journal import Journal
from autograder.grading.pool import grade_in_pool
from autograder.grading.tables import as_json
from tests.grading.helpers import (
    FULL,
    HONEST,
    SETTINGS,
    command_line,
    deserved,
    hand_in,
    made_up,
    notebook,
    processes,
)

pytestmark = pytest.mark.alone

MOMENTS = 20


def children_of(pid: int) -> list[int]:
    """All descendants of a process."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    direct = [int(word) for word in text.split()]
    return direct + [d for child in direct for d in children_of(child)]


def family(engine: Engine) -> list[int]:
    """The worker's processes, the outermost first, a submission's last."""
    try:
        pids = [engine.worker.pid, *children_of(engine.worker.pid)]
    except AssertionError:  # between two workers
        return []
    return [pid for pid in pids if "worker.py" in command_line(pid)]


def test_killing_children_and_workers_loses_nothing():
    dice = random.Random(1)
    killed = {"worker": 0, "child": 0}
    with Engine(SETTINGS) as engine:
        depth = len(family(engine))  # without a submission

        results: list[Graded] = []

        def killer() -> None:
            while min(killed.values()) < MOMENTS and not over.is_set():
                kind = min(killed, key=lambda name: killed[name])
                finished = len(results)
                time.sleep(dice.uniform(0.0, 0.3))
                pids = family(engine)
                if len(pids) < depth + (kind == "child"):
                    continue
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pids[-1] if kind == "child" else pids[0], signal.SIGKILL)
                    killed[kind] += 1
                # One death at a time: who is killed at every try cannot finish.
                while len(results) == finished and not over.is_set():
                    time.sleep(0.01)

        over = threading.Event()
        thread = threading.Thread(target=killer)
        thread.start()
        honest = notebook("import numpy as np", *HONEST)
        deadline = time.monotonic() + 120
        while thread.is_alive() and time.monotonic() < deadline:
            results.append(engine.grade(honest))
        over.set()
        thread.join(5)
        assert min(killed.values()) == MOMENTS
        results.append(engine.grade(honest))
    assert {(r.problem, r.score) for r in results} == {("", float(FULL))}


def test_killing_pool_processes_loses_nothing():
    submissions = made_up(60)
    tasks = [(n, s.read(), s.notebook) for n, s in enumerate(submissions)]
    before = processes()
    rows: dict[int, dict] = {}
    for kills, (index, row) in enumerate(grade_in_pool(tasks, SETTINGS, 2)):
        assert index not in rows
        rows[index] = row
        if kills in (5, 20, 40):
            helpers = [
                pid
                for pid in children_of(os.getpid())
                if "spawn_main" in command_line(pid) and pid not in before
            ]
            os.kill(helpers[0], signal.SIGKILL)
    ordered = [{**rows[n], "student": s.student} for n, s in enumerate(submissions)]
    deserved(ordered)


GRADER = """
import sys
from pathlib import Path
from autograder.grading.command import grade_command
if __name__ == "__main__":
    sys.exit(grade_command([Path(sys.argv[1])], Path(sys.argv[2]), "json", 1,
                           seed="s", require="A", lessons=Path(sys.argv[3])))
"""


def test_killing_the_grader_at_random_moments(tmp_path: Path):
    submissions = made_up(24)
    for submission in submissions:
        hand_in(tmp_path / "class", submission.student, submission.read())
    script, out, own = (tmp_path / name for name in ("grader.py", "out", "own"))
    script.write_text(GRADER)
    assert SETTINGS.release is not None
    hand_in(tmp_path, "lessons", SETTINGS.release[1])
    own.mkdir()
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "TMPDIR": str(own)}
    folders = [str(tmp_path / name) for name in ("class", "out", "lessons")]
    journal, dice = out / "journal.jsonl", random.Random(2)

    def start() -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, str(script), *folders],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def written() -> int:
        return journal.stat().st_size if journal.exists() else 0

    sizes = [0]
    for moment in range(MOMENTS):
        running = start()
        # Every other time while it starts, else in the middle of a submission.
        enough = sizes[-1] + dice.randint(1, 5000)
        end = time.monotonic() + (dice.uniform(0, 1) if moment % 2 else 20)
        while written() < enough and time.monotonic() < end and running.poll() is None:
            time.sleep(0.005)
        running.kill()
        running.communicate()
        sizes.append(written())
    assert len(set(sizes)) > MOMENTS // 3  # it was caught at work
    output, _ = start().communicate()
    deserved(json.loads(output)["submissions"])
    keys = [json.loads(line)["key"] for line in journal.read_text().splitlines()]
    assert len(keys) == len(set(keys)) == len(submissions)
    end = time.monotonic() + 10
    while list(own.iterdir()) and time.monotonic() < end:
        time.sleep(0.1)
    assert [p for p in processes() if str(own) in command_line(p)] == []
    assert list(own.iterdir()) == []


def test_a_journal_cut_anywhere_is_taken_up_again(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for number in range(5):
        journal.add(f"key{number}", {"score": number})
    journal.close()
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        again = Journal(path)
        complete = whole[:cut].count(b"\n")
        assert len(again.done) == complete
        again.add("new", {"score": 9})
        again.close()
        assert len(Journal(path).done) == complete + 1


@pytest.fixture(scope="module")
def reference() -> str:
    """The JSON of a class graded in this process."""
    report = grade_class(made_up(16), SETTINGS, 1)
    deserved(report.rows)
    return as_json(report.rows, report.protection)


def test_equal_bytes_on_every_run_and_with_two_jobs(reference: str):
    for jobs in (1, 2):
        report = grade_class(made_up(16), SETTINGS, jobs)
        assert as_json(report.rows, report.protection) == reference


def test_spawned_workers_grade_alike(reference: str):
    settings = replace(SETTINGS, fork=False)
    report = grade_class(made_up(3), settings, 1)
    rows = json.loads(reference)["submissions"][:3]
    ours = json.loads(as_json(report.rows, report.protection))["submissions"]
    assert ours == rows


def test_the_same_course_seed_is_kept(tmp_path: Path, capsys):
    hand_in(tmp_path / "class", "ann", notebook("import numpy as np", *HONEST))
    seeds = set()
    for _ in range(2):
        grade_command(
            [tmp_path / "class"], tmp_path / "out", "json", 1, allow_weak_isolation=True
        )
        seeds.add((tmp_path / "out" / ".grading_seed").read_text())
    assert len(seeds) == 1
