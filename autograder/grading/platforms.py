"""Whose file is it?  How learning platforms name what they hand out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from autograder.grading.files import Entry
from autograder.places import LESSONS

MOODLE = re.compile(
    r"^(?P<name>.+)_(?P<id>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?$"
)
CANVAS = re.compile(
    r"^(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?P<sub>\d+)_(?P<file>.+\.\w+)$"
)
METADATA = "submission_metadata.yml"
GRADESCOPE = re.compile(r"^submission_(?P<id>\d+)$")
LESSON_NAME = re.compile(r"^\d\d_\w+$")
COPY_MARK = re.compile(r"(?:[-_ ]?(?:copy|\(\d+\)|-\d+))+$", re.IGNORECASE)


def from_platform(name: str) -> bool:
    """Whether Moodle or Canvas gave a file this name."""
    return bool(MOODLE.match(name) or CANVAS.match(name))


def named_by_platform(names: Iterable[str]) -> int:
    """How many students' files or folders a platform has given these names."""
    found = {
        match["id"]
        for name in names
        for match in [
            MOODLE.match(name) or CANVAS.match(name) or GRADESCOPE.match(name)
        ]
        if match
    }
    return len(found)


def remarks(name: str) -> tuple[str, ...]:
    """What a platform says of a file in its name.

    >>> remarks("leebob_LATE_13_346_work.ipynb")
    ('Canvas marks it as late',)
    """
    match = CANVAS.match(name)
    late = match and match["late"] and not MOODLE.match(name)
    return ("Canvas marks it as late",) if late else ()


def whose(entry: Entry, names: dict[str, str], title: str) -> tuple[str, str]:
    """The student an entry belongs to, and the notebook's own name.

    ``names`` has the students of folders and files that are known already.
    """
    folder = entry.parts[0] if len(entry.parts) > 1 else ""
    if folder:
        if match := GRADESCOPE.match(folder):
            return names.get(folder, match[0]), entry.name
        if match := MOODLE.match(folder):
            return f"{match['name']} ({match['id']})", entry.name
        if LESSON_NAME.match(folder) and entry.name == f"{folder}.ipynb":
            return title, entry.name  # one student's folder of a course
        return folder, entry.name
    if match := MOODLE.match(entry.name):
        return f"{match['name']} ({match['id']})", match["file"] or entry.name
    if match := CANVAS.match(entry.name):
        return f"{match['name']} ({match['id']})", match["file"]
    if entry.name in names:
        return names[entry.name], entry.name
    stem = entry.name.rpartition(".")[0]
    if LESSON_NAME.match(COPY_MARK.sub("", stem)):
        return title, entry.name
    return stem, entry.name


def collected(names: Iterable[str]) -> dict[str, str]:
    """File name -> student, where somebody put a class's notebooks into one folder.

    Several files that are a lesson's name and more, without the lesson's own file, are
    several students'; beside the lesson's own file they are one student's.

    >>> collected(["07_one_hidden_layer_ann.ipynb", "07_one_hidden_layer-bob.ipynb"])
    {'07_one_hidden_layer_ann.ipynb': 'ann', '07_one_hidden_layer-bob.ipynb': 'bob'}
    """
    stems = {name: PurePath(name).stem for name in names if name.endswith(".ipynb")}
    found: dict[str, str] = {}
    for lesson in sorted(path.stem for path in LESSONS.glob("*.ipynb")):
        after = {
            name: stem[len(lesson) + 1 :]
            for name, stem in stems.items()
            if re.match(rf"{lesson}[-_ ].", stem) and COPY_MARK.sub("", stem) != lesson
        }
        if len(after) > 1 and lesson not in stems.values():
            found |= after
    return found


def gradescope_names(entries: Sequence[Entry]) -> dict[str, str]:
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
