"""No attack earns a point, touches a thing, or costs the next student one."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.engine import Engine
from tests.grading.attacks import ATTACKS, Attack
from tests.grading.conftest import LEVELS
from tests.grading.helpers import EXERCISES, FULL, HONEST, ZEROS, belonging_to, notebook

RESIDUAL = next(e.points for e in EXERCISES if e.id == "residual")
EARNS = {"nothing": 0, "everything": FULL, "all but residual": FULL - RESIDUAL}
SECRET = "\n".join(HONEST).replace("def ", "# a classmate's work\ndef ", 1)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder as open as can be, with a classmate's work in it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    os.chmod(folder / "secret", 0o666)
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.getuid() and str(path).count("/") > 1:
            os.chmod(path, 0o777)
    return folder


@pytest.fixture
def mailbox() -> Iterator[str]:
    """A path for a socket, short as those have to be, that everybody may reach."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield f"{folder}/socket"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_and_breaks_nothing(
    ground, name: str, outside: Path, mailbox: str
):
    let_loose(ground.engine, ATTACKS[name], outside, mailbox)


# Where forking is not safe, each submission has a whole worker, started ahead of need.
ON_SPAWNED = (
    "26 patch numpy compare", "47 forged frames on every descriptor", "19 os._exit",
    "2 endless loop in a call", "many small files", "60 write outside", "58 daemon",
    "49 kill the parent",
)  # fmt: skip


@pytest.mark.parametrize("name", ON_SPAWNED)
def test_an_attack_on_a_worker_of_its_own(
    spawned, name: str, outside: Path, mailbox: str
):
    let_loose(spawned, ATTACKS[name], outside, mailbox)


def let_loose(engine: Engine, attack: Attack, outside: Path, mailbox: str) -> None:
    """Grade an attack, then look for whatever it gained, touched or left."""
    protection = engine.protection
    assert protection is not None
    if attack.reaches in protection.open:
        # Not let loose here, but then every report says that it could be.
        assert attack.reaches in protection.line
        assert protection.level == "A"
        return
    listeners = [_listener(at) for at in (("127.0.0.1", 0), mailbox, "\0")]
    home = os.path.dirname(engine.worker.scratch)
    before, state = len(belonging_to(home)), _state(outside)
    known = (
        f"import numpy as np\nOUTSIDE = {str(outside)!r}\nGRADER = {os.getpid()}\n"
        f"PORT = {listeners[0].getsockname()[1]}\n"
        f"MAILBOX = {mailbox!r}\n"
        f"ABSTRACT = {listeners[2].getsockname()!r}"
    )
    graded = engine.grade(notebook(known, *attack.cells), "07_attack.ipynb")
    assert graded.problem == ""
    assert graded.score == EARNS[attack.earns], [
        (v.exercise, v.status, v.headline, v.details) for v in graded.verdicts
    ]
    assert _state(outside) == state
    assert not os.path.exists("/dev/shm/backproplab-left")
    assert list(Path(home).glob("scratch*/*")) == []
    assert len(belonging_to(home)) == before
    for listener in listeners:
        with listener, pytest.raises(BlockingIOError):
            listener.recv(10)
    after = engine.grade(notebook("import numpy as np", *HONEST))
    assert after.score == FULL
    assert engine.protection == protection


def _listener(at: tuple[str, int] | str) -> socket.socket:
    """A mailbox that anybody on this machine may write to."""
    family = socket.AF_UNIX if isinstance(at, str) else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_DGRAM)
    listener.setblocking(False)
    listener.bind(at if at != "\0" else f"\0backproplab-{os.getpid()}-{time.time()}")
    if isinstance(at, str) and at != "\0":
        os.chmod(at, 0o777)
    return listener


def _state(folder: Path) -> list[tuple]:
    return sorted(
        (p.name, p.stat().st_mode, p.stat().st_mtime, p.stat().st_nlink, p.read_bytes())
        for p in folder.iterdir()
    )


def test_the_zeros_earn_nothing_and_the_honest_everything(ground):
    for cells, points in ((ZEROS, 0), (HONEST, FULL)):
        graded = ground.engine.grade(notebook("import numpy as np", *cells))
        assert graded.score == points


def test_the_report_names_the_protection(ground):
    protection = ground.engine.protection
    assert protection is not None
    expected = LEVELS[ground.name]
    entered = ground.engine.worker.about["entered"] or ground.name == "bubblewrap"
    if expected == "C" and not entered:
        expected = "B"  # this system refuses namespaces by itself
    assert protection.level == expected
    assert (protection.level == "A") == bool(protection.open)
    assert protection.line.startswith(f"protection {expected}")
