"""Find submissions: files, folders, zips, and what learning platforms hand out.

Nothing is unpacked to disk, no link is followed, and every size is counted while it is
read, so a hostile archive costs at most one notebook's worth of memory.
"""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from autograder.grading.cells import MAX_BYTES, Unreadable
from autograder.grading.journal import JOURNAL
from autograder.places import UsageError

MAX_MEMBERS = 20_000
MAX_NAME = 255  # no file system has longer ones
WORK = (".ipynb", ".zip")
NOT_WORK = {"__MACOSX", "__pycache__", "node_modules"}
MOODLE = re.compile(
    r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?$"
)
CANVAS = re.compile(
    r"^(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?P<sub>\d+)_(?P<file>.+\.\w+)$"
)
METADATA = "submission_metadata.yml"
GRADESCOPE = re.compile(r"^submission_(\d+)$")
LESSON_NAME = re.compile(r"^\d\d_\w+$")
COPY_MARK = re.compile(r"(?:[-_ ]?(?:copy|\(\d+\)|-\d+))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Submission:
    """One notebook of one student; ``read`` gives its bytes or raises Unreadable."""

    student: str
    notebook: str
    read: Callable[[], bytes]
    source: str
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


def find_submissions(
    paths: Sequence[Path], own_folders: bool = False
) -> list[Submission]:
    """Every submission under the given files and folders, sorted by student.

    With ``own_folders`` a student is known by a folder, as in an nbgrader course: two
    files of one name are then one student's, handed in for two assignments.
    """
    found: list[Submission] = []
    for path in paths:
        found += _submissions_at(Path(path))
    found = [
        replace(s, student=in_unicode(s.student), notebook=in_unicode(s.notebook))
        for s in found
    ]
    found.sort(key=lambda s: (s.student.casefold(), s.student, s.notebook, s.source))
    return _tell_apart(found, own_folders)


def in_unicode(name: str) -> str:
    """A file's name as text that can be written; old archives hold other encodings.

    >>> in_unicode("M\\udcfcller")
    'M\xfcller'
    """
    if name.isascii():
        return name
    try:
        data = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # as Windows may have it
        data = name.encode("utf-8", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _submissions_at(path: Path) -> list[Submission]:
    if path.is_dir():
        submitted = path / "submitted"
        return _in_tree(
            path.name, list(_walk(submitted if submitted.is_dir() else path))
        )
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}.")
    if path.suffix == ".zip":
        return _in_tree(path.stem, [Entry((path.name,), lambda: read_file(path))])
    stem = path.stem
    student = path.resolve().parent.name if LESSON_NAME.match(stem) else stem
    return [Submission(student, path.name, lambda: read_file(path), str(path))]


def _walk(folder: Path) -> Iterator[Entry]:
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
            yield Entry((*inside, ""), _missing)
        for name in sorted(files):
            path = base / name
            yield Entry((*inside, name), lambda path=path: read_file(path))  # type: ignore[misc]


def _holds_results(folder: Path) -> bool:
    """Whether earlier results lie here, not a student who calls a file like that."""
    return (folder / JOURNAL).is_file() and not any(folder.rglob("*.ipynb"))


def _missing() -> bytes:
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


def _in_tree(
    title: str, entries: list[Entry], zipped: bool = False
) -> list[Submission]:
    """The submissions among files, whichever platform laid them out."""
    names = _gradescope_names(entries)
    by_student: dict[str, list[Submission]] = {}
    empty: dict[str, Entry] = {}
    for entry in entries:
        student, notebook = _whose(entry, names, title)
        if entry.name.endswith(".ipynb"):
            found = Submission(student, notebook, entry.read, "/".join(entry.parts))
            by_student.setdefault(student, []).append(found)
        elif entry.name.endswith(".zip"):
            single = len(entries) == 1 and not zipped
            by_student.setdefault(student, []).extend(_in_zip(entry, student, single))
        elif len(entry.parts) > 1 or _from_platform(entry.name):
            empty.setdefault(student, entry)
    for student, entry in empty.items():
        if student not in by_student:
            where = "/".join(entry.parts)
            by_student[student] = [Submission(student, "(none)", _missing, where)]
    return [submission for group in by_student.values() for submission in group]


def _from_platform(name: str) -> bool:
    return bool(MOODLE.match(name) or CANVAS.match(name))


def _whose(entry: Entry, names: dict[str, str], title: str) -> tuple[str, str]:
    """The student an entry belongs to, and the notebook's own name."""
    folder = entry.parts[0] if len(entry.parts) > 1 else ""
    if folder:
        if match := GRADESCOPE.match(folder):
            return names.get(folder, match[0]), entry.name
        if match := MOODLE.match(folder):
            return f"{match['name']} ({match['id']})", entry.name
        return folder, entry.name
    if match := MOODLE.match(entry.name):
        return f"{match['name']} ({match['id']})", match["file"] or entry.name
    if match := CANVAS.match(entry.name):
        return f"{match['name']} ({match['id']})", match["file"]
    stem = entry.name.rpartition(".")[0]
    if LESSON_NAME.match(COPY_MARK.sub("", stem)):
        return title, entry.name
    return stem, entry.name


def _gradescope_names(entries: list[Entry]) -> dict[str, str]:
    """Folder -> student, from the metadata file of a Gradescope export.

    It lies beside the students' folders; one inside such a folder is the student's own.
    """
    names: dict[str, str] = {}
    for entry in entries:
        if entry.parts != (METADATA,):
            continue
        folder = ""
        for line in entry.read().decode("utf-8", "replace").splitlines():
            if match := re.match(r"^[\"']?(submission_\d+)[\"']?:", line):
                folder = match[1]
            elif folder and (
                match := re.match(r"^\s+-?\s*:(name|sid):\s*(.+?)\s*$", line)
            ):
                text = match[2].strip("'\"")
                if match[1] == "name":
                    names.setdefault(folder, text)
                elif f"({text})" not in names.get(folder, ""):
                    names[folder] = f"{names.get(folder, folder)} ({text})"
    return names


def _in_zip(entry: Entry, student: str, whole_class: bool) -> list[Submission]:
    """Notebooks in a student's zip, or a whole class in a downloaded one."""
    where = "/".join(entry.parts)
    try:
        inside, bad = _members(entry)
    except Unreadable as problem:
        return [_unreadable(student, entry.name, where, str(problem))]
    problems = [_unreadable(student, name, where, why) for name, why in bad]
    inside = _without_common_folder(inside)
    top = {item.parts[0] for item in inside if len(item.parts) > 1}
    flat = [i for i in inside if len(i.parts) == 1 and i.name.endswith(WORK)]
    several = len({_whose(item, {}, student)[0] for item in flat}) > 1
    several |= any(_from_platform(i.name) for i in inside if len(i.parts) == 1)
    if whole_class and (top or several):
        return _in_tree(student, inside, zipped=True) + problems
    notebooks = [
        Submission(student, item.name, item.read, f"{where}:{'/'.join(item.parts)}")
        for item in inside
        if item.name.endswith(".ipynb")
    ]
    if not notebooks and not problems:
        return [_unreadable(student, entry.name, where, "the zip holds no notebook")]
    return notebooks + problems


def _without_common_folder(inside: list[Entry]) -> list[Entry]:
    tops = {item.parts[0] for item in inside}
    while len(tops) == 1 and all(
        len(item.parts) > 1 + (item.name != METADATA) for item in inside
    ):
        inside = [replace(item, parts=item.parts[1:]) for item in inside]
        tops = {item.parts[0] for item in inside}
    return inside


def _unreadable(student: str, notebook: str, where: str, why: str) -> Submission:
    def read() -> bytes:
        raise Unreadable(why)

    return Submission(student, notebook, read, where)


def _members(entry: Entry) -> tuple[list[Entry], list[tuple[str, str]]]:
    data = entry.read()
    import io

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


def _tell_apart(found: list[Submission], own_folders: bool) -> list[Submission]:
    """Two submissions under one name are both graded, apart, and said so."""
    counts = Counter((s.student, s.notebook) for s in found)
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for submission in found:
        key = (submission.student, submission.notebook)
        if counts[key] > 1:
            seen[key] += 1
            numbered = _numbered_file if own_folders else _numbered_student
            submission = numbered(submission, seen[key], counts[key])
        result.append(submission)
    return result


def _numbered_file(submission: Submission, n: int, of: int) -> Submission:
    name = PurePath(submission.notebook)
    return replace(submission, notebook=f"{name.stem} [{n}]{name.suffix}")


def _numbered_student(submission: Submission, n: int, of: int) -> Submission:
    note = f"clash: {of} submissions carry this name ({submission.source})"
    return replace(submission, student=f"{submission.student} [{n}]", notes=(note,))
