"""A learner's own copy of the lessons, opened in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.places import LESSONS, UsageError, how_to_install, tool_environment


@dataclass(frozen=True)
class Copied:
    """Which lessons were new in the folder, and which were already there."""

    new: list[str]
    kept: list[str]


def copy_lessons(folder: Path) -> Copied:
    """Copy the lessons that ``folder`` does not have yet; what is there stays."""
    lessons = sorted(LESSONS.glob("*.ipynb"))
    if not lessons:
        raise UsageError(f"there are no lessons in {LESSONS}; run: make lessons")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; the lessons need a folder.")
    if folder.resolve() == LESSONS.resolve():
        raise UsageError(
            f"{folder} holds the originals; choose another folder for your own copy."
        )
    folder.mkdir(parents=True, exist_ok=True)
    new, kept = [], []
    for lesson in lessons:
        try:
            with open(folder / lesson.name, "xb") as copy:
                copy.write(lesson.read_bytes())
            new.append(lesson.name)
        except FileExistsError:
            kept.append(lesson.name)
    return Copied(new, kept)


def open_lab(folder: Path, browser: bool = True, file: str = "") -> int:
    """Run JupyterLab in ``folder`` until it is closed; return its exit code.

    With ``file``, the name of a notebook there, that one is shown first.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError(f"JupyterLab is missing; {how_to_install('lab')}")
    command = [sys.executable, "-m", "jupyterlab", *([file] if file else [])]
    if not browser:
        command.append("--no-browser")
    # JupyterLab refuses to start for root, which is who one is in most containers.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    process = subprocess.Popen(command, cwd=folder, env=tool_environment())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # JupyterLab answers Ctrl-C itself
    return process.wait()
