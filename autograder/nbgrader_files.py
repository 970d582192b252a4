"""What stands among submitted files but is none: nbgrader would follow or await it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.grading.cells import Unreadable
from autograder.grading.files import read_file

ASIDE = "set_aside"
TIMESTAMP = "timestamp.txt"
LARGEST = 100 * 2**20


def handed_in_at(folder: Path) -> object | None:
    """The time in a submission's timestamp.txt; one that nobody can read is none."""
    try:
        text = read_file(folder / TIMESTAMP, 1000).decode().strip()
        return parse_utc(text) if text else None
    except (Unreadable, ValueError, OverflowError):
        return None


def set_aside(folder: Path, course: Path) -> list[Path]:
    """Move what is no plain file out of a submission, into the course's set_aside.

    nbgrader follows links, waits for pipes, copies whatever is large, and stops at a
    timestamp that is none.  Returns what was moved.
    """
    found = list(_no_files(folder))
    for path in found:
        place = course / ASIDE / path.relative_to(folder.parents[1])
        place.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while os.path.lexists(place):
            number += 1
            place = place.with_name(f"{path.name[:200]}-{number}")
        path.rename(place)
    return found


def _no_files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, followlinks=False):
        base = Path(root)
        for name in [*folders, *files]:
            if not _is_plain(base / name):
                yield base / name
    stamp = folder / TIMESTAMP
    if stamp.is_dir() or (_is_plain(stamp) and not handed_in_at(folder)):
        yield stamp


def _is_plain(path: Path) -> bool:
    """A folder, or a file of an ordinary size."""
    try:
        status = path.lstat()
    except OSError:
        return False
    regular = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
    return regular or stat.S_ISDIR(status.st_mode)
