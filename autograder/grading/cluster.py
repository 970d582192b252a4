"""Grading on many machines, through any Dask client."""

from __future__ import annotations

import atexit
import platform
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from autograder.grading.engine import LOST, Engine, Settings, as_row
from autograder.grading.grade import Graded
from autograder.grading.patience import Patience
from autograder.grading.pool import Task
from autograder.grading.probe import Protection
from autograder.places import UsageError, how_to_install

AT_ONCE_PER_THREAD = 4
RETRIES = 3
START_SECONDS = 300
GIVEN_UP = 8  # times that Dask gave a task up because its workers died
FETCH_SECONDS = 5  # a row is on a living worker, or it is graded again

_engines: dict[Settings, Engine] = {}
_one_at_a_time = threading.Lock()


def connect(address: str, seconds: float = 15) -> Any:
    """A client for a scheduler's address, over TLS with Dask's own configuration.

    Anybody who reaches a scheduler without TLS can run programs on its workers, so an
    address that is not ``tls://`` is refused unless it is on this machine.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError(
            f"--scheduler needs distributed; {how_to_install('cluster')}"
        ) from None
    local = address.startswith(("tcp://127.0.0.1:", "tcp://localhost:", "inproc:"))
    if not address.startswith("tls://") and not local:
        raise UsageError(
            f"{address} is not encrypted, so anyone on the network could run programs"
            " there; use tls://... (see Dask's page on TLS)."
        )
    try:
        return Client(address, timeout=seconds)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no scheduler answers at {address}: {error}.") from None


def prepare(client: Any, settings: Settings) -> Protection:
    """Start a grader on every worker; return the protection of the weakest.

    Raises ``UsageError`` where one cannot grade, or where student code could open
    sockets: it would reach the scheduler, and through it the other machines.
    """
    try:
        answers = client.run(
            _prepare_there,
            settings,
            settings.fingerprint(),
            on_error="return",
            callback_timeout=START_SECONDS,
        )
    except TimeoutError:
        raise UsageError(
            f"a worker of the cluster did not answer for {START_SECONDS} s; restart it."
        ) from None
    found = list(filter(None, map(_protection, answers.values())))
    if not found:
        raise UsageError("the cluster has no workers; start some, then grade again.")
    weakest = min(found, key=lambda p: (p.level, -len(p.open)))
    if "network" in weakest.open:
        raise UsageError(
            "student code could open sockets on the cluster's workers, and so reach"
            " its scheduler; grade on one machine, or on workers with Linux's seccomp."
        )
    return weakest


def _protection(answer: Protection | Exception) -> Protection | None:
    """What a worker answered; None if it died meanwhile, as workers may."""
    if isinstance(answer, UsageError):
        raise answer
    if isinstance(answer, OSError):
        return None
    if isinstance(answer, Exception):
        raise UsageError(f"the cluster's workers cannot grade: {answer}.")
    return answer


def grade_on_cluster(
    tasks: Iterable[Task],
    settings: Settings,
    client: Any,
    wait: Callable[[str], None] = lambda what: None,
) -> Iterator[tuple[int, dict]]:
    """Grade on a client's workers; every result comes once, whoever dies.

    Dask runs a task again when its worker is lost.  Grading depends on the bytes, the
    seed, the lessons and the version only, so a second run gives the same result.
    Raises ``UsageError`` where workers have other lessons or weaker protection, and
    where the scheduler or all workers stay away.
    """
    source = iter(tasks)
    away = _Away(client, settings, wait)
    threads = sum(client.nthreads().values()) or 1
    for task in islice(source, threads * AT_ONCE_PER_THREAD):
        away.submit(task)
    while away.attempts:
        yield away.next_row()
        away.patience.graded()
        for task in islice(source, 1):
            away.submit(task)


@dataclass(frozen=True)
class _Attempt:
    """A task on its way, and how often Dask gave it up because its workers died."""

    task: Task
    deaths: int


class _Away:
    """The tasks that are on their way to workers and back."""

    def __init__(
        self, client: Any, settings: Settings, wait: Callable[[str], None]
    ) -> None:
        from distributed import as_completed

        self.attempts: dict[str, _Attempt] = {}
        self.patience = Patience(client, wait)
        self._running = as_completed(loop=client.loop)
        self._client = client
        self._what = settings, settings.fingerprint()

    def submit(self, task: Task, deaths: int = 0) -> None:
        """Give a task to the cluster."""
        self.patience.check_connection()
        _, data, name = task
        future = self._client.submit(
            _grade_there, data, name, *self._what, pure=False, retries=RETRIES
        )
        self.attempts[future.key] = _Attempt(task, deaths)
        self._running.add(future)

    def next_row(self) -> tuple[int, dict]:
        """Wait for a row; what was lost on the way is given to the cluster again."""
        while True:
            self.patience.wait(self._running.has_ready)
            future = next(self._running)
            attempt = self.attempts.pop(future.key)
            row, deaths = _fetch(future, attempt.deaths)
            future.release()
            if row is not None:
                return attempt.task[0], row
            self.patience.look()
            self.submit(attempt.task, deaths)


def _fetch(future: Any, deaths: int) -> tuple[dict | None, int]:
    """A task's row, or None where it is to be graded again, and its deaths.

    Dask gives a task up when ``allowed-failures`` workers died that had it, even in
    their queue.  A finished row may be lost with the worker that still holds it.  A
    reason that will not go away is raised.
    """
    from distributed import KilledWorker

    try:
        return future.result(timeout=FETCH_SECONDS), deaths
    except UsageError:
        raise
    except ImportError as error:
        raise UsageError(f"the cluster's workers cannot grade: {error}.") from None
    except KilledWorker:
        deaths += 1
    except Exception:
        if future.status == "error":
            deaths = GIVEN_UP
    if deaths < GIVEN_UP:
        return None, deaths
    return as_row(Graded("", (), problem=LOST)), deaths


def _grade_there(data: bytes, name: str, settings: Settings, wanted: str) -> dict:
    """What a Dask worker does: student code runs in the fence, never in Dask itself."""
    with _one_at_a_time:
        return as_row(_engine(settings, wanted).grade(data, name))


def _prepare_there(settings: Settings, wanted: str) -> Protection:
    with _one_at_a_time:
        protection = _engine(settings, wanted).protection
        assert protection is not None
        return protection


def _engine(settings: Settings, wanted: str) -> Engine:
    """This process's grader for these settings, whatever they require."""
    key = replace(settings, require="A")
    if key not in _engines:
        _engines[key] = _start(settings, wanted)
    engine = _engines[key]
    engine.check(settings.require)
    return engine


def _start(settings: Settings, wanted: str) -> Engine:
    if settings.fingerprint() != wanted:
        raise UsageError(
            f"the worker on {platform.node()} has another version of backproplab or"
            " other lessons; install the same there, with the same --lessons folder."
        )
    engine = Engine(settings)
    engine.__enter__()
    atexit.register(engine.__exit__)
    return engine
