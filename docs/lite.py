"""JupyterLite: the lessons as notebooks that run in the reader's browser.

The Python that runs there is Pyodide, loaded from its CDN by the reader's browser;
everything else, our own wheel and the widgets' wheels included, lies on the site.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.paths import jupyter_path
from jupyter_server import DEFAULT_STATIC_FILES_PATH

from autograder import release
from docs import notebooks

ROOT = Path(__file__).resolve().parent.parent
APPS = ("notebooks", "tree")
EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager",
    "@jupyterlite/pyodide-kernel-extension",
    "anywidget",
)
EPOCH = 1580601600  # the date in every wheel that hatchling builds
WIDGETS = ("anywidget", "comm", "ipywidgets", "jupyterlab-widgets", "psygnal")
FAVICONS = Path(DEFAULT_STATIC_FILES_PATH, "favicons")  # asked for, not brought
KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}

SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "backproplab",
        "exposeAppInBrowser": True,
        # It would say that every lesson was saved when SOURCE_DATE_EPOCH was.
        "disabledExtensions": ["@jupyter-notebook/notebook-extension:checkpoints"],
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "disablePyPIFallback": True,
                "loadPyodideOptions": {"packages": ["numpy", "matplotlib"]},
            }
        },
    },
}
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    # Lessons are short: keep all cells in the page, so that its search finds them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}

BRING_ALONG = """\
import sys

if sys.platform == "emscripten":  # in the browser: bring the course along
    import piplite

    await piplite.install(["backproplab", "anywidget"])

"""
WELCOME = """\
> **This notebook runs in your browser.** The first code cell waits until Python has
> arrived: half a minute, less the next time. What you write is kept in this browser on
> this device, and nowhere else; *File > Download* gives you a copy of it."""


def build(folder: Path, scratch: Path) -> None:
    """Build JupyterLite into ``folder``; ``scratch`` holds what it is made of."""
    content = scratch / "content"
    content.mkdir(parents=True)
    _write_json(scratch / "jupyter-lite.json", SETTINGS)
    _write_json(scratch / "overrides.json", OVERRIDES)
    _wheels(scratch / "pypi")
    for name, notebook in notebooks.released().items():
        text = release.to_text(in_browser(notebook))
        (content / f"{name}.ipynb").write_text(text, encoding="utf-8")
    options = {
        "apps": APPS,
        "contents": [str(content)],
        "federated_extensions": [_extension(name) for name in EXTENSIONS],
        "ignore_sys_prefix": True,  # what else is installed here is not for readers
        "no_sourcemaps": True,
        "output_dir": str(folder),
        "source_date_epoch": EPOCH,
    }
    _write_json(scratch / "jupyter_lite_config.json", {"LiteBuildConfig": options})
    _run([sys.executable, "-m", "jupyter", "lite", "build"], cwd=scratch)
    shutil.copytree(FAVICONS, folder / "static" / "favicons", dirs_exist_ok=True)


def in_browser(notebook: Any) -> Any:
    """A released lesson, ready for the browser's kernel."""
    notebook.metadata["kernelspec"] = dict(KERNEL)
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    setup.source = BRING_ALONG + setup.source
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell(WELCOME, id="in-browser"))
    return notebook


def _extension(name: str) -> str:
    """Where an extension of JupyterLab is installed."""
    for folder in jupyter_path("labextensions"):
        if Path(folder, name).is_dir():
            return str(Path(folder, name))
    raise SystemExit(f"the JupyterLab extension {name} is not installed")


def _wheels(folder: Path) -> None:
    """Our own wheel, and those of the widgets: pure Python, for any platform."""
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)])
    pins = [f"{name}=={version(name)}" for name in WIDGETS]
    command = ["pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    command += ["--platform=any", "--implementation=py", "--abi=none"]
    _run([sys.executable, "-m", *command, *pins])


def _run(command: Sequence[str], cwd: Path = ROOT) -> None:
    """Run a tool; what it says is shown only when it fails."""
    done = subprocess.run(
        command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}")


def _write_json(file: Path, data: Any) -> None:
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
