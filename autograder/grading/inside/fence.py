"""The fence round one submission: every layer the system grants, in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from autograder.grading.inside import landlock, limits, seccomp

FIRST_UID, UIDS = 61184, 4000

DEATH_SIGNAL, DUMPABLE, KEEP_CAPABILITIES = 1, 4, 8
KILL = 9  # Linux's SIGKILL; Windows does not know the name
SUBREAPER, NO_NEW_PRIVILEGES = 36, 38
READ_ANY_FILE = 2  # CAP_DAC_READ_SEARCH


def prctl(option: int, value: int) -> None:
    """One of Linux's process settings; elsewhere nothing happens."""
    if hasattr(os, "uname") and os.uname().sysname == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


@dataclass
class Fence:
    """What a worker prepares once and each of its children applies to itself."""

    scratch: str
    limits: limits.Limits
    refused: Collection[str] = ()
    readable: Sequence[str] = ()
    listed: Sequence[str] = ()
    crowd: int = 0  # processes and threads this user had before
    children: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Find out what there is; build the file rules, which are the same for all."""
        self.drop_uid = (
            self._wanted("uid") and hasattr(os, "getuid") and not os.getuid()
        )
        self.filter = self._wanted("seccomp") and seccomp.available()
        self.rules = -1
        self.abi = landlock.abi() if self._wanted("landlock") else 0
        if self.abi:
            try:
                self.rules = landlock.ruleset(
                    self.readable, self.listed, self.scratch, self.abi
                )
            except OSError:
                self.abi = 0
        if self.filter:  # built once, not in every child
            seccomp.program(os.uname().machine, not self.abi)
        more = self.limits.threads if self.filter else self.limits.processes
        self.processes = more + (0 if self.drop_uid else self.crowd)

    def _wanted(self, layer: str) -> bool:
        return layer not in self.refused

    def next_uid(self) -> int | None:
        """The user the next child will be, or None where this process is not root."""
        self.children += 1
        if not self.drop_uid:
            return None
        return FIRST_UID + (os.getppid() * 7 + self.children) % UIDS

    def close(self, keep: Collection[int], uid: int | None) -> None:
        """Shut this process in; only the descriptors ``keep`` stay open."""
        worker = os.getppid()
        self._close_descriptors(keep)
        with contextlib.suppress(AttributeError, PermissionError):
            os.setsid()
        if self._wanted("limits"):
            limits.apply(self.limits, self.processes)
        if uid is not None:
            prctl(KEEP_CAPABILITIES, 1)
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
        # Python itself may lie where only root can read; Landlock decides which files.
        readable = uid is not None and self.abi and self.filter
        _keep_capabilities(1 << READ_ANY_FILE if readable else 0)
        prctl(DEATH_SIGNAL, KILL)
        if os.getppid() != worker:
            os._exit(1)
        prctl(DUMPABLE, 0)
        prctl(NO_NEW_PRIVILEGES, 1)
        if self.abi:
            landlock.restrict(self.rules)
            os.close(self.rules)
        if self.filter:
            seccomp.load(read_only=not self.abi)

    def _close_descriptors(self, keep: Collection[int]) -> None:
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        stay = sorted({*keep, *([self.rules] if self.rules >= 0 else [])})
        start = 3
        for descriptor in [*stay, 65536]:
            os.closerange(start, descriptor)
            start = descriptor + 1


def _keep_capabilities(mask: int) -> None:
    """Give up every privilege but those in ``mask`` (Linux only)."""
    if hasattr(os, "uname") and os.uname().sysname == "Linux":
        libc = ctypes.CDLL(None, use_errno=True)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        libc.capset(header, (ctypes.c_uint32 * 6)(mask, mask, 0))
