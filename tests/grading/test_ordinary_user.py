"""The attacks on the fence once more, on a grader that an ordinary user started."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading.inside.namespaces import NEW_USER

HERE = Path(__file__).parent
ORDINARY = 1000


def become_ordinary() -> None:
    """Root takes another number and loses every privilege with the next program.

    It keeps its own files, which the Python that runs the tests may be among.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_USER):
        raise OSError(ctypes.get_errno(), "no user namespaces here")
    Path("/proc/self/setgroups").write_text("deny")
    for kind in ("uid", "gid"):
        Path(f"/proc/self/{kind}_map").write_text(f"{ORDINARY} 0 1")


@pytest.mark.slow
def test_an_ordinary_user_is_as_well_protected(tmp_path: Path):
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("all tests run as an ordinary user here")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += [f"--basetemp={tmp_path / 'own'}", str(HERE / "test_attacks.py")]
    command += ["-x", "-k", "not on_a_worker_of_its_own"]
    grounds = "C,bubblewrap,B,no landlock" if shutil.which("bwrap") else "C,B"
    try:
        ran = subprocess.run(
            command,
            env={**os.environ, "GROUNDS": grounds, "HOME": str(tmp_path)},
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
            preexec_fn=become_ordinary,
        )
    except subprocess.SubprocessError:
        pytest.skip("this system lets nobody become another user for a test")
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
