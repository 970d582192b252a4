"""One submission's process as the grader sees it: ask, wait, kill.

A :class:`ForkedChild` was forked by a worker that had everything imported; a
:class:`SpawnedChild` is a worker of its own, for systems where forking is not safe.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any, Protocol

from autograder.grading.inside import wire
from autograder.grading.inside.limits import Limits, folder_excess
from autograder.grading.scratch import empty, remove

WATCH_SECONDS = 0.05


class Gone(Exception):
    """A submission's process is no more; ``status`` is crashed or timeout.

    ``killed`` says that somebody else ended it, so that another try is fair.
    """

    def __init__(self, status: str, reason: str, killed: bool = False) -> None:
        super().__init__(reason)
        self.status, self.reason, self.killed = status, reason, killed


class WorkerFailed(Exception):
    """The worker itself died or did not start: nobody's answer is to blame."""


class Parent(Protocol):
    """What a forked child needs of the worker it belongs to."""

    limits: Limits

    @property
    def scratch(self) -> str:
        """The folder a submission may write to."""

    def wait(self) -> dict[str, Any]:
        """Reap the child that has just been killed."""


class Child:
    """One submission's process, as the grader sees it."""

    about: dict[str, Any]

    def ask(self, message: Any, seconds: float) -> Any:
        """Send a message, if there is one, and wait for a reply.

        Raises :class:`Gone`.
        """
        raise NotImplementedError

    def tell(self, message: Any, seconds: float) -> None:
        """Send a message and go on; a process that is gone will not reply."""
        raise NotImplementedError

    def begin(self) -> None:
        """Shut the fence, where that has not happened yet."""

    def end(self, dying: bool = False) -> dict[str, Any]:
        """Kill the process and say how it had ended: exit, cpu, memory.

        One that is dying by itself gets a moment to do so.
        """
        raise NotImplementedError


class ForkedChild(Child):
    """A child of the worker, reached through a socket, killed through a pidfd."""

    def __init__(
        self, worker: Parent, line: socket.socket, pid: int, handle: int
    ) -> None:
        self._worker, self._line, self.pid, self._handle = worker, line, pid, handle
        self._ended: dict[str, Any] | None = None

    def ask(self, message: Any, seconds: float) -> Any:
        """See :class:`Child`."""
        self._deadline = time.monotonic() + seconds
        self._seconds = seconds
        try:
            self._line.settimeout(seconds)
            if message is not None:
                self._line.sendall(wire.encode(message))
            return wire.read(self._exactly)
        except wire.WireError as error:
            raise Gone("crashed", f"it sent something unreadable: {error}") from None
        except TimeoutError:
            raise self._too_long() from None
        except (EOFError, OSError):
            code = self.end(dying=True)["exit"]
            killed = code == -signal.SIGKILL
            raise Gone("crashed", how_it_died(code), killed) from None

    def tell(self, message: Any, seconds: float) -> None:
        """See :class:`Child`."""
        self._line.settimeout(seconds)
        with contextlib.suppress(OSError):
            self._line.sendall(wire.encode(message))

    def _exactly(self, count: int) -> bytes:
        chunks = []
        while count:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise self._too_long()
            self._line.settimeout(min(left, WATCH_SECONDS))
            try:
                chunk = self._line.recv(min(count, 2**20))
            except TimeoutError:
                self._watch_folder()
                continue
            if not chunk:
                raise EOFError
            chunks.append(chunk)
            count -= len(chunk)
        return b"".join(chunks)

    def _watch_folder(self) -> None:
        excess = folder_excess(self._worker.scratch, self._worker.limits)
        if excess:
            raise Gone("crashed", f"stopped, {excess}")

    def _too_long(self) -> Gone:
        return Gone("timeout", f"it did not answer within {self._seconds:g} seconds")

    def end(self, dying: bool = False) -> dict[str, Any]:
        """See :class:`Child`."""
        if self._ended is None:
            self._ended = {"exit": 0, "cpu": 0.0, "memory": 0}
            self._line.close()
            if dying:
                select.select([self._handle], [], [], 0.5)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
            self._ended = self._worker.wait()
            empty(self._worker.scratch)
        return self._ended


class SpawnedChild(Child):
    """A whole worker for one submission, started ahead of need."""

    def __init__(self, process: subprocess.Popen, scratch: str, limits: Limits) -> None:
        self._process, self._scratch, self._limits = process, scratch, limits
        self.pid, self._excess, self._late = process.pid, "", False

    def started(self, seconds: float) -> bool:
        """Wait until it is ready; False when it is not in time."""
        try:
            with self._watched(seconds):
                self.about = wire.read(self._exactly)
        except (wire.WireError, EOFError, OSError):
            return False
        return True

    def begin(self) -> None:
        """See :class:`Child`."""
        with contextlib.suppress(OSError):
            self._send({"do": "start"})

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(wire.encode(message))
        self._process.stdin.flush()

    def _exactly(self, count: int) -> bytes:
        assert self._process.stdout is not None
        data = self._process.stdout.read(count)
        if len(data) != count:
            raise EOFError
        return data

    def tell(self, message: Any, seconds: float) -> None:
        """See :class:`Child`."""
        with contextlib.suppress(OSError), self._watched(seconds):
            self._send(message)

    def ask(self, message: Any, seconds: float) -> Any:
        """See :class:`Child`."""
        try:
            with self._watched(seconds):
                if message is not None:
                    self._send(message)
                return wire.read(self._exactly)
        except wire.WireError as error:
            raise Gone("crashed", f"it sent something unreadable: {error}") from None
        except (EOFError, OSError):
            if self._late:
                text = f"it did not answer within {seconds:g} seconds"
                raise Gone("timeout", text) from None
            reason = self._excess and f"stopped, {self._excess}"
            code = self.end(dying=True)["exit"]
            raise Gone("crashed", reason or how_it_died(code)) from None

    @contextlib.contextmanager
    def _watched(self, seconds: float) -> Iterator[None]:
        """Kill the process when it is late or fills its folder."""
        done = threading.Event()
        deadline = time.monotonic() + seconds

        def watch() -> None:
            while not done.wait(WATCH_SECONDS):
                self._late = time.monotonic() > deadline
                self._excess = folder_excess(self._scratch, self._limits)
                if self._late or self._excess:
                    self._process.kill()
                    return

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def end(self, dying: bool = False) -> dict[str, Any]:
        """See :class:`Child`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5 if dying else 0)
        if hasattr(os, "killpg"):  # whatever it started that stayed in its session
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        code = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        remove(self._scratch)
        return {"exit": code, "cpu": 0.0, "memory": 0}


def how_it_died(code: int) -> str:
    """An exit code in words."""
    if code == -signal.SIGINT or code > 0:
        return f"the program ended itself (exit code {code})"
    if code == 0:
        return "the program ended itself"
    names = {
        "SIGXCPU": "it used up its processor time",
        "SIGXFSZ": "it wrote more than it may",
        "SIGSYS": "it made a forbidden system call",
    }
    name = signal.Signals(-code).name
    return names.get(name, f"the Python process died ({name})")
