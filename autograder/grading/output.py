"""Put the results of a class into files and onto the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.grading import pages, tables
from autograder.grading.classes import Report


def write(out: Path, report: Report, format: str, released: Sequence[Path]) -> bool:
    rows, protection = report.rows, report.protection
    names = pages.page_names(rows)
    try:
        _put(out / "grades.json", tables.as_json(rows, protection))
        # Without the mark, Excel takes every accent for two letters.
        _put(out / "grades.csv", "\ufeff" + tables.as_csv(rows, protection))
        _put(out / "class.html", pages.class_page(rows, protection))
        for name, row in zip(names, rows, strict=True):
            _put(out / "students" / f"{name}.html", pages.student_page(row, protection))
            if format == "gradescope":
                text = tables.as_gradescope(row, protection)
                _put(out / "gradescope" / name / "results.json", text)
        if format == "gradescope":
            from autograder.grading.gradescope import autograder_zip

            (out / "autograder.zip").write_bytes(autograder_zip(released))
    except OSError as error:
        say(f"{out} cannot be written to the end ({error.strerror}); free some space.")
        return False
    return True


def _put(path: Path, text: str) -> None:
    """Write a whole file or none: a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_bytes(text.encode("utf-8", "replace"))
    draft.replace(path)


def show(report: Report, format: str, out: Path | None) -> None:
    rows, protection = report.rows, report.protection
    if format == "json":
        sys.stdout.write(tables.as_json(rows, protection))
    elif format == "csv":
        sys.stdout.write(tables.as_csv(rows, protection))
    elif format == "gradescope" and len(rows) == 1:
        sys.stdout.write(tables.as_gradescope(rows[0], protection))
    elif format == "table":
        from rich.console import Console

        width = None if sys.stdout.isatty() else 160
        console = Console(width=width, markup=False, highlight=False, emoji=False)
        console.print(tables.as_table(rows))
    say(protection.line)
    say(_counts(rows))
    if out is not None:
        say(
            f"class report: {out / 'class.html'};"
            f" a page per student: {out / 'students'}"
        )
    for row in rows:
        if row["problem"]:
            say(f"not graded: {row['student']} ({row['notebook']}): {row['problem']}")
        elif row["clash"]:
            clash = next(n for n in row["notes"] if n.startswith("clash:"))
            say(f"{row['student']} ({row['notebook']}): {clash}; rename one")
        if row["spare"]:
            say(f"{row['student']}: {row['notebook']} does not count: {row['spare']}")


def _counts(rows: Sequence[dict[str, Any]]) -> str:
    """How many notebooks were graded.

    >>> _counts([{"problem": "", "spare": ""}, {"problem": "empty", "spare": ""}])
    '1 graded, 1 not graded'
    """
    failed = sum(bool(row["problem"]) for row in rows)
    others = sum(bool(row["spare"]) for row in rows)
    text = f"{len(rows) - failed - others} graded"
    text += f", {failed} not graded" if failed else ""
    return text + (f", {others} more that do not count" if others else "")


STARTING = "starting"


def say(text: str) -> None:
    shown = "".join(c if c.isprintable() else "?" for c in text)
    print(shown, file=sys.stderr)


class Progress:
    """A bar on a terminal, nothing in a pipe; what a run waits for is said in both."""

    def __enter__(self) -> Progress:
        """Begin."""
        self._bar: Any = None
        self._waits_for = ""
        if not sys.stderr.isatty():
            return self
        from rich import progress
        from rich.console import Console

        columns = (*progress.Progress.get_default_columns(),)
        columns += (progress.MofNCompleteColumn(),)
        console = Console(stderr=True)
        self._bar = progress.Progress(*columns, console=console, transient=True)
        self._bar.start()
        self._task = self._bar.add_task(STARTING, total=None)
        return self

    def tell(self, done: int, total: int) -> None:
        """Move the bar."""
        self.wait("")
        if self._bar is not None:
            self._bar.update(
                self._task, description="grading", completed=done, total=total
            )

    def wait(self, what: str) -> None:
        """Say what the run waits for, once; "" when it goes on."""
        if what == self._waits_for:
            return
        self._waits_for = what
        if self._bar is not None:
            self._bar.update(self._task, description=what or "grading")
        elif what:
            say(what)

    def __exit__(self, *exception: object) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.stop()
