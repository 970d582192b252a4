"""No attack earns a point, touches a thing, or costs the next student one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from autograder.grading.engine import Engine
from tests.grading.attacks import ATTACKS, Attack
from tests.grading.helpers import EXERCISES, FULL, HONEST, ZEROS, belonging_to, notebook

ALWAYS = {"C", "B", "A"}
RESIDUAL = next(e.points for e in EXERCISES if e.id == "residual")
EARNS = {"nothing": 0, "everything": FULL, "all but residual": FULL - RESIDUAL}
SECRET = "\n".join(HONEST).replace("def ", "# a classmate's work\ndef ", 1)


def _cases(ground_name: str, attack: Attack) -> bool:
    """Slow faults need no repetition where only an outer layer differs."""
    return ground_name in ALWAYS or not attack.slow


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


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_and_breaks_nothing(ground, name: str, outside: Path):
    if _cases(ground.name, ATTACKS[name]):
        let_loose(ground.engine, ATTACKS[name], outside)


# Where forking is not safe, each submission has a whole worker, started ahead of need.
ON_SPAWNED = (
    "patch numpy compare", "forged frames on every descriptor", "os._exit",
    "endless loop in a call", "many small files", "write outside", "daemon",
    "kill the parent",
)  # fmt: skip


@pytest.mark.parametrize("name", ON_SPAWNED)
def test_an_attack_on_a_worker_of_its_own(spawned, name: str, outside: Path):
    let_loose(spawned, ATTACKS[name], outside)


def let_loose(engine: Engine, attack: Attack, outside: Path) -> None:
    """Grade an attack, then look for whatever it gained, touched or left."""
    protection = engine.protection
    assert protection is not None
    if attack.reaches in protection.open:
        # Not let loose here, but then every report says that it could be.
        assert attack.reaches in protection.line
        assert protection.level == "A"
        return
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    home = os.path.dirname(engine.worker.scratch)
    before, state = len(belonging_to(home)), _state(outside)
    known = (
        f"import numpy as np\nOUTSIDE = {str(outside)!r}\nGRADER = {os.getpid()}\n"
        f"PORT = {listener.getsockname()[1]}"
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
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.recv(10)
    listener.close()
    after = engine.grade(notebook("import numpy as np", *HONEST))
    assert after.score == FULL
    assert engine.protection == protection


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
    wanted = ground.name if ground.name in ALWAYS else None
    level = {"no landlock": "A", "no seccomp": "A", "own user refused": "B"}
    expected = wanted or level[ground.name]
    if expected == "C" and not ground.engine.worker.about["entered"]:
        expected = "B"  # this system refuses namespaces by itself
    assert protection.level == expected
    assert (protection.level == "A") == bool(protection.open)
    assert protection.line.startswith(f"protection {expected}")
