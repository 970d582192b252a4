"""Look this installation over: what is here, what is missing, what would help."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.places import how_to_install, tool_environment

EXTRAS = ("lab", "grade", "cluster", "site", "dev", "bench")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AVX512_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids", "Zen4", "Zen5")

PLUGIN = "autograder.nbgrader_plugin."
ACCEPT_RENAMED = f"{PLUGIN}accept_renamed"


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``state`` is fine, note (could be better) or missing."""

    what: str
    found: str
    state: str = "fine"
    remedy: str = ""


def examine(folder: Path) -> list[Finding]:
    """All findings; the nbgrader settings too when ``folder`` is a course."""
    in_course = (folder / "nbgrader_config.py").is_file()
    needed = {"lab", "grade"} if in_course else {"lab"}
    findings = [_python(), *_numpy(), *_extras(needed)]
    if in_course:
        findings += course(folder)
    return findings


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", f"{version} ({sys.executable})")


def _numpy() -> Iterator[Finding]:
    import numpy as np

    yield Finding("NumPy", np.__version__)
    if find_spec("threadpoolctl") is None:
        found = "not examined without threadpoolctl"
        yield Finding("BLAS", found, "note", how_to_install("lab"))
        return
    libraries = _blas()
    if not libraries:
        yield Finding("BLAS", "not OpenBLAS, MKL or BLIS; nothing to advise")
    for library in libraries:
        yield kernel_finding(library, _processor_features())
        yield threads_finding(int(library["num_threads"]), os.cpu_count() or 1)


def _blas() -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_info

    return [library for library in threadpool_info() if library["user_api"] == "blas"]


def _processor_features() -> dict[str, bool]:
    """What NumPy found the processor can do; empty where NumPy does not tell."""
    try:
        core = import_module("numpy._core._multiarray_umath")
    except ImportError:
        return {}
    return dict(getattr(core, "__cpu_features__", {}))


def kernel_finding(library: dict[str, Any], features: dict[str, bool]) -> Finding:
    """Compare the kernels that OpenBLAS chose with what the processor can do."""
    kernel = str(library.get("architecture", ""))
    name = f"{library.get('internal_api', 'blas')} {library.get('version', '')}".strip()
    found = f"{name}, {kernel} kernels" if kernel else name
    capable = features.get("AVX512F") and features.get("AVX512_SKX")
    if library.get("internal_api") == "openblas" and capable:
        found += "; the processor has AVX-512"
        if kernel.lower() not in (k.lower() for k in AVX512_KERNELS):
            asked = os.environ.get("OPENBLAS_CORETYPE")
            remedy = (
                "faster products: set OPENBLAS_CORETYPE=SkylakeX before Python starts"
                + (f" (it is {asked} here)" if asked else "")
            )
            return Finding("BLAS", found, "note", remedy)
    return Finding("BLAS", found)


def threads_finding(threads: int, cores: int) -> Finding:
    """More BLAS threads than cores only get into each other's way."""
    found = f"{threads} for {cores} cores"
    if threads > cores:
        return Finding("threads", found, "note", f"set OPENBLAS_NUM_THREADS={cores}")
    return Finding("threads", found)


def _extras(needed: set[str]) -> Iterator[Finding]:
    try:
        version = metadata.version("backproplab")
    except metadata.PackageNotFoundError:
        yield Finding("backproplab", "not installed", "missing", how_to_install("lab"))
        return
    yield Finding("backproplab", version)
    unused = []
    for extra in EXTRAS:
        absent = missing_packages(extra)
        if not absent:
            yield Finding(f"[{extra}]", "installed")
        elif extra in needed:
            found = f"without {', '.join(absent)}"
            yield Finding(f"[{extra}]", found, "missing", how_to_install(extra))
        else:
            unused.append(f"[{extra}]")
    if unused:
        yield Finding("not installed", f"{', '.join(unused)}: not needed for this")
    if "[dev]" not in unused:
        yield _browser()


def missing_packages(extra: str) -> list[str]:
    """The packages of one extra that are not here, or not in the asked version."""
    from packaging.requirements import Requirement

    absent = []
    for line in metadata.requires("backproplab") or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or "extra" not in str(marker):
            continue
        if not marker.evaluate({"extra": extra}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            absent.append(requirement.name)
        else:
            if not requirement.specifier.contains(version, prereleases=True):
                absent.append(str(requirement.name) + str(requirement.specifier))
    return absent


def find_browser() -> str | None:
    """The Chromium that the browser tests drive, if there is one."""
    named = os.environ.get("BACKPROPLAB_CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _browser() -> Finding:
    path = find_browser()
    if path:
        return Finding("Chromium", path)
    return Finding(
        "Chromium",
        "not found",
        "note",
        "only the browser tests need it; BACKPROPLAB_CHROMIUM can name it",
    )


def course(folder: Path) -> list[Finding]:
    """Settings of an nbgrader course that have cost students their points."""
    from traitlets.config import PyFileConfigLoader

    try:
        config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    except Exception as error:
        problem = f"cannot be read: {type(error).__name__}: {error}"
        return [Finding("nbgrader_config.py", problem, "missing", "mend the file")]
    return [
        _setting(
            "skipped checks",
            config["Execute"].get("skip_cells_with_tag") == "none",
            'a check tagged "skip-execution" earns full points',
            'c.Execute.skip_cells_with_tag = "none"',
        ),
        _setting(
            "deleted checks",
            config["OverwriteCells"].get("add_missing_cells") is True,
            "a deleted check cell is never graded",
            "c.OverwriteCells.add_missing_cells = True",
        ),
        *_renamed(config["Autograde"]),
        *_feedback(config),
        _alembic(),
    ]


def _renamed(autograde: Any) -> Iterator[Finding]:
    """A course made before the hook existed, or with a hook of its own, lacks it."""
    if PLUGIN not in str(autograde.get("autograde_preprocessors")):
        return
    hook = autograde.get("pre_convert_hook")
    if hook and hook != ACCEPT_RENAMED:
        remedy = f"call {ACCEPT_RENAMED} in it, with the arguments it gets"
        yield Finding("renamed notebooks", "a hook of your own", "note", remedy)
        return
    yield _setting(
        "renamed notebooks",
        bool(hook),
        "nbgrader autograde leaves a notebook out that a student renamed",
        f'c.Autograde.pre_convert_hook = "{ACCEPT_RENAMED}"',
    )


def _feedback(config: Any) -> Iterator[Finding]:
    if PLUGIN in str(config["Autograde"].get("autograde_preprocessors")):
        yield _setting(
            "feedback pages",
            bool(config["GenerateFeedback"].get("exporter_class")),
            "read offline they show formulas as raw LaTeX",
            'c.GenerateFeedback.exporter_class = "autograder.feedback.OfflineHTML"',
        )


def _setting(what: str, good: bool, risk: str, line: str) -> Finding:
    if good:
        return Finding(what, "set")
    return Finding(what, risk, "note", f"add to nbgrader_config.py: {line}")


def _alembic() -> Finding:
    path = shutil.which("alembic")
    if path:
        return Finding("alembic", path)
    if shutil.which("alembic", path=tool_environment()["PATH"]):
        return Finding(
            "alembic",
            "not on PATH: nbgrader cannot make its gradebook",
            "note",
            "activate the virtual environment before running nbgrader",
        )
    return Finding("alembic", "absent", "missing", how_to_install("grade"))
