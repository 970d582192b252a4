"""How long a run waits for a Dask cluster that lost its workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.places import UsageError

TICK, LOOK_EVERY, ANSWER_SECONDS = 0.02, 1.0, 10
NO_WORKER_SECONDS = 120  # a nanny has a killed worker back in 3 to 30 s
SILENT_SECONDS = 10
NO_ROW_SECONDS = 900  # one submission takes 5 times its 60 s at the very worst


class Patience:
    """Waits for the next result, but not for a cluster that will never give one."""

    def __init__(
        self, client: Any, say: Callable[[str], None] = lambda what: None
    ) -> None:
        """Wait on a client; ``say`` is told what for, where nothing goes on."""
        self._client = client
        self._say = say
        self._count = 0
        self._last_row = self._last_look = self._last_worker = time.monotonic()

    def graded(self) -> None:
        """Note that a row came."""
        self._count += 1
        self._last_row = self._last_worker = time.monotonic()

    def wait(self, ready: Callable[[], bool]) -> None:
        """Return when a task is ready; raise ``UsageError`` where none will be."""
        while not ready():
            time.sleep(TICK)
            if time.monotonic() - self._last_look > LOOK_EVERY:
                self.look()

    def look(self) -> None:
        """Raise ``UsageError`` where the scheduler or all workers are gone."""
        self.check_connection()
        workers = self._workers()
        now = self._last_look = time.monotonic()
        if workers:
            self._last_worker = now
        self._say(self._waits_for(workers, now))
        if now - self._last_worker > NO_WORKER_SECONDS:
            self._give_up(f"the cluster has had no worker for {NO_WORKER_SECONDS:g} s")
        if now - self._last_row > NO_ROW_SECONDS:
            self._give_up(f"nothing was graded in the last {NO_ROW_SECONDS / 60:g} min")

    def _waits_for(self, workers: int, now: float) -> str:
        silent = now - self._last_row
        if not workers:
            limit = f"{NO_WORKER_SECONDS:g} s"
            return f"waiting for a worker: the cluster has none (at most {limit})"
        if silent > SILENT_SECONDS:
            count = "1 worker" if workers == 1 else f"{workers} workers"
            return f"waiting for {count}: no result for {SILENT_SECONDS:g} s"
        return ""

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
