"""Find submissions in files, folders, zips, and what learning platforms hand out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from autograder.grading.cells import Unreadable
from autograder.grading.copies import few_each, merged
from autograder.grading.files import (
    Entry,
    Submission,
    members,
    missing,
    read_file,
    walk,
)
from autograder.grading.platforms import (
    COPY_MARK,
    LESSON_NAME,
    METADATA,
    collected,
    from_platform,
    gradescope_names,
    named_by_platform,
    remarks,
    whose,
)
from autograder.places import UsageError

WORK = (".ipynb", ".zip")


def find_submissions(paths: Sequence[Path]) -> list[Submission]:
    """Every submission under the given files and folders, sorted by student."""
    found: list[Submission] = []
    for path in paths:
        found += _submissions_at(Path(path))
    found = [
        replace(s, student=in_unicode(s.student), notebook=in_unicode(s.notebook))
        for s in merged(few_each(found))
    ]
    found.sort(key=lambda s: (_plain(s.student), s.student, s.notebook, s.source))
    return list(_tell_apart(found))


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


def _plain(name: str) -> str:
    """Small letters without accents, so that Zoë and Íñigo stand where one looks."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _submissions_at(path: Path) -> list[Submission]:
    if path.is_dir():
        submitted = path / "submitted"
        if not submitted.is_dir() and (path / "nbgrader_config.py").is_file():
            raise UsageError(  # its source/ is no student's
                f"{path} is a course, and nothing was handed in: put notebooks into"
                " submitted/STUDENT/ASSIGNMENT/, as nbgrader collect does."
            )
        entries = list(walk(submitted if submitted.is_dir() else path))
        return _below(path, _in_tree(path.name, entries))
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}.")
    if path.suffix == ".zip":
        entry = Entry((path.name,), lambda: read_file(path))
        return _below(path, _in_tree(path.stem, [entry]))
    stem, parent = path.stem, path.resolve().parent
    known = LESSON_NAME.match(COPY_MARK.sub("", stem))
    student = parent.name if known else stem
    read = lambda: read_file(path)  # noqa: E731
    return [Submission(student, path.name, read, str(path), str(parent))]


def _below(path: Path, found: list[Submission]) -> list[Submission]:
    return [replace(s, folder=f"{path.resolve()}:{s.folder}") for s in found]


def _in_tree(
    title: str, entries: list[Entry], zipped: bool = False
) -> list[Submission]:
    """The submissions among files, whichever platform laid them out."""
    names = gradescope_names(entries)
    names |= collected(entry.name for entry in entries if len(entry.parts) == 1)
    by_student: dict[str, list[Submission]] = {}
    empty: dict[str, Entry] = {}
    for entry in entries:
        student, notebook = whose(entry, names, title)
        folder = "/".join(entry.parts[:-1][:1])
        if entry.name.endswith(".ipynb"):
            where = "/".join(entry.parts)
            found = Submission(
                student, notebook, entry.read, where, folder, remarks(entry.name)
            )
            by_student.setdefault(student, []).append(found)
        elif entry.name.endswith(".zip"):
            mine = len(entries) > 1 or zipped
            download = len(entry.parts) == 1 and not zipped
            download &= not from_platform(entry.name)
            inside = _in_zip(entry, student, not mine, download)
            by_student.setdefault(student, []).extend(
                _of(entry, folder, inside) if mine else inside
            )
        elif len(entry.parts) > 1 or from_platform(entry.name):
            empty.setdefault(student, entry)
    for student, entry in empty.items():
        if student not in by_student:
            where = "/".join(entry.parts)
            by_student[student] = [Submission(student, "(none)", missing, where)]
    return [submission for group in by_student.values() for submission in group]


def _of(entry: Entry, folder: str, inside: list[Submission]) -> list[Submission]:
    """What a student's own zip holds, with what is said of that zip."""
    notes = remarks(entry.name)
    return [replace(s, folder=folder, notes=(*notes, *s.notes)) for s in inside]


def _in_zip(
    entry: Entry, student: str, alone: bool, download: bool
) -> list[Submission]:
    """Notebooks in a student's zip, or a whole class in a downloaded one.

    A zip by itself may be either.  One among others is a student's, but where it may
    be a ``download`` and a platform has named what several students handed in.
    """
    where = "/".join(entry.parts)
    try:
        inside, bad = members(entry)
    except Unreadable as problem:
        return [_unreadable(student, entry.name, where, str(problem))]
    problems = [_unreadable(student, name, where, why) for name, why in bad]
    inside = _without_common_folder(inside)
    top = {item.parts[0] for item in inside if len(item.parts) > 1}
    flat = [i for i in inside if len(i.parts) == 1 and i.name.endswith(WORK)]
    names = collected(item.name for item in flat)
    several = len({whose(item, names, student)[0] for item in flat}) > 1
    several |= any(from_platform(i.name) for i in inside if len(i.parts) == 1)
    platforms = download and named_by_platform(i.parts[0] for i in inside) > 1
    if platforms or (alone and (top or several)):
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


def _tell_apart(found: Sequence[Submission]) -> Iterator[Submission]:
    """Submissions of one name are graded apart, and said so.

    In one folder they are one student's files; in two, perhaps two students.
    """
    groups: dict[tuple[str, str], list[Submission]] = {}
    for submission in found:
        key = submission.student, submission.notebook
        groups.setdefault(key, []).append(submission)
    for group in groups.values():
        folders = list(dict.fromkeys(s.folder for s in group))
        for n, folder in enumerate(folders, start=1):
            files = [s for s in group if s.folder == folder]
            if len(folders) > 1:
                files = [_numbered_student(s, n, len(folders)) for s in files]
            if len(files) > 1:
                files = [_numbered_file(s, i) for i, s in enumerate(files, start=1)]
            yield from files


def _numbered_file(submission: Submission, n: int) -> Submission:
    name = PurePath(submission.notebook)
    return replace(submission, notebook=f"{name.stem} [{n}]{name.suffix}")


def _numbered_student(submission: Submission, n: int, of: int) -> Submission:
    note = f"clash: {of} submissions carry this name ({submission.source})"
    notes = (note, *submission.notes)
    return replace(submission, student=f"{submission.student} [{n}]", notes=notes)
