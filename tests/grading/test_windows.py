"""A worker that lacks what Windows lacks still grades, without a fence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.grading import launcher
from autograder.grading.engine import Engine
from tests.grading.helpers import FULL, HONEST, PREFIX, SETTINGS, notebook
from tests.release.like_windows import ABSENT, ABSENT_MODULES

# Loaded first: what other packages found on this system stays theirs.
WORKER = """\
import os, platform, runpy, signal, socket, subprocess, sys
import IPython.core.interactiveshell, matplotlib.pyplot, numpy
platform.system = lambda: "Windows"
for module, names in ((os, {os}), (signal, {signal})):
    for name in names & set(dir(module)):
        delattr(module, name)
sys.modules.update(dict.fromkeys({absent}))
runpy.run_path({worker!r}, run_name="__main__")
"""


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Workers are started as on Windows from here on."""
    script = tmp_path / "worker.py"
    text = WORKER.format(
        **ABSENT | {"absent": ABSENT_MODULES, "worker": str(launcher.WORKER)}
    )
    script.write_text(text, encoding="utf-8")
    monkeypatch.setattr(launcher, "WORKER", script)


def test_a_worker_on_windows_grades(windows):
    settings = replace(SETTINGS, fork=False, refused=("landlock",))
    with Engine(settings) as engine:
        whole = engine.grade(notebook("import numpy as np", *HONEST))
        part = engine.grade(notebook("import numpy as np", *HONEST[:2], "1 / 0"))
    assert not whole.problem and whole.score == FULL
    assert part.score == PREFIX[2]
