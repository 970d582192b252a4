"""Grading on many machines, through any Dask client."""

from __future__ import annotations

import atexit
import platform
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from autograder.grading.engine import LOST, Engine, Settings, as_row
from autograder.grading.grade import Graded
from autograder.grading.probe import Protection
from autograder.places import UsageError, how_to_install

AT_ONCE_PER_THREAD = 4
RETRIES = 3

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
        found = client.run(_prepare_there, settings, settings.fingerprint())
    except ImportError as error:
        raise UsageError(f"the cluster's workers cannot grade: {error}.") from None
    if not found:
        raise UsageError("the cluster has no workers; start some, then grade again.")
    weakest = min(found.values(), key=lambda p: (p.level, -len(p.open)))
    if "network" in weakest.open:
        raise UsageError(
            "student code could open sockets on the cluster's workers, and so reach"
            " its scheduler; grade on one machine, or on workers with Linux's seccomp."
        )
    return weakest


def grade_on_cluster(
    tasks: Iterable[tuple[int, bytes, str]], settings: Settings, client: Any
) -> Iterator[tuple[int, dict]]:
    """Grade on a client's workers; every result comes once, whoever dies.

    Dask runs a task again when its worker is lost.  Grading depends on the bytes, the
    seed, the lessons and the version only, so a second run gives the same result.
    Raises ``UsageError`` where workers have other lessons or weaker protection.
    """
    from distributed import as_completed

    source = iter(tasks)
    wanted = settings.fingerprint()
    indices: dict[str, int] = {}

    def submit(task: tuple[int, bytes, str]) -> Any:
        index, data, name = task
        future = client.submit(
            _grade_there, data, name, settings, wanted, pure=False, retries=RETRIES
        )
        indices[future.key] = index
        return future

    threads = sum(client.nthreads().values()) or 1
    running = as_completed(
        [submit(t) for t in islice(source, threads * AT_ONCE_PER_THREAD)]
    )
    for future in running:
        index = indices.pop(future.key)
        row = future.result() if future.status == "finished" else _lost(future)
        future.release()
        yield index, row
        task = next(source, None)
        if task is not None:
            running.add(submit(task))


def _lost(future: Any) -> dict:
    """The row of a task that never finished; a reason that will not go is raised."""
    error = future.exception() if future.status == "error" else None
    if isinstance(error, UsageError):
        raise error
    if isinstance(error, ImportError):
        raise UsageError(f"the cluster's workers cannot grade: {error}.")
    return as_row(Graded("", (), problem=LOST))


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
