"""Run commands of ours as if Python had nothing that only Unix has.

    python like_windows.py NOTEBOOK

imports every module, then copies the lessons, checks the notebook, asks the doctor, and
prints each exit code.  Our own modules get an ``os``, ``signal`` and ``sys`` without
what Windows lacks, and cannot import what it does not have.  Other packages are left
alone.
"""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import sys
import types
from typing import Any

ABSENT_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
ABSENT = {
    "os": {
        "chown", "fork", "forkpty", "geteuid", "getuid", "killpg",
        "memfd_create", "mkfifo", "nice", "O_NOFOLLOW", "pidfd_open", "setsid", "uname",
        "unshare", "wait4", "waitid", "WNOHANG",
    },
    "signal": {
        "alarm", "ITIMER_REAL", "pidfd_send_signal", "setitimer", "SIGALRM", "SIGHUP",
        "SIGKILL", "SIGSTOP", "SIGUSR1", "SIGXCPU",
    },
    "sys": set(),
}  # fmt: skip
OURS = ("autograder", "backproplab")
LINUX_ONLY = ("autograder.grading.inside", "autograder.grading.worker")


class Without(types.ModuleType):
    """A module without some of its names."""

    def __init__(self, module: types.ModuleType) -> None:
        super().__init__(module.__name__)
        self.__dict__["_module"] = module

    def __getattr__(self, name: str) -> Any:
        """Whatever Windows has too."""
        module = self.__dict__["_module"]
        if name in ABSENT[module.__name__]:
            raise AttributeError(f"{module.__name__} has no {name} on Windows")
        if module is sys and name == "platform":
            return "win32"
        return getattr(module, name)


_import = builtins.__import__


def as_on_windows(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level=0
) -> Any:
    """What ``import`` gives our own modules."""
    importer = (globals or {}).get("__name__", "")
    found = _import(name, globals, locals, fromlist, level)
    if not importer.startswith(OURS):
        return found
    if name in ABSENT_MODULES:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return Without(found) if name in ABSENT else found


def import_everything() -> None:
    """Import all of our modules but those that run inside a fenced Linux process."""
    for package in OURS:
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, package + "."):
            if not found.name.startswith(LINUX_ONLY):
                importlib.import_module(found.name)


def run(*arguments: str) -> None:
    """One command line of ours; its exit code is printed."""
    from autograder.cli import app

    try:
        app(arguments, prog_name="backproplab")
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    print(f"{arguments[0]} ended with {code}")


if __name__ == "__main__":
    builtins.__import__ = as_on_windows
    import_everything()
    run("lab", "mine", "--no-start")
    run("check", sys.argv[1], "--exercise=residual")
    run("doctor")
