"""A class graded by Dask workers over TLS: the same bytes, whoever is killed."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")

import dask  # noqa: E402

from autograder.grading import cluster as on_cluster  # noqa: E402
from autograder.grading import patience  # noqa: E402
from autograder.grading.classes import grade_class  # noqa: E402
from autograder.grading.cluster import connect  # noqa: E402
from autograder.grading.command import grade_command  # noqa: E402
from autograder.grading.journal import Journal  # noqa: E402
from autograder.grading.tables import as_json  # noqa: E402
from autograder.places import UsageError  # noqa: E402
from tests.grading.helpers import SETTINGS, deserved, hand_in, made_up  # noqa: E402

pytestmark = pytest.mark.alone
KILLS = int(os.environ.get("KILLS", "4"))


def credentials(folder: Path) -> dict[str, str]:
    """Dask's configuration for a fresh authority and certificate, in files."""
    folder.mkdir()
    security = distributed.Security.temporary()
    for name in ("tls_ca_file", "tls_client_cert", "tls_client_key"):
        (folder / name).write_text(getattr(security, name))
    found = {"distributed.comm.tls.ca-file": str(folder / "tls_ca_file")}
    for role in ("client", "scheduler", "worker"):
        found[f"distributed.comm.tls.{role}.cert"] = str(folder / "tls_client_cert")
        found[f"distributed.comm.tls.{role}.key"] = str(folder / "tls_client_key")
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A scheduler and two workers that speak TLS only.

    Dask gives a task up at once when a worker dies that has it, and its nannies never:
    by default they leave for good when a worker takes 15 s to start again.
    """
    ours = credentials(tmp_path_factory.mktemp("tls") / "ours")
    faults = {
        "distributed.scheduler.allowed-failures": 0,
        "distributed.deploy.lost-worker-timeout": "1 hour",
        "distributed.comm.timeouts.connect": "5s",
    }
    with (
        dask.config.set({**ours, **faults}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            dashboard_address=None,
            security=distributed.Security(require_encryption=True),
            protocol="tls",
        ) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def address(cluster: Any) -> str:
    return cluster.scheduler_address


def test_the_command_over_tls_writes_the_same_bytes(address: str, tmp_path: Path):
    for submission in made_up(9):
        hand_in(tmp_path / "class", submission.student, submission.read())
    written = []
    for name, scheduler in (("here", ""), ("there", address)):
        out = tmp_path / name
        code = grade_command(
            [tmp_path / "class"], out, "csv", 1, scheduler, "s", require="A"
        )
        assert code == 0
        written.append((out / "grades.json").read_bytes())
    assert written[0] == written[1]


def kill_one(cluster: Any, dice: random.Random) -> bool:
    """Kill a worker that has submissions; False while there is none."""
    names = [w.name for w in cluster.scheduler.workers.values() if w.processing]
    pids = [pid for name in names if (pid := cluster.workers[name].pid)]
    if pids:
        os.kill(dice.choice(pids), 9)
    return bool(pids)


def test_workers_killed_at_random_moments_lose_and_double_nothing(
    cluster: Any, address: str
):
    dice = random.Random(3)
    with connect(address) as client:
        kills = 0

        def tell(done: int, total: int) -> None:
            nonlocal kills
            if kills < KILLS and done > 4 * kills + dice.randint(0, 3):
                kills += kill_one(cluster, dice)

        report = grade_class(
            made_up(5 * KILLS + 10), SETTINGS, client=client, tell=tell
        )
        assert kills == KILLS
    deserved(report.rows)
    here = grade_class(made_up(5 * KILLS + 10), SETTINGS)
    assert as_json(report.rows, report.protection) == as_json(
        here.rows, here.protection
    )


@pytest.fixture
def small() -> Iterator[Any]:
    """A scheduler with one worker in this process."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as running:
        yield running


def client_of(cluster: Any) -> Any:
    """A client beside others, that soon gives a lost scheduler up."""
    return distributed.Client(
        cluster.scheduler_address, set_as_default=False, timeout=1
    )


def test_without_workers_a_run_ends_and_the_next_one_goes_on(
    small: Any, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(patience, "NO_WORKER_SECONDS", 0.5)
    journal = Journal(tmp_path / "journal")

    def tell(done: int, total: int) -> None:
        if done == 3:
            small.scale(0)

    waits: list[str] = []
    ended = pytest.raises(UsageError, match=r"no worker for 0.5 s; \d+ submissions")
    with client_of(small) as client:
        with ended:
            grade_class(made_up(12), SETTINGS, 1, journal, client, tell, waits.append)
        assert "start their graders" in waits[0] and waits[1] == ""
        assert waits[-1] == "waiting for a worker: the cluster has none (at most 0.5 s)"
        assert 3 <= len(journal.done) < 12
        small.scale(1)
        client.wait_for_workers(1)
        again = grade_class(made_up(12), SETTINGS, 1, journal, client)
    deserved(again.rows)


def test_a_lost_scheduler_ends_the_run(small: Any):
    ended = pytest.raises(UsageError, match="scheduler was lost; 2 submissions")
    with client_of(small) as client, ended:
        grade_class(
            made_up(12),
            SETTINGS,
            client=client,
            tell=lambda done, total: small.close() if done == 2 else None,
        )


def test_a_cluster_that_grades_nothing_ends_the_run(small: Any, monkeypatch):
    monkeypatch.setattr(patience, "NO_ROW_SECONDS", 0.6)
    monkeypatch.setattr(patience, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(patience, "LOOK_EVERY", 0.2)
    monkeypatch.setattr(on_cluster, "_grade_there", lambda *task: time.sleep(3))
    waits: list[str] = []
    with client_of(small) as client, pytest.raises(UsageError, match="last 0.01 min"):
        grade_class(made_up(1), SETTINGS, client=client, wait=waits.append)
    assert waits[-1] == "waiting for 1 worker: no result for 0.1 s"


def test_strangers_and_plain_connections_are_refused(address: str, tmp_path: Path):
    refused = pytest.raises(UsageError, match="no scheduler answers")
    with dask.config.set(credentials(tmp_path / "stranger")), refused:
        connect(address, seconds=2)
    with pytest.raises(UsageError, match="no scheduler answers"):
        connect(address.replace("tls:", "tcp:"), seconds=2)
    with pytest.raises(UsageError, match="use tls"):
        connect("tcp://192.0.2.1:8786")


def test_workers_with_other_lessons_are_refused(address: str, monkeypatch):
    from autograder.grading.engine import Settings

    monkeypatch.setattr(Settings, "fingerprint", lambda self: "another release")
    refused = pytest.raises(UsageError, match="other lessons")
    with connect(address) as client, refused:
        grade_class(made_up(1), Settings(8, require="A"), client=client)
