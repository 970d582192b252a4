"""How long the solved lessons run: the whole, and the slowest cell of each.

Goals: no cell over 2 s, no lesson over 20 s, all sixteen under 4 minutes on two cores.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbclient import NotebookClient

from autograder import release


@dataclass(frozen=True)
class Timed:
    """One lesson: its seconds, and the cell that took longest."""

    lesson: str
    seconds: float
    slowest: float
    cell: str


def timed(source: Path) -> Timed:
    """Run a solved lesson in a clean kernel; starting the kernel does not count."""
    notebook = release.solved(source)
    NotebookClient(notebook, timeout=120, record_timing=True).execute()
    cells = [c for c in notebook.cells if "iopub.status.idle" in _times(c)]
    spent = {c["id"]: _seconds(c) for c in cells}
    cell = max(spent, key=lambda name: spent[name])
    return Timed(source.stem, sum(spent.values()), spent[cell], cell)


def _times(cell: Any) -> dict[str, str]:
    return cell.metadata.get("execution", {})


def _seconds(cell: Any) -> float:
    began, ended = (
        datetime.fromisoformat(_times(cell)[name].replace("Z", "+00:00"))
        for name in ("iopub.status.busy", "iopub.status.idle")
    )
    return (ended - began).total_seconds()


def main() -> None:
    """Print a line for each lesson, and the sum."""
    total = 0.0
    for source in release.sources():
        row = timed(source)
        total += row.seconds
        print(
            f"{row.lesson:26} {row.seconds:5.1f} s, slowest cell {row.slowest:4.2f} s"
            f" ({row.cell})",
            flush=True,
        )
    print(f"{'all lessons':26} {total:5.1f} s")


if __name__ == "__main__":
    main()
