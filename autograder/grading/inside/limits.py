"""Resource limits of one submission's process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

resource: Any
try:
    import resource
except ImportError:  # Windows
    resource = None


@dataclass(frozen=True)
class Limits:
    """What one submission may use; seconds are wall time unless they say CPU."""

    cell_seconds: float = 10.0
    cells_seconds: float = 20.0
    call_seconds: float = 5.0
    total_seconds: float = 60.0
    cpu_seconds: int = 60
    memory: int = 1024 * 2**20
    file_size: int = 16 * 2**20
    folder_size: int = 64 * 2**20
    folder_files: int = 1000
    open_files: int = 64
    processes: int = 32
    threads: int = 256  # where new processes are forbidden anyway


def apply(limits: Limits, processes: int) -> list[str]:
    """Set the limits of this process for good; return the names of those set.

    ``processes`` is how many processes and threads this user may have in all.
    """
    if resource is None:
        return []
    wanted = {
        "CPU": (limits.cpu_seconds, limits.cpu_seconds + 1),
        "FSIZE": (limits.file_size,) * 2,
        "NOFILE": (limits.open_files,) * 2,
        "CORE": (0, 0),
        "AS": (current_memory() + limits.memory,) * 2,
        "NPROC": (processes,) * 2,
    }
    applied = []
    for name, (soft, hard) in wanted.items():
        try:
            kind = getattr(resource, f"RLIMIT_{name}")
            ceiling = resource.getrlimit(kind)[1]
            if ceiling != resource.RLIM_INFINITY:
                soft, hard = min(soft, ceiling), min(hard, ceiling)
            resource.setrlimit(kind, (soft, hard))
        except (AttributeError, ValueError, OSError):
            continue
        applied.append(name)
    return applied


def current_memory() -> int:
    """Bytes of address space in use; a generous guess where the system is silent."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 4 * 2**30


def processes_of_user() -> int:
    """How many processes and threads this user has (Linux), else a generous guess."""
    if not hasattr(os, "getuid"):
        return 0
    uid, count = os.getuid(), 0
    try:
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.stat(f"/proc/{name}").st_uid == uid:
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    except OSError:
        return 500
    return count


def folder_excess(folder: str, limits: Limits) -> str:
    """Why a scratch folder is over its quota, or an empty string."""
    size = files = 0
    pending = [folder]
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except OSError:
            continue
        for entry in entries:
            files += 1
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
            except OSError:
                continue
            if files > limits.folder_files:
                return f"it wrote more than {limits.folder_files} files"
    if size > limits.folder_size:
        return f"it wrote more than {limits.folder_size >> 20} MB"
    return ""
