"""Where lessons and sources lie, how our tools are run, and errors meant for people."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "data"
ROOT = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent
LESSONS = ROOT / "lessons"
# The answers stay in the checkout: an installed package finds them where it is run.
SOLUTIONS = (Path.cwd() if ROOT == _PACKAGED else ROOT) / "solutions"


class UsageError(Exception):
    """What was asked for cannot be done; the message is one clear sentence."""


def how_to_install(extra: str) -> str:
    """The command that brings one of the extras."""
    return f'in the backproplab folder: pip install ".[{extra}]"'


def tool_environment(scratch: Path | None = None) -> dict[str, str]:
    """The environment for programs that belong to this Python.

    Its programs come first on PATH: nbgrader starts ``alembic`` by name, which is not
    found when a virtual environment is used without being activated.  With ``scratch``,
    the user's own Jupyter and IPython settings are left aside.
    """
    environment = dict(os.environ)
    scripts = sysconfig.get_path("scripts")
    environment["PATH"] = os.pathsep.join([scripts, environment.get("PATH", "")])
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    if scratch is not None:
        environment.update(_settings_in(scratch))
    return environment


def _settings_in(scratch: Path) -> Mapping[str, str]:
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    for folder in names.values():
        (scratch / folder).mkdir(parents=True, exist_ok=True)
    return {name: str(scratch / folder) for name, folder in names.items()}


def refuse_existing(folder: Path, what: str) -> None:
    """Raise unless ``folder`` is free: not there yet, or an empty folder."""
    if folder.is_file():
        raise UsageError(f"{folder} is a file; {what} needs a folder of its own.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} exists and is not empty; nothing was changed."
            f" Choose another name for {what}."
        )
