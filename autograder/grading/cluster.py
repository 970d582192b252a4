"""Grading on many machines, through any Dask client."""

from __future__ import annotations

import atexit
import platform
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NoReturn

from autograder.grading.engine import LOST, Engine, Settings, as_row
from autograder.grading.grade import Graded
from autograder.grading.pool import Task
from autograder.grading.probe import Protection
from autograder.places import UsageError, how_to_install

AT_ONCE_PER_THREAD = 4
RETRIES = 3
GIVEN_UP = 8  # times that Dask gave a task up because its workers died
FETCH_SECONDS = 5  # a row is on a living worker, or it is graded again
TICK, LOOK_EVERY = 0.02, 1.0
START_SECONDS, ANSWER_SECONDS = 300, 10
NO_WORKER_SECONDS = 120  # a worker that was killed is back in 5 to 30 s
NO_ROW_SECONDS = 900  # one submission takes 5 times its 60 s at the very worst

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
    tasks: Iterable[Task], settings: Settings, client: Any
) -> Iterator[tuple[int, dict]]:
    """Grade on a client's workers; every result comes once, whoever dies.

    Dask runs a task again when its worker is lost.  Grading depends on the bytes, the
    seed, the lessons and the version only, so a second run gives the same result.
    Raises ``UsageError`` where workers have other lessons or weaker protection.
    """
    from distributed import as_completed

    source = iter(tasks)
    wanted = settings.fingerprint()
    attempts: dict[str, _Attempt] = {}
    running = as_completed(loop=client.loop)
    patience = _Patience(client)

    def submit(task: Task, deaths: int) -> None:
        _, data, name = task
        patience.check_connection()
        future = client.submit(
            _grade_there, data, name, settings, wanted, pure=False, retries=RETRIES
        )
        attempts[future.key] = _Attempt(task, deaths)
        running.add(future)

    threads = sum(client.nthreads().values()) or 1
    for task in islice(source, threads * AT_ONCE_PER_THREAD):
        submit(task, 0)
    while attempts:
        patience.wait(running)
        future = next(running)
        attempt = attempts.pop(future.key)
        row, deaths = _fetch(future, attempt.deaths)
        future.release()
        if row is None:
            patience.look()
            submit(attempt.task, deaths)
            continue
        patience.graded()
        yield attempt.task[0], row
        for task in islice(source, 1):
            submit(task, 0)


@dataclass(frozen=True)
class _Attempt:
    """A task on its way, and how often Dask gave it up because its workers died."""

    task: Task
    deaths: int


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


class _Patience:
    """Waits for the next result, but not for a cluster that will never give one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._count = 0
        self._last_row = self._last_look = self._last_worker = time.monotonic()

    def graded(self) -> None:
        """Note that a row came."""
        self._count += 1
        self._last_row = time.monotonic()

    def wait(self, running: Any) -> None:
        """Return when a task is done; raise ``UsageError`` where none can be."""
        while not running.has_ready():
            time.sleep(TICK)
            if time.monotonic() - self._last_look > LOOK_EVERY:
                self.look()

    def look(self) -> None:
        """Raise ``UsageError`` where the scheduler or all workers are gone."""
        self.check_connection()
        now = self._last_look = time.monotonic()
        if self._workers():
            self._last_worker = now
        if now - self._last_worker > NO_WORKER_SECONDS:
            self._give_up(f"the cluster has had no worker for {NO_WORKER_SECONDS:g} s")
        if now - self._last_row > NO_ROW_SECONDS:
            self._give_up(f"nothing was graded in the last {NO_ROW_SECONDS / 60:g} min")

    def check_connection(self) -> None:
        """Raise ``UsageError`` where the client gave the scheduler up."""
        if self._client.status in ("closing", "closed"):
            self._give_up("the connection to the cluster's scheduler was lost")

    def _workers(self) -> int:
        try:
            return len(self._client.nthreads(callback_timeout=ANSWER_SECONDS))
        except (OSError, TimeoutError):  # the client is connecting again
            return 0

    def _give_up(self, why: str) -> NoReturn:
        raise UsageError(
            f"{why}; {self._count} submissions were graded before. Start the cluster,"
            " then give the same command again: it goes on where this run ended."
        )


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
