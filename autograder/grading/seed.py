"""The secret seed that a course's questions are drawn from."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


def seed_number(text: str) -> int:
    """A seed from any text, so that it may be a sentence or a number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def course_seed(folder: Path, writable: bool) -> str:
    """The secret seed of this course, made once and kept, so that regrades agree."""
    path = folder / ".grading_seed"
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        seed = secrets.token_hex(16)
    if writable:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(seed + "\n")
    return seed
