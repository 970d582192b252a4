"""Build the site, a folder of static files: the pages, and JupyterLite under lite/.

python -m docs.build [FOLDER]        (FOLDER is site/ when not given)
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from sphinx.cmd.build import main as sphinx

from autograder.places import tool_environment
from docs import lite
from docs.lesson_pages import pages

DOCS = Path(__file__).resolve().parent
LESSON_PAGES = DOCS / "lessons"
SITE = DOCS.parent / "site"


def write_lesson_pages() -> None:
    """Run every lesson and write its page into docs/lessons/, which git ignores."""
    shutil.rmtree(LESSON_PAGES, ignore_errors=True)
    LESSON_PAGES.mkdir()
    for name, notebook in pages().items():
        nbformat.write(notebook, LESSON_PAGES / f"{name}.ipynb")


def build(site: Path) -> int:
    """Build everything; only a whole site takes the place of ``site``."""
    write_lesson_pages()
    with tempfile.TemporaryDirectory() as scratch:
        made, doctrees = Path(scratch, "site"), Path(scratch, "doctrees")
        options = ["-q", "-W", "--keep-going", "-d", str(doctrees), "-b", "html"]
        code = sphinx([*options, str(DOCS), str(made)])
        if code == 0:
            lite.build(made / "lite", Path(scratch, "lite"))
            shutil.rmtree(site, ignore_errors=True)
            shutil.move(made, site)
    return code


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.build")
    parser.add_argument("folder", type=Path, nargs="?", default=SITE)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(tool_environment(Path(scratch)))
        code = build(folder)
    if code == 0:
        print(f"The pages: open {folder / 'index.html'} in a browser.")
        print(f"With notebooks: python -m http.server --directory {folder}")
    return code


if __name__ == "__main__":
    sys.exit(main())
