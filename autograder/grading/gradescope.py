"""A ready autograder zip for Gradescope."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import autograder
import backproplab

SETUP = """#!/bin/sh
# Runs once, while Gradescope builds the image.
apt-get update && apt-get install -y python3 python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install numpy matplotlib ipython ipywidgets typer rich jinja2
"""

RUN = """#!/bin/sh
# Runs for each submission; results.json is there whatever happens.
cd /autograder/source
export PYTHONPATH=/autograder/source
/autograder/venv/bin/python -c "
from pathlib import Path
from autograder.grading.command import grade_command
grade_command([Path('/autograder/submission')], out=Path('/tmp/grades'),
              format='gradescope', jobs=1, allow_weak_isolation=True)
"
mkdir -p /autograder/results
result=$(ls /tmp/grades/gradescope/*/results.json | head -1)
cp "$result" /autograder/results/results.json ||
  echo '{"score": 0, "output": "The grader failed; ask your instructor."}' \\
    > /autograder/results/results.json
"""


def autograder_zip(released: Sequence[Path]) -> bytes:
    """The zip's bytes: our packages, the lessons, and Gradescope's two scripts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", SETUP), ("run_autograder", RUN)):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
        for package in (autograder, backproplab):
            folder = Path(str(package.__file__)).parent
            for path in sorted(folder.rglob("*.py")):
                inside = Path(folder.name, path.relative_to(folder))
                archive.write(path, inside.as_posix())
        for path in released:
            archive.write(path, f"lessons/{path.name}")
    return buffer.getvalue()
