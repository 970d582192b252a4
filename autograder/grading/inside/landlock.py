"""Landlock: the kernel refuses every file but the ones named here (Linux >= 5.13)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_FILE, MAKE_DIR, MAKE_REG, TRUNCATE = 1 << 5, 1 << 7, 1 << 8, 1 << 14
REMOVE_DIR = 1 << 4
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_FILE | REMOVE_DIR | MAKE_DIR | MAKE_REG | TRUNCATE
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
KNOWN_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many file rights each ABI knows

_libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None


def abi() -> int:
    """The kernel's Landlock version, 0 when there is none; found by asking it."""
    if _libc is None or os.uname().sysname != "Linux":
        return 0
    return max(0, _libc.syscall(CREATE_RULESET, None, 0, 1))


def ruleset(
    readable: Iterable[str], listed: Iterable[str], writable: str, version: int
) -> int:
    """A file descriptor for rules that allow reading here, writing there, no more.

    Of the folders ``listed`` only the names are shown.
    """
    files = (1 << KNOWN_BITS.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    scope = 3 if version >= 6 else 0
    attributes = struct.pack("<QQQ", files, network, scope)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    descriptor = _libc.syscall(CREATE_RULESET, attributes, size, 0)  # type: ignore[union-attr]
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused the rules")
    for path in readable:
        _allow(descriptor, path, READ & files)
    for path in listed:
        _allow(descriptor, path, READ_DIR & files)
    _allow(descriptor, writable, WRITE & files)
    return descriptor


def _allow(descriptor: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= OF_A_FILE
    rule = struct.pack("<Qi", rights, target)
    failed = _libc.syscall(ADD_RULE, descriptor, 1, rule, 0)  # type: ignore[union-attr]
    os.close(target)
    if failed:
        raise OSError(ctypes.get_errno(), f"Landlock refused the rule for {path}")


def restrict(descriptor: int) -> None:
    """Put this process under the rules, for good (needs no_new_privs)."""
    if _libc.syscall(RESTRICT_SELF, descriptor, 0):  # type: ignore[union-attr]
        raise OSError(ctypes.get_errno(), "Landlock refused to start")
