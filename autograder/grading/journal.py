"""The journal: each finished submission is on disk before the next one begins."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

JOURNAL = "journal.jsonl"


class Journal:
    """An append-only file of results by key; survives being cut off at any byte."""

    def __init__(self, path: Path | None) -> None:
        """Read what an earlier run finished; a last line cut short is dropped."""
        self.done: dict[str, dict[str, Any]] = {}
        self.problem = ""
        self._file = -1
        if path is None:
            return
        kept = 0
        if path.exists():
            with open(path, "rb") as file:
                for line in file:
                    entry = _entry(line)
                    if entry is None:
                        break
                    kept += len(line)
                    self.done[entry["key"]] = entry["result"]
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.ftruncate(self._file, kept)
        os.lseek(self._file, 0, os.SEEK_END)

    def add(self, key: str, result: dict[str, Any]) -> None:
        """Record a result; an equal key is never recorded twice.

        On a full disk ``problem`` says so, and results are no longer recorded.
        """
        if key in self.done:
            return
        self.done[key] = result
        if self._file >= 0 and not self.problem:
            line = json.dumps({"key": key, "result": result}, sort_keys=True) + "\n"
            self._write(memoryview(line.encode()))

    def _write(self, data: memoryview) -> None:
        start = os.lseek(self._file, 0, os.SEEK_CUR)
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self.problem = error.strerror or "unknown reason"
            os.ftruncate(self._file, start)

    def close(self) -> None:
        """Let the operating system finish writing."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1


def _entry(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(entry, dict) and {"key", "result"} <= entry.keys()
    return entry if whole else None


def key_of(data: bytes, *settings: object) -> str:
    """What a result depends on: the notebook's bytes, and everything that was set."""
    digest = hashlib.sha256(json.dumps([str(s) for s in settings]).encode())
    digest.update(data)
    return digest.hexdigest()
