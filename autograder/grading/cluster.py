"""Grading on many machines, through any Dask client."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from autograder.grading.engine import LOST, Engine, Settings, as_row
from autograder.grading.grade import Graded
from autograder.places import UsageError, how_to_install

AT_ONCE_PER_THREAD = 4
RETRIES = 3

_engines: dict[Settings, Engine] = {}


def connect(address: str) -> Any:
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
        return Client(address, timeout=15)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"no scheduler answers at {address}: {error}.") from None


def grade_on_cluster(
    tasks: Iterable[tuple[int, bytes, str]], settings: Settings, client: Any
) -> Iterator[tuple[int, dict]]:
    """Grade on a client's workers; every result comes once, whoever dies.

    Dask runs a task again when its worker is lost.  Grading depends on the bytes, the
    seed and the version only, so a second run gives the same result.
    """
    from distributed import as_completed

    source = iter(tasks)
    indices: dict[str, int] = {}

    def submit(task: tuple[int, bytes, str]) -> Any:
        index, data, name = task
        future = client.submit(
            _grade_there, data, name, settings, pure=False, retries=RETRIES
        )
        indices[future.key] = index
        return future

    threads = sum(client.nthreads().values()) or 1
    running = as_completed(
        [submit(t) for t in islice(source, threads * AT_ONCE_PER_THREAD)]
    )
    for future in running:
        index = indices.pop(future.key)
        if future.status == "finished":
            row = future.result()
        else:
            row = as_row(Graded("", (), problem=LOST))
        future.release()
        yield index, row
        task = next(source, None)
        if task is not None:
            running.add(submit(task))


def _grade_there(data: bytes, name: str, settings: Settings) -> dict:
    """What a Dask worker does: student code runs in the fence, never in Dask itself."""
    from distributed import get_worker

    try:
        thread_lock = get_worker()._backproplab_lock
    except AttributeError:
        import threading

        thread_lock = get_worker()._backproplab_lock = threading.Lock()
    with thread_lock:
        engine = _engines.get(settings)
        if engine is None:
            engine = Engine(settings)
            engine.__enter__()
            atexit.register(engine.__exit__)
            _engines[settings] = engine
        return as_row(engine.grade(data, name))
