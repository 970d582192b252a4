"""Read what was handed in: files in folders and in zips, nothing trusted.

Nothing is unpacked to disk, no link is followed, and every size is counted while it is
read, so a hostile archive costs at most one notebook's worth of memory.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.cells import MAX_BYTES, Unreadable
from autograder.grading.journal import JOURNAL

MAX_MEMBERS = 20_000
MAX_NAME = 255  # no file system has longer ones
NOT_WORK = {"__MACOSX", "__pycache__", "node_modules"}


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; ``read`` gives its bytes or raises Unreadable.

    ``folder`` is what this student's files have in common, and nobody else's.
    """

    student: str
    notebook: str
    read: Callable[[], bytes]
    source: str
    folder: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A file somewhere: its path in parts, and how to read it."""

    parts: tuple[str, ...]
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.parts[-1]


def walk(folder: Path) -> Iterator[Entry]:
    """Regular files below a folder; links, hidden folders, our results are left out."""
    for root, folders, files in os.walk(folder, followlinks=False):
        base = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in NOT_WORK
            if not _holds_results(base / name)
        )
        inside = base.relative_to(folder).parts
        if not folders and not files and inside:
            yield Entry((*inside, ""), missing)
        for name in sorted(files):
            path = base / name
            yield Entry((*inside, name), lambda path=path: read_file(path))  # type: ignore[misc]


def _holds_results(folder: Path) -> bool:
    """Whether earlier results lie here, not a student who calls a file like that."""
    return (folder / JOURNAL).is_file() and not any(folder.rglob("*.ipynb"))


def missing() -> bytes:
    """The file that is not there."""
    raise Unreadable("no notebook was handed in; ask the student")


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """A regular file's bytes: no link, no pipe, no device, nothing huge."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if path.is_symlink():
            raise Unreadable(
                "it is a link, not a file; links are never followed"
            ) from None
        reason = error.strerror or "unknown reason"
        raise Unreadable(f"the file cannot be opened: {reason}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("it is not a regular file")
        if status.st_size > limit:
            raise Unreadable(_too_large(limit))
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(_too_large(limit))
    return data


def _too_large(limit: int) -> str:
    return (
        f"the file is larger than {limit >> 20} MB; ask the student to clear the"
        " outputs and hand it in again"
    )


def members(entry: Entry) -> tuple[list[Entry], list[tuple[str, str]]]:
    """What a zip holds, and what in it is refused: name and reason."""
    data = entry.read()
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Unreadable(
            "the zip is damaged; ask the student to hand it in again"
        ) from None
    if len(infos) > MAX_MEMBERS:
        raise Unreadable(
            f"the zip holds more than {MAX_MEMBERS} files; look at it by hand"
        )
    good: list[Entry] = []
    bad: list[tuple[str, str]] = []
    for info in infos:
        parts = tuple(
            part for part in info.filename.replace("\\", "/").split("/") if part
        )
        if info.is_dir() or not parts or not NOT_WORK.isdisjoint(parts):
            continue
        if any(part.startswith(".") for part in parts if part != ".."):
            continue
        if max(map(len, parts)) > MAX_NAME:
            bad.append((parts[-1][:40], "its name in the zip is far too long"))
        elif ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
            bad.append(
                (parts[-1], "the zip tries to write outside its folder; look at it")
            )
        elif stat.S_ISLNK(info.external_attr >> 16):
            bad.append(
                (parts[-1], "it is a link inside a zip; links are never followed")
            )
        else:
            good.append(Entry(parts, lambda info=info: _read_member(archive, info)))  # type: ignore[misc]
    return good, bad


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            data = file.read(MAX_BYTES + 1)
    except (
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
    ) as error:
        word = "encrypted" if "password" in str(error) else "damaged"
        raise Unreadable(f"the file in the zip is {word}; ask the student") from None
    except Exception:  # zlib and lzma have errors of their own
        raise Unreadable("the file in the zip is damaged; ask the student") from None
    if len(data) > MAX_BYTES:
        raise Unreadable(_too_large(MAX_BYTES) + " (is the zip a bomb?)")
    return data
