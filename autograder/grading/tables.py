"""Results as JSON, CSV, a table for the terminal, and Gradescope's results.json."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from autograder.grading.probe import Protection
from autograder.grading.summary import not_right

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
OUTPUT_LIMIT = 50_000


def as_json(rows: Sequence[dict[str, Any]], protection: Protection) -> str:
    """One object; byte-equal on every run of the same submissions, seed and version."""
    submissions = []
    for row in rows:
        entries = [
            {key: entry[key] for key in entry if key not in ("html", "answer")}
            for entry in row["exercises"]
        ]
        submissions.append(
            {
                "student": row["student"],
                "notebook": row["notebook"],
                "score": row["score"],
                "max_score": row["max_score"],
                "exercises": entries,
                "notes": row["notes"],
                "problem": row["problem"] or None,
            }
        )
    whole = {"submissions": submissions, "protection": protection.to_dict()}
    return json.dumps(whole, indent=1, ensure_ascii=True) + "\n"


def as_csv(rows: Sequence[dict[str, Any]], protection: Protection) -> str:
    """One line per submission; no cell can be taken for a formula."""
    names = list(dict.fromkeys(e["exercise"] for row in rows for e in row["exercises"]))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    head = ["student", "notebook", "score", "max_score", *names]
    writer.writerow([*head, "problem", "notes", "protection"])
    for row in rows:
        points = {e["exercise"]: e["points"] for e in row["exercises"]}
        writer.writerow(
            [
                safe_cell(row["student"]),
                safe_cell(row["notebook"]),
                _number(row["score"]),
                _number(row["max_score"]),
                *(_number(points.get(name)) for name in names),
                safe_cell(row["problem"]),
                safe_cell("; ".join(row["notes"])),
                protection.level,
            ]
        )
    return file.getvalue()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet shows instead of running.

    >>> safe_cell("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def as_table(rows: Sequence[dict[str, Any]]) -> Any:
    """A rich table: who, what, how many points, what is not right."""
    from rich.table import Table
    from rich.text import Text

    table = Table("student", "notebook", "score", "not right", "notes")
    for row in rows:
        if row["problem"]:
            score, missing = "-", row["problem"]
        else:
            score = f"{row['score']:g}/{row['max_score']:g}"
            missing = not_right(row)
        cells = (
            row["student"],
            row["notebook"],
            score,
            missing,
            "; ".join(row["notes"]),
        )
        table.add_row(*(Text(_printable(cell)) for cell in cells))
    return table


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def as_gradescope(row: dict[str, Any], protection: Protection) -> str:
    """Gradescope's results.json for one submission."""
    if row["problem"]:
        content: dict[str, Any] = {
            "score": 0,
            "output": row["problem"],
            "output_format": "text",
            "tests": [],
        }
    else:
        content = {
            "score": row["score"],
            "execution_time": round(row["seconds"][-1]),
            "output": "\n".join([*row["notes"], protection.line]),
            "output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "tests": [
                {
                    "name": entry["exercise"],
                    "number": str(number),
                    "score": entry["points"],
                    "max_score": entry["max_points"],
                    "status": "passed" if entry["status"] == "right" else "failed",
                    "output": entry["message"][:OUTPUT_LIMIT],
                    "output_format": "text",
                    "visibility": "visible",
                }
                for number, entry in enumerate(row["exercises"], start=1)
            ],
        }
    return json.dumps(content, indent=1) + "\n"
