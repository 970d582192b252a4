"""Notebook cells without a kernel: IPython's own rules, nothing displayed."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from IPython.core import async_helpers
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

SKIPPED_LINES = {
    "autoreload", "cd", "conda", "edit", "load_ext", "mamba", "matplotlib",
    "micromamba",
    "pip", "prun", "pylab", "reload_ext", "run", "sc", "sx", "system", "timeit", "uv",
}  # fmt: skip
SKIPPED_CELLS = {
    "!", "bash", "html", "javascript", "js", "latex", "markdown", "perl", "prun",
    "python", "python2", "python3", "pypy", "ruby", "script", "sh", "svg", "sx",
    "system", "timeit",
}  # fmt: skip


class _Nowhere(DisplayPublisher):
    def publish(self, *args: Any, **kwargs: Any) -> None:
        """Display nothing."""

    def clear_output(self, wait: bool = False) -> None:
        """There is nothing to clear."""


class _Quiet(DisplayHook):
    def compute_format_data(self, result: Any) -> tuple[dict, dict]:
        """Keep ``_`` and ``Out`` without asking the object to print itself."""
        return {}, {}

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Write nothing."""

    def write_output_prompt(self) -> None:
        """Write nothing."""

    def finish_displayhook(self) -> None:
        """Write nothing."""


class Shell(InteractiveShell):
    """Runs cells as a kernel would, but starts no program and draws nothing."""

    display_pub_class = Type(_Nowhere)
    displayhook_class = Type(_Quiet)

    def system(self, cmd: str) -> None:
        """``!command`` is skipped."""
        print(f"[skipped] !{cmd}")

    system_raw = system_piped = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> list[str]:
        """``x = !command`` gives no lines."""
        return []

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Magics that reach outside or take long are skipped."""
        if magic_name in SKIPPED_LINES:
            return None
        return super().run_line_magic(magic_name, line, _stack_depth)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Cells in another language, or for files, are skipped."""
        if magic_name in SKIPPED_CELLS:
            return None
        return super().run_cell_magic(magic_name, line, cell)

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Errors are reported by the caller, never printed."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """The same for errors of syntax."""

    def showindentationerror(self) -> None:
        """The same for errors of indentation."""

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window system."""


def make_shell() -> Shell:
    """One shell, warmed up, to be made once before any fork."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.cache_size = 1000
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell = Shell.instance(config=config)
    shell.run_cell("import asyncio; await asyncio.sleep(0)", store_history=False)
    shell.run_cell("%who_ls", store_history=False)
    shell.run_cell("raise ValueError", store_history=False)
    async_helpers.get_asyncio_loop().close()  # its descriptors would not survive
    shell.reset(new_session=True)
    sys.modules.setdefault("__main__", shell.user_module)
    return shell


def close_figures() -> None:
    """Forget drawn figures, as an inline backend does after each cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and pyplot.get_fignums():
        pyplot.close("all")
