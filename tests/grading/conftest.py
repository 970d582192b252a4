"""Workers at each level of protection, as this user, each layer refused in turn."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from autograder.grading.engine import Engine, Settings
from autograder.grading.inside.limits import Limits
from tests.grading.attacks import ATTACKS
from tests.grading.helpers import SETTINGS

QUICK = Limits(
    cell_seconds=2.0,
    cells_seconds=4.0,
    call_seconds=1.0,
    total_seconds=30.0,
    memory=512 * 2**20,
)

# Which layers the system is made to refuse, and the level that leaves.
REFUSED = {
    "C": (),
    "B": ("namespaces",),
    "A": ("namespaces", "landlock", "seccomp"),
    "no landlock": ("landlock", "namespaces"),
    "no seccomp": ("seccomp", "namespaces"),
    "no limits": ("limits", "namespaces"),
    "own user refused": ("uid", "namespaces"),
}
LEVELS = {name: name for name in "ABC"} | {
    "no landlock": "A", "no seccomp": "A", "no limits": "A", "own user refused": "B",
    "bubblewrap": "C",
}  # fmt: skip
if sys.platform == "linux" and os.getuid() and shutil.which("bwrap"):
    # Where only bubblewrap may make namespaces; root needs no help.
    REFUSED["bubblewrap"] = ("unshare",)
GROUNDS = os.environ.get("GROUNDS", ",".join(REFUSED)).split(",")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what would be let loose in vain.

    Where one layer of the fence is refused, only attacks on the fence are repeated:
    whether tampering is paid does not depend on it, and A has no fence at all.
    """
    items[:] = [item for item in items if _worth_it(item)]


def _worth_it(item: pytest.Item) -> bool:
    case = item.callspec.params if hasattr(item, "callspec") else {}
    if "ground" not in case or "name" not in case:
        return True
    everything = case["ground"] in "ABC" and "GROUNDS" not in os.environ
    return everything or bool(ATTACKS[case["name"]].reaches)


@dataclass
class Ground:
    """An engine at some protection, and a folder that nobody may touch."""

    name: str
    engine: Engine


@pytest.fixture(scope="session", params=GROUNDS)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A running engine at each level of protection."""
    if sys.platform != "linux":
        pytest.skip("these layers exist on Linux only")
    os.environ["SECRET_OF_THE_GRADER"] = "42"
    refused = REFUSED[request.param]
    # Only the best protected worker loads all lessons, as in earnest: that takes long.
    release = SETTINGS.release if refused else None
    settings = Settings(7, "flag", "A", QUICK, refused, release=release)
    with Engine(settings) as engine:
        yield Ground(request.param, engine)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A running engine as protected as this system allows."""
    with Engine(Settings(7, require="A", limits=QUICK)) as engine:
        yield engine


@pytest.fixture(scope="session")
def spawned() -> Iterator[Engine]:
    """An engine that works as on systems where forking is not safe."""
    with Engine(Settings(7, require="A", limits=QUICK, fork=False)) as engine:
        yield engine
