"""Workers at each level of protection, as this user, each layer refused in turn."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from autograder.grading.engine import Engine, Settings
from autograder.grading.inside.limits import Limits

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
    "own user refused": ("uid", "namespaces"),
}


@dataclass
class Ground:
    """An engine at some protection, and a folder that nobody may touch."""

    name: str
    engine: Engine


@pytest.fixture(scope="session", params=list(REFUSED))
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A running engine at each level of protection."""
    if sys.platform != "linux":
        pytest.skip("these layers exist on Linux only")
    os.environ["SECRET_OF_THE_GRADER"] = "42"
    settings = Settings(7, require="A", limits=QUICK, refused=REFUSED[request.param])
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
