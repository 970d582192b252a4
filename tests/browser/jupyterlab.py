"""JupyterLab in a headless Chromium, driven through its own commands.

One server, one browser and one open JupyterLab serve all browser tests (conftest.py).
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, sync_playwright

from autograder.places import tool_environment

BROWSER_OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu"]
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:", "chrome")
START_SECONDS, RUN_SECONDS, ACT_SECONDS = 90, 180, 20

SETTINGS: dict[str, dict[str, Any]] = {
    # Cells outside the window stay in the page, so that they can be read.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

METADATA = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}

READ_CELLS = """() => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  return notebook.widgets.map(cell => ({
    id: cell.model.id,
    type: cell.model.type,
    source: cell.model.sharedModel.getSource(),
    ran: cell.model.executionCount ?? null,
    shown: cell.node.querySelector('.jp-Cell-outputArea, .jp-RenderedMarkdown')
      ?.innerText ?? '',
    verdicts: cell.node.querySelectorAll('.bpl-verdict').length,
    formula_errors: cell.node.querySelectorAll('mjx-merror').length,
  }));
}"""

IDLE = """(path) => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return (!path || panel?.context?.path === path)
    && panel?.sessionContext?.session?.kernel?.status === 'idle';
}"""

RUN_ALL = """() => {
  window.finished = false;
  window.jupyterapp.commands.execute('notebook:run-all-cells')
    .finally(() => { window.finished = true; });
}"""

OPEN = """async (path) => {
  await window.jupyterapp.commands.execute('docmanager:open', { path });
}"""
RUN_ONLY = """async (source) => {
  const panel = window.jupyterapp.shell.currentWidget;
  panel.content.widgets[0].model.sharedModel.setSource(source);
  panel.content.activeCellIndex = 0;
  await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
CLOSE = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.save();
  await panel.sessionContext.shutdown();
  panel.dispose();
}"""


class Server:
    """JupyterLab, with Notebook 7 beside it, serving ``root``."""

    def __init__(self, root: Path, address: str, token: str) -> None:
        self.root, self.address, self.token = root, address, token

    def url(self, path: str, app: str = "lab") -> str:
        """The address of a notebook in JupyterLab, or in Notebook 7 ("notebook")."""
        place = f"lab/tree/{path}" if app == "lab" else f"notebooks/{path}"
        return f"{self.address}/{place}?token={self.token}&reset"

    def write(self, path: str, *cells: str) -> str:
        """Write a notebook of code cells, "# ..." for a text cell; return its path."""
        notebook = new_notebook(metadata=METADATA)
        for cell in cells:
            make = new_markdown_cell if cell.startswith("# ") else new_code_cell
            notebook.cells.append(make(cell))
        nbformat.write(notebook, self.root / path)
        return path


@contextmanager
def server(root: Path, scratch: Path) -> Iterator[Server]:
    """Start JupyterLab in ``root``, with settings that are thrown away."""
    environment = tool_environment(scratch)
    for name, values in SETTINGS.items():
        file = scratch / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    with open(scratch / "server.log", "wb") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=root, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(process, f"{address}/api/status?token={token}", scratch)
            yield Server(root, address, token)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(process: subprocess.Popen, url: str, scratch: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None or time.monotonic() > end:
                log = (scratch / "server.log").read_text(errors="replace")
                raise RuntimeError(f"JupyterLab did not start:\n{log}") from None
            time.sleep(0.2)


@contextmanager
def browser(executable: str) -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=BROWSER_OPTIONS
        )
        try:
            yield chromium
        finally:
            chromium.close()


class Watched:
    """A page that cannot leave this machine; keeps its errors and what it asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.console: list[str] = []
        page.set_default_timeout(1000 * ACT_SECONDS)
        page.set_default_navigation_timeout(1000 * START_SECONDS)
        page.route(lambda url: not url.startswith(LOCAL), lambda route: route.abort())
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("request", lambda request: self._note(request.url))

    def _hear(self, kind: str, words: str) -> None:
        if kind == "error":
            self.console.append(words)

    def _note(self, url: str) -> None:
        if not url.startswith(LOCAL):
            self.outside.append(url)


class Notebook(Watched):
    """One notebook open in the browser."""

    def open(self, address: str) -> None:
        """Show the notebook and wait until its kernel is ready."""
        self.page.goto(address, wait_until="domcontentloaded")
        self.page.wait_for_selector(
            ".jp-Notebook .jp-Cell", timeout=1000 * START_SECONDS
        )
        self.page.wait_for_function(IDLE, arg="", timeout=1000 * START_SECONDS)
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")

    def switch(self, path: str) -> None:
        """Open another notebook in the same JupyterLab, with a kernel of its own."""
        for heard in (self.errors, self.outside, self.console):
            heard.clear()
        self.page.evaluate(OPEN, path)
        self.page.wait_for_function(IDLE, arg=path, timeout=1000 * START_SECONDS)

    def close(self) -> None:
        """Save the notebook, end its kernel, close its tab."""
        self.page.evaluate(CLOSE)

    def run_all(self) -> None:
        """Run all cells, as the menu does: it stops at the first error."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("window.finished", timeout=1000 * RUN_SECONDS)
        self.page.wait_for_function(IDLE, arg="")

    def run_only(self, source: str) -> None:
        """Write ``source`` into the notebook's first cell and run it."""
        self.page.evaluate(RUN_ONLY, source)

    def cells(self) -> dict[str, dict[str, Any]]:
        """What a reader sees of each cell, by cell id."""
        self.page.wait_for_timeout(700)  # formulas are set after a cell is done
        return {cell["id"]: cell for cell in self.page.evaluate(READ_CELLS)}

    def picture(self, name: str) -> None:
        """Keep a picture of the whole notebook where BACKPROPLAB_PICTURES says."""
        folder = os.environ.get("BACKPROPLAB_PICTURES")
        if not folder:
            return
        height = self.page.evaluate(
            "() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight"
        )
        self.page.set_viewport_size({"width": 1100, "height": min(height + 150, 15000)})
        self.page.evaluate(
            "() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)"
        )
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=str(Path(folder) / f"{name}.png"))


Page_ = TypeVar("Page_", bound=Watched)


@contextmanager
def watched(
    browser: Browser, kind: type[Page_] = Watched, **options: Any
) -> Iterator[Page_]:
    """A page of its own; ``options`` are those of a browser context."""
    options = {"viewport": {"width": 1100, "height": 900}, **options}
    context = browser.new_context(**options)
    try:
        yield kind(context.new_page())
    finally:
        context.close()
