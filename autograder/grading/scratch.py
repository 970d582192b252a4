"""Folders that hostile code fills, and one that lasts."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess


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


def empty(folder: str) -> None:
    """Remove whatever a submission wrote; the folder itself stays the same one.

    (A worker's file rules name the folder, not its path.)
    """
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            remove(path)
        else:
            os.unlink(path)


def remove(folder: str) -> None:
    """Remove a folder that hostile code may have filled."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if os.path.exists(folder) and os.name == "posix":
        # Deeper than Python's own tool can go, or without permissions.
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
