"""Start workers, hand out one child per submission, kill what takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import backproplab
from autograder.grading.inside import wire
from autograder.grading.inside.limits import Limits, folder_excess

WORKER = Path(__file__).with_name("worker.py")
START_SECONDS = 60.0
WATCH_SECONDS = 0.05
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
FORK_IS_SAFE = sys.platform == "linux"


class Gone(Exception):
    """A submission's process is no more; ``status`` is crashed or timeout.

    ``killed`` says that somebody else ended it, so that another try is fair.
    """

    def __init__(self, status: str, reason: str, killed: bool = False) -> None:
        super().__init__(reason)
        self.status, self.reason, self.killed = status, reason, killed


class WorkerFailed(Exception):
    """The worker itself died or did not start: nobody's answer is to blame."""


class Worker:
    """One worker process with its private scratch folder; use as a context."""

    def __init__(
        self,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
        refused: Collection[str] = (),
        fork: bool = FORK_IS_SAFE,
    ) -> None:
        self.limits = limits or Limits()
        self.preload, self.refused, self.fork = list(preload), sorted(refused), fork
        self.about: dict[str, Any] = {}
        self._home = ""
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._spare: Child | None = None

    def __enter__(self) -> Worker:
        """Start the worker."""
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop it and remove its folder."""
        self.stop()

    def start(self) -> None:
        """Start (again); raises :class:`WorkerFailed` when that does not work."""
        self.stop()
        self._home = tempfile.mkdtemp(prefix="backproplab-")
        os.chmod(self._home, 0o711)
        os.mkdir(self.scratch, 0o700)
        os.mkdir(os.path.join(self._home, "settings"), 0o755)
        if not self.fork:
            self._spare = self._spawn()
            self.about = self._spare.about
            return
        self._start_zygote(wrap=())
        if self._could_use_bubblewrap():
            self._end_process()
            self._start_zygote(wrap=self._bubblewrap())

    @property
    def scratch(self) -> str:
        """The folder a submission may write to."""
        return os.path.join(self._home, "scratch")

    @property
    def pid(self) -> int:
        """The process to watch or kill in tests."""
        assert self._process is not None
        return self._process.pid

    def _start_zygote(self, wrap: Sequence[str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = self._popen(theirs.fileno(), wrap, pass_fds=[theirs.fileno()])
        theirs.close()
        ours.settimeout(START_SECONDS)
        self._control = ours
        self.about = json.loads(self._hear()[0])
        if self.about["threads"] != 1:
            raise WorkerFailed(
                "the worker has several threads before its first fork; set"
                " OPENBLAS_NUM_THREADS=1 or install a NumPy without OpenMP"
            )

    def _popen(
        self, control: int | None, wrap: Sequence[str] = (), **how: Any
    ) -> subprocess.Popen:
        options = {
            "library": str(Path(backproplab.__file__).parent),
            "scratch": self.scratch,
            "limits": asdict(self.limits),
            "preload": self.preload,
            "refused": self.refused,
            "namespaces": "namespaces" not in self.refused and not wrap and self.fork,
            "control": control,
        }
        how.setdefault("stdin", subprocess.DEVNULL)
        how.setdefault("stdout", subprocess.DEVNULL)
        command = [*wrap, sys.executable, "-s", "-P", "-B", str(WORKER)]
        # What the worker says when it cannot start is kept for the error message.
        with open(os.path.join(self._home, "stderr"), "wb") as errors:
            return subprocess.Popen(
                [*command, json.dumps(options)],
                env=self._environment(),
                cwd=self._home,
                stderr=errors,
                start_new_session=os.name == "posix",
                **how,
            )

    def _environment(self) -> dict[str, str]:
        """A fixed, short environment: nothing of the grader's own passes on."""
        settings = os.path.join(self._home, "settings")
        fixed = {f"{name}_NUM_THREADS": "1" for name in THREADS}
        fixed |= {
            "HOME": self.scratch,
            "TMPDIR": self.scratch,
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "MALLOC_ARENA_MAX": "1",
            "MALLOC_TOP_PAD_": str(2**22),
            "MALLOC_TRIM_THRESHOLD_": str(2**26),
            "MPLBACKEND": "Agg",
            "MPLCONFIGDIR": matplotlib_folder() or settings,
            "IPYTHONDIR": settings,
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        for name in ("SYSTEMROOT", "SYSTEMDRIVE"):
            if name in os.environ:
                fixed[name] = os.environ[name]
        return fixed

    def _could_use_bubblewrap(self) -> bool:
        """Whether only bubblewrap may make namespaces here (as on newer Ubuntu)."""
        wanted = not {"namespaces", "bubblewrap"} & set(self.refused)
        outside = hasattr(os, "getuid") and os.getuid() != 0
        return (
            wanted
            and outside
            and not self.about["entered"]
            and shutil.which("bwrap") is not None
            and _works([*self._bubblewrap(), "/bin/true"])
        )

    def _bubblewrap(self) -> list[str]:
        return [
            *("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"),
            *("--proc", "/proc", "--bind", self._home, self._home),
        ]

    def child(self) -> Child:
        """A fresh process for one submission."""
        if self.fork:
            return self._forked()
        child, self._spare = self._spare or self._spawn(), None
        child.begin()
        self._spare = self._spawn()
        return child

    def _forked(self) -> Child:
        assert self._control is not None
        ours, theirs = socket.socketpair()
        try:
            socket.send_fds(self._control, [b"fork"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise self._failure() from error
        finally:
            theirs.close()
        data, descriptors = self._hear()
        return ForkedChild(self, ours, int(data), descriptors[0])

    def _spawn(self) -> SpawnedChild:
        pipe = subprocess.PIPE
        return SpawnedChild(self, self._popen(None, stdin=pipe, stdout=pipe))

    def _hear(self) -> tuple[bytes, list[int]]:
        assert self._control is not None
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 2**16, 1)
        except OSError as error:
            raise self._failure() from error
        if not data:
            raise self._failure()
        return data, list(descriptors)

    def _failure(self) -> WorkerFailed:
        try:
            text = Path(self._home, "stderr").read_text(errors="replace").strip()
        except OSError:
            text = ""
        last = text.splitlines()[-1][:300] if text else "it was killed"
        return WorkerFailed(f"the worker stopped: {last}")

    def wait(self) -> dict[str, Any]:
        """Let the worker reap the child that has just been killed."""
        assert self._control is not None
        try:
            self._control.send(b"wait")
        except OSError as error:
            raise self._failure() from error
        return json.loads(self._hear()[0])

    def empty_scratch(self) -> None:
        """Remove whatever a submission wrote, however it wrote it."""
        if os.listdir(self.scratch):
            remove(self.scratch)
            os.mkdir(self.scratch, 0o700)

    def _end_process(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the worker and leave nothing behind."""
        if self._spare is not None:
            self._spare.end()
            self._spare = None
        self._end_process()
        if self._home:
            remove(self._home)
            self._home = ""


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

    def end(self) -> dict[str, Any]:
        """Kill the process and say how it had ended: exit, cpu, memory."""
        raise NotImplementedError


class ForkedChild(Child):
    """A child of the worker, reached through a socket, killed through a pidfd."""

    def __init__(
        self, worker: Worker, line: socket.socket, pid: int, handle: int
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
        """See :class:`Child`; one that is dying by itself gets a moment."""
        if self._ended is None:
            self._ended = {"exit": 0, "cpu": 0.0, "memory": 0}
            self._line.close()
            if dying:
                select.select([self._handle], [], [], 0.5)
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            os.close(self._handle)
            self._ended = self._worker.wait()
            self._worker.empty_scratch()
        return self._ended


class SpawnedChild(Child):
    """A whole worker for one submission, started ahead of need."""

    def __init__(self, worker: Worker, process: subprocess.Popen) -> None:
        self._worker, self._process = worker, process
        self.pid, self._excess, self._late = process.pid, "", False
        try:
            with self._watched(START_SECONDS):
                self.about = wire.read(self._exactly)
        except (wire.WireError, EOFError, OSError) as error:
            raise worker._failure() from error

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
            code = self.end()["exit"]
            raise Gone("crashed", reason or how_it_died(code)) from None

    @contextlib.contextmanager
    def _watched(self, seconds: float) -> Any:
        """Kill the process when it is late or fills its folder."""
        done = threading.Event()
        deadline = time.monotonic() + seconds

        def watch() -> None:
            while not done.wait(WATCH_SECONDS):
                self._late = time.monotonic() > deadline
                self._excess = folder_excess(self._worker.scratch, self._worker.limits)
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

    def end(self) -> dict[str, Any]:
        """See :class:`Child`."""
        # Its reader gone, a dying process may not have been reaped yet.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2 if self._process.stdin else 0)
        self._process.kill()
        code = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        if os.path.isdir(self._worker.scratch):
            self._worker.empty_scratch()
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


def matplotlib_folder() -> str:
    """A lasting folder for Matplotlib's list of fonts, or "" when there is none."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(
        os.path.expanduser("~"), ".cache"
    )
    folder = os.path.join(base, "backproplab", "matplotlib")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return ""
    return folder if os.access(folder, os.W_OK) else ""


def remove(folder: str) -> None:
    """Remove a folder that hostile code may have filled."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.exists(folder) and os.name == "posix":
        # Deeper than Python's own tool can go, or without permissions.
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            subprocess.run(command, stderr=subprocess.DEVNULL, check=False)


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
