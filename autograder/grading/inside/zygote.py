"""The pre-imported parent: forks one fenced child for each submission."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from typing import Any

from autograder.grading.inside.fence import SUBREAPER, Fence, prctl
from autograder.grading.inside.serve import over_socket, serve


def run(control: socket.socket, fence: Fence, shell: Any, about: dict) -> None:
    """Serve fork and wait orders until the grader hangs up."""
    prctl(SUBREAPER, 1)
    prctl(4, 0)  # not dumpable: a child can neither trace nor read this process
    control.send(json.dumps(about).encode())
    pid = 0
    while True:
        try:
            order, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        except OSError:
            order = b""
        if not order:
            _abandon(pid)
            return
        if order == b"fork":
            pid = _fork(control, socket.socket(fileno=descriptors[0]), fence, shell)
        elif order == b"wait":
            control.send(json.dumps(_collect(pid, fence)).encode())
            pid = 0


def _abandon(pid: int) -> None:
    """The grader is gone: end the child that may still be running."""
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    _kill_orphans()


def _fork(
    control: socket.socket, connection: socket.socket, fence: Fence, shell: Any
) -> int:
    uid = fence.next_uid()
    if uid is not None:
        os.chown(fence.scratch, uid, uid)
    pid = os.fork()
    if pid == 0:
        _child(control, connection, fence, uid, shell)
    connection.close()
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [str(pid).encode()], [handle])
    os.close(handle)
    return pid


def _child(
    control: socket.socket,
    connection: socket.socket,
    fence: Fence,
    uid: int | None,
    shell: Any,
) -> None:
    code = 1
    try:
        control.close()
        os.chdir(fence.scratch)
        fence.close({connection.fileno()}, uid)
        serve(over_socket(connection), shell)
        code = 0
    finally:
        os._exit(code)


def _collect(pid: int, fence: Fence) -> dict[str, Any]:
    """Reap a child that is dead or dying, and whatever it left running."""
    _, status, usage = os.wait4(pid, 0)
    if not fence.filter:
        _kill_orphans()
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
    }


def _kill_orphans() -> None:
    """Descendants that outlived their parent have become our children: end them."""
    deadline = time.monotonic() + 5
    path = f"/proc/self/task/{os.getpid()}/children"
    while time.monotonic() < deadline:
        try:
            with open(path, encoding="ascii") as file:
                children = [int(word) for word in file.read().split()]
        except OSError:
            return
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not children:
            return
        time.sleep(0.002)
