"""What the fence really holds back here: tried at the start, then reported."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading.children import Gone
from autograder.grading.inside.namespaces import identities
from autograder.grading.launcher import Worker

# Runs as a submission would.  Every function tries one thing that must not work.
ATTEMPTS = """
import ctypes, os, signal, socket, sys

def attempt(action):
    try:
        action()
    except BaseException as error:
        return type(error).__name__
    return "POSSIBLE"

def network():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()

def new_process():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)

def program():
    os.execv("/does/not/exist", ["x"])

def write_outside():
    with open(os.path.join(CANARY, "written"), "w") as file:
        file.write("x")

def read_outside():
    with open(os.path.join(CANARY, "canary"), "rb") as file:
        file.read()

def change_outside():
    os.chmod(os.path.join(CANARY, "canary"), 0o600)

def signal_grader():
    os.kill(GRADER, 0)

def memory():
    block = bytearray(MEMORY)
    del block

def big_file():
    with open("probe-big", "wb") as file:
        file.truncate(FILE_SIZE + 1)

def probe(canary, grader, memory_limit, file_size):
    globals().update(
        CANARY=canary, GRADER=grader, MEMORY=memory_limit, FILE_SIZE=file_size
    )
    found = {}
    for action in (network, new_process, program, write_outside, change_outside,
                   read_outside,
                   signal_grader, memory, big_file):
        found[action.__name__] = attempt(action)
    return found
"""

WORDS = {
    "network": "network",
    "new_process": "new processes",
    "program": "other programs",
    "write_outside": "writing other files",
    "change_outside": "changing other files",
    "read_outside": "reading other files",
    "signal_grader": "signals to the grader",
    "memory": "memory without limit",
    "big_file": "files without limit",
}
# A missing program and a missing process are also errors, but not refusals.
NOT_A_REFUSAL = {"program": "FileNotFoundError"}
FOR_B = tuple(WORDS)
PROMISED_BY_LEVEL = {
    "A": "answers are judged outside the student's process",
    "B": "and it cannot reach files, network, other processes",
    "C": "and it lives in namespaces of its own",
}
LEVELS = "ABC"


@dataclass(frozen=True)
class Protection:
    """The level in force, and what was tried: refused or POSSIBLE."""

    level: str
    observed: Mapping[str, str]
    layers: Mapping[str, Any]

    @property
    def open(self) -> list[str]:
        """What a submission could do although it should not."""
        return [name for name, found in self.observed.items() if found == "POSSIBLE"]

    @property
    def line(self) -> str:
        """One line for every report."""
        layers = ", ".join(f"{k} {v}" for k, v in self.layers.items())
        if self.open:
            return (
                f"protection {self.level}; POSSIBLE: {', '.join(self.open)} ({layers})"
            )
        tried = len(self.observed)
        return f"protection {self.level}: all {tried} attempts refused ({layers})"

    def enough(self, required: str) -> bool:
        """Whether the level is at least the required one."""
        return LEVELS.index(self.level) >= LEVELS.index(required)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "level": self.level,
            "observed": dict(self.observed),
            "layers": dict(self.layers),
        }


def default_level() -> str:
    """On Linux hostile code is held back or nothing is run; elsewhere it cannot be."""
    return "B" if sys.platform == "linux" else "A"


def probe(worker: Worker) -> Protection:
    """Let a throw-away submission try what must not work, and see."""
    limits = worker.limits
    with tempfile.TemporaryDirectory(prefix="backproplab-canary-") as canary:
        os.chmod(canary, 0o777)
        path = Path(canary, "canary")
        path.write_text("nothing secret", encoding="utf-8")
        os.chmod(path, 0o644)
        arguments = (canary, os.getpid(), 2 * limits.memory, limits.file_size)
        found = _ask(worker, arguments)
    observed = {}
    for name, words in WORDS.items():
        outcome = found.get(name, "POSSIBLE") if isinstance(found, dict) else "POSSIBLE"
        refused = outcome not in ("POSSIBLE", NOT_A_REFUSAL.get(name))
        observed[words] = "refused" if refused else "POSSIBLE"
    level = "A"
    if all(observed[WORDS[name]] == "refused" for name in FOR_B):
        level = "C" if _apart(worker) else "B"
    return Protection(level, observed, _layers(worker))


def _ask(worker: Worker, arguments: tuple) -> Any:
    child = worker.child()
    try:
        cells = {
            "do": "cells",
            "given": [],
            "own": [ATTEMPTS],
            "blocked": [],
            "seconds": (10.0, 10.0),
        }
        child.ask(cells, 20.0)
        calls = [("probe", [arguments])]
        call = {"do": "calls", "calls": calls, "seconds": 10.0}
        reply = child.ask(call, 20.0)
        return reply[0][1]
    except Gone as gone:
        # Killed in the attempt: what it tried last was refused, the rest is unknown.
        return {"": gone.reason}
    finally:
        child.end()


def _apart(worker: Worker) -> bool:
    ours, theirs = identities(), worker.about["namespaces"]
    kinds = ("pid", "net", "ipc", "mnt")
    return all(kind in theirs and theirs[kind] != ours.get(kind) for kind in kinds)


def _layers(worker: Worker) -> dict[str, Any]:
    about = worker.about
    return {
        "system": f"{platform.system()} {platform.release()}",
        "seccomp": "on" if about["seccomp"] else "off",
        "landlock": f"ABI {about['landlock']}" if about["landlock"] else "off",
        "namespaces": "own" if _apart(worker) else "shared",
        "user": "unprivileged, own" if about["uid"] else "the grader's",
    }
