"""Start workers, hand out one child per submission, kill what takes too long."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import backproplab
from autograder.grading.children import Child, ForkedChild, SpawnedChild, WorkerFailed
from autograder.grading.inside.limits import Limits
from autograder.grading.scratch import matplotlib_folder, remove

WORKER = Path(__file__).with_name("worker.py")
START_SECONDS = 60.0
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
FORK_IS_SAFE = sys.platform == "linux"


class Worker:
    """One worker process with its private scratch folder; use as a context."""

    def __init__(
        self,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
        refused: Collection[str] = (),
        fork: bool = FORK_IS_SAFE,
        blocked: Sequence[str] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.preload, self.refused, self.fork = list(preload), sorted(refused), fork
        self.blocked = list(blocked)
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
        self._begin_anew()
        if not self.fork:
            self._spare = self._spawn()
            self.about = self._spare.about
            return
        self._start_zygote(wrap=())
        if self._could_use_bubblewrap():
            self._begin_anew()
            try:
                self._start_zygote(wrap=self._bubblewrap())
            except WorkerFailed:  # then without: the probe says what that leaves open
                self._begin_anew()
                self._start_zygote(wrap=())

    def _begin_anew(self) -> None:
        """End what runs, its folder with it, and make a fresh folder."""
        self.stop()
        self._home = tempfile.mkdtemp(prefix="backproplab-")
        os.chmod(self._home, 0o711)
        os.mkdir(self.scratch, 0o700)
        os.mkdir(os.path.join(self._home, "settings"), 0o755)

    @property
    def scratch(self) -> str:
        """The folder that forked submissions may write to, one after the other."""
        return os.path.join(self._home, "scratch")

    @property
    def pid(self) -> int:
        """The process to watch or kill in tests."""
        assert self._process is not None
        return self._process.pid

    def _start_zygote(self, wrap: Sequence[str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        self._process = self._popen(self.scratch, number, wrap, pass_fds=[number])
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
        self, scratch: str, control: int | None, wrap: Sequence[str] = (), **how: Any
    ) -> subprocess.Popen:
        options = {
            "library": str(Path(backproplab.__file__).parent),
            "scratch": scratch,
            "limits": asdict(self.limits),
            # Loading pays off only where many submissions are forked from one process.
            "preload": self.preload if self.fork else [],
            "blocked": self.blocked,
            "refused": self.refused,
            "namespaces": self._may_unshare() and not wrap,
            "control": control,
        }
        how.setdefault("stdin", subprocess.DEVNULL)
        how.setdefault("stdout", subprocess.DEVNULL)
        command = [*wrap, sys.executable, "-s", "-P", "-B", str(WORKER)]
        # What the worker says when it cannot start is kept for the error message.
        with open(os.path.join(self._home, "stderr"), "wb") as errors:
            return subprocess.Popen(
                [*command, json.dumps(options)],
                env=self._environment(scratch),
                cwd=self._home,
                stderr=errors,
                start_new_session=os.name == "posix",
                **how,
            )

    def _environment(self, scratch: str) -> dict[str, str]:
        """A fixed, short environment: nothing of the grader's own passes on."""
        settings = os.path.join(self._home, "settings")
        fixed = {f"{name}_NUM_THREADS": "1" for name in THREADS}
        fixed |= {
            **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"), scratch),
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

    def _may_unshare(self) -> bool:
        return self.fork and not {"namespaces", "unshare"} & set(self.refused)

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
            *("--dev", "/dev", "--proc", "/proc", "--bind", self._home, self._home),
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
        """A process with a folder of its own: the one before it may still live."""
        scratch = tempfile.mkdtemp(prefix="scratch-", dir=self._home)
        pipe = subprocess.PIPE
        process = self._popen(scratch, None, stdin=pipe, stdout=pipe)
        child = SpawnedChild(process, scratch, self.limits)
        if not child.started(START_SECONDS):
            child.end()
            raise self._failure()
        return child

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
            text = Path(self._home, "stderr").read_text("utf-8", "replace").strip()
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


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
